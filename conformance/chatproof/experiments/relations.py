"""Requests of which each part is valid, and which are wrong as a whole, in dialects that say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..checks import AsyncChecks, experiment
from ..contract.relations import BRANCHES, LEVELS, VALUES
from ..session import ABSENT
from .parameters import accepted, rejected

if TYPE_CHECKING:
    from ..contract.document import Json
    from ..session import Session

USER: Json = {"role": "user", "content": "What is the weather in Paris?"}
CLOSED: Json = {
    "type": "object",
    "properties": {"colour": {"type": "string"}},
    "required": ["colour"],
    "additionalProperties": False,
}
JSON_OBJECT: Json = {
    "messages": [{"role": "user", "content": "Answer with a JSON object."}],
    "response_format": {"type": "json_object"},
}
TWO: Json = {"colour": {"type": "string"}, "shade": {"type": "string"}}
OPEN: Json = {key: value for key, value in CLOSED.items() if key != "additionalProperties"}


def _calls(*ids: str) -> Json:
    function = {"name": "get_weather", "arguments": '{"city":"Paris"}'}
    calls = [{"id": name, "type": "function", "function": function} for name in ids]
    return {"role": "assistant", "content": None, "tool_calls": calls}


def _results(*ids: str) -> list[Json]:
    return [{"role": "tool", "tool_call_id": name, "content": "sunny"} for name in ids]


def _tools(*strict: Json) -> Json:
    def tool(number: int, value: Json) -> Json:
        function = {"name": f"tool{number}", "parameters": CLOSED, "strict": value}
        if value is ABSENT:
            del function["strict"]
        return {"type": "function", "function": function}

    return {"tools": [tool(number, value) for number, value in enumerate(strict)]}


def _schema(**members: Json) -> Json:
    return _root({**CLOSED, **members})


def _root(schema: Json) -> Json:
    format = {"name": "answer", "strict": True, "schema": schema}
    return {"response_format": {"type": "json_schema", "json_schema": format}}


def _levels(count: int) -> Json:
    """An object within an object, and so on."""
    return CLOSED if count == 1 else {**CLOSED, "properties": {"colour": _levels(count - 1)}}


def _values(count: int) -> Json:
    return {"colour": {"type": "string", "enum": [f"c{number}" for number in range(count)]}}


def _branches(count: int) -> Json:
    return {"colour": {"anyOf": [{"type": "string", "enum": [str(n)]} for n in range(count)]}}


def _talk(*messages: Json) -> Json:
    return {"messages": [USER, *messages]}


CASES: dict[str, tuple[Json, tuple[tuple[str, Json], ...]]] = {
    "request.messages.tool_calls.answered": (
        _talk(_calls("a", "b"), *_results("b", "a")),
        (
            ("a call without a result", _talk(_calls("a", "b"), *_results("a"))),
            ("a result that comes too late", _talk(_calls("a"), USER, *_results("a"))),
        ),
    ),
    "request.messages.tool_calls.unique": (
        _talk(_calls("a"), *_results("a"), _calls("b"), *_results("b")),
        (
            ("two calls of one message with one id", _talk(_calls("a", "a"), *_results("a"))),
            (
                "two calls of two messages with one id",
                _talk(_calls("a"), *_results("a"), _calls("a"), *_results("a")),
            ),
        ),
    ),
    "request.messages.tool.known_call": (
        _talk(_calls("a"), *_results("a")),
        (
            ("a result without a call", _talk(*_results("a"))),
            ("a result for another call", _talk(_calls("a"), *_results("a", "b"))),
        ),
    ),
    "request.tools.strict_agrees": (
        _tools(True, True),
        (
            ("one tool strict, one not", _tools(True, False)),
            ("one tool strict, one that does not say", _tools(True, ABSENT)),
        ),
    ),
    "request.response_format.closed": (
        _schema(),
        (
            ("an open object", _schema(additionalProperties=True)),
            ("an open object within", _schema(properties={"colour": OPEN})),
        ),
    ),
    "request.response_format.required": (
        _schema(),
        (
            ("a property that is not required", _schema(required=[])),
            ("one of two that is not required", _schema(properties=TWO)),
        ),
    ),
    "request.response_format.root": (
        _schema(),
        (
            ("a list as the root", _root({"type": "array", "items": CLOSED})),
            ("a union as the root", _schema(anyOf=[CLOSED])),
        ),
    ),
    "request.response_format.size": (
        _root(_levels(LEVELS)),
        (
            ("a schema of eleven levels", _root(_levels(LEVELS + 1))),
            ("1001 values of an enumeration", _schema(properties=_values(VALUES + 1))),
        ),
    ),
    "request.response_format.branches": (
        _schema(properties=_branches(BRANCHES)),
        (("six branches", _schema(properties=_branches(BRANCHES + 1))),),
    ),
    "request.response_format.definitions": (
        _schema(**{"$defs": {"shade": CLOSED}}),
        (("definitions", _schema(definitions={"shade": CLOSED})),),
    ),
    "request.response_format.json_object_streamed": (
        JSON_OBJECT,
        (("json_object, streamed", {**JSON_OBJECT, "stream": True}),),
    ),
}
"""What each requirement accepts, and what it rejects, with words for it."""


@experiment(*CASES)
async def parts_have_to_fit_together(session: Session) -> AsyncChecks:
    """Each of these is valid or breaks the one requirement alone."""
    for requirement, (valid, broken) in CASES.items():
        if not session.wants(requirement):
            continue
        body = session.body(max_completion_tokens=1, **valid)
        yield accepted(await session.chat(body), requirement, "whose parts fit together")
        for words, members in broken:
            body = session.body(max_completion_tokens=1, **members)
            yield rejected(await session.chat(body), requirement, words)
