"""Tools: the four forms of tool_choice, calls in both modes, and the way back.

The parameters are an enumeration of one short word, so that a call costs few tokens and any
model can make it once the server constrains it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ..checks import AsyncChecks, Check, check, experiment, inconclusive
from ..wire.jsontext import parse_text
from .asking import accepted, believed, first, greedy, no_server_error, prompt_tokens, unanswered

if TYPE_CHECKING:
    from ..contract.document import Json
    from ..session import Session
    from ..wire import Answer, View

ROOM = 64
"""Tokens that a forced call may take; it needs about 20."""
WORDS = "Set the colour to red with the tool."


def tool(name: str) -> dict[str, Json]:
    """A tool with one parameter that has one possible value."""
    return {
        "type": "function",
        "function": {
            "name": name,
            "description": f"Call {name} to set the colour.",
            "parameters": {
                "type": "object",
                "properties": {"colour": {"type": "string", "enum": ["red"]}},
                "required": ["colour"],
                "additionalProperties": False,
            },
        },
    }


TOOLS = [tool("set_colour"), tool("paint_wall")]


def forced(session: Session, choice: Json, **properties: Any) -> dict[str, Json]:
    return greedy(
        session,
        WORDS,
        tools=TOOLS,
        tool_choice=choice,
        max_completion_tokens=ROOM,
        **properties,
    )


def named(name: str) -> Json:
    return {"type": "function", "function": {"name": name}}


@experiment("tools.none")
async def none_means_no_call(session: Session) -> AsyncChecks:
    view = await session.chat(forced(session, "none") | {"max_completion_tokens": 24})
    answer = first(view)
    if answer is None:
        yield unanswered(view)
        return
    yield check(
        not answer.tool_calls,
        "a tool was called though tool_choice is none",
        expected="no tool calls",
        actual=[call.name for call in answer.tool_calls],
        at="/choices/0/message/tool_calls",
        exchange=view.exchange.id,
    )


@experiment("tools.finish_reason")
async def auto_leaves_the_choice(session: Session) -> AsyncChecks:
    """The rules read the answer, whatever the model chose."""
    await session.chat(forced(session, "auto") | {"max_completion_tokens": 24})
    return
    yield


@experiment("tools.required")
async def required_means_a_call(session: Session) -> AsyncChecks:
    names = {t["function"]["name"] for t in TOOLS}
    for stream in (False, True):
        view = await session.chat(forced(session, "required", stream=stream))
        answer = first(view)
        if answer is None:
            yield unanswered(view)
            continue
        called = [call.name for call in answer.tool_calls]
        yield check(
            bool(called) and set(called) <= names,
            "the message has no call of a given tool though tool_choice is required",
            expected=sorted(names),
            actual=called or answer.content,
            at="/choices/0/message/tool_calls",
            exchange=view.exchange.id,
        )


@experiment("tools.named")
async def a_named_function_is_called(session: Session) -> AsyncChecks:
    """The second tool of two, which nobody would choose by itself."""
    for stream in (False, True):
        view = await session.chat(forced(session, named("paint_wall"), stream=stream))
        answer = first(view)
        if answer is None:
            yield unanswered(view)
            continue
        called = [call.name for call in answer.tool_calls]
        yield check(
            bool(called) and set(called) == {"paint_wall"},
            "the function that tool_choice names was not called, or not alone",
            expected=["paint_wall"],
            actual=called or answer.content,
            at="/choices/0/message/tool_calls",
            exchange=view.exchange.id,
        )


@experiment("tools.arguments")
async def arguments_are_one_json_object(session: Session) -> AsyncChecks:
    """Also where there is nothing to give: an empty object, and not nothing."""
    plain: dict[str, Json] = {"type": "function", "function": {"name": "wash_brush"}}
    bodies = [
        forced(session, "required"),
        forced(session, named("paint_wall")),
        forced(session, named("wash_brush")) | {"tools": [*TOOLS, plain]},
    ]
    for body in bodies:
        for stream in (False, True):
            view = await session.chat({**body, "stream": stream})
            answer = first(view)
            if answer is None or not answer.tool_calls:
                yield _no_call(view)
            elif answer.finish_reason == "length":
                yield inconclusive("the call was cut off by the token limit")
            else:
                for call in answer.tool_calls:
                    yield _arguments_check(view, call.arguments)


def _arguments_check(view: View, arguments: Json) -> Check:
    parsed = parse_text(arguments)
    return check(
        parsed.is_json and isinstance(parsed.value, dict),
        "the arguments are not one JSON object as text",
        expected='{"colour":"red"}',
        actual=arguments,
        at="/choices/0/message/tool_calls/0/function/arguments",
        exchange=view.exchange.id,
    )


@experiment("tools.no_parameters")
async def a_function_may_need_nothing(session: Session) -> AsyncChecks:
    for function in ({"name": "wash_brush"}, {"name": "wash_brush", "parameters": {}}):
        tools = [{"type": "function", "function": function}]
        view = await session.chat(session.body(tools=tools, max_completion_tokens=1))
        yield accepted(view, "a function without parameters")


@experiment("tools.empty_list")
async def no_tools_are_no_tools(session: Session) -> AsyncChecks:
    """That no call comes is tools.unasked."""
    view = await session.chat(session.body(tools=[], max_completion_tokens=8))
    yield no_server_error(view, "an empty list of tools")


@experiment("tools.choices")
async def every_choice_has_its_call(session: Session) -> AsyncChecks:
    view = await session.chat(forced(session, "required", n=2))
    if first(view) is None:
        yield unanswered(view)
        return
    counts = [len(choice.tool_calls) for choice in view.choices]
    if not any(counts):
        yield _no_call(view)
        return
    yield check(
        all(counts),
        f"the choices have {counts} tool calls",
        expected="at least one call in each",
        actual=counts,
        at="/choices",
        exchange=view.exchange.id,
    )


@experiment("tools.default")
async def auto_is_the_default(session: Session) -> AsyncChecks:
    """Greedy, and only where auto gives the same twice."""
    for made in await believed(partial(_by_default, session), alike=False):  # ids are never
        yield made


async def _by_default(session: Session, trial: int) -> list[Check]:
    body = greedy(session, "Call set_colour.", tools=TOOLS, max_completion_tokens=24)
    auto = {**body, "tool_choice": "auto"}
    views = [await session.chat(auto, repeat=repeat) for repeat in (0, trial + 1)]
    views.append(await session.chat(body, repeat=trial))
    one, two, three = map(first, views)
    if one is None or two is None or three is None:
        return [unanswered(next(v for v in views if first(v) is None))]
    if _said(one) != _said(two):
        return [inconclusive("two answers at temperature 0 differ")]
    made = check(
        _said(one) == _said(three),
        "without tool_choice the answer is another than with auto",
        expected=one.as_message(),
        actual=three.as_message(),
        at="/choices/0/message",
        exchange=views[2].exchange.id,
    )
    return [made]


def _said(answer: Answer) -> tuple[str, list[tuple[Json, Json]]]:
    return answer.content or "", _calls(answer)


@experiment("usage.tools")
async def tools_are_part_of_the_prompt(session: Session) -> AsyncChecks:
    body = greedy(session, WORDS, max_completion_tokens=1)
    without = await session.chat(body)
    view = await session.chat({**body, "tools": TOOLS})
    fewer, more = prompt_tokens(without), prompt_tokens(view)
    if fewer is None or more is None:
        yield inconclusive("the answers have no usage")
        return
    yield check(
        more > fewer,
        "the prompt has no more tokens with tools than without",
        expected=f"more than {fewer}",
        actual=more,
        at="/usage/prompt_tokens",
        exchange=view.exchange.id,
    )


@experiment("tools.stream")
async def a_streamed_call_is_the_plain_one(session: Session) -> AsyncChecks:
    found: set[str] = set()
    for choice in ("required", named("paint_wall")):
        for made in await believed(partial(_streamed, session, choice), found):
            yield made


async def _streamed(session: Session, choice: Json, trial: int) -> list[Check]:
    plain = await session.chat(forced(session, choice), repeat=trial)
    streamed = await session.chat(forced(session, choice, stream=True), repeat=trial)
    one, two = first(plain), first(streamed)
    if one is None or not one.tool_calls or two is None:
        return [_no_call(plain if two is not None else streamed)]
    expected, actual = ([name for name, _ in _calls(answer)] for answer in (one, two))
    made = check(
        expected == actual,
        "the stream does not make the calls of the plain answer",
        expected=expected,
        actual=actual,
        at="/choices/0/delta/tool_calls",
        exchange=streamed.exchange.id,
    )
    return [made]


def _calls(answer: Answer) -> list[tuple[Json, Json]]:
    return [(call.name, call.arguments) for call in answer.tool_calls]


@experiment("tools.round_trip")
async def the_way_back_is_open(session: Session) -> AsyncChecks:
    """The message as it came, then a result for each call, then one more token."""
    view = await session.chat(forced(session, named("paint_wall")))
    answer = first(view)
    if answer is None or not answer.tool_calls or view.kind != "completion":
        yield _no_call(view)
        return
    message = view.json.value["choices"][0]["message"]
    results = [
        {"role": "tool", "tool_call_id": call.id, "content": "done"} for call in answer.tool_calls
    ]
    messages = [{"role": "user", "content": WORDS}, message, *results]
    body = session.body(messages=messages, tools=TOOLS, max_completion_tokens=1)
    if session.contract.breaches(body):
        yield inconclusive("the message itself breaks the schema of requests")
        return
    back = await session.chat(body)
    yield check(
        back.accepted or back.failure is not None,
        f"the server's own message was refused with status {back.status}",
        expected="an answer",
        actual=f"status {back.status}",
        at="/messages/1",
        exchange=back.exchange.id,
    )


def _no_call(view: View) -> Check:
    if first(view) is None:
        return unanswered(view)
    return inconclusive("the server made no call though one was forced", exchange=view.exchange.id)
