"""What other checkers find of the same servers, in one run.

    python -m tools.checkers [--part K]

Each checker is let loose on the right reference server, on one with each fault that was written,
and on one with each variation that is allowed, all in the dialect of OpenAI. With --part, on every
K-th of them. A fault is found if a checker complains of something that it never says of the right
server; that, or anything else than a documented warning, said of a variation is a false alarm.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from chatproof.contract import load_contract
from chatproof.reference import serving
from chatproof.reference.faults import FAULTS, Fault
from chatproof.reference.variations import VARIATIONS

from .checker import DIALECT, KEY, Checker, NoVerdict, complaints_of
from .programs import HOME, checkers, install

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatproof.reference.faults.registry import Situation


VISITS = 3
"""Of each checker to the right server, whose model says something else each time."""


@dataclass(frozen=True)
class Served:
    """A server: right, with one fault, or with one variation."""

    kind: str
    name: str
    faults: tuple[str, ...] = ()
    variations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Visit:
    """What one checker did at one server."""

    checker: str
    kind: str
    server: str
    complaints: tuple[str, ...]
    seconds: float
    requests: int
    tokens: int
    gave_up: str = ""


def servers(part: int) -> list[Served]:
    contract = load_contract(DIALECT)
    faults = [id for id, fault in FAULTS.items() if fault.expected(contract)]
    legal = [id for id, v in VARIATIONS.items() if not v.dialects or DIALECT in v.dialects]
    return [
        *(Served("right", f"the right server, visit {number}") for number in range(1, VISITS + 1)),
        *(Served("fault", id, faults=(id,)) for id in faults[::part]),
        *(Served("variation", id, variations=(id,)) for id in legal[::part]),
    ]


class Meter:
    """Counts what a server is asked, from within."""

    def __init__(self) -> None:
        self.requests = self.tokens = 0

    def changes(self) -> Iterator[Fault]:
        def request(reply: Any, _: Situation) -> Any:
            self.requests += 1
            return reply

        def generation(made: Any, _: Situation) -> Any:
            self.tokens += sum(choice.completion_tokens for choice in made.choices)
            return made

        yield Fault("meter.requests", "Counts requests.", "reply", request, ())
        yield Fault("meter.tokens", "Counts tokens.", "generation", generation, ())


def visit(checker: Checker, served: Served) -> Visit:
    meter = Meter()
    began = time.perf_counter()
    with serving(
        DIALECT,
        faults=served.faults,
        variations=served.variations,
        key=KEY,
        others=tuple(meter.changes()),
    ) as url:
        made = Visit(checker.name, served.kind, served.name, (), 0.0, 0, 0)
        try:
            made = replace(made, complaints=tuple(sorted(complaints_of(checker, url))))
        except NoVerdict as reason:
            made = replace(made, gave_up=str(reason))
    seconds = round(time.perf_counter() - began, 2)
    return replace(made, seconds=seconds, requests=meter.requests, tokens=meter.tokens)


def beyond(visits: list[Visit]) -> dict[str, set[str]]:
    """Of each server: what is said that is neither said of the right one nor a known warning."""
    usual = {name for each in visits if each.kind == "right" for name in each.complaints}
    found = {}
    for each in visits:
        warned = VARIATIONS[each.server].warns if each.kind == "variation" else ()
        given_up = {each.gave_up} if each.gave_up else set()
        found[each.server] = (set(each.complaints) | given_up) - usual - set(warned)
    return found


def show(visits: list[Visit]) -> None:
    table = Table("checker", "faults found", "false alarms", "on the right server", "s", "requests")
    table.add_column("tokens")
    for checker in dict.fromkeys(each.checker for each in visits):
        own = [each for each in visits if each.checker == checker]
        said = beyond(own)
        faults = [each for each in own if each.kind == "fault"]
        legal = [each for each in own if each.kind == "variation"]
        right = next(each for each in own if each.kind == "right")
        table.add_row(
            checker,
            f"{sum(bool(said[each.server]) for each in faults)} of {len(faults)}",
            f"{sum(bool(said[each.server]) for each in legal)} of {len(legal)}",
            str(len(right.complaints)),
            f"{right.seconds:.1f}",
            str(right.requests),
            str(right.tokens),
        )
    Console().print(table)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.checkers", description=__doc__)
    parser.add_argument("--part", type=int, default=1, metavar="K", help="every K-th server")
    given = parser.parse_args()
    if given.part < 1:
        parser.error("--part is less than 1; give 1 for all servers")
    try:
        install()
    except FileNotFoundError as missing:
        parser.exit(3, f"{missing}\n")
    pairs = [(checker, served) for served in servers(given.part) for checker in checkers()]
    visits: list[Visit] = []
    with (HOME / "visits.jsonl").open("w", encoding="utf-8", buffering=1) as kept:
        for pair in track(pairs, console=Console(stderr=True), transient=True):
            visits.append(visit(*pair))
            print(json.dumps(asdict(visits[-1])), file=kept)
    show(visits)
    print(f"wrote build/{HOME.name}/visits.jsonl, a line for each visit")


if __name__ == "__main__":
    main()
