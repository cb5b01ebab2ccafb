"""When things come: events while the answer is made, and a free server after a hang-up.

A clock is a poor witness. What takes long may be slow for many reasons, so each oracle compares
times of one server with each other, and a verdict against it is given only when several trials
agree. These experiments are made alone, for other requests would be in the way.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..checks import AsyncChecks, Check, check, experiment, inconclusive
from .asking import greedy, unanswered

if TYPE_CHECKING:
    from ..contract.document import Json
    from ..session import Session
    from ..wire import View
    from ..wire.exchange import Headers

WORDS = "Slowly, tell me a story about the sea."
LENGTH = 32
TRIALS = 3
SPAN = 0.25
"""Seconds that the making of an answer has to take for its events to be seen apart."""
FEWEST = 8
"""Events with content that a stream needs for that."""
LATE = 0.8
"""The first event comes late when so much of the time from first to last token has gone by."""


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds after the request was sent: the first and last content of a stream, and its end."""

    first: float
    last: float
    events: int

    @classmethod
    def of(cls, view: View) -> Times | None:
        """None where the stream has no content, or did not come to its end."""
        if not view.accepted or view.kind != "stream":
            return None
        spoken = [
            at
            for at, (_, parsed) in zip(view.times, view.chunks, strict=False)
            if _has_content(parsed.value)
        ]
        return cls(spoken[0], spoken[-1], len(spoken)) if spoken else None


def _has_content(chunk: Json) -> bool:
    choices = chunk.get("choices") if isinstance(chunk, dict) else None
    deltas = [c.get("delta") for c in choices or () if isinstance(c, dict)]
    names = ("content", "reasoning", "reasoning_content")
    return any(isinstance(d, dict) and any(d.get(name) for name in names) for d in deltas)


@experiment("stream.incremental", turn="alone")
async def events_come_while_the_answer_is_made(session: Session) -> AsyncChecks:
    yield await _incremental(session, ())


@experiment("stream.incremental.compressed", turn="alone")
async def a_client_that_takes_gzip_does_not_wait(session: Session) -> AsyncChecks:
    yield await _incremental(session, (("Accept-Encoding", "gzip"),))


async def _incremental(session: Session, headers: Headers) -> Check:
    """Whether content comes before the answer is whole.

    The time to the first token, which a long prompt may need, is that of a stream of one token.
    """
    body = _story(session)
    short = {**body, "max_completion_tokens": 1}
    ones = [await session.chat(short, headers=headers, repeat=repeat) for repeat in range(2)]
    begins = max((one.exchange.seconds for one in ones), default=0.0)
    for repeat in range(TRIALS):
        view = await session.chat(body, headers=headers, repeat=repeat)
        times = Times.of(view)
        if times is None:
            return unanswered(view)
        if _thought_in_secret(view):
            return inconclusive("the model thought before, and did not show it")
        came = f"the first after {times.first:.2f} s, the last after {times.last:.2f} s"
        making = times.last - begins
        if making < SPAN or times.events < FEWEST:
            return inconclusive(
                f"{times.events} pieces of content within {max(0.0, making):.2f} s are too few, "
                "or too fast, to see whether they were held back"
            )
        if times.first - begins <= LATE * making:
            return check(True)
    return check(
        False,
        "the content came together when the answer was whole",
        expected=f"the first content after about {begins:.2f} s, as in a stream of one token",
        actual=came,
        at="event 0",
        exchange=view.exchange.id,
    )


def _story(session: Session) -> dict[str, Json]:
    body = greedy(session, WORDS, max_completion_tokens=LENGTH, stream=True)
    counted = {**body, "stream_options": {"include_usage": True}}
    return counted if session.contract.valid(counted) else body


def _thought_in_secret(view: View) -> bool:
    """Whether tokens were spent on thoughts that the stream does not show."""
    details = (view.usage or {}).get("completion_tokens_details")
    spent = details.get("reasoning_tokens") if isinstance(details, dict) else None
    return bool(spent) and not any(answer.reasoning for answer in view.choices)


@experiment("transport.disconnect", turn="alone")
async def who_hangs_up_frees_the_server(session: Session) -> AsyncChecks:
    """Seen on a server that serves one at a time: how long does the next one wait?"""
    body = _story(session)
    whole = await session.chat(body)
    times = Times.of(whole)
    if times is None:
        yield unanswered(whole)
        return
    one = greedy(session, WORDS, max_completion_tokens=1)
    alone = (await session.chat(one)).exchange.seconds
    rest = times.last - times.first - alone
    if rest < SPAN:
        yield inconclusive(f"the answer is made within {times.last:.2f} s, too fast to hang up in")
        return
    if not await _serves_one_at_a_time(session, body, one, times.last):
        yield inconclusive("it answers several at a time; one that is kept busy does not show")
        return
    for trial in range(2):
        await session.hang_up(body, after=2, repeat=trial)
        view = await session.chat(one, repeat=20 + trial)
        if view.failure is not None:
            yield unanswered(view)
            return
        waited = view.exchange.seconds - alone
        if waited <= rest / 2:
            yield check(True)
            return
    yield check(
        False,
        f"after a client hung up the next one waited {waited:.2f} s",
        expected=f"an answer after about {alone:.2f} s, as when nothing else is under way",
        actual=f"as if the other one, which takes {rest:.2f} s, went on for nobody",
        exchange=view.exchange.id,
    )


async def _serves_one_at_a_time(
    session: Session, body: dict[str, Json], one: dict[str, Json], takes: float
) -> bool:
    """Whether a short request that comes in the middle of a long one waits for its end."""
    long = asyncio.ensure_future(session.chat(body, repeat=10))
    await session.pause(takes / 4)
    short = (await session.once(one)).exchange
    other = (await long).exchange
    return short.started + short.seconds >= other.started + other.seconds
