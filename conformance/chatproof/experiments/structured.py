"""Structured outputs, with a schema that leaves only one answer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ..checks import AsyncChecks, Check, check, experiment, inconclusive
from ..contract import fits
from ..wire.jsontext import parse_text
from .asking import believed, first, greedy, unanswered

if TYPE_CHECKING:
    from ..contract.document import Json
    from ..session import Session
    from ..wire import View

WORDS = "Give me the colour of the sky."
ROOM = 96
"""Tokens for an answer that needs about 10: some servers indent, some models dawdle."""
SCHEMA: dict[str, Json] = {
    "type": "object",
    "properties": {"colour": {"type": "string", "enum": ["blue"]}},
    "required": ["colour"],
    "additionalProperties": False,
}

TAGGED = "a</think>b"
"""What many templates end a thought with, within a text."""


def strict(schema: Json) -> Json:
    return {
        "type": "json_schema",
        "json_schema": {"name": "answer", "strict": True, "schema": schema},
    }


def formatted(session: Session, response_format: Json, **properties: Any) -> dict[str, Json]:
    properties.setdefault("max_completion_tokens", ROOM)
    return greedy(session, WORDS, response_format=response_format, **properties)


def unformatted(session: Session, room: int) -> dict[str, Json]:
    """The same request without a format."""
    return greedy(session, WORDS, max_completion_tokens=room)


@experiment("structured.schema")
async def the_schema_is_enforced(session: Session) -> AsyncChecks:
    view = await session.chat(formatted(session, strict(SCHEMA)))
    yield _judge(view, SCHEMA)


@experiment("structured.ends")
async def a_short_answer_ends(session: Session) -> AsyncChecks:
    view = await session.chat(formatted(session, strict(SCHEMA)))
    answer = first(view)
    if answer is None:
        yield unanswered(view)
    elif not (answer.content or "").lstrip().startswith("{"):
        yield inconclusive("the answer is no JSON", exchange=view.exchange.id)
    else:
        yield check(
            answer.finish_reason == "stop",
            f"{ROOM} tokens were not enough for a JSON text of about 10",
            expected="stop",
            actual=answer.content,
            at="/choices/0/finish_reason",
            exchange=view.exchange.id,
        )


@experiment("structured.stream")
async def the_schema_is_enforced_in_a_stream(session: Session) -> AsyncChecks:
    view = await session.chat(formatted(session, strict(SCHEMA), stream=True))
    yield _judge(view, SCHEMA)


@experiment("structured.markup")
async def a_tag_in_a_string_is_data(session: Session) -> AsyncChecks:
    for stream in (False, True):
        for made in await believed(partial(_tagged, session, stream)):
            yield made


async def _tagged(session: Session, stream: bool, trial: int) -> list[Check]:
    """What does not arrive is lost to the tag if another string does arrive."""
    made = await _saying(session, TAGGED, stream, trial)
    if made.ok is False and (await _saying(session, "ab", stream, trial)).ok is not True:
        return [inconclusive("another string does not arrive either", exchange=made.exchange)]
    return [made]


async def _saying(session: Session, text: str, stream: bool, trial: int) -> Check:
    schema = {**SCHEMA, "properties": {"colour": {"type": "string", "enum": [text]}}}
    body = formatted(session, strict(schema), stream=stream, max_completion_tokens=32)
    return _judge(await session.chat(body, repeat=trial), schema)


@experiment("structured.prefix")
async def a_cut_answer_begins_like_json(session: Session) -> AsyncChecks:
    """The first character that is not white space is the brace of the object."""
    view = await session.chat(formatted(session, strict(SCHEMA), max_completion_tokens=4))
    answer = first(view)
    if answer is None:
        yield unanswered(view)
        return
    text = (answer.content or "").lstrip()
    if not text:
        yield inconclusive("the answer was cut before its first character")
        return
    yield check(
        text.startswith("{"),
        "the answer does not begin like the JSON object that the schema demands",
        expected="{",
        actual=answer.content,
        at="/choices/0/message/content",
        exchange=view.exchange.id,
    )


@experiment("structured.json_object")
async def json_object_gives_an_object(session: Session) -> AsyncChecks:
    """The prompt asks for JSON, as the documentation demands."""
    body = greedy(
        session,
        'Answer only with the JSON {"colour": "blue"}.',
        response_format={"type": "json_object"},
        max_completion_tokens=ROOM,
    )
    view = await session.chat(body)
    yield _judge(view, {"type": "object"})


def _judge(view: View, schema: Json) -> Check:
    answer = first(view)
    if answer is None:
        return unanswered(view)
    if answer.finish_reason != "stop" or answer.refusal:
        return inconclusive(
            f"the answer did not finish (finish reason {answer.finish_reason!r})",
            exchange=view.exchange.id,
        )
    parsed = parse_text(answer.content)
    return check(
        parsed.is_json and fits(schema, parsed.value),
        "the content is no JSON that the schema allows",
        expected=schema,
        actual=answer.content,
        at="/choices/0/message/content",
        exchange=view.exchange.id,
    )
