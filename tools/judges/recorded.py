"""Recorded exchanges: with the reference server, right, with faults, with variations.

One real run for each dialect gives the exchanges of a server that is right. Those requests of it
that are unlike are then asked of the same server with one fault, or one variation, after the other.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, Final

from chatproof.checks import rules_for
from chatproof.contract import load_contract
from chatproof.options import Options
from chatproof.reference import serving
from chatproof.reference.faults import faults_of
from chatproof.reference.variations import VARIATIONS
from chatproof.runner import run
from chatproof.transport import Live
from chatproof.wire import view
from tools.proof.trials import KEY, TIMED

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence

    from chatproof.contract import Contract
    from chatproof.wire import View
    from chatproof.wire.exchange import Reply, Request

VENDORS: Final = ("cerebras", "openai")
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
PATIENCE: Final = 20.0
"""Seconds for an exchange."""


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
        for rule in rules_for(seen, contract)
        for made in rule(seen, contract)
        if made.ok is False and made.requirement in known and known[made.requirement].level != "MAY"
    )


def of_reference(dialects: Sequence[str] = VENDORS) -> list[Recorded]:
    """Unlike exchanges with reference servers, right ones and changed ones."""
    right = [each for dialect in dialects for each in unlike(_of_run(dialect))]
    changes = [
        (dialect, word, id, _asked(right, dialect, stage))
        for dialect, word, id, stage in _changes(dialects)
    ]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        changed = pool.map(_of_change, *zip(*changes, strict=True), chunksize=8)
        return unlike(chain(right, *changed))


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
        frozenset(_head(reply)),
        frozenset(step for value in values for step in _steps(value)),
        frozenset(_events(reply.body)) if seen.kind == "stream" else (),
        frozenset(note.quirk for note in seen.notes) if seen.kind == "stream" else (),
        len(seen.choices) > 1,
    )


def _head(reply: Reply) -> Iterator[str]:
    """The names of the headers, and the content type as it is written."""
    yield from (name for name, _ in reply.headers)
    yield reply.header("content-type") or ""


def _events(body: bytes) -> Iterator[tuple[bytes, ...]]:
    """Of each event of a stream the names of its fields, in their order."""
    names: list[bytes] = []
    for line in body.splitlines():
        if line:
            names.append(line.partition(b":")[0])
        else:
            yield tuple(names)
            names = []


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
        options = Options(url, dialect, key=KEY, examples=0, skip=skip, concurrency=1)
        run(options, on_exchange=seen.append)
    return [recorded("no fault", dialect, each) for each in seen]


def _changes(dialects: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
    """Each fault that acts on replies, in one dialect, these by turns; each variation in all.

    What did not come whole has no judge.
    """
    faults = {dialect: faults_of(load_contract(dialect)) for dialect in dialects}
    for number, id in enumerate(dict.fromkeys(id for known in faults.values() for id in known)):
        where = [dialect for dialect in dialects if id in faults[dialect]]
        dialect = where[number % len(where)]
        fault = faults[dialect][id]
        if fault.stage in ABOUT and not any(name.startswith("transport.") for name in fault.breaks):
            yield dialect, "fault", id, fault.stage
    for id, variation in VARIATIONS.items():
        if variation.stage in ABOUT:
            for dialect in dialects:
                if dialect in (variation.dialects or dialects):
                    yield dialect, "variation", id, variation.stage


def _asked(right: Sequence[Recorded], dialect: str, stage: str) -> tuple[tuple[Request, ...], ...]:
    """The requests in whose replies a change at a stage can be seen, for each kind of reply."""
    of_dialect = [each.view for each in right if each.dialect == dialect]
    return tuple(
        tuple(seen.exchange.request for seen in of_dialect if seen.kind == kind)[:ASKED]
        for kind in ABOUT[stage]
    )


def _of_change(
    dialect: str, word: str, id: str, asked: tuple[tuple[Request, ...], ...]
) -> list[Recorded]:
    """What a changed server answers; of each kind of reply up to the first one that is wrong.

    What is wrong in the same way is of no further interest.
    """
    made: list[Recorded] = []
    faults, variations = ((id,), ()) if word == "fault" else ((), (id,))
    with serving(dialect, key=KEY, faults=faults, variations=variations) as url:
        for requests in asked:
            with closing(asked_of(url, requests, timeout=PATIENCE)) as views:
                for seen in views:
                    made.append(recorded(f"{word} {id}", dialect, seen))
                    seen.forget()
                    if made[-1].broken:
                        break
    return made


def asked_of(url: str, requests: Sequence[Request], timeout: float) -> Generator[View]:
    """What a server answers to requests, one after the other."""
    with asyncio.Runner() as runner:
        transport = runner.run(_opened(url, timeout))
        try:
            for number, request in enumerate(requests):
                yield view(runner.run(transport.send(request, id=str(number))))
        finally:
            runner.run(transport.__aexit__(None, None, None))


async def _opened(url: str, timeout: float) -> Live:
    return await Live(url, key=KEY, timeout=timeout).__aenter__()
