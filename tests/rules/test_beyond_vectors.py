"""What no vector says: how a request was sent, and replies that did not come whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from chatproof.checks import rules_for
from chatproof.contract import load_contract
from chatproof.rules.stream import CALLS, GRAMMAR, ORDER
from chatproof.wire import Exchange, Failure, Reply, Request, Segment, view

if TYPE_CHECKING:
    from chatproof.checks import Check
    from chatproof.wire.exchange import Auth

CHAT = "/chat/completions"
JSON = (("content-type", "application/json"),)
HTML = (("content-type", "text/html"),)
ASKED = {"model": "chatproof-reference", "messages": [{"role": "user", "content": "Say hello."}]}


def made(
    request: Request, reply: Reply | None, failure: Failure | None = None
) -> dict[str, list[Check]]:
    """The checks of an exchange, by requirement."""
    seen, contract = view(Exchange("x", request, reply, failure, 0.0, 1.0)), load_contract("openai")
    found: dict[str, list[Check]] = {}
    for rule in rules_for(seen, contract):
        for one in rule(seen, contract):
            for name in one.held or (one.requirement,):
                found.setdefault(name, []).append(one)
    return found


def broken(*args: Any) -> set[str]:
    checks = [one for each in made(*args).values() for one in each]
    levels = load_contract("openai").requirements
    bad = {one.requirement for one in checks if one.ok is False}
    return {name for name in bad if levels[name].level != "MAY"}


def post(*headers: tuple[str, str], body: Any = ASKED, auth: Auth = "key") -> Request:
    return Request("POST", CHAT, headers, json.dumps(body).encode(), auth)


def reply(body: object, status: int = 200, headers: tuple[tuple[str, str], ...] = JSON) -> Reply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, "", headers, (Segment(0.0, data),))


# The API's own errors -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ((), True),
        ((("content-type", "application/json"),), True),
        ((("Content-Type", "Application/JSON; charset=utf-8"),), True),
        ((("accept", "text/plain"),), True),
        ((("content-type", "text/plain"),), False),
        ((("Content-Type", "text/plain"),), False),
        ((("content-encoding", "gzip"),), False),
        ((("Content-Encoding", "gzip"),), False),
        ((("content-type", "application/json"), ("content-encoding", "br")), False),
    ],
)
def test_of_what_a_framework_refuses_no_json_is_demanded(headers, own):
    found = broken(post(*headers, body=[]), reply(b"<html>", 400, HTML))
    assert found == ({"error.content_type", "error.envelope"} if own else set())


def test_the_start_of_an_error_is_shown():
    body = b"\xff" + b"<p>" * 100
    (found,) = made(post(body=[]), reply(body, 400))["error.envelope"]
    assert found.actual == "\ufffd" + ("<p>" * 100)[:199]


@pytest.mark.parametrize(
    ("body", "place"),
    [({"error": {"message": ""}}, "/error/message"), ({"message": ""}, "/message")],
)
def test_a_message_is_where_the_envelope_has_it(body, place):
    (found,) = made(post(body=[]), reply(body, 400))["error.message"]
    assert (found.ok, found.location) == (False, place)


def test_a_retry_after_and_an_allow_that_can_be_read_hold():
    (read,) = made(post(), reply({}, 429, (*JSON, ("retry-after", "1"))))["error.retry_after"]
    (said,) = made(post(), reply({}, 405, (*JSON, ("allow", "GET"))))["error.method.allow"]
    assert (read.ok, said.ok) == (True, True)
    assert "error.retry_after" not in made(post(), reply({}, 429))
    assert "error.method.allow" not in made(post(), reply({}, 404))


@pytest.mark.parametrize(
    ("auth", "status", "told"),
    [("wrong", 401, False), ("wrong", 403, None), ("none", 401, None), ("key", 401, None)],
)
def test_a_wrong_key_is_told_from_other_refusals(auth, status, told):
    error = {"message": "No.", "type": "invalid_request_error", "param": None, "code": "no"}
    found = made(post(auth=auth), reply({"error": error}, status))
    assert [one.ok for one in found.get("error.told.key", [])] == ([] if told is None else [told])


def test_a_wrong_key_that_is_told_holds():
    error = {"type": "invalid_request_error", "code": "invalid_api_key"}
    (found,) = made(post(auth="wrong"), reply({"error": error}, 401))["error.told.key"]
    assert found.ok is True


# Replies that did not come, or not whole ----------------------------------------------------

TRANSPORT = ("transport.reply", "transport.connection", "transport.http", "transport.size")


@pytest.mark.parametrize(
    ("kind", "requirement"),
    [
        ("timeout", "transport.reply"),
        ("reset", "transport.connection"),
        ("truncated", "transport.connection"),
        ("unreachable", "transport.connection"),
        ("not-http", "transport.http"),
        ("encoding", "transport.http"),
        ("too-large", "transport.size"),
        ("hung-up", None),
    ],
)
def test_each_failure_breaks_one_requirement(kind, requirement):
    found = made(post(), None, Failure(kind, "it broke", b"HT\xffP"))
    assert {name: found[name][0].ok for name in TRANSPORT} == {
        name: name != requirement for name in TRANSPORT
    }
    if requirement:
        (one,) = found[requirement]
        said = (one.message, one.expected, one.actual)
        assert said == ("it broke", "a whole reply", "HT\ufffdP")


def test_of_what_did_not_come_nothing_else_is_said():
    assert set(made(post(), None, Failure("reset", ""))) == set(TRANSPORT)
    assert set(made(Request("GET", "/models"), None, Failure("reset", ""))) == set(TRANSPORT)


def test_of_half_an_answer_it_is_not_said_that_it_is_no_json():
    found = made(post(), reply(b'{"id":', 200), Failure("truncated", ""))
    assert "response.json" not in found


def test_of_half_an_answer_it_is_not_said_that_it_is_no_object():
    found = made(post(), reply([], 200), Failure("truncated", ""))
    assert "response.type" not in found


@pytest.mark.parametrize("body", [b"<html>", b"[]"])
def test_what_comes_before_a_reply_is_no_answer(body):
    assert "transport.http" in made(post(), reply(body, 199))
    assert not made(post(), reply(body, 199)).keys() & {"response.json", "response.type"}


@pytest.mark.parametrize("auth", ["none", "wrong"])
def test_a_list_of_models_is_owed_to_who_has_a_key(auth):
    refused = reply({"error": {"message": "no", "type": "x", "param": None, "code": None}}, 401)
    assert "models.listed" not in made(Request("GET", "/models", auth=auth), refused)
    assert broken(Request("GET", "/models"), refused) == {"models.listed"}


# What puts a requirement to the test --------------------------------------------------------

TOOLS = [{"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}]
CALLED = [{"id": "a", "type": "function", "function": {"name": "add", "arguments": "{}"}}]


@pytest.mark.parametrize(
    ("tools", "calls", "reason", "tested"),
    [
        (TOOLS, None, "stop", True),
        (TOOLS, CALLED, "tool_calls", True),
        (None, CALLED, "tool_calls", True),
        (None, None, "tool_calls", True),
        (None, None, "stop", False),
        (TOOLS, CALLED, None, False),
        (TOOLS, None, None, False),
    ],
)
def test_a_finish_reason_is_tested_where_calls_are_concerned(tools, calls, reason, tested):
    message = {"role": "assistant", "content": None, "tool_calls": calls}
    body = {"choices": [{"index": 0, "message": message, "finish_reason": reason}]}
    asked = ASKED | ({"tools": tools} if tools else {})
    assert ("tools.finish_reason" in made(post(body=asked), reply(body))) is tested


def test_an_answer_without_stop_sequences_puts_none_to_the_test():
    body = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "No."}}]}
    assert "stop.absent" in made(post(body=ASKED | {"stop": "mo"}), reply(body))
    assert "stop.absent" not in made(post(), reply(body))


def streamed(*chunks: object, end: str = "data: [DONE]\n\n") -> Reply:
    events = "".join(f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n" for chunk in chunks)
    return reply((events + end).encode(), 200, (("content-type", "text/event-stream"),))


def test_each_requirement_of_a_schema_that_a_value_reaches_is_put_to_the_test():
    plain = made(post(), reply({"id": "a", "choices": [{"index": 0}]}))
    assert {"response.id.type", "response.choices.items.index.type"} <= plain.keys()
    first = {"choices": [{"delta": {"role": "assistant"}}]}
    chunks = made(post(body=ASKED | {"stream": True}), streamed(first, {"usage": None}))
    assert {
        "stream.chunk.choices.items.delta.role.enum",
        "stream.chunk.usage.type",
    } <= chunks.keys()


def test_what_is_no_json_at_no_byte_that_is_known_is_shown_at_none():
    (found,) = made(post(), reply(b'{"id": NaN}'))["response.json"]
    assert (found.ok, found.location) == (False, "")


def test_a_stream_of_calls_puts_the_whole_order_to_the_test():
    chunk = {"choices": [{"index": 0, "delta": {"role": "assistant", "tool_calls": CALLED}}]}
    found = made(post(body=ASKED | {"stream": True, "tools": TOOLS}), streamed(chunk))
    assert {*GRAMMAR, *ORDER, *CALLS} <= found.keys()


def test_the_end_of_a_stream_is_shown_where_a_character_is_cut():
    found = made(post(body=ASKED | {"stream": True}), streamed("\u00e9" * 50, end=""))
    assert found["stream.terminator"][0].actual == '"' + "\u00e9" * 39 + "\ufffd"
