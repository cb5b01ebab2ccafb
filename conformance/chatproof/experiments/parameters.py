"""Every constraint of the request, from both sides of its boundary."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..checks import AsyncChecks, Check, by_turns, check, experiment, inconclusive
from ..contract.levels import LEVELS
from ..limiting import YOUNGER
from ..session import ASKED_FOR, NotAsked
from ..untrusted import shown
from .asking import unanswered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..contract import Pair
    from ..contract.document import Json
    from ..session import Session
    from ..sharding import Shard
    from ..wire import View

CAP = 1
"""Boundary requests are many; each may cost one token."""
CONVERSATION = "request.messages.type"
"""Of which the conversations are that the document gives as examples."""


@experiment("request.", turn="first")
async def a_boundary_of_each_class(session: Session) -> AsyncChecks:
    """The first one of each class, and with them a plain and a streamed answer."""
    touched: dict[str, Pair] = {}
    for pair in _wanted(session):
        touched.setdefault(session.contract.requirements[pair.requirement].cls, pair)
    await session.chat(session.body(max_completion_tokens=CAP, stream=True))
    for pair in touched.values():
        tried = await _try(session, pair)
        if not tried.refused or tried.at_the_border:  # else the cause may be that of another pair
            for made in tried.checks():
                yield made


@experiment("request.", turn="wide")
async def both_sides_of_every_boundary(session: Session) -> AsyncChecks:
    """The valid side is answered, the invalid one is rejected.

    Many pairs start from one valid request. Where that is refused, one requirement is the cause,
    and of the other pairs nothing is known.
    """
    pairs = _share(_wanted(session), session.options.shard)
    tried = await asyncio.gather(*(_try(session, pair) for pair in pairs))
    causes = _Causes(tried)
    for each in tried:
        if not session.options.shard.takes(each.pair.requirement):
            continue
        for made in each.checks(causes.of(each.pair) if each.refused else ""):
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


def _share(pairs: list[Pair], shard: Shard) -> list[Pair]:
    """The pairs of a shard, and of others what may be the cause that its requests are refused."""
    own = [pair for pair in pairs if shard.takes(pair.requirement)]
    starts = {_start(pair) for pair in own}
    around = {each for pair in own for each in _around(pair)}
    return [
        pair if shard.takes(pair.requirement) else replace(pair, invalid=None)
        for pair in pairs
        if shard.takes(pair.requirement)
        or ((pair.plain is not None or pair.invalid is None) and _start(pair) in starts)
        or (pair.requirement == CONVERSATION and not around.isdisjoint(_around(pair)))
    ]


def _start(pair: Pair) -> str:
    """The request that it starts from, which other pairs may share."""
    return json.dumps(pair.valid, sort_keys=True)


def _starts(pair: Pair) -> Iterator[str]:
    """Requests that have one member of an object less, and the one that it starts from."""
    for less in _with_less(pair.valid):
        yield json.dumps(less, sort_keys=True)
    yield _start(pair)


def _with_less(value: Json) -> Iterator[Json]:
    """The value without one member of an object in it, for each of them."""
    if isinstance(value, dict):
        for name, below in value.items():
            yield {key: each for key, each in value.items() if key != name}
            for less in _with_less(below):
                yield {**value, name: less}
    elif isinstance(value, list):
        for number, below in enumerate(value):
            for less in _with_less(below):
                yield [*value[:number], less, *value[number + 1 :]]


def _around(pair: Pair) -> Iterator[str]:
    """What is around each message of a longer conversation: the request without it."""
    messages = pair.valid["messages"]
    for number in range(len(messages) if len(messages) > 1 else 0):
        rest = [*messages[:number], None, *messages[number + 1 :]]
        yield json.dumps({**pair.valid, "messages": rest}, sort_keys=True)


@dataclass(frozen=True)
class _Tried:
    """What came of the sides of a pair that were asked."""

    pair: Pair
    base: dict[str, Json]
    valid: View | None = None
    plain: View | None = None
    invalid: View | None = None
    not_asked: str = ""

    @property
    def refused(self) -> bool:
        return self.valid is not None and self.valid.rejected

    @property
    def at_the_border(self) -> bool:
        """Whether the valid side is refused for its value at the border, and for nothing else."""
        return self.refused and self.plain is not None and self.plain.accepted

    def checks(self, cause: str = "") -> Iterator[Check]:
        """`cause` is the requirement that is known to be why the valid side is refused."""
        name = self.pair.requirement
        made = []
        if self.valid is not None:
            made.append(self._accepted(self.valid, cause))
        if self.invalid is not None:
            made.append(rejected(self.invalid, name, self.pair.words))
        for each in made:
            if not each.ok or not self.not_asked:  # one side that held says nothing alone
                yield each
        if self.not_asked:
            yield inconclusive(self.not_asked, requirement=name)

    def _accepted(self, view: View, cause: str) -> Check:
        name = self.pair.requirement
        reason = ""
        if view.rejected and cause not in ("", name):
            reason = f"the request that it starts from is refused, of which {cause} speaks"
        elif view.rejected and self.plain is not None and self.plain.rejected:
            reason = "an ordinary value in its place is refused too"
        if reason:
            return inconclusive(reason, exchange=view.exchange.id, requirement=name)
        words = "" if view.accepted else _difference(self.pair.valid, self.base)
        return accepted(view, name, words)


class _Causes:
    """Which requirement is why a valid request is refused, so that no other is blamed for it.

    It is that of a border, where an ordinary value in its place is not refused. Else it is the one
    that asks for no more than that this request is accepted, or one with a member less; and what
    changes one message of a conversation that is refused as it stands in the document tells
    nothing.
    """

    def __init__(self, tried: Iterable[_Tried]) -> None:
        refused = [each for each in tried if each.refused]
        self._borders = {_start(t.pair): t.pair.requirement for t in refused if t.at_the_border}
        self._starts: dict[str, str] = {}
        self._around: dict[str, str] = {}
        whole = [t.pair for t in refused if t.pair.invalid is None and not t.at_the_border]
        for pair in sorted(whole, key=lambda pair: pair.requirement.count(".")):
            self._starts.setdefault(_start(pair), pair.requirement)
            if pair.requirement == CONVERSATION:
                self._around.update(dict.fromkeys(_around(pair), pair.requirement))

    def of(self, pair: Pair) -> str:
        """The requirement; empty where none but its own can be the cause."""
        start = _start(pair)
        if start in self._borders:
            return self._borders[start]
        around = (self._around[each] for each in _around(pair) if each in self._around)
        starts = (self._starts[each] for each in _starts(pair) if each in self._starts)
        return next(around, "") or next(starts, "")


async def _try(session: Session, pair: Pair) -> _Tried:
    """Both sides of a boundary, as far as the budget goes.

    They do not wait for each other, so that the order of requests is not that of the replies.
    """
    ASKED_FOR.set(session.contract.requirements[pair.requirement].cls)
    about_limit = pair.requirement.startswith(f"request.{YOUNGER}.")
    ask = session.as_it_is if about_limit else session.chat
    bodies = [body for body in (pair.valid, pair.invalid) if body is not None]
    sides = await asyncio.gather(*map(ask, bodies), return_exceptions=True)
    views = [None if isinstance(side, BaseException) else side for side in sides]
    tried = _Tried(pair, session.body(), views[0], invalid=views[1] if len(views) > 1 else None)
    try:
        for side in sides:
            if isinstance(side, BaseException):
                raise side
        if pair.plain is not None and tried.refused:
            tried = replace(tried, plain=await ask(pair.plain))
    except NotAsked as reason:
        tried = replace(tried, not_asked=str(reason))
    return tried


def _difference(body: dict[str, Json], base: dict[str, Json]) -> str:
    """What a request has that a plain one has not, in short."""
    special = {key: value for key, value in body.items() if base.get(key, base) != value}
    telling = {k: v for k, v in special.items() if k != YOUNGER or v is None}  # all have a limit
    return shown(telling or special, 120)


def accepted(view: View, requirement: str, words: str) -> Check:
    """Whether a valid request was answered; of one that got what is no answer others speak."""
    if not view.accepted and not view.rejected:
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
    """Whether an invalid request was refused; how it was refused is for others to judge."""
    if view.failure is not None:
        return _about(unanswered(view), requirement)
    refused_late = view.kind == "stream" and view.stream.error and not view.stream.chunks
    return check(
        view.rejected or bool(refused_late),
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
