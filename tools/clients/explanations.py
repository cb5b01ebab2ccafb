"""Why a client does not get what was sent: kept as data, and each has to explain something."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chatproof.contract.document import SpecError, line_of, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tools.clients.results import Cell

EXPLAINED: Final = Path(__file__).with_name("explained.yaml")
KEYS: Final = {"clients", "servers", "scenarios", "why"}


@dataclass(frozen=True, slots=True)
class Explanation:
    """What goes wrong, and where.

    `clients`, `servers` (dialect/variation) and `scenarios` are globs. `requirement` is the SHOULD
    that tells a server's people to keep away from it; where there is none, `why` says why not.
    `place` is file and line.
    """

    clients: tuple[str, ...]
    servers: tuple[str, ...]
    scenarios: tuple[str, ...]
    why: str
    requirement: str
    place: str

    def covers(self, cell: Cell) -> bool:
        """Whether it speaks of that."""
        server = f"{cell.dialect}/{cell.variation}"
        told = (self.clients, cell.client), (self.servers, server), (self.scenarios, cell.scenario)
        return all(any(fnmatch.fnmatchcase(name, g) for g in globs) for globs, name in told)


@dataclass(frozen=True, slots=True)
class Explained:
    """Cells by the explanation that covers them, in the order of the file, and the rest."""

    cells: dict[Explanation, list[Cell]]
    unexplained: list[Cell]

    @property
    def problems(self) -> list[str]:
        """What is wrong, each with what to do."""
        news = [
            f"{cell.client}: {cell.dialect}/{cell.variation}: {cell.scenario}: {cell.kind}: "
            f"{cell.what}: is not explained; look at the bytes, and explain it in explained.yaml"
            for cell in self.unexplained
        ]
        stale = [each.place for each, found in self.cells.items() if not found]
        return news + [f"{place}: explains nothing any more; remove it" for place in stale]


def read_explanations(path: Path = EXPLAINED) -> tuple[Explanation, ...]:
    """The explanations in a file.

    Raises:
        SpecError: it cannot be read, or an entry is wrong; with file and line.
    """
    entries = read_yaml(path) or []
    if not isinstance(entries, list):
        raise SpecError(f"{path}:1: is no list; write an entry for each explanation")
    return tuple(_read(path, number, entry) for number, entry in enumerate(entries))


def _read(path: Path, number: int, entry: object) -> Explanation:
    place = f"{path.name}:{line_of(path, [number])}"
    if not isinstance(entry, dict) or set(entry) - {"requirement"} != KEYS:
        names = ", ".join(sorted(KEYS))
        raise SpecError(f"{place}: an entry has {names}, and may have requirement; correct it")
    if not all(isinstance(entry[name], list) for name in KEYS - {"why"}):
        raise SpecError(f"{place}: clients, servers and scenarios are lists of globs; correct it")
    clients, servers, scenarios = (
        tuple(map(str, entry[name])) for name in ("clients", "servers", "scenarios")
    )
    why = " ".join(str(entry["why"]).split())
    requirement = str(entry.get("requirement") or "")
    return Explanation(clients, servers, scenarios, why, requirement, place)


def explain(cells: Iterable[Cell], explanations: Sequence[Explanation]) -> Explained:
    """Each cell with the first explanation that covers it."""
    found: dict[Explanation, list[Cell]] = {each: [] for each in explanations}
    unexplained: list[Cell] = []
    for cell in sorted(cells):
        first = next((each for each in explanations if each.covers(cell)), None)
        (unexplained if first is None else found[first]).append(cell)
    return Explained(found, unexplained)
