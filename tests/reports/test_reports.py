"""Reports: complete, valid by their schema, and safe whatever a server said."""

from __future__ import annotations

import dataclasses
import io
import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import jsonschema
import pytest
from rich.console import Console

from chatproof.budget import Cost
from chatproof.contract.document import spec_folder
from chatproof.contract.requirements import Requirement
from chatproof.report import ExchangeSummary, Latency, Load, Report
from chatproof.reports import WRITERS
from chatproof.reports.terminal import print_report, progress_words
from chatproof.runner import Progress
from chatproof.sharding import Shards
from chatproof.verdicts import Finding, Judgement
from tests.conftest import run_reference

if TYPE_CHECKING:
    from chatproof.reports.words import Detail

HOSTILE = "\x1b[2J\x00</script>&<b>\u202eevil\ud800 [bold red]x[/]"


def requirement(name: str, level: str = "MUST", cls: str = "core") -> Requirement:
    return Requirement(name, level, cls, "A demand.", "A reason.", ("OA-SPEC",), "/x")  # type: ignore[arg-type]


def report(*judgements: Judgement) -> Report:
    curl = f"curl {HOSTILE!r}"
    exchange = ExchangeSummary("e1", "POST /x", 200, None, HOSTILE, 0.1, 0.05, 0.01, curl)
    return Report(
        version="1.0",
        spec="1.0",
        dialect="openai",
        url="http://127.0.0.1/v1",
        model=HOSTILE,
        judgements=judgements,
        exchanges=(exchange,),
        cost=Cost(3, 20, 10, 12),
        cost_by_class={"core": Cost(3, 20, 10, 12)},
        seconds=1.5,
        load=Load(8, 2, 5),
        latency=Latency(0.004, 1.25, 0.5),
        seed=1,
    )


FINDING = Finding(HOSTILE, {"a": HOSTILE}, [HOSTILE], "/x", "e1")
FAILED = Judgement(requirement("a.must"), "fail", HOSTILE, (FINDING,), 12)
SHOULD = Judgement(requirement("a.should", "SHOULD", "tools"), "fail", HOSTILE, (FINDING,), 1)
PASSED = Judgement(requirement("a.pass", cls="streaming"), "pass")
UNDECIDED = Judgement(requirement("a.open"), "inconclusive", HOSTILE)
SKIPPED = Judgement(requirement("a.skip", cls="auth"), "skip", "left out by --skip")
EVERYTHING = report(FAILED, SHOULD, PASSED, UNDECIDED, SKIPPED)


def printed(
    made: Report, *, strict: bool = False, width: int = 100, detail: Detail = "plain"
) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, soft_wrap=True)
    print_report(made, strict=strict, detail=detail, console=console)
    return out.getvalue()


def test_the_terminal_says_what_the_server_thought_of_the_pace() -> None:
    text = printed(EVERYTHING)
    assert "The server pushed back 5 times; of 8 requests at a time 2 were left." in text
    assert "First byte of an answer after 4 ms, of 95 in 100 after 1.2 s" in text


def test_the_terminal_says_that_a_shard_is_not_the_whole() -> None:
    made = dataclasses.replace(EVERYTHING, shards=Shards((2,), 3))
    assert "Shard 2 of 3; `chatproof merge` puts the shards together." in printed(made)
    assert "Shard" not in printed(EVERYTHING)


def schema() -> object:
    return json.loads((spec_folder() / "report.schema.json").read_text())


@pytest.mark.parametrize("complete", [True, False])
@pytest.mark.parametrize("strict", [True, False])
def test_json_fits_its_schema(complete: bool, strict: bool) -> None:
    made = dataclasses.replace(EVERYTHING, complete=complete, note="a note")
    value = json.loads(WRITERS["json"](made, strict))
    jsonschema.validate(value, schema())
    assert value["complete"] is complete
    assert value["summary"] == {"pass": 1, "fail": 2, "inconclusive": 1, "skip": 1}
    assert value["requirements"][0]["found"] == 12


