"""What the suite does with servers that no client should meet: a table, and bounds that hold.

    python -m tools.hostile [NAME ...]

Each behaviour of tests/hostile is met by a whole run, in a process of its own. Exits 1 when one
is not found, takes longer than the bound, or needs more memory than it.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from tests.hostile.behaviours import BEHAVIOURS
from tests.hostile.server import Hostile

from tools.measured import Measured, measured

if TYPE_CHECKING:
    from tests.hostile.behaviours import Behaviour

MEMORY = 300
"""MiB, of the process of the suite."""
TIMEOUT = 1.0
SECONDS = 20 * TIMEOUT + 20
"""A silent server costs so many time limits, of each kind of request; floods cost reading."""
SUITE = Path(sys.executable).parent / "chatproof"


@dataclass(frozen=True)
class Outcome:
    ended: Measured
    failed: frozenset[str]
    requests: int


def main(names: list[str]) -> int:
    table = Table("behaviour", "found", "failed", "requests", "seconds", "MiB", box=None)
    broken = 0
    for behaviour in [BEHAVIOURS[name] for name in names or BEHAVIOURS]:
        outcome = meet(behaviour)
        found = found_as(behaviour, outcome)
        bounded = outcome.ended.memory < MEMORY and outcome.ended.seconds < SECONDS
        broken += not (found and bounded)
        figures = [len(outcome.failed), outcome.requests]
        table.add_row(
            behaviour.name.replace("_", " "),
            found or f"[red]not found[/] (exit code {outcome.ended.exit_code})",
            *map(str, figures),
            f"{outcome.ended.seconds:.1f}",
            f"{outcome.ended.memory:.0f}" + ("" if bounded else " [red]over a bound[/]"),
        )
    Console(width=110).print(table)
    print(f"{len(names or BEHAVIOURS)} behaviours, {broken} not survived as they should be")
    return 1 if broken else 0


def found_as(behaviour: Behaviour, outcome: Outcome) -> str:
    """What the suite made of it, if that is what it should have made."""
    if behaviour.finds:
        return behaviour.finds if behaviour.finds in outcome.failed else ""
    accused = [name for name in outcome.failed if name.startswith("transport.")]
    return "" if accused else "allowed"


def meet(behaviour: Behaviour) -> Outcome:
    """A run against the behaviour, with the time and the memory that it took."""
    with (
        Hostile(behaviour.handler, behaviour.polite) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        path = Path(folder) / "report.json"
        options = ["--timeout", str(TIMEOUT), "--database", "none", "--report", f"json={path}"]
        ended = measured(str(SUITE), "run", server.url, *options)
        report = json.loads(path.read_text("utf-8")) if path.exists() else {}
    requirements = report.get("requirements", [])
    return Outcome(
        ended,
        frozenset(r["id"] for r in requirements if r["verdict"] == "fail"),
        report.get("cost", {}).get("requests", 0),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
