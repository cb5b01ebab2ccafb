"""From the location of a finding to the bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatproof.wire import Exchange, Failure, Reply, Request, Segment, view
from chatproof.wire.places import Place, place, span_of

if TYPE_CHECKING:
    from chatproof.wire import View

STREAM = b': hi\n\ndata: {"a": {"b": [1, "x"]}}\n\ndata: two\ndata: lines\n\ndata: [DONE]\n\n'


def seen(body: bytes, media: str = "application/json") -> View:
    request = Request("POST", "/chat/completions", body=b'{"messages":[{"role":"user"}]}')
    reply = Reply(200, "OK", (("content-type", media), ("allow", "GET")), (Segment(0.1, body),))
    return view(Exchange("e", request, reply, None, 0.0, 0.1))


@pytest.mark.parametrize(
    ("text", "pointer", "meant"),
    [
        ('{"a": 1, "b": [true, {"c": "x"}]}', "/b/1/c", '"x"'),
        ('{"a": 1, "b": [true, {"c": "x"}]}', "/b", '[true, {"c": "x"}]'),
        ('{"a": 1, "b": [true, {"c": "x"}]}', "/b/1/none/deeper", '{"c": "x"}'),
        ('{"a": 1, "b": [true]}', "/b/7", "[true]"),
        ('{"ä\U0001f600": "ü", "b": "ö"}', "/b", '"ö"'),
        (' \n\t{ "a" : 12345 }', "/a", "12345"),
        ('{"a/b": 1, "m~n": 2}', "/a~1b", "1"),
        ('{"a/b": 1, "m~n": 2}', "/m~0n", "2"),
        ('{"a": 1, "a": 2}', "/a", "2"),
        ('{"a": "\\"}", "b": 3}', "/b", "3"),
        ('{"a": {}, "b": []}', "/b/0", "[]"),
        ('{"a": NaN, "b": 1e999}', "/b", "1e999"),
        ('{"a": ' + "9" * 5000 + ', "b": 1}', "/b", "1"),
        ('{"a": 1} behind', "/a", "1"),
        ('{"a": 1', "/a", "1"),
        ('{"a":1,"b":2}', "/b", "2"),
        ('{"a": "x\ny", "b": 1}', "/b", "1"),
        ('{"a": {}}', "/a/b", "{}"),
        ("[1, oops]", "/0", "1"),
        ('{"X": {"X": 1}}', "/X/X", "1"),
    ],
)
def test_a_pointer_leads_to_the_bytes_of_a_value(text: str, pointer: str, meant: str) -> None:
    data = text.encode()
    span = span_of(data, pointer)
    assert span is not None
    assert data[slice(*span)].decode() == meant


def test_bytes_that_are_no_utf8_and_a_byte_order_mark_count_as_bytes() -> None:
    data = b'\xef\xbb\xbf{"a": "\xff\xfe", "b": 7}'
    span = span_of(data, "/b")
    assert span is not None
    assert data[slice(*span)] == b"7"


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ('{"a": 1}', "/"),
        ('{"a": 1}', "/b"),
        ("[1, 2]", "/a"),
        ("<html>", "/a"),
        ("", "/a"),
        ("[" * 100_000, "/0/0"),
        ('{"a":' * 100_000, "/a/a"),
    ],
)
def test_no_place_is_the_whole_and_what_cannot_be_read(text: str, pointer: str) -> None:
    assert span_of(text.encode(), pointer) is None


def test_only_what_is_there_where_it_is_asked_for_exactly() -> None:
    assert span_of(b'{"a": {"b": 1}}', "/a/c", exactly=True) is None
    assert span_of(b'{"a": {"b": 1}}', "/a/b", exactly=True) == (12, 13)


@pytest.mark.parametrize(
    ("location", "meant"),
    [
        ("event 0 /a/b/1", b'"x"'),
        ("event 0", b'data: {"a": {"b": [1, "x"]}}'),
        ("event 0 /", b'data: {"a": {"b": [1, "x"]}}'),
        ("event 1 /x", b"data: two\ndata: lines"),
        ("event 2", b"data: [DONE]"),
        ("byte 2", b"hi"),
        ("byte 4", b"\n"),
        ("byte 8", b'ta: {"a": {"b": [1, "x"]}}'),
    ],
)
def test_events_and_bytes_of_a_stream(location: str, meant: bytes) -> None:
    found = place(seen(STREAM, "text/event-stream"), location)
    assert found is not None
    assert found.part == "reply"
    assert STREAM[found.start : found.end] == meant


@pytest.mark.parametrize(
    ("body", "location", "start", "end"),
    [
        (b'data: {"a":1}\n\ndata: {"a":1}\n\n', "event 1 /a", 26, 27),
        (b'data: {"a":1}\n: {"a":1}\n\n', "event 0 /a", 11, 12),
        (b'data: {"a":\ndata: 1}\n\n{"a":\n1}\n\n', "event 0 /a", 0, 20),
        (b'data: {"": 1}\n\n', "event 0", 0, 13),
        (b'data: {"": 1}\n\n', "event 0 /", 0, 13),
        (b'data: {"X": 1}\n\n', "event 0 /X", 12, 13),
        (b"data: X\r\n\r\n", "event 0", 0, 7),
        (b"data: x \n\n", "event 0", 0, 8),
    ],
)
def test_a_place_is_in_its_own_event(body: bytes, location: str, start: int, end: int) -> None:
    assert place(seen(body, "text/event-stream"), location) == Place("reply", start, end)


def test_there_is_no_event_behind_the_last() -> None:
    assert place(seen(STREAM, "text/event-stream"), "event 3") is None


def test_a_byte_at_or_behind_the_end_is_no_byte() -> None:
    assert place(seen(b"abc"), "byte 3") == Place("reply", 3, 3)
    assert place(seen(b"abc"), "byte 99") == Place("reply", 3, 3)


def test_the_head_counts_in_lines() -> None:
    assert place(seen(b""), "status") == Place("head", 0, 1)
    assert place(seen(b""), "header allow") == Place("head", 2, 3)
    assert place(seen(b""), "header retry-after") is None


def test_a_pointer_that_only_the_request_knows_is_one_of_the_request() -> None:
    answer = seen(b'{"error": {}}')
    assert place(answer, "/error") == Place("reply", 10, 12)
    assert place(answer, "/messages/0/role") == Place("request", 21, 27)
    assert place(answer, "/messages/0/name") is None


@pytest.mark.parametrize("location", ["", "the end", "body", "event 99", "event x", "byte x", "?"])
def test_other_locations_have_no_place(location: str) -> None:
    assert place(seen(b"{}"), location) is None


def test_without_a_reply_there_is_no_place() -> None:
    request = Request("GET", "/models")
    gone = view(Exchange("e", request, None, Failure("reset", "gone"), 0.0, 0.1))
    assert [place(gone, where) for where in ("status", "/a", "event 0", "byte 1")] == [None] * 4
