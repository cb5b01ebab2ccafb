"""Every constraint of the request, from both sides of its boundary."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..checks import AsyncChecks, Check, check, experiment, inconclusive
from ..untrusted import shown
from .asking import unanswered

if TYPE_CHECKING:
    from ..contract import Pair
    from ..contract.document import Json
    from ..session import Session
    from ..wire import View

CAP = 1
"""Boundary requests are many; each may cost one token."""


@experiment("request.")
async def both_sides_of_every_boundary(session: Session) -> AsyncChecks:
    """The valid side is answered, the invalid one is rejected."""
    pairs = session.contract.pairs(session.body(max_completion_tokens=CAP))
    wanted = [pair for pair in pairs if session.wants(pair.requirement)]
    for checks in await asyncio.gather(*(_try(session, pair) for pair in wanted)):
        for made in checks:
            yield made


async def _try(session: Session, pair: Pair) -> list[Check]:
    words = _difference(pair.valid, session.body())
    made = [accepted(await session.chat(pair.valid), pair.requirement, words)]
    if pair.invalid is not None:
        made.append(rejected(await session.chat(pair.invalid), pair.requirement, pair.words))
    return made


def _difference(body: dict[str, Json], base: dict[str, Json]) -> str:
    """What a request has that a plain one has not, in short."""
    special = {key: value for key, value in body.items() if base.get(key, base) != value}
    return shown({k: v for k, v in special.items() if k != "max_completion_tokens"}, 120)


def accepted(view: View, requirement: str, words: str) -> Check:
    """Whether a valid request was answered."""
    if view.failure is not None:
        return _about(unanswered(view), requirement)
    return check(
        view.accepted,
        f"a valid request ({words}) was refused with status {view.status}",
        expected="an answer",
        actual=_said(view),
        exchange=view.exchange.id,
        requirement=requirement,
    )


def rejected(view: View, requirement: str, words: str) -> Check:
    """Whether an invalid request was refused; how it was refused is for the rules to judge."""
    if view.failure is not None:
        return _about(unanswered(view), requirement)
    return check(
        view.rejected,
        f"an invalid request ({words}) was answered with status {view.status}",
        expected="a client error",
        actual=f"status {view.status}",
        exchange=view.exchange.id,
        requirement=requirement,
    )


def _about(made: Check, requirement: str) -> Check:
    return inconclusive(made.message, exchange=made.exchange, requirement=requirement)


def _said(view: View) -> Json:
    return view.reply.body[:300].decode("utf-8", "replace") if view.reply else None
