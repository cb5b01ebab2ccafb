"""Every constraint of the request, from both sides of its boundary."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING

from ..checks import AsyncChecks, Check, by_turns, check, experiment, inconclusive
from ..contract.levels import LEVELS
from ..session import ASKED_FOR, NotAsked
from ..untrusted import shown
from .asking import unanswered

if TYPE_CHECKING:
    from ..contract import Pair
    from ..contract.document import Json
    from ..session import Session
    from ..wire import View

CAP = 1
"""Boundary requests are many; each may cost one token."""


@experiment("request.", turn="first")
async def a_boundary_of_each_class(session: Session) -> AsyncChecks:
    """The first one of each class, and with them a plain and a streamed answer."""
    touched: dict[str, Pair] = {}
    for pair in _wanted(session):
        touched.setdefault(session.contract.requirements[pair.requirement].cls, pair)
    await session.chat(session.body(max_completion_tokens=CAP, stream=True))
    for pair in touched.values():
        for made in await _try(session, pair):
            yield made


@experiment("request.", turn="wide")
async def both_sides_of_every_boundary(session: Session) -> AsyncChecks:
    """The valid side is answered, the invalid one is rejected."""
    tasks = [asyncio.ensure_future(_try(session, pair)) for pair in _wanted(session)]
    for checks in await asyncio.gather(*tasks):
        for made in checks:
            yield made


def plain(session: Session) -> dict[str, Json]:
    """The request around which the boundaries are."""
    return session.body(max_completion_tokens=CAP)


def _wanted(session: Session) -> list[Pair]:
    """The pairs whose verdict is asked for, classes by turns and in each the MUSTs first."""
    requirements = session.contract.requirements
    classes: dict[str, list[Pair]] = defaultdict(list)
    for pair in session.contract.pairs(plain(session)):
        if session.wants(pair.requirement):
            classes[requirements[pair.requirement].cls].append(pair)
    for pairs in classes.values():
        pairs.sort(key=lambda pair: LEVELS.index(requirements[pair.requirement].level))
    return by_turns(classes.values())


async def _try(session: Session, pair: Pair) -> list[Check]:
    """Both sides of a boundary, as far as the budget goes."""
    ASKED_FOR.set(session.contract.requirements[pair.requirement].cls)
    made = []
    try:
        view = await session.chat(pair.valid)
        words = "" if view.accepted else _difference(pair.valid, session.body())
        made.append(accepted(view, pair.requirement, words))
        if pair.invalid is not None:
            view = await session.chat(pair.invalid)
            made.append(rejected(view, pair.requirement, pair.words))
    except NotAsked as reason:
        made.append(inconclusive(str(reason), requirement=pair.requirement))
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
