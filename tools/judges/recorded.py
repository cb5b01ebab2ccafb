"""Recorded exchanges: with the reference server, right, with faults, with variations.

One real run for each dialect gives the exchanges of a server that is right. Those requests of it
that are unlike are then asked of the same server with one fault, or one variation, after the other.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chatproof.checks import RULES
from chatproof.contract import load_contract
from chatproof.options import Options
from chatproof.reference import serving
from chatproof.reference.faults import faults_of
from chatproof.reference.variations import VARIATIONS
from chatproof.runner import run
from chatproof.transport import Live
from chatproof.wire import view

from tools.proof.trials import KEY, TIMED, VENDORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from chatproof.contract import Contract
    from chatproof.reference.faults.registry import Fault
    from chatproof.reference.variations.registry import Variation
    from chatproof.wire import View
    from chatproof.wire.exchange import Request

ABOUT: Final[Mapping[str, tuple[str, ...]]] = {
    "completion": ("completion", "stream"),
    "generation": ("completion", "stream"),
    "reply": ("completion", "stream", "error"),
    "chunks": ("stream",),
    "events": ("stream",),
    "error": ("error",),
    "models": ("models", "model", "error"),
}
"""The kinds of replies that a change at each stage can be seen in."""
ASKED: Final = 10
"""Requests of each kind that are asked of a changed server at most."""
PATIENCE: Final = 0.5
"""Seconds for an exchange: some faults stall, and what did not come whole has no judge."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An exchange, where it was recorded, and the requirements of the dialect that it breaks."""

    source: str
    dialect: str
    view: View
    broken: frozenset[str]


def recorded(source: str, dialect: str, seen: View) -> Recorded:
    """An exchange with what our rules have against it."""
    return Recorded(source, dialect, seen, broken(seen, load_contract(dialect)))


def broken(seen: View, contract: Contract) -> frozenset[str]:
    """The requirements that an exchange breaks, by the rules; what a server MAY do is left out."""
    known = contract.requirements
    return frozenset(
        made.requirement
        for rule in RULES
        if rule.applies(seen, contract)
        for made in rule(seen, contract)
        if made.ok is False
        and made.requirement in known
        and known[made.requirement].level != "MAY"
    )


def of_reference(dialects: Sequence[str] = VENDORS) -> tuple[list[Recorded], list[Recorded]]:
    """Unlike exchanges with reference servers: of right ones, and of right and changed ones."""
    right = [each for dialect in dialects for each in unlike(_of_run(dialect))]
    changed = [each for change in _changes(dialects) for each in _of_change(*change, right)]
    return right, unlike([*right, *changed])


def unlike(exchanges: Iterable[Recorded]) -> list[Recorded]:
    """The first of those that have the same outline and break the same requirements."""
    first: dict[tuple[Any, ...], Recorded] = {}
    for each in exchanges:
        if each.view.failure is None:
            first.setdefault((each.dialect, each.broken, outline(each.view)), each)
    return list(first.values())


def outline(seen: View) -> tuple[Any, ...]:
    """What is left of an exchange without its texts and numbers."""
    reply, request = seen.reply, seen.exchange.request
    assert reply is not None
    values = [p.value for _, p in seen.chunks] if seen.kind == "stream" else [seen.json.value]
    return (
        request.method,
        request.path.count("/"),
        seen.asked_for_stream,
        seen.kind,
        reply.status,
        reply.media_type,
        frozenset(step for value in values for step in _steps(value)),
        frozenset(note.quirk for note in seen.notes) if seen.kind == "stream" else (),
        len(seen.choices) > 1,
    )


def _steps(value: Any, way: str = "") -> Iterator[tuple[str, str]]:
    """Each place in a JSON value, with the type of what is there."""
    yield way, type(value).__name__
    inner: Iterable[tuple[str, Any]] = ()
    if isinstance(value, dict):
        inner = ((f"{way}/{name}", below) for name, below in value.items())
    elif isinstance(value, list):
        inner = ((f"{way}/*", below) for below in value)
    for place, below in inner:
        yield from _steps(below, place)


# What is asked -----------------------------------------------------------------------------------


def _of_run(dialect: str) -> list[Recorded]:
    """What a run asks a server that is right. The search and what measures time say nothing new."""
    seen: list[View] = []
    skip = tuple(sorted(TIMED & set(load_contract(dialect).requirements)))
    with serving(dialect, key=KEY) as url:
        options = Options(url=url, dialect=dialect, key=KEY, examples=0, skip=skip)
        run(options, on_exchange=seen.append)
    return [recorded("no fault", dialect, each) for each in seen]


def _changes(dialects: Sequence[str]) -> Iterator[tuple[str, Fault | Variation]]:
    """Each fault that acts on replies, in one dialect, these by turns; each variation in all."""
    faults = {dialect: faults_of(load_contract(dialect)) for dialect in dialects}
    for number, id in enumerate(dict.fromkeys(id for known in faults.values() for id in known)):
        where = [dialect for dialect in dialects if id in faults[dialect]]
        dialect = where[number % len(where)]
        if faults[dialect][id].stage in ABOUT:
            yield dialect, faults[dialect][id]
    for variation in VARIATIONS.values():
        if variation.stage in ABOUT:
            yield from ((d, variation) for d in dialects if d in (variation.dialects or dialects))


def _of_change(
    dialect: str, change: Fault | Variation, right: Sequence[Recorded]
) -> Iterator[Recorded]:
    """What a changed server answers; of each kind of request up to the first answer that is wrong.

    What is wrong in the same way is of no further interest.
    """
    word = "variation" if change.id in VARIATIONS else "fault"
    with serving(dialect, key=KEY, **{f"{word}s": (change.id,)}) as url:
        for kind in ABOUT[change.stage]:
            alike = [r.view for r in right if r.dialect == dialect and r.view.kind == kind]
            requests = [seen.exchange.request for seen in alike[:ASKED]]
            for seen in asked_of(url, requests, timeout=PATIENCE):
                made = recorded(f"{word} {change.id}", dialect, seen)
                yield made
                if made.broken:
                    break


def asked_of(url: str, requests: Sequence[Request], timeout: float) -> Iterator[View]:
    """What a server answers to requests, one after the other."""
    with asyncio.Runner() as runner:
        transport = runner.run(Live(url, key=KEY, timeout=timeout).__aenter__())
        try:
            for number, request in enumerate(requests):
                yield view(runner.run(transport.send(request, id=str(number))))
        finally:
            runner.run(transport.__aexit__(None, None, None))
