"""Streams against plain answers to the same request."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from ..checks import AsyncChecks, Check, check, experiment, inconclusive
from ..session import ABSENT
from .asking import first, greedy, unanswered

if TYPE_CHECKING:
    from ..contract.document import Json
    from ..session import Session
    from ..wire import View

QUESTIONS = (
    "Name three colours.",
    "Write a greeting in German.",
    "Write a line of emoji.",
    "Think first. How many legs has a spider?",
    "Refuse to answer, and say why.",
)
"""What brings characters of several tokens, thoughts, or a refusal, if the model is up to it."""
LENGTH = 16


@experiment("stream.equals.message", "stream.equals.finish_reason", "stream.equals.usage")
async def a_stream_adds_up_to_the_plain_answer(session: Session) -> AsyncChecks:
    """Greedy, in both modes; where two plain answers differ nothing can be said of a third."""
    for plain, again, streamed in await asyncio.gather(*(_ask(session, q) for q in QUESTIONS)):
        answers = [first(view) for view in (plain, again, streamed)]
        if any(answer is None for answer in answers):
            view = next(v for v in (plain, again, streamed) if first(v) is None)
            for name in _EQUAL:
                yield inconclusive(unanswered(view).message, requirement=name)
            continue
        one, two, three = (answer for answer in answers if answer is not None)
        if any(getattr(one, name) != getattr(two, name) for name, _ in _COMPARED):
            for name in _EQUAL[:2]:
                yield inconclusive("two plain answers at temperature 0 differ", requirement=name)
        else:
            for attribute, name in _COMPARED:
                expected, actual = getattr(one, attribute) or "", getattr(three, attribute) or ""
                yield check(
                    expected == actual,
                    f"the stream's {attribute} is not that of the plain answer",
                    expected=expected,
                    actual=actual,
                    exchange=streamed.exchange.id,
                    requirement=name,
                )
            if plain.usage and again.usage == plain.usage and streamed.usage:
                yield _usage_check(plain.usage, streamed.usage, streamed.exchange.id)


async def _ask(session: Session, words: str) -> tuple[View, View, View]:
    """Plainly, plainly again, and as a stream; one after the other, as load may change answers."""
    body = greedy(session, words, max_completion_tokens=LENGTH)
    plain, again = await session.chat(body), await session.chat(body, repeat=1)
    options = {"stream": True, "stream_options": {"include_usage": True}}
    return plain, again, await session.chat({**body, **options})


_EQUAL = ("stream.equals.message", "stream.equals.finish_reason", "stream.equals.usage")
_COMPARED = (
    ("content", _EQUAL[0]),
    ("reasoning", _EQUAL[0]),
    ("refusal", _EQUAL[0]),
    ("finish_reason", _EQUAL[1]),
)
_COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")


def _usage_check(plain: dict[str, Json], streamed: dict[str, Json], exchange: str) -> Check:
    """Counts that one of them lacks are the schema's matter."""
    both = [name for name in _COUNTS if name in plain and name in streamed]
    expected = {name: plain[name] for name in both}
    actual = {name: streamed[name] for name in both}
    return check(
        expected == actual,
        "the stream's usage is not that of the plain answer",
        expected=expected,
        actual=actual,
        exchange=exchange,
        requirement=_EQUAL[2],
    )


@experiment("stream.content_type", "response.mode.plain")
async def the_flag_decides_the_mode(session: Session) -> AsyncChecks:
    """True, false, null and absent; the rules read what comes back."""
    for flag in (True, False, None, ABSENT):
        await session.chat(session.body(stream=flag, max_completion_tokens=4))
    await session.chat(session.body(stream=True, max_completion_tokens=1))
    return
    yield


@experiment("stream.choices.index", "stream.role.first", "stream.finish.once")
async def several_choices_share_a_stream(session: Session) -> AsyncChecks:
    """The rules read each of them, in the words and in the end."""
    body = session.body(n=2, stream=True, max_completion_tokens=4)
    if not session.contract.breaches(body):
        await session.chat(body)
    return
    yield


@experiment("stream.error.last")
async def a_stream_may_fail(session: Session) -> AsyncChecks:
    """Most servers take the words for words; the reference server fails after the first event."""
    messages = [{"role": "user", "content": "Fail in the middle of a stream."}]
    await session.chat(session.body(messages=messages, stream=True))
    return
    yield


@experiment("stream.accept")
async def the_body_decides_not_the_header(session: Session) -> AsyncChecks:
    data = json.dumps(session.body(stream=True, max_completion_tokens=1)).encode()
    view = await session.post(data, headers=(("Accept", "application/json"),))
    if view.failure is not None or view.rejected:
        yield unanswered(view)
        return
    yield check(
        view.kind == "stream",
        "no event stream came to a request that accepts application/json",
        expected="an event stream",
        actual=view.reply.media_type if view.reply else None,
        at="header content-type",
        exchange=view.exchange.id,
    )
