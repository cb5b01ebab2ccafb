"""Streams against plain answers to the same request."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from ..checks import AsyncChecks, Check, check, experiment, inconclusive
from ..session import ABSENT
from .asking import believed, first, greedy, unanswered

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
    trials = [partial(_compared, session, words) for words in QUESTIONS]
    if not session.options.sparing:  # else where the budget ends, it ends in order
        await asyncio.gather(*(trial(0) for trial in trials))
    found: set[str] = set()
    for trial in trials:
        for made in await believed(trial, found):
            yield made


async def _compared(session: Session, words: str, trial: int) -> list[Check]:
    plain, again, streamed = await _ask(session, words, trial)
    views = (plain, again, streamed)
    one, two, three = map(first, views)
    if one is None or two is None or three is None:
        view = next(view for view in views if first(view) is None)
        return [inconclusive(unanswered(view).message, requirement=name) for name in _EQUAL]
    if any(getattr(one, name) != getattr(two, name) for name, _ in _COMPARED):
        reason = "two plain answers at temperature 0 differ"
        return [inconclusive(reason, requirement=name) for name in _EQUAL[:2]]
    made = []
    for attribute, name in _COMPARED:
        expected, actual = getattr(one, attribute) or "", getattr(three, attribute) or ""
        made.append(
            check(
                expected.rstrip(_HALF) == actual.rstrip(_HALF),
                f"the stream's {attribute} is not that of the plain answer",
                expected=expected,
                actual=actual,
                exchange=streamed.exchange.id,
                requirement=name,
            )
        )
    if plain.usage and again.usage == plain.usage and streamed.usage:
        made.append(_usage_check(plain.usage, streamed.usage, streamed.exchange.id))
    return made


async def _ask(session: Session, words: str, trial: int) -> tuple[View, View, View]:
    """Plainly, plainly again, and as a stream; one after the other, as load may change answers.

    Of the two plain answers a later trial asks only the second anew.
    """
    body = greedy(session, words, max_completion_tokens=LENGTH)
    plain, again = await session.chat(body), await session.chat(body, repeat=trial + 1)
    streamed = {**body, "stream": True, "stream_options": {"include_usage": True}}
    return plain, again, await session.chat(streamed, repeat=trial)


_EQUAL = ("stream.equals.message", "stream.equals.finish_reason", "stream.equals.usage")
_COMPARED = (
    ("content", _EQUAL[0]),
    ("reasoning", _EQUAL[0]),
    ("refusal", _EQUAL[0]),
    ("finish_reason", _EQUAL[1]),
)
_HALF = "\ufffd"
"""What may stand for a character that the limit cut in two, or be left out."""
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
    body = session.body(stream=True, max_completion_tokens=1)
    view = await session.chat(body, headers=(("Accept", "application/json"),))
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
