"""Comparing reports: what got better and worse, said everywhere alike, whatever a server said."""

from __future__ import annotations

import dataclasses
import io
import itertools
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt
from rich.console import Console

from chatproof.cli import main
from chatproof.cli.compare import FORMATS, names
from chatproof.comparison import CHANGES, Comparison
from chatproof.reports import WRITERS as REPORTS
from chatproof.reports.comparison import WRITERS
from chatproof.reports.comparison.terminal import print_comparison
from chatproof.verdicts import VERDICTS, Judgement, Verdict
from tests.reports.samples import HOSTILE, REPORT, report, requirement
from tests.reports.test_html import Tree

if TYPE_CHECKING:
    from pathlib import Path

    from chatproof.report import Report


def judged(cls: str = "core", **verdicts: Verdict) -> Report:
    """A report in which `a_b="pass"` is the verdict on a.b."""
    return report(
        *(
            Judgement(requirement(name.replace("_", "."), cls=cls), verdict, f"{verdict} it is")
            for name, verdict in verdicts.items()
        )
    )


FIRST = judged(a_worse="pass", a_better="fail", a_open="inconclusive", a_gone="pass", a_same="fail")
LAST = judged(a_worse="fail", a_better="pass", a_open="pass", a_new="fail", a_same="fail")
BOTH = Comparison(("one", "two"), (FIRST, dataclasses.replace(LAST, dialect="vllm")))
EVIL = Comparison((HOSTILE, "a|b"), (REPORT, dataclasses.replace(REPORT, url=HOSTILE)))


def test_every_requirement_has_one_change() -> None:
    assert {row.requirement.id: row.change for row in BOTH.rows} == {
        "a.worse": "worse",
        "a.better": "better",
        "a.open": "changed",
        "a.gone": "gone",
        "a.new": "new",
        "a.same": "same",
    }
    assert BOTH.counts == dict.fromkeys(CHANGES, 1)
    assert BOTH.got_worse
    assert BOTH.differences == {"dialects": ("openai", "vllm")}


@pytest.mark.parametrize(("before", "after"), list(itertools.product(VERDICTS, VERDICTS)))
def test_worse_is_what_fails_and_did_not(before: Verdict, after: Verdict) -> None:
    made = Comparison(("one", "two"), (judged(a_b=before), judged(a_b=after)))
    back = Comparison(("two", "one"), made.reports[::-1])
    assert made.got_worse == (after == "fail" and before != "fail")
    (row,), (other,) = made.rows, back.rows
    assert (row.change == "same") == (other.change == "same") == (before == after)
    if row.change == "better":
        assert other.change == "worse"


def test_the_first_and_the_last_of_several_are_compared() -> None:
    made = Comparison(("a", "b", "c"), (judged(a_b="pass"), judged(a_b="fail"), judged(a_b="pass")))
    assert made.rows[0].verdicts == ("pass", "fail", "pass")
    assert not made.got_worse


def printed(made: Comparison, width: int = 120) -> str:
    out = io.StringIO()
    print_comparison(made, Console(file=out, width=width, soft_wrap=True))
    return out.getvalue()


def test_a_narrow_terminal_cuts_no_id_and_no_verdict() -> None:
    reports = (
        judged(a_long_name_of_a_requirement="pass"),
        judged(a_long_name_of_a_requirement="fail"),
    )
    (row,) = [
        line
        for line in printed(Comparison(("one", "two"), reports), 30).splitlines()
        if "MUST" in line
    ]
    assert row.split() == ["a.long.name.of.a.requirement", "holds", "fails", "MUST"]


@pytest.mark.parametrize("say", [printed, *WRITERS.values()])
def test_every_form_says_what_changed(say: object) -> None:
    text = say(BOTH)  # type: ignore[operator]
    for words in ("1 got worse, 1 better.", "Got worse", "a.new", "a.gone", "not there"):
        assert words in text
    assert "The reports are of different dialects" in text
    assert "1 only the last has, 1 it does not have" in text
    nothing = say(Comparison(("one", "two"), (FIRST, FIRST)))  # type: ignore[operator]
    assert "Nothing got worse, nothing better." in nothing
    assert "not the same requirements" not in nothing


def test_nothing_that_a_server_said_acts() -> None:
    terminal, page, text = printed(EVIL), WRITERS["html"](EVIL), WRITERS["markdown"](EVIL)
    for made in (terminal, page, text):
        assert not [c for c in made if c != "\n" and (ord(c) < 32 or c in "\u202e\ud800")]
    tree = Tree(page)
    assert [tag for tag, _ in tree.elements if tag in ("script", "style", "img")] == [
        "style",
        "script",
    ]
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    parts = [part for token in tokens for part in (token, *(token.children or ()))]
    assert not [p for p in parts if p.type in ("html_block", "html_inline", "image", "link_open")]


def test_the_page_is_a_matrix_of_servers_classes_and_requirements() -> None:
    three = Comparison(("a", "b", "c"), (FIRST, LAST, judged("tools", t_x="pass")))
    tree = Tree(WRITERS["html"](three))
    rows = {a["id"]: a["data-change"] for tag, a in tree.elements if "data-change" in a}
    assert rows == {row.requirement.id: row.change for row in three.rows}
    cells = [tag for tag, _ in tree.elements].count("td")
    assert cells == 3 * (len(three.rows) + len(three.classes))
    groups = [a["data-class"] for tag, a in tree.elements if tag == "tbody" and "data-class" in a]
    assert groups == ["core", "tools"]


def test_names_are_short_and_no_two_alike(tmp_path: Path) -> None:
    assert names([tmp_path / "a.json", tmp_path / "b.json"]) == ("a", "b")
    alike = [tmp_path / "a.json", tmp_path / "x" / "a.json"]
    assert names(alike) == tuple(map(str, alike))
    assert len(set(names([alike[0]] * 2))) == 2
    assert tuple(WRITERS) == FORMATS


def compared(made: list[Report], tmp_path: Path, *more: str) -> int:
    paths = [tmp_path / f"{number}.json" for number in range(len(made))]
    for path, each in zip(paths, made, strict=True):
        path.write_text(REPORTS["json"](each, False))
    return main(["compare", *map(str, paths), *more])


def test_the_exit_code_says_whether_something_got_worse(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, text = tmp_path / "c.html", tmp_path / "c.md"
    wanted = ["--report", f"html={page}", "--report", f"markdown={text}"]
    assert compared([FIRST, LAST], tmp_path, *wanted) == 1
    assert f"wrote {page}" in capsys.readouterr().out
    assert page.read_text().startswith("<!doctype html>")
    assert text.read_text().startswith("## ❌ chatproof: 1 got worse, 1 better.")
    assert compared([LAST, LAST], tmp_path) == 0
    assert compared([judged(a_b="fail"), judged(a_b="pass")], tmp_path) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([__file__], "takes two reports or more"),
        ([__file__, __file__], "test_comparison.py: is no JSON, line 1"),
        (["/no/a.json", "/no/b.json"], "/no/a.json: cannot be read"),
        ([__file__, __file__, "--report", "junit=x"], "formats are html, markdown"),
        ([__file__, __file__, "--report", "html=/no/such/x.html"], "cannot be written"),
    ],
)
def test_what_cannot_be_compared_is_exit_2(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", *arguments]) == 2
    out, err = capsys.readouterr()
    assert words in err
    assert (out, err.count("\n")) == ("", 1)
