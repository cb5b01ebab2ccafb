"""Calls in detail: strict arguments, several at once, and what is sent back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..checks import AsyncChecks, Check, check, experiment, inconclusive
from ..contract import fits
from ..wire.jsontext import parse_text
from .asking import accepted, believed, first, greedy, unanswered
from .tools import ROOM, TOOLS, named

if TYPE_CHECKING:
    from ..contract.document import Json
    from ..session import Session
    from ..wire import Answer, View

PARAMETERS: dict[str, Json] = {
    "type": "object",
    "properties": {
        "side": {"type": "string", "enum": ["left", "right"]},
        "lamp": {
            "type": "object",
            "properties": {"lit": {"type": "boolean"}},
            "required": ["lit"],
            "additionalProperties": False,
        },
        "note": {"anyOf": [{"type": "string", "enum": ["x"]}, {"type": "null"}]},
    },
    "required": ["side", "lamp", "note"],
    "additionalProperties": False,
}
STRICT: Json = {
    "type": "function",
    "function": {
        "name": "turn_lamp",
        "description": "Turn a lamp.",
        "strict": True,
        "parameters": PARAMETERS,
    },
}
TAGGED = "a</tool_call>b"
"""What many templates end a call with, within a text."""
BOTH = "Call set_colour and paint_wall, both of them, now."


@experiment("tools.strict")
async def strict_arguments_fit_their_schema(session: Session) -> AsyncChecks:
    """Believed to be wrong when two plain answers are."""
    body = greedy(
        session,
        "Turn the lamp.",
        tools=[STRICT],
        tool_choice=named("turn_lamp"),
        max_completion_tokens=ROOM,
    )
    for stream in (False, True):
        made = _fits(await session.chat({**body, "stream": stream}), PARAMETERS)
        if made.ok is False:
            again = _fits(await session.chat({**body, "stream": stream}, repeat=1), PARAMETERS)
            made = made if again.ok is False else inconclusive("seen in one of two equal requests")
        yield made


def _fits(view: View, parameters: Json) -> Check:
    answer = first(view)
    if answer is None:
        return unanswered(view)
    if not answer.tool_calls or answer.finish_reason == "length":
        return inconclusive("there is no whole call", exchange=view.exchange.id)
    arguments = answer.tool_calls[0].arguments
    value = parse_text(arguments).value
    if not isinstance(value, dict):  # of that tools.arguments speaks
        return inconclusive("the arguments are no JSON object", exchange=view.exchange.id)
    return check(
        fits(parameters, value),
        "the arguments are not what the strict tool allows",
        expected=parameters,
        actual=arguments,
        at="/choices/0/message/tool_calls/0/function/arguments",
        exchange=view.exchange.id,
    )


@experiment("tools.markup")
async def a_tag_in_an_argument_is_data(session: Session) -> AsyncChecks:
    for made in await believed(partial(_tagged, session)):
        yield made


async def _tagged(session: Session, trial: int) -> list[Check]:
    """What does not arrive in a stream is lost to the tag if another text does arrive."""
    made = await _writing(session, TAGGED, trial)
    if made.ok is False and (await _writing(session, "ab", trial)).ok is not True:
        return [inconclusive("another text does not arrive either", exchange=made.exchange)]
    return [made]


async def _writing(session: Session, text: str, trial: int) -> Check:
    parameters: Json = {
        "type": "object",
        "properties": {"text": {"type": "string", "enum": [text]}},
        "required": ["text"],
        "additionalProperties": False,
    }
    view = await session.chat(_demanding(session, parameters), repeat=trial)
    answer = first(view)
    if answer is None or answer.tool_calls or answer.finish_reason == "length":
        return _fits(view, parameters)
    return check(
        False,
        "there is no call with the argument that the strict tool demands",
        expected=parameters,
        actual=answer.content,
        at="/choices/0/message/tool_calls",
        exchange=view.exchange.id,
    )


def _demanding(session: Session, parameters: Json) -> dict[str, Json]:
    note = {"name": "write_note", "description": "Write a note.", "strict": True}
    return greedy(
        session,
        "Write the note.",
        tools=[{"type": "function", "function": {**note, "parameters": parameters}}],
        tool_choice=named("write_note"),
        max_completion_tokens=48,
        stream=True,
    )


@experiment("tools.several")
async def several_calls_are_told_apart(session: Session) -> AsyncChecks:
    """Where the model makes two calls and does so again, the stream has them too."""
    for made in await believed(partial(_several, session)):
        yield made


async def _several(session: Session, trial: int) -> list[Check]:
    body = greedy(session, BOTH, tools=TOOLS, max_completion_tokens=ROOM)
    plain, again = await session.chat(body), await session.chat(body, repeat=trial + 1)
    streamed = await session.chat({**body, "stream": True}, repeat=trial)
    one, two, three = first(plain), first(again), first(streamed)
    if one is None or two is None or three is None:
        return [unanswered(next(v for v in (plain, again, streamed) if first(v) is None))]
    if len(one.tool_calls) < 2 or one.finish_reason == "length":
        return [inconclusive("the model made no two calls", exchange=plain.exchange.id)]
    if _calls(one) != _calls(two):
        return [inconclusive("two answers at temperature 0 differ")]
    if not three.tool_calls or not all(isinstance(a, str) for a in _arguments(one)):
        # Of the first tools.stream speaks, of the second tools.arguments.
        return [inconclusive("the calls cannot be compared", exchange=streamed.exchange.id)]
    made = check(
        _arguments(one) == _arguments(three),
        "the stream does not make the calls of the plain answer",
        expected=_arguments(one),
        actual=_arguments(three),
        at="/choices/0/delta/tool_calls",
        exchange=streamed.exchange.id,
    )
    return [made]


def _calls(answer: Answer) -> list[Json]:
    return [[call.name, call.arguments] for call in answer.tool_calls]


def _arguments(answer: Answer) -> list[Json]:
    return [call.arguments for call in answer.tool_calls]


@experiment("tools.single")
async def one_call_at_a_time(session: Session) -> AsyncChecks:
    body = greedy(session, BOTH, tools=TOOLS, parallel_tool_calls=False, max_completion_tokens=ROOM)
    view = await session.chat(body)
    answer = first(view)
    if answer is None:
        yield unanswered(view)
        return
    if not answer.tool_calls:
        yield inconclusive("the model made no call", exchange=view.exchange.id)
        return
    yield check(
        len(answer.tool_calls) == 1,
        f"{len(answer.tool_calls)} calls came though parallel_tool_calls is false",
        expected="one call",
        actual=_calls(answer),
        at="/choices/0/message/tool_calls",
        exchange=view.exchange.id,
    )


@experiment("tools.results")
async def results_come_in_any_order(session: Session) -> AsyncChecks:
    calls = [
        {
            "id": f"call0000{number}",
            "type": "function",
            "function": {"name": name, "arguments": '{"colour":"red"}'},
        }
        for number, name in enumerate(("set_colour", "paint_wall"))
    ]
    results: list[Json] = [
        {"role": "tool", "tool_call_id": f"call0000{number}", "content": "done"}
        for number in range(2)
    ]
    asked: list[Json] = [
        {"role": "user", "content": BOTH},
        {"role": "assistant", "content": None, "tool_calls": calls},
    ]
    for words, order in {"in order": results, "in reverse": results[::-1]}.items():
        body = session.body(messages=[*asked, *order], tools=TOOLS, max_completion_tokens=1)
        if session.contract.valid(body):
            yield accepted(await session.chat(body), f"the results of two calls {words}")
