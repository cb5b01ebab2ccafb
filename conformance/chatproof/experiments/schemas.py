"""Strict schemas feature by feature, with answers of a few tokens."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from ..checks import AsyncChecks, Check, check, experiment, inconclusive
from ..contract import fits
from ..session import NotAsked
from ..wire.jsontext import parse_text
from .asking import first, unanswered
from .structured import formatted, strict, unformatted

if TYPE_CHECKING:
    from ..contract.document import Json
    from ..session import Session
    from ..wire import View

CAP = 24
"""Tokens for answers that need about 10."""


def _closed(**properties: Json) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


BEYOND: dict[str, Json] = {
    "minimum and maximum": _closed(a={"type": "integer", "minimum": 40, "maximum": 42}),
    "minLength": _closed(a={"type": "string", "minLength": 4, "maxLength": 6}),
    "pattern": _closed(a={"type": "string", "pattern": "^(ab|cd)$"}),
    "minItems": _closed(a={"type": "array", "items": {"enum": ["x"]}, "minItems": 2}),
    "a list of types": _closed(a={"type": ["boolean", "null"]}),
    "allOf": _closed(a={"allOf": [{"enum": ["x", "y"]}, {"enum": ["y", "z"]}]}),
    "not": _closed(a={"enum": ["x", "y"], "not": {"const": "x"}}),
    "a schema that says nothing": _closed(a={}),
    "a list of anything": _closed(a={"type": "array", "maxItems": 1}),
    "definitions": {
        **_closed(a={"$ref": "#/definitions/side"}),
        "definitions": {"side": {"type": "string", "enum": ["left"]}},
    },
}
"""Keywords that are documented to be refused, or are not documented at all."""
BROKEN: dict[str, Json] = {
    "a type that there is not": _closed(a={"type": "banana"}),
    "properties in a list": {"type": "object", "properties": ["a"]},
    "a reference to nothing": _closed(a={"$ref": "#/$defs/nothing"}),
    "a schema that is a text": "object",
}


@experiment("structured.feature.")
async def each_feature_is_obeyed(session: Session) -> AsyncChecks:
    """What is documented is neither refused nor passed over."""
    wanted = [
        requirement
        for name, requirement in session.contract.requirements.items()
        if requirement.schema is not None and session.wants(name)
    ]
    outcomes = await asyncio.gather(*(_obeyed(session, r.schema) for r in wanted))
    for requirement, made in zip(wanted, outcomes, strict=True):
        yield replace(made, requirement=requirement.id)


async def _obeyed(session: Session, schema: Json, *, may_refuse: bool = False) -> Check:
    """Whether the answer is what the schema allows; it is believed not to be when seen twice."""
    body = formatted(session, strict(schema), max_completion_tokens=CAP)
    try:
        view = await session.chat(body)
        if view.rejected and not (await session.chat(unformatted(session, CAP))).accepted:
            return inconclusive("the same request without a schema is refused too")
        made = _judge(view, schema, may_refuse=may_refuse)
        if made.ok is False:
            again = _judge(await session.chat(body, repeat=1), schema, may_refuse=may_refuse)
            if again.ok is not False:
                return inconclusive("the schema was obeyed in one of two equal requests")
    except NotAsked as reason:
        return inconclusive(str(reason))
    return made


def _judge(view: View, schema: Json, *, may_refuse: bool) -> Check:
    if view.failure is not None:
        return unanswered(view)
    if view.rejected:
        return check(
            may_refuse and (view.status or 0) < 500,
            f"a strict schema was refused with status {view.status}",
            expected=schema,
            actual=f"status {view.status}",
            at="status",
            exchange=view.exchange.id,
        )
    answer = first(view)
    if answer is None:
        return unanswered(view)
    content = answer.content or ""
    if answer.refusal or (answer.finish_reason != "stop" and content.lstrip()[:1] in ("", "{")):
        return inconclusive("the answer did not finish", exchange=view.exchange.id)
    return check(
        _allowed(schema, content),
        "the content is no JSON that the strict schema allows",
        expected=schema,
        actual=content,
        at="/choices/0/message/content",
        exchange=view.exchange.id,
    )


def _allowed(schema: Json, content: str) -> bool:
    parsed = parse_text(content)
    return parsed.is_json and fits(schema, parsed.value)


@experiment("structured.unsupported")
async def what_is_not_supported_is_not_passed_over(session: Session) -> AsyncChecks:
    # Where a dialect names a keyword as a mistake, refusing it is a requirement of its own.
    beyond = {
        words: schema
        for words, schema in BEYOND.items()
        if session.contract.valid(formatted(session, strict(schema)))
    }
    asked = (_obeyed(session, schema, may_refuse=True) for schema in beyond.values())
    for words, made in zip(beyond, await asyncio.gather(*asked), strict=True):
        yield replace(made, message=f"{words}: {made.message}") if made.ok is False else made


@experiment("structured.broken")
async def what_is_no_schema_is_refused(session: Session) -> AsyncChecks:
    for words, schema in BROKEN.items():
        body = formatted(session, strict(schema), max_completion_tokens=1)
        view = await session.chat(body)
        if view.failure is not None:
            yield unanswered(view)
        elif session.contract.valid(body):
            yield check(
                400 <= (view.status or 0) < 500,
                f"{words} as a strict schema got status {view.status}",
                expected="a status from 400 to 499",
                actual=view.status,
                at="status",
                exchange=view.exchange.id,
            )
