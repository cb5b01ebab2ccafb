"""The opinion of others beside ours: who objects, about what, and whether that is explained."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tools.judges import kept, promises, sdks, stock_schemathesis
from tools.judges.compare import Comparison, Group, compare
from tools.judges.explanations import explain, read_explanations
from tools.judges.opinions import Judge
from tools.judges.page import page
from tools.judges.recorded import Recorded, recorded, unlike

from chatproof.contract.document import SpecError
from chatproof.wire import view
from chatproof.wire.exchange import Exchange, Reply, Request, Segment
from tests.conftest import base

if TYPE_CHECKING:
    from pathlib import Path

ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1_795_471_282,
    "model": "chatproof-reference",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Hello", "refusal": None},
            "finish_reason": "stop",
            "logprobs": None,
        }
    ],
    "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4},
}
CHUNK = {**ANSWER, "object": "chat.completion.chunk", "usage": None}
PIECES = ({"role": "assistant", "content": "Hel"}, {"content": "lo"})
OPENAI = Judge("openai", sdks.OPENAI.opinion)
TYPES = Judge("openai types", promises.OPENAI.opinion)
STOCK = Judge("schemathesis", stock_schemathesis.opinion)


def of(reply: bytes, media: str = "application/json", status: int = 200, **asked: Any) -> Recorded:
    request = Request("POST", "/chat/completions", (), json.dumps(base("openai") | asked).encode())
    head = (("content-type", media),)
    answered = Reply(status, "", head, (Segment(0.0, reply),))
    return recorded("test", "openai", view(Exchange("x", request, answered, None, 0.0, 0.0)))


def plain(**changed: Any) -> Recorded:
    return of(json.dumps(ANSWER | changed).encode())


def stream(prefix: bytes = b"") -> Recorded:
    ends = [None, "stop"]
    choices = [
        {"index": 0, "delta": d, "finish_reason": e} for d, e in zip(PIECES, ends, strict=True)
    ]
    events = [json.dumps(CHUNK | {"choices": [c]}).encode() for c in choices]
    lines = b"".join(b"data: %b\n\n" % event for event in [*events, b"[DONE]"])
    return of(prefix + lines, "text/event-stream", stream=True)


ALIKE = plain(), stream()
WRONG = plain(usage={**ANSWER["usage"], "total_tokens": 9})


def test_the_samples_are_right_and_wrong_as_meant() -> None:
    assert [one.broken for one in ALIKE] == [frozenset(), frozenset()]
    assert WRONG.broken == {"usage.total"}


@pytest.mark.parametrize("judge", [OPENAI, TYPES, STOCK])
def test_all_accept_what_is_right(judge: Judge) -> None:
    assert [judge.on(one) for one in ALIKE] == [frozenset(), frozenset()]


def test_an_sdk_objects_by_an_exception() -> None:
    assert OPENAI.on(of(b"<html>", "text/html")) == {"raises AttributeError"}


def test_an_sdk_that_loses_something_objects_without_a_word() -> None:
    assert OPENAI.on(stream(b"\xef\xbb\xbf")) == {"delivers other role", "delivers other content"}


def test_an_error_is_right_when_it_comes_out_as_it_was_told() -> None:
    told = {
        "error": {"message": "no", "type": "invalid_request_error", "param": None, "code": None}
    }
    refused = of(json.dumps(told).encode(), status=400, temperature=9)
    assert OPENAI.on(refused) == frozenset()
    assert OPENAI.on(of(json.dumps(told).encode())) == {"raises TypeError"}


def test_types_say_where_they_are_broken() -> None:
    assert TYPES.on(plain(created="now")) == {"/created int_type"}
    assert TYPES.on(of(b"{}", status=400)) is None


def test_each_exchange_counts_once_and_each_difference_says_about_what() -> None:
    strict = Judge("strict", lambda _: frozenset({"too short"}))
    elsewhere = Judge("elsewhere", lambda _: frozenset(), ("cerebras",))
    made = compare([OPENAI, strict, elsewhere], [ALIKE[0], WRONG])
    assert made.counts["openai"] == {"both accept": 1, "only we object": 1}
    assert made.counts["strict"] == {"only they object": 1, "both object": 1}
    assert "elsewhere" not in made.counts
    assert dict(made.differences) == {
        Group("openai", "only we object", "usage.total"): [WRONG],
        Group("strict", "only they object", "too short"): [ALIKE[0]],
    }
    assert made.agreed["strict", "too short"] == {"usage.total": 1}


ENTRY = "- {judge: openai, stand: only we object, about: [%s], why: It adds nothing up., right: we}"


def explained(tmp_path: Path, *about: str) -> tuple[Comparison, list[str]]:
    path = tmp_path / "differences.yaml"
    path.write_text(ENTRY % ", ".join(about))
    made = compare([OPENAI], [*ALIKE, WRONG])
    found = explain(made.differences, read_explanations(path))
    assert "usage.total" in page(made, found)
    return made, found.problems


def test_a_difference_that_is_explained_is_no_problem(tmp_path: Path) -> None:
    assert explained(tmp_path, "usage.*")[1] == []


def test_a_difference_that_is_not_explained_is_named(tmp_path: Path) -> None:
    news, old = explained(tmp_path, "stream.*")[1]
    assert news.startswith("openai: only we object: usage.total: is not explained")
    assert old.endswith("differences.yaml:1: stream.*: explains nothing any more; remove it")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("judge: openai", "is no list"),
        ("- judge: openai", ":1: an entry has about, judge, right, stand, why"),
        (
            (ENTRY % "usage.*").replace("right: we", "right: nobody"),
            "right is one of we, they, both",
        ),
    ],
)
def test_a_file_that_is_wrong_is_told_so(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "differences.yaml"
    path.write_text(text)
    with pytest.raises(SpecError, match=words):
        read_explanations(path)


def test_where_judges_differ_on_what_a_real_server_sent_is_explained() -> None:
    made = compare([OPENAI, TYPES, STOCK], kept.kept())
    assert made.counts["openai"].total() > 5
    assert explain(made.differences, read_explanations()).unexplained == []


def test_exchanges_of_one_outline_are_alike_unless_they_break_something_else() -> None:
    assert unlike([ALIKE[0], plain(id="another"), WRONG]) == [ALIKE[0], WRONG]
