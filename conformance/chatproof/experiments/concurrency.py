"""Requests at the same time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..checks import AsyncChecks, check, experiment, inconclusive
from .asking import first, greedy

if TYPE_CHECKING:
    from ..session import Session
    from ..wire import View

SUBJECTS = ("the moon", "a violin", "bread", "a lighthouse", "the number seven", "winter")
SHORTEST = 12
"""Characters; a shorter text may be said about several things."""


@experiment("response.concurrent")
async def each_gets_its_own_answer(session: Session) -> AsyncChecks:
    """First one after the other, then all at once: nobody may get what belongs to another."""
    bodies = [greedy(session, f"Describe {s}.", max_completion_tokens=12) for s in SUBJECTS]
    alone = [_text(await session.chat(body)) for body in bodies]
    if any(len(text) < SHORTEST for text in alone) or len(set(alone)) < len(alone):
        yield inconclusive("the answers are too much alike to tell them apart")
        return
    views = await asyncio.gather(*(session.chat(body, repeat=1) for body in bodies))
    for expected, view in zip(alone, views, strict=True):
        answer = first(view)
        if answer is None:
            continue
        yield check(
            answer.content == expected or answer.content not in alone,
            "the answer is that to another request",
            expected=expected,
            actual=answer.content,
            at="/choices/0/message/content",
            exchange=view.exchange.id,
        )


def _text(view: View) -> str:
    answer = first(view)
    return (answer.content or "") if answer is not None else ""