def test_json_of_a_real_run_fits_its_schema() -> None:
    made = run_reference("openai", "error.no_type", "stream.id_varies")
    value = json.loads(WRITERS["json"](made, False))
    jsonschema.validate(value, schema())
    named = {f["exchange"] for r in value["requirements"] for f in r["findings"]}
    assert named == {exchange["id"] for exchange in value["exchanges"]}


def test_the_schema_describes_itself() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def test_junit_has_a_suite_for_each_class_and_a_case_for_each_requirement() -> None:
    root = ElementTree.fromstring(WRITERS["junit"](EVERYTHING, False))
    suites = {suite.get("name"): suite for suite in root}
    assert set(suites) == {"core", "tools", "streaming", "auth"}
    assert suites["core"].get("tests") == "2"
    assert suites["core"].get("failures") == "1"
    assert suites["tools"].get("failures") == "0"
    assert suites["tools"].find("testcase/skipped").get("message").startswith("SHOULD: ")
    assert "curl" in suites["core"].find("testcase/failure").text


def test_a_failed_should_is_a_junit_failure_where_strict() -> None:
    root = ElementTree.fromstring(WRITERS["junit"](EVERYTHING, True))
    assert root.find("testsuite[@name='tools']").get("failures") == "1"


@pytest.mark.parametrize("strict", [True, False])
def test_the_terminal_gets_no_control_characters(strict: bool) -> None:
    text = printed(EVERYTHING, strict=strict)
    assert not [c for c in text if c != "\n" and (ord(c) < 32 or c in "\u202e\ud800")]
    assert "\\x1b[2J" in text
    assert "[bold red]x[/]" in text


def test_the_terminal_says_the_verdict_in_one_sentence() -> None:
    assert "1 MUST requirement does not hold." in printed(EVERYTHING)
    assert "2 MUST or SHOULD requirements do not hold." in printed(EVERYTHING, strict=True)
    assert "Every MUST that was tested holds." in printed(report(PASSED))
    assert "Nothing could be tested." in printed(report(UNDECIDED))
    assert "Interrupted." in printed(dataclasses.replace(EVERYTHING, complete=False))


def test_classes_are_granted_refused_undecided_or_left_out() -> None:
    assert EVERYTHING.classes == {
        "core": "fail",
        "tools": "inconclusive",
        "streaming": "pass",
        "auth": "skip",
    }


def test_findings_come_with_the_line_that_reproduces_them() -> None:
    text = printed(report(FAILED))
    assert "and 11 more like it" in text
    assert "curl " in text


def test_what_fails_for_one_cause_is_told_once_and_the_worst_first() -> None:
    same = [Judgement(requirement(f"a.{n}"), "fail", "odd", (FINDING,), n) for n in range(1, 7)]
    other = Judgement(requirement("a.other", "SHOULD"), "fail", "even", (FINDING,), 99)
    lines = printed(report(other, *same)).splitlines()
    at = lines.index("6 MUST odd")
    assert lines[at + 1] == "  a.6, a.5, a.4, a.3 and 2 more"
    assert sum("curl " in line for line in lines[: lines.index("SHOULD a.other")]) == 1


def test_quiet_says_one_line_and_verbose_all() -> None:
    assert len(printed(EVERYTHING, detail="quiet").splitlines()) == 1
    text = printed(EVERYTHING, detail="verbose")
    for judgement in EVERYTHING.judgements:
        assert judgement.requirement.id in text
    assert "skip  a.skip  (left out by --skip)" in text


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress(5, 50, 100, 400, 1, 10.0), "100 requests, 400 tokens, 1 requirements failed, "),
        (Progress(5, 50, 100, 400, 1, 10.0), "about 90.0 s left"),
        (Progress(50, 50, 100, 400, 0, 10.0), "about 1.0 s left"),
    ],
)
def test_the_progress_says_what_it_cost_and_how_long_it_takes(
    progress: Progress, words: str
) -> None:
    assert words in progress_words(progress)


def test_no_time_is_guessed_at_the_beginning() -> None:
    assert "left" not in progress_words(Progress(1, 50, 100, 400, 0, 10.0))
    assert "left" not in progress_words(Progress(40, 50, 100, 400, 0, 0.5))
