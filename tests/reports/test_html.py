"""The HTML report: complete, well-formed, and without anything that a server could do in it."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from chatproof.reports import WRITERS
from chatproof.reports.html.hostile import VALUE, excerpt, raw, said, value
from chatproof.reports.html.page import FIRST, Page, Talk
from chatproof.transcript import Body
from chatproof.verdicts import Finding, Judgement
from chatproof.wire.places import Place
from tests.conftest import run_reference
from tests.reports.samples import HOSTILE, LONG, REPORT, STREAM, report, requirement, summary

VOID = {"meta", "input", "br"}


class Tree(HTMLParser):
    """Checks that elements nest, and notes them with their attributes and texts."""

    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, str] = {}
        self.feed(document)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        tag = self.open[-1] if self.open else ""
        self.text[tag] = self.text.get(tag, "") + data

    def having(self, name: str) -> list[tuple[str, dict[str, str | None]]]:
        return [(tag, attributes) for tag, attributes in self.elements if name in attributes]


@pytest.fixture(scope="module")
def document() -> str:
    return WRITERS["html"](REPORT, False)


@pytest.fixture(scope="module")
def tree(document: str) -> Tree:
    return Tree(document)


def test_it_is_one_document_that_fetches_nothing(document: str, tree: Tree) -> None:
    assert document.startswith("<!doctype html>\n")
    assert not {tag for tag, _ in tree.elements} & {"img", "link", "iframe", "object", "base"}
    assert not tree.having("src")
    links = {a["href"] or "" for tag, a in tree.having("href")}
    assert {link for link in links if not link.startswith("#")} == {
        "https://github.com/owner/name/issues/12"
    }
    assert "url(" not in tree.text["style"]
    assert "@import" not in tree.text["style"]


def test_nothing_runs_but_its_own_script(tree: Tree) -> None:
    policy = next(
        a["content"] for _, a in tree.having("http-equiv") if a["http-equiv"] != "refresh"
    )
    assert policy is not None
    for kind in ("script", "style"):
        assert [tag for tag, _ in tree.elements].count(kind) == 1
        digest = base64.b64encode(hashlib.sha256(tree.text[kind].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    handlers = {n for _, a in tree.elements for n in a if n.startswith("on") or n == "style"}
    assert handlers == set()


def test_ids_are_unique_and_what_refers_to_them_finds_them(tree: Tree) -> None:
    ids = [a["id"] for _, a in tree.having("id")]
    assert len(ids) == len(set(ids))
    named = {
        a[name]
        for name in ("aria-labelledby", "data-copy", "data-exchange")
        for _, a in tree.having(name)
    }
    named |= {(a["href"] or "")[1:] for _, a in tree.having("href") if (a["href"] or "")[:1] == "#"}
    assert named <= set(ids)


def test_characters_that_act_are_shown_and_do_not_act(document: str, tree: Tree) -> None:
    assert not [c for c in document if ord(c) < 32 and c != "\n"]
    assert not set("\u202e\u2066\u200f\ud800\x7f") & set(document)
    for shown in ("\\x1b", "\\x00", "\\u202e", "\\ud800"):
        assert shown in tree.text["span"]
    assert document.encode()


def test_a_mebibyte_takes_its_share_and_no_more(document: str) -> None:
    assert len(document) < 300_000
    assert "more characters" in document
    assert f"{len(LONG):,}"[:3] in document


def test_every_requirement_is_there_with_what_filters_ask_for(tree: Tree) -> None:
    shown = {
        a["id"]: (a["data-class"], a["data-level"], a["data-verdict"])
        for tag, a in tree.having("data-verdict")
        if tag == "article"
    }
    assert shown == {
        j.requirement.id: (j.requirement.cls, j.requirement.level, j.verdict)
        for j in REPORT.judgements
    }


@pytest.mark.parametrize(
    ("made", "strict", "words"),
    [
        (REPORT, False, "3 MUST requirements do not hold."),
        (REPORT, True, "4 MUST or SHOULD requirements do not hold."),
        (report(REPORT.judgements[5]), False, "Every MUST that was tested holds."),
        (report(REPORT.judgements[4]), False, "Nothing could be tested."),
        (report(), False, "Nothing could be tested."),
        (dataclasses.replace(REPORT, complete=False), False, "The run was interrupted"),
        (report(REPORT.judgements[5]), False, "Nothing to repair"),
        (report(REPORT.judgements[3], REPORT.judgements[5]), False, "Worth repairing"),
        (report(REPORT.judgements[4]), False, "Nothing is known"),
    ],
)
def test_the_top_says_what_it_comes_to(made: Any, strict: bool, words: str) -> None:
    written = WRITERS["html"](made, strict)
    Tree(written)
    assert words in written


def test_of_a_run_that_never_began_there_is_a_report_too() -> None:
    empty = dataclasses.replace(
        report(),
        exchanges=(),
        cost_by_class={},
        latency=None,
        latency_by_class={},
        started=None,
        note="",
    )
    Tree(WRITERS["html"](empty, False))


def test_a_real_run_makes_a_report_in_which_failures_are_marked() -> None:
    made = run_reference("openai", "usage.wrong_total", "stream.no_role")
    written = WRITERS["html"](made, False)
    Tree(written)
    talk = next(
        t
        for t in Page(made, False).talks.values()
        if "/usage/total_tokens" in t.summary.transcript.places
    )
    (finding,) = [
        f
        for j in made.judgements
        for f in j.findings
        if f.exchange == talk.summary.id and j.requirement.id == "usage.total"
    ][:1]
    shown = talk.excerpt(finding)
    assert shown is not None
    assert re.search(r"total_tokens&#34;:<mark data-places=\"0\">\d+</mark>", shown)


def test_what_is_seen_most_often_comes_first() -> None:
    finding = Finding("x", 1, 2, "", "e1")
    many = [
        Judgement(
            requirement(f"a.n{n}", "SHOULD" if n == 9 else "MUST"), "fail", "x", (finding,), n
        )
        for n in range(1, 10)
    ]
    worst = Page(report(*many), False).worst
    assert len(worst) == FIRST
    assert [j.found for j in worst] == [8, 7, 6, 5, 4]


# Bytes as HTML ----------------------------------------------------------------------------------


def test_escapes_can_be_told_from_text_that_looks_like_them() -> None:
    assert said("\\x1b \x1b") == '\\x1b <span class="esc">\\x1b</span>'
    assert said("a\nb") == "a\nb"
    assert said("<&>'\"") == "&lt;&amp;&gt;&#39;&#34;"


def test_values_are_bounded_whatever_they_are() -> None:
    assert value({"a": [1, None]}) == "{\n  &#34;a&#34;: [\n    1,\n    null\n  ]\n}"
    assert value(LONG).startswith("x" * VALUE + "<span")
    assert "NaN" in value(float("nan"))
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert len(value(deep)) < 2 * VALUE


def test_places_may_lie_within_each_other_and_across() -> None:
    body = Body(10, ((0, b"0123456789"),))
    places = {Place("reply", 2, 8): 0, Place("reply", 4, 5): 1, Place("reply", 7, 10): 2}
    assert raw(body, places) == (
        '01<mark data-places="0">23</mark><mark data-places="0 1">4</mark>'
        '<mark data-places="0">56</mark><mark data-places="0 2">7</mark>'
        '<mark data-places="2">89</mark>'
    )


def test_what_was_not_kept_is_counted() -> None:
    body = Body(5000, ((0, b"abc"), (100, b"\xc3\xbc\xff")))
    shown = raw(body, {})
    assert re.sub("<[^>]+>", "", shown) == (
        "abc… 97 bytes left out …ü\\xff… 4,897 bytes left out …"
    )


def test_an_excerpt_shows_a_little_around_what_it_is_about() -> None:
    body = Body(4000, ((0, b"a" * 2000 + b"HERE" + b"b" * 1996),))
    shown = excerpt(body, Place("reply", 2000, 2004))
    assert shown == f'…{"a" * 160}<mark data-places="0">HERE</mark>{"b" * 160}…'
    assert excerpt(body, Place("reply", 4000, 4000)) is None


def test_a_stream_is_shown_event_by_event_and_no_byte_is_lost() -> None:
    talk = Talk(summary(STREAM, "event 1 /id"))
    rows = list(talk.events)
    assert [(row.number, row.at, row.after) for row in rows] == [
        (0, 0.25, 0.25),
        (1, 0.5, 0.25),
        (2, 0.75, 0.25),
    ]
    assert '<mark data-places="0">&#34;2&#34;</mark>' in rows[1].text
    assert "&lt;script&gt;" in rows[0].text
    assert talk.ticks == [(False, 333.3), (False, 1000.0), (True, 666.7)]
    assert talk.timeline == (
        "3 events, the first after 250 ms; the longest silence, 250 ms, before event 1; "
        "all in 750 ms."
    )


def test_events_of_which_nothing_was_kept_share_a_row() -> None:
    seen = dataclasses.replace(summary(STREAM))
    bytes_ = b"data: %d\n\n" % 7 * 3
    small = dataclasses.replace(seen.transcript, reply=Body(len(bytes_) * 40, ((0, bytes_[:9]),)))
    rows = list(Talk(dataclasses.replace(seen, transcript=small)).events)
    assert [row.number for row in rows] == [0, None]
    assert "2 events" in rows[1].text


def test_the_command_is_for_a_shell() -> None:
    assert Page(dataclasses.replace(REPORT, model="a b"), False).command("x.y") == (
        "chatproof run http://127.0.0.1:8000/v1 --dialect openai --model 'a b' --seed 1 --only x.y"
    )
    assert HOSTILE not in Page(REPORT, False).command()
