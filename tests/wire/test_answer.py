from __future__ import annotations

import pytest

from chatproof.wire import Answer, Failure, Reply, Request, Segment, ToolCall
from chatproof.wire.answer import integer, plain_answer
from chatproof.wire.jsontext import whole_characters
from chatproof.wire.states import Kind
from chatproof.wire.stream import Violation

CALL = {"id": "call_1", "type": "function", "function": {"name": "add", "arguments": "{}"}}


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (0, 0),
        (7, 7),
        (1.0, 1),
        (1.5, None),
        (float("inf"), None),
        (True, None),
        ("1", None),
        (None, None),
    ],
)
def test_an_integer_may_be_written_as_a_float(value, number):
    found = integer(value)
    assert (found, type(found)) == (number, type(number))


def test_a_whole_choice_is_read():
    message = {
        "role": "assistant",
        "content": "Hello",
        "reasoning": "Hm",
        "refusal": "No",
        "tool_calls": [CALL, "odd"],
    }
    choice = {
        "index": 2,
        "message": message,
        "finish_reason": "stop",
        "logprobs": {"content": [{"token": "Hello"}]},
    }
    assert plain_answer(choice, 0) == Answer(
        2,
        "assistant",
        "Hello",
        "Hm",
        "No",
        [ToolCall("call_1", "function", "add", "{}")],
        "stop",
        [{"token": "Hello"}],
    )


@pytest.mark.parametrize("index", [{}, {"index": None}, {"index": "1"}])
def test_a_choice_without_an_index_has_that_of_its_place(index):
    assert plain_answer(index, 3) == Answer(3)


def test_an_index_of_zero_is_one():
    assert plain_answer({"index": 0}, 3).index == 0


@pytest.mark.parametrize(
    ("message", "reasoning"),
    [
        ({"reasoning": "a", "reasoning_content": "b"}, "a"),
        ({"reasoning": "", "reasoning_content": "b"}, ""),
        ({"reasoning": None, "reasoning_content": "b"}, "b"),
        ({"reasoning_content": "b"}, "b"),
        ({"reasoning": 1}, None),
    ],
)
def test_reasoning_has_two_names(message, reasoning):
    assert plain_answer({"message": message}, 0).reasoning == reasoning


def test_what_is_not_given_is_none():
    assert ToolCall() == ToolCall(None, None, None, None)
    answer = plain_answer({}, 0)
    assert (answer.logprobs, answer.tool_calls, answer.pieces) == ([], [], ())


def test_the_plainest_answer_is_a_message():
    assert Answer(0).as_message() == {"role": "assistant"}
    assert Answer(0, "model", "").as_message() == {"role": "model", "content": ""}


def test_an_answer_is_a_message_with_all_that_it_has():
    calls = [ToolCall("call_1", "custom", "add", "{}"), ToolCall()]
    made = Answer(0, "assistant", "Hello", "Hm", "No", calls, "stop", [1]).as_message()
    assert made == {
        "role": "assistant",
        "content": "Hello",
        "reasoning": "Hm",
        "refusal": "No",
        "tool_calls": [
            {**CALL, "type": "custom"},
            {"id": None, "type": "function", "function": {"name": None, "arguments": None}},
        ],
    }


@pytest.mark.parametrize(
    ("headers", "media"),
    [
        ((), ""),
        ((("content-type", ""),), ""),
        ((("content-type", "Text/Event-Stream"),), "text/event-stream"),
        ((("content-type", " text/plain ; charset=utf-8; a=b"),), "text/plain"),
        ((("x", "y"), ("content-type", "a/b"), ("content-type", "c/d")), "a/b"),
    ],
)
def test_the_media_type_of_a_reply(headers, media):
    assert Reply(200, "", headers, ()).media_type == media


def test_the_plainest_exchange():
    request, reply = Request("GET", "/models"), Reply(200, "", (), ())
    assert (request.headers, request.body, request.auth) == ((), None, "key")
    assert (reply.version, Failure("reset", "closed").evidence) == ("HTTP/1.1", b"")


def test_the_body_of_a_reply_is_all_of_its_segments():
    assert Reply(200, "", (), (Segment(0.1, b"a"), Segment(0.2, b"bc"))).body == b"abc"


def test_half_a_surrogate_pair_is_shown():
    value = {"a\ud800": ["\udfff", "\U0001f600", 1.5, None, "é"]}
    assert whole_characters(value) == {"a?": ["?", "\U0001f600", 1.5, None, "é"]}


@pytest.mark.parametrize(
    ("choice", "count", "message"),
    [
        (None, 1, "more than one chunk has usage"),
        (0, 1, "more than one chunk has usage (choice 0)"),
        (1, 2, "more than one chunk has usage (choice 1), 2 times"),
    ],
)
def test_a_violation_in_words(choice, count, message):
    found = Violation(Kind.USAGE_REPEATED, 3, "", None, None, 0, choice, count)
    assert found.message == message
