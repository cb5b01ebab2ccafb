"""Markdown, SARIF and badges: what CI systems read, and safe whatever a server said."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, ClassVar

import jsonschema
import pytest
from markdown_it import MarkdownIt

from chatproof.cli.arguments import Outcome
from chatproof.contract import load_contract
from chatproof.reports import WRITERS
from chatproof.reports.causes import causes
from chatproof.reports.marked import code, plain, prose
from chatproof.verdicts import Finding, Judgement
from tests.reports.samples import HOSTILE, JUDGEMENTS, REPORT, report, requirement

if TYPE_CHECKING:
    from pathlib import Path

    from markdown_it.token import Token

MARKUP = (
    HOSTILE
    + " `` ` ``` [click](https://evil.example) ![i](x) @somebody #1 www.evil.example *b* ~~s~~"
    + " </details> | a | \\` &lt; \n# heading\n- item"
)
FAILED = Judgement(
    requirement("usage.total"),
    "fail",
    MARKUP,
    (Finding(MARKUP, {"a": MARKUP}, [MARKUP], MARKUP, "e1"),),
    1,
)
EVIL = dataclasses.replace(report(FAILED, *JUDGEMENTS), url=MARKUP, dialect=MARKUP)


def tokens(text: str) -> list[Token]:
    """What a reader of GitHub's Markdown makes of it, the inline parts among the others."""
    parsed = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    return [token for outer in parsed for token in (outer, *(outer.children or ()))]


def test_nothing_that_a_server_said_acts_in_markdown() -> None:
    found = tokens(WRITERS["markdown"](EVIL, True))
    assert not [t for t in found if t.type in ("link_open", "image", "s_open")]
    html = {t.content.strip() for t in found if t.type in ("html_block", "html_inline")}
    ours = "<details><summary>The smallest request that shows it</summary>"
    assert html == {ours, "</details>"}
    spoken = "".join(t.content for t in found if t.type in ("text", "heading_open"))
    assert "evil.example" not in spoken
    assert "@" not in spoken
    assert not [c for t in found for c in t.content if c in "\x1b\x00\u202e\ud800"]


@pytest.mark.parametrize("text", [MARKUP, "`", "``a", "a`", " ", "", "\n", "a\\"])
def test_code_and_plain_text_are_one_piece(text: str) -> None:
    assert len(tokens(code(text))[1].children or ()) == 1
    assert {t.type for t in tokens(plain("x" + text))[1].children or ()} <= {"text", "text_special"}


def test_a_sentence_of_the_specification_keeps_its_code() -> None:
    assert prose("`a|b` is <1> of *x_y*.") == r"`a|b` is \<1\> of \*x\_y\*."


def test_markdown_says_what_fails_by_cause_worst_first() -> None:
    def refused(name: str, words: str, found: int = 1) -> Judgement:
        message = f"an invalid request ({words}) was answered with status 200"
        findings = (Finding(message, "an error", 200, "", "e1"),)
        return Judgement(requirement(name), "fail", message, findings, found)

    made = report(
        Judgement(requirement("a.alone"), "fail", "no role", (), 9),
        refused("b.one", "3"),
        refused("b.two", "no id", 7),
        Judgement(requirement("c.should", "SHOULD"), "fail", "no role", (), 1),
    )
    text = WRITERS["markdown"](made, False)
    assert text.startswith("## ❌ chatproof: 3 MUST requirements do not hold.\n")
    first = "#### 2 × `an invalid request was answered with status 200`"
    assert text.index(first) < text.index("`b.two`") < text.index("`b.one`")
    assert text.index("`b.one`") < text.index("#### `no role`") < text.index("`a.alone`")
    assert "A client suffers." in text
    assert "| core | ❌ refused | 0 | 4 | 0 | 0 |" in text
    assert "1 SHOULD do not hold" in text
    assert "1,234 requests, 20 + 10 tokens, 1.5 s" in text
    assert causes(made.failed(strict=True))[1].level == "MUST"


