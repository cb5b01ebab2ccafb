"""The search as experiments: what hypothesis and schemathesis find beyond the planned requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..checks import AsyncChecks, Check, check, experiment, inconclusive

if TYPE_CHECKING:
    from ..contract.document import Json
    from ..session import Session
    from ..wire import View

CAP = 2
"""Random requests are many; each may cost two tokens."""


@experiment("request.accepted", turn="search")
async def valid_combinations_are_accepted(session: Session) -> AsyncChecks:
    """What a single property causes, the boundary pairs have found already."""
    from ..search.bodies import valid_bodies
    from ..search.hunt import hunt

    base = session.body(max_completion_tokens=CAP)
    plain = await session.chat(base)
    yield _accepted(plain, base)
    if not session.options.examples:
        return

    async def refused(body: dict[str, Json]) -> bool:
        view = await session.chat(body)
        return view.failure is None and not view.accepted

    body, reason = await hunt(
        valid_bodies(session.contract, base, session.contract.pairs(base)),
        refused,
        examples=session.options.examples,
        seed=session.options.seed,
    )
    if reason:
        yield inconclusive(reason)
    if body is not None and len(set(body) - set(base)) > 1:
        yield _accepted(await session.chat(body), body)


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
    from ..search.bodies import one_mistake, valid_bodies
    from ..search.hunt import hunt

    if not session.options.examples:
        return
    base = session.body(max_completion_tokens=CAP)
    pairs = [
        p
        for p in session.contract.pairs(base)
        if session.contract.requirements[p.requirement].level == "MUST"
    ]
    if all(pair.invalid is None for pair in pairs):
        return  # the dialect leaves every refusal to the server

    async def answered(drawn: tuple[dict[str, Json], str]) -> bool:
        body, requirement = drawn
        broken = {breach.requirement for breach in session.contract.breaches(body)}
        return broken == {requirement} and (await session.chat(body)).accepted

    drawn, reason = await hunt(
        one_mistake(valid_bodies(session.contract, base, pairs), pairs),
        answered,
        examples=session.options.examples,
        seed=session.options.seed,
    )
    if drawn is not None:
        body, requirement = drawn
        yield _answered(await session.chat(body), body, requirement)
    elif reason:
        yield inconclusive(reason, requirement="request.accepted")


@experiment("request.", turn="search")
async def what_schemathesis_makes_up_is_rejected(session: Session) -> AsyncChecks:
    """Bodies that it holds for invalid, and our judge too, for one reason alone."""
    from ..search.hunt import hunt
    from ..search.second_opinion import SecondOpinion

    if not session.options.examples:
        return

    def broken(body: Json) -> set[str]:
        return {breach.requirement for breach in session.contract.breaches(body)}

    async def answered(body: Json) -> bool:
        if not isinstance(body, dict):
            return False
        body = _capped(body)
        return len(broken(body)) == 1 and (await session.chat(body)).accepted

    body, _ = await hunt(
        SecondOpinion(session.contract).bodies(valid=False),
        answered,
        examples=session.options.examples,
        seed=session.options.seed,
    )
    if body is not None:
        body = _capped(body)
        yield _answered(await session.chat(body), body, broken(body).pop())


def _answered(view: View, body: dict[str, Json], requirement: str) -> Check:
    return check(
        not view.accepted,
        f"an invalid request was answered with status {view.status}",
        expected="a client error",
        actual=body,
        exchange=view.exchange.id,
        requirement=requirement,
    )


def _capped(body: dict[str, Json]) -> dict[str, Json]:
    """The body with a cap on what it may cost, unless the cap is what is wrong with it."""
    cap = body.get("max_completion_tokens", CAP)
    return {**body, "max_completion_tokens": min(cap, CAP)} if isinstance(cap, int) else body
