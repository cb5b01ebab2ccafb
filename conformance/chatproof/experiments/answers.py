"""Plain answers: ids, the token limit, and the seed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..checks import AsyncChecks, check, experiment, inconclusive
from .asking import first, greedy, unanswered

if TYPE_CHECKING:
    from ..session import Session

ALIKE = 24
"""How many answers are asked for to see whether ids are drawn from too few."""


@experiment("response.id.unique")
async def ids_differ(session: Session) -> AsyncChecks:
    """One token each; equal requests on purpose."""
    body = session.body(max_completion_tokens=1)
    views = await asyncio.gather(*(session.chat(body, repeat=n) for n in range(ALIKE)))
    answers = [v.json.value for v in views if v.accepted and v.kind == "completion"]
    ids = [a["id"] for a in answers if isinstance(a.get("id"), str)]
    if len(ids) < ALIKE // 2:
        yield inconclusive("too few answers have an id", exchange=views[0].exchange.id)
        return
    twice = sorted({i for i in ids if ids.count(i) > 1})
    yield check(
        not twice,
        f"{len(ids) - len(set(ids))} of {len(ids)} answers have an id seen before",
        expected="an id of its own for each answer",
        actual=twice[:3],
        at="/id",
        exchange=views[0].exchange.id,
    )


@experiment("response.finish_reason.length")
async def a_cut_answer_says_so(session: Session) -> AsyncChecks:
    """An answer that goes on beyond 12 tokens is cut when only 3 are allowed."""
    words = "Count from one to one hundred in words."
    long = await session.chat(greedy(session, words, max_completion_tokens=12))
    whole = first(long)
    usage = long.usage if isinstance(long.usage, dict) else {}
    if whole is None:
        yield unanswered(long)
        return
    if usage.get("completion_tokens") not in (11, 12):
        yield inconclusive("the answer was too short to be cut", exchange=long.exchange.id)
        return
    for stream in (False, True):
        cut = await session.chat(greedy(session, words, max_completion_tokens=3, stream=stream))
        answer = first(cut)
        if answer is None:
            yield unanswered(cut)
            continue
        yield check(
            answer.finish_reason == "length",
            f"an answer cut after 3 tokens has the finish reason {answer.finish_reason!r}",
            expected="length",
            actual=answer.finish_reason,
            at="/choices/0/finish_reason",
            exchange=cut.exchange.id,
        )


@experiment("seed.repeatable")
async def the_seed_decides(session: Session) -> AsyncChecks:
    """Three runs at temperature 1 with one seed, one after the other."""
    words = "Invent a name for a village."
    body = session.body(
        messages=[{"role": "user", "content": words}],
        temperature=1,
        seed=11,
        max_completion_tokens=12,
    )
    texts = []
    for repeat in range(3):
        view = await session.chat(body, repeat=repeat)
        answer = first(view)
        if answer is None:
            yield unanswered(view)
            return
        texts.append(answer.content)
    yield check(
        len(set(texts)) == 1,
        "the same seed gave different texts",
        expected=texts[0],
        actual=texts[1:],
        at="/choices/0/message/content",
        exchange=view.exchange.id,
    )
