from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatproof.wire import Exchange, Failure, Quirk, Reply, Request, Segment, ToolCall, view
from tests.wire.wire_samples import (
    CEREBRAS_TEXT,
    DONE,
    ROLE,
    USAGE,
    chunk,
    events_of,
    exchange,
    part,
    text_stream,
)

COMPLETION = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Hello", "refusal": None},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": USAGE,
}
STREAM = events_of(text_stream())
EVENTS = "text/event-stream"
ERROR = {"error": {"message": "no", "type": "invalid_request_error"}}


# What came back -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (exchange(COMPLETION), "completion"),
        (exchange(COMPLETION, request={"stream": True}), "completion"),
        (exchange(COMPLETION, media="text/plain"), "completion"),
        (exchange({}), "completion"),
        (exchange(json.dumps(COMPLETION).encode() + b" x"), "completion"),
        (exchange(STREAM, media=EVENTS, request={"stream": True}), "stream"),
        (exchange(STREAM, media=EVENTS), "stream"),
        (exchange(STREAM, media="application/json", request={"stream": True}), "stream"),
        (exchange(STREAM, media=""), "stream"),
        (exchange(b"\xef\xbb\xbf\r\n: hi\r\n" + STREAM, media=""), "stream"),
        (exchange(b"event: x\n" + STREAM, media=""), "stream"),
        (exchange(b"id: 1\n" + STREAM, media=""), "stream"),
        (exchange(b"retry: 1\n" + STREAM, media=""), "stream"),
        (exchange(b"\n" * 59 + STREAM, media=""), "stream"),
        (exchange(b"\n" * 60 + STREAM, media=""), "other"),
        (exchange(b"", media=f"{EVENTS}; charset=utf-8", request={"stream": True}), "stream"),
        (exchange(ERROR, status=400), "error"),
        (exchange(b"<html>", status=502, media="text/html"), "error"),
        (exchange(ERROR, status=400, media=EVENTS), "error"),
        (exchange(ERROR), "error"),
        (exchange(ERROR, method="GET", path="/models"), "error"),
        (exchange({**COMPLETION, "error": None}), "completion"),
        (exchange({**COMPLETION, **ERROR}), "completion"),
        (exchange({"data": []}, method="GET", path="/models"), "models"),
        (exchange(b"", method="GET", path="/models"), "models"),
        (exchange({"id": "m"}, method="GET", path="/models/m"), "model"),
        (exchange({"id": "m"}, method="GET", path="/models/a/b?x=1"), "model"),
        (exchange({"data": []}, method="GET", path="/models", status=404), "error"),
        (exchange({}, method="DELETE", path="/models"), "other"),
        (exchange(COMPLETION, method="GET"), "other"),
        (exchange([COMPLETION]), "other"),
        (exchange(b"<html>", media="text/html"), "other"),
        (exchange(b""), "other"),
        (exchange(COMPLETION, path="/chat/completions?x=1"), "completion"),
        (exchange(COMPLETION, status=300), "other"),
        (exchange(b"", status=301), "other"),
        (exchange(b"", status=100), "other"),
    ],
)
def test_kind(made, kind):
    assert view(made).kind == kind


def test_no_reply():
    request = Request("POST", "/chat/completions")
    seen = view(Exchange("x", request, None, Failure("reset", "closed"), 0.0, 0.0))
    assert (seen.kind, seen.status, seen.reply) == ("none", None, None)
    assert (seen.accepted, seen.rejected, seen.usage) == (False, False, None)
    assert (seen.media_type, seen.header("content-type")) == ("", None)
    assert (seen.choices, seen.events, seen.times, seen.message()) == ([], [], [], None)
    assert (seen.json.value, seen.json.is_json, seen.request_json) == (None, False, None)


@pytest.mark.parametrize(
    ("made", "accepted", "rejected"),
    [
        (exchange(COMPLETION), True, False),
        (exchange(STREAM, media=EVENTS), True, False),
        (exchange(ERROR, status=400), False, True),
        (exchange(ERROR), False, True),
        (exchange(events_of([chunk(part(ROLE)), ERROR]), media=EVENTS), False, False),
        (exchange(b"", media=EVENTS), False, False),
        (exchange(b"<html>"), False, False),
        (exchange({"data": []}, method="GET", path="/models"), False, False),
        (exchange(COMPLETION, failure=Failure("truncated", "closed")), False, False),
        (exchange(STREAM[:-20], media=EVENTS, failure=Failure("timeout", "")), False, False),
        (exchange(STREAM, media=EVENTS, failure=Failure("timeout", "")), True, False),
    ],
)
def test_accepted_and_rejected(made, accepted, rejected):
    seen = view(made)
    assert (seen.accepted, seen.rejected) == (accepted, rejected)


# Answers ------------------------------------------------------------------------------------


def test_both_forms_of_an_answer_compare():
    plain, streamed = view(exchange(COMPLETION)), view(exchange(STREAM, media=EVENTS))
    (one,), (two,) = plain.choices, streamed.choices
    assert (one.index, one.role, one.content, one.finish_reason) == (
        0,
        "assistant",
        "Hello",
        "stop",
    )
    assert (two.index, two.role, two.content, two.finish_reason) == (
        0,
        "assistant",
        "Hello",
        "stop",
    )
    assert (one.refusal, one.reasoning, one.tool_calls, one.logprobs) == (None, None, [], [])
    assert plain.usage == streamed.usage == USAGE


@pytest.mark.parametrize("made", [exchange(COMPLETION, status=400), exchange({"usage": "x"})])
def test_what_is_no_answer_has_no_choices_and_no_usage(made):
    seen = view(made)
    assert (seen.choices, seen.message(), seen.usage) == ([], None, None)