SARIF: dict[str, Any] = {
    "required": ["$schema", "version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "minItems": 1,
            "items": {
                "required": ["tool", "results"],
                "properties": {
                    "tool": {
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "required": ["name", "rules"],
                                "properties": {"rules": {"items": {"$ref": "#/$defs/rule"}}},
                            }
                        },
                    },
                    "results": {"items": {"$ref": "#/$defs/result"}},
                },
            },
        },
    },
    "$defs": {
        "text": {
            "type": "object",
            "required": ["text"],
            "properties": {"text": {"type": "string", "minLength": 1}},
        },
        "level": {"enum": ["none", "note", "warning", "error"]},
        "rule": {
            "required": ["id", "shortDescription", "fullDescription", "help"],
            "properties": {
                "shortDescription": {"$ref": "#/$defs/text"},
                "fullDescription": {"$ref": "#/$defs/text"},
                "help": {"$ref": "#/$defs/text", "required": ["text", "markdown"]},
                "defaultConfiguration": {"properties": {"level": {"$ref": "#/$defs/level"}}},
                "properties": {"properties": {"tags": {"maxItems": 20, "uniqueItems": True}}},
            },
        },
        "result": {
            "required": ["ruleId", "ruleIndex", "level", "message", "locations"],
            "properties": {
                "message": {"$ref": "#/$defs/text"},
                "level": {"$ref": "#/$defs/level"},
                "locations": {
                    "minItems": 1,
                    "items": {
                        "required": ["physicalLocation"],
                        "properties": {
                            "physicalLocation": {
                                "required": ["artifactLocation", "region"],
                                "properties": {
                                    "artifactLocation": {"required": ["uri"]},
                                    "region": {
                                        "required": ["startLine"],
                                        "properties": {
                                            "startLine": {"type": "integer", "minimum": 1}
                                        },
                                    },
                                },
                            }
                        },
                    },
                },
                "partialFingerprints": {"additionalProperties": {"type": "string"}},
            },
        },
    },
}
"""What SARIF 2.1.0 and GitHub's code scanning ask of what is written here."""


@pytest.mark.parametrize("strict", [True, False])
def test_sarif_has_what_code_scanning_asks_for(strict: bool) -> None:
    value = json.loads(WRITERS["sarif"](EVIL, strict))
    jsonschema.Draft202012Validator(SARIF).validate(value)
    (run,) = value["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [j.requirement.id for j in EVIL.judgements]
    levels = {result["ruleId"]: result["level"] for result in run["results"]}
    assert levels["usage.total"] == "error"
    assert levels["tools.shape"] == ("error" if strict else "warning")
    assert set(levels) == {j.requirement.id for j in EVIL.judgements if j.verdict == "fail"}
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert "](" not in result["message"]["text"].replace("\\](", "")
        assert "\x1b" not in result["message"]["text"]


def test_sarif_points_into_the_document() -> None:
    known = load_contract("openai").requirements["request.temperature.maximum"]
    made = report(Judgement(known, "fail", "too hot"))
    (result,) = json.loads(WRITERS["sarif"](made, False))["runs"][0]["results"]
    (place,) = result["locations"]
    assert place["physicalLocation"]["region"]["startLine"] > 100
    assert place["logicalLocations"][1]["fullyQualifiedName"].endswith("/temperature/maximum")
    assert result["message"]["text"] == "too hot"


def test_a_badge_says_how_many_classes_are_granted() -> None:
    badge = json.loads(WRITERS["badge"](REPORT, False))
    assert badge["schemaVersion"] == 1
    assert badge["label"] == "chatproof openai"
    assert badge["message"] == "0 of 5 classes"
    assert badge["color"] == "red"
    good = report(Judgement(requirement("a.b"), "pass"))
    assert json.loads(WRITERS["badge"](good, False))["color"] == "brightgreen"
    cut = dataclasses.replace(good, complete=False)
    assert json.loads(WRITERS["badge"](cut, False)) == json.loads(WRITERS["badge"](good, False)) | {
        "message": "interrupted",
        "color": "yellow",
    }


def test_a_folder_of_badges_has_one_for_each_class(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Given:
        strict, known, update_known, quiet, verbose = False, None, False, False, False
        report: ClassVar = [f"badge={tmp_path}/new/b/", f"badge={tmp_path}/b.json"]

    outcome = Outcome(Given(), {})  # type: ignore[arg-type]
    assert outcome.conclude(REPORT) == 1
    badges = {path.stem: json.loads(path.read_text()) for path in (tmp_path / "new/b").iterdir()}
    assert {name: badge["message"] for name, badge in badges.items()} == {
        "core": "refused",
        "streaming": "refused",
        "transport": "refused",
        "tools": "undecided",
        "models": "undecided",
        "auth": "left out",
    }
    assert json.loads((tmp_path / "b.json").read_text())["message"].endswith("classes")
    assert f"wrote {tmp_path}/b.json" in capsys.readouterr().out


def test_the_names_of_the_formats_load_no_writer() -> None:
    """So that --help is quick."""
    program = (
        "import sys, chatproof.cli.arguments as a; assert 'sarif' in a.WRITERS;"
        "print([m for m in sys.modules if m.startswith('chatproof.reports.')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert done.stdout == "[]\n", done.stderr
