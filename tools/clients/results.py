"""What came of it, as values and as the JSON file that is kept."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

RESULTS: Final = Path(__file__).with_name("results.json")


@dataclass(frozen=True, slots=True)
class Tried:
    """A client that was tried: versions of what it consists of, its scenarios, and where."""

    client: str
    versions: dict[str, str]
    scenarios: tuple[str, ...]
    dialects: tuple[str, ...]


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """Where not all is fine: `kind` is wrong or exception, `what` says it. No `variation` is ""."""

    client: str
    dialect: str
    variation: str
    scenario: str
    kind: str
    what: str


@dataclass(frozen=True, slots=True)
class Results:
    """A run of everything. What is not among the cells was fine."""

    date: str
    servers: tuple[tuple[str, str], ...]
    """Dialects and variations."""
    clients: tuple[Tried, ...]
    cells: tuple[Cell, ...]


def write(results: Results, path: Path = RESULTS) -> None:
    path.write_text(json.dumps(asdict(results), indent=1, ensure_ascii=False) + "\n", "utf-8")


def read(path: Path = RESULTS) -> Results:
    value = json.loads(path.read_text("utf-8"))
    for each in value["clients"]:
        each |= {name: tuple(each[name]) for name in ("scenarios", "dialects")}
    return Results(
        value["date"],
        tuple((dialect, variation) for dialect, variation in value["servers"]),
        tuple(Tried(**each) for each in value["clients"]),
        tuple(Cell(**each) for each in value["cells"]),
    )
