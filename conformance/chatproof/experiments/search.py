"""The search: requests beyond the planned ones, made up by hypothesis and schemathesis.

What fails is shrunk to the smallest request that shows it, and reported once for each cause.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from ..checks import AsyncChecks, Check, by_turns, check, experiment, inconclusive
from ..contract.lenience import arguable
from .asking import unanswered
from .parameters import plain

if TYPE_CHECKING:
    from ..contract.document import Json
    from ..session import Session
    from ..wire import View

CAP = 2
"""Random requests are many; each may cost two tokens."""
CAUSES = 5
"""So many failures of one kind are looked for, each with a cause of its own."""
COVERED = 5
"""So many coverage cases of schemathesis are sent for one example of ours, of each breach some."""


def plainest(session: Session) -> dict[str, Json]:
    """The request around which is searched."""
    return session.body(max_completion_tokens=CAP)


@experiment("request.accepted", turn="search")
async def valid_combinations_are_accepted(session: Session) -> AsyncChecks:
    """And the rules hold for every reply as they do for the plainest.

    What a single property causes, the boundary pairs have found already.
    """
    base = plainest(session)
    plainly = await session.chat(base)
    yield _accepted(plainly, base)
    if session.hunter is None:
        return
    known = session.broken(plainly) | session.broken(await session.chat({**base, "stream": True}))
    causes: list[frozenset[str]] = []

    async def fails(body: dict[str, Json]) -> bool:
        view = await session.chat(body)
        if view.failure is not None or any(cause <= set(body) for cause in causes):
            return False
        return not view.accepted or not session.broken(view) <= known

    while len(causes) < CAUSES:
        body, reason = await session.hunter.hunt("valid", fails)
        if reason:
            yield inconclusive(reason)
        if body is None:
            return
        causes.append(frozenset(body) - frozenset(base))
        view = await session.chat(body)
        known |= session.broken(view)  # of that the rules have spoken
        if not view.accepted and len(causes[-1]) > 1:
            yield _accepted(view, body)
        if not causes[-1]:
            return  # what is left of it is the plainest request


def _accepted(view: View, body: dict[str, Json]) -> Check:
    return check(
        view.accepted or view.failure is not None,
        f"a valid request was refused with status {view.status}",
        expected="an answer",
        actual=body,
        exchange=view.exchange.id,
    )


@experiment("request.", turn="search")
async def one_mistake_is_enough(session: Session) -> AsyncChecks:
    """A valid combination in which one thing is wrong is rejected for it."""
    if session.hunter is None or not _can_be_wrong(session):
        return
    causes: set[str] = set()

    async def fails(drawn: list[Any]) -> bool:
        body, _, (requirement,) = drawn
        if requirement in causes:
            return False
        return (await session.chat(body)).accepted

    while len(causes) < CAUSES:
        drawn, reason = await session.hunter.hunt("one_mistake", fails)
        if drawn is None:
            if reason:
                yield inconclusive(reason, requirement="request.accepted")
            return
        body, _, (requirement,) = drawn
        causes.add(requirement)
        yield _answered(await session.chat(body), body, requirement)


@experiment("request.mistakes", "error.param", turn="search")
async def two_mistakes_are_no_excuse(session: Session) -> AsyncChecks:
    """A server that finds each of them alone finds one of them when there are both."""
    if session.hunter is None or not _can_be_wrong(session):
        return
    base = plainest(session)
    tried = 0

    async def fails(drawn: list[Any]) -> bool:
        nonlocal tried
        body, names, _ = drawn
        for name in names:
            alone = {key: body[key] for key in body if key in base or key == name}
            if not session.contract.breaches(alone) or not (await session.chat(alone)).rejected:
                return False
        tried += 1
        view = await session.chat(body)
        return view.accepted or not _names_one(session, view, names)

    drawn, reason = await session.hunter.hunt("two_mistakes", fails)
    if drawn is None:
        yield check(True) if tried else inconclusive(reason or "no two mistakes could be combined")
        return
    body, names, _ = drawn
    view = await session.chat(body)
    if view.accepted:
        yield _answered(view, body, "request.mistakes")
    else:
        yield check(
            False,
            f"the error about {' and '.join(names)} names neither of them",
            expected=names,
            actual=_param(view),
            at="/error/param",
            exchange=view.exchange.id,
            requirement="error.param",
        )


def _names_one(session: Session, view: View, names: list[str]) -> bool:
    """Whether the error names one of the parameters, if it has to."""
    param = _param(view)
    if not session.wants("error.param") or not isinstance(param, str) or not param:
        return True
    return any(param.removeprefix("body.").startswith(name) for name in names)


def _param(view: View) -> Json:
    value = view.json.value if view.kind == "error" else None
    error = value.get("error", value) if isinstance(value, dict) else None
    return error.get("param") if isinstance(error, dict) else None


@experiment("request.", turn="search")
async def what_schemathesis_breaks_is_rejected(session: Session) -> AsyncChecks:
    """Its coverage phase breaks each keyword of the document; its fuzzing makes anything up."""
    if session.hunter is None:
        return
    cases: dict[str, list[tuple[dict[str, Json], str]]] = defaultdict(list)
    for body, requirement in await session.hunter.coverage():
        if session.wants(requirement) and _is_cheap(body):
            cases[requirement].append((body, requirement))
    chosen = by_turns(cases.values())[: COVERED * session.hunter.examples]
    views = await asyncio.gather(*(session.chat(body) for body, _ in chosen))
    for view, (body, requirement) in zip(views, chosen, strict=True):
        yield _answered(view, body, requirement)

    async def answered(body: Json) -> bool:
        if not isinstance(body, dict) or not _is_cheap(body):
            return False
        body = _capped(body)
        if len(_broken(session, body)) != 1 or any(map(arguable, session.contract.breaches(body))):
            return False
        return (await session.chat(body)).accepted

    body, _ = await session.hunter.hunt("invalid_for_schemathesis", answered)
    if body is not None:
        body = _capped(body)
        yield _answered(await session.chat(body), body, _broken(session, body).pop())


@experiment("error.hostile", turn="search")
async def what_schemathesis_makes_up_is_survived(session: Session) -> AsyncChecks:
    """Valid by the document, and of texts and names that nobody would write."""
    if session.hunter is None:
        return

    async def fails(body: dict[str, Json]) -> bool:
        view = await session.chat(_capped(body))
        return view.failure is None and (view.status or 0) >= 500

    body, _ = await session.hunter.hunt("valid_for_schemathesis", fails)
    if body is not None:
        view = await session.chat(_capped(body))
        yield check(
            False,
            f"a valid request was answered with status {view.status}",
            expected="an answer, or a status from 400 to 499",
            actual=view.status,
            at="status",
            exchange=view.exchange.id,
        )


def _can_be_wrong(session: Session) -> bool:
    """Whether the dialect says of anything that it is refused."""
    return any(pair.invalid is not None for pair in session.contract.demanded_pairs(plain(session)))


def _broken(session: Session, body: Json) -> set[str]:
    return {breach.requirement for breach in session.contract.breaches(body)}


def _answered(view: View, body: dict[str, Json], requirement: str) -> Check:
    if view.failure is not None:
        return inconclusive(unanswered(view).message, requirement=requirement)
    return check(
        not view.accepted,
        f"an invalid request was answered with status {view.status}",
        expected="a client error",
        actual=body,
        exchange=view.exchange.id,
        requirement=requirement,
    )


def _is_cheap(body: dict[str, Json]) -> bool:
    """Whether not many choices are asked for, each of which costs as much again."""
    choices = body.get("n")
    return not isinstance(choices, int) or choices <= CAP


def _capped(body: dict[str, Json]) -> dict[str, Json]:
    """The body with a cap on what it may cost, unless the cap is what is wrong with it."""
    cap = body.get("max_completion_tokens", CAP)
    return {**body, "max_completion_tokens": min(cap, CAP)} if isinstance(cap, int) else body