def test_a_view_can_forget_and_read_again():
    seen = view(exchange(STREAM, media=EVENTS))
    before = (seen.kind, seen.accepted, seen.choices)
    seen.forget()
    assert vars(seen).keys() == {"exchange", "kind", "accepted"}
    assert (seen.kind, seen.accepted, seen.choices) == before


def test_a_plain_answer_with_calls():
    calls = [
        {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}},
        {"id": 5, "function": {"name": [], "arguments": {"a": 1}}},
        "junk",
    ]
    message = {"role": "assistant", "tool_calls": calls, "reasoning_content": "hm"}
    choice = {"finish_reason": "tool_calls", "message": message, "logprobs": {"content": [1]}}
    seen = view(exchange({"choices": ["junk", choice, {**choice, "index": 4.0}]}))
    one, two = seen.choices
    assert one.tool_calls == [
        ToolCall("a", "function", "f", "{}"),
        ToolCall(None, None, None, {"a": 1}),
    ]
    assert (one.index, two.index) == (0, 4)
    assert (one.content, one.reasoning, one.logprobs) == (None, "hm", [1])
    assert seen.message(0) == seen.message(4) == message
    assert seen.message(9) is None


def test_the_message_of_a_stream_is_one_that_can_be_sent_back():
    deltas = [
        {"role": "assistant", "content": None},
        {"tool_calls": [{"index": 0, "id": "a", "function": {"name": "f", "arguments": "{"}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": "}"}}]},
    ]
    body = events_of([*(chunk(part(d)) for d in deltas), chunk(part({}, finish="tool_calls"))])
    assert view(exchange(body, media=EVENTS)).message() == {
        "role": "assistant",
        "tool_calls": [
            {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
        ],
    }


@pytest.mark.parametrize(("n", "kinds"), [(2, 0), (2.0, 0), (1, 1), (None, 1), (0, 1), ("2", 1)])
def test_how_many_choices_were_asked_for(n, kinds):
    body = events_of([chunk(part(ROLE, i, "stop")) for i in (1, 0)])
    seen = view(exchange(body, media=EVENTS, request={"stream": True, "n": n}))
    assert [answer.index for answer in seen.choices] == [0, 1]
    assert len(seen.stream.violations) == kinds


# Streams ------------------------------------------------------------------------------------


def test_events_have_the_time_of_their_last_byte():
    first, rest = CEREBRAS_TEXT[:100], CEREBRAS_TEXT[100:]
    middle = rest.index(b"\n\n") + 1
    segments = [
        Segment(1.0, first),
        Segment(2.0, rest[:middle]),
        Segment(3.0, rest[middle : middle + 1]),
        Segment(4.0, rest[middle + 1 :]),
    ]
    seen = view(exchange(media=EVENTS, segments=segments))
    assert seen.times == [3.0, 4.0, 4.0, 4.0, 4.0]
    assert len(seen.events) == 5


def test_chunks_are_the_events_but_the_terminator():
    seen = view(exchange(STREAM, media=EVENTS))
    assert [event.data for event in seen.events][-1] == DONE.encode()
    assert [parsed.value for _, parsed in seen.chunks] == text_stream()[:-1]
    assert [event.number for event, _ in seen.chunks] == [0, 1, 2, 3, 4]


def test_notes_of_a_whole_and_of_a_broken_stream():
    cut = STREAM[:-1]
    assert [note.quirk for note in view(exchange(cut, media=EVENTS)).notes] == [Quirk.UNTERMINATED]
    broken = view(exchange(cut, media=EVENTS, failure=Failure("truncated", "closed")))
    assert broken.notes == []
    assert broken.stream.violations == []


# Any bytes ----------------------------------------------------------------------------------


def read_everything(made: Exchange) -> None:
    seen = view(made)
    names = ["kind", "status", "json", "request_json", "asked_for_stream", "events", "notes"]
    names += ["times", "chunks", "stream", "choices", "usage", "accepted", "rejected"]
    for name in names:
        getattr(seen, name)
    seen.message()
    assert len(seen.times) == len(seen.events)


BYTES = st.binary(max_size=40) | st.sampled_from(
    [STREAM, STREAM[:300], json.dumps(COMPLETION).encode(), b"[" * 5000, b"data: {" * 50, b"\xff"]
)


@given(
    st.lists(BYTES, max_size=4),
    BYTES,
    st.sampled_from([200, 204, 302, 400, 503, 999]),
    st.sampled_from(["application/json", EVENTS, "", "\x00;"]),
    st.sampled_from(["/chat/completions", "/models", "/models/x", "?"]),
    st.sampled_from([None, Failure("truncated", "closed")]),
)
@settings(max_examples=200)
def test_any_bytes_are_survived(pieces, asked, status, media, path, failure):
    method = "POST" if path.startswith("/chat") else "GET"
    segments = tuple(Segment(float(at), piece) for at, piece in enumerate(pieces))
    reply = Reply(status, "", (("content-type", media),), segments)
    request = Request(method, path, (), asked)
    read_everything(Exchange("x", request, reply, failure, 0.0, 1.0))


def test_odd_json_is_survived():
    odd = [None, True, 7, "x", [], {}, [None], [[]], [{}], {"message": 1}, [{"message": []}]]
    for value in odd:
        body = {"choices": value, "usage": value, "error": value}
        read_everything(exchange(body, request={"n": value, "stream": value}))
        read_everything(exchange(events_of([body, {"choices": [value]}]), media=EVENTS))
        read_everything(
            exchange({"choices": [{"index": value, "message": value, "logprobs": value}]})
        )
