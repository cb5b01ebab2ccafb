"""How much the tests and vectors of wire and rules would notice: sources with one mistake each.

    python -m tools.mutants [--jobs N] [FILE ...]

Exits 1 when a mistake goes unnoticed that tools/mutants.yaml does not explain, or when it explains
one that is noticed after all, or that cannot be made any more.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import yaml
from rich.console import Console
from rich.table import Table

from tools import forks
from tools.mutation import Mutant, mutants

if TYPE_CHECKING:
    from collections.abc import Sequence

PACKAGE: Final = Path("conformance/chatproof")
EXPLAINED: Final = Path("tools/mutants.yaml")


def main(arguments: Sequence[str]) -> int:
    began = time.monotonic()
    parser = argparse.ArgumentParser("tools.mutants", description=__doc__.partition("\n")[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at a time")
    parser.add_argument("files", type=Path, nargs="*", help="of these modules alone")
    options = parser.parse_args(arguments)
    paths = options.files or sources()
    explained = explanations()
    made = {_name(path): list(mutants(_name(path), path.read_text("utf-8"))) for path in paths}
    serious = [mutant for each in made.values() for mutant in each if not mutant.words]
    survivors = unnoticed(serious, options.jobs)
    left = [mutant for mutant in survivors if mutant.key not in explained]
    mine = {key for key in explained if key[0] in made}
    needless = mine - {mutant.key for mutant in survivors}
    score = {
        name: Counter(
            mistakes=sum(not mutant.words for mutant in each),
            explained=sum(m.path == name and m.key in explained for m in survivors),
            unnoticed=sum(mutant.path == name for mutant in left),
            words=sum(mutant.words for mutant in each),
        )
        for name, each in made.items()
    }
    show(score)
    for mutant in left:
        print(f"{mutant.path}: {mutant.function}: nothing notices\n{_lines(mutant.key)}")
    for key in sorted(needless):
        print(f"{EXPLAINED}: {key[0]}: {key[1]}: is noticed, or gone; remove it\n{_lines(key)}")
    print(f"{time.monotonic() - began:.0f} seconds; {len(left)} unnoticed and unexplained")
    return 1 if left or needless else 0


def sources() -> list[Path]:
    return [
        path
        for folder in ("wire", "rules")
        for path in sorted((PACKAGE / folder).glob("*.py"))
        if path.name != "__init__.py"
    ]


def explanations() -> dict[tuple[str, str, str, str], str]:
    """Why a mutant need not be noticed, by its key."""
    if not EXPLAINED.exists():
        return {}
    groups = yaml.safe_load(EXPLAINED.read_text("utf-8"))
    return {
        (each["file"], each.get("function", ""), each["before"], each["after"]): group["reason"]
        for group in groups
        for each in group["mutants"]
    }


def unnoticed(made: list[Mutant], jobs: int) -> list[Mutant]:
    """The mutants that no test notices."""
    paths = dict.fromkeys(mutant.path for mutant in made)
    one_each = {path.partition("/")[0]: path for path in paths}.values()
    whole = [Mutant(path, "", "", "", _source(path), False) for path in one_each]
    dead = [Mutant(p, "", "", "", _source(p) + "\nraise AssertionError\n", False) for p in paths]
    found = forks.outcomes([*whole, *dead, *made], jobs)
    if any(found[mutant] for mutant in whole) or not all(found[mutant] for mutant in dead):
        raise SystemExit("a source without a mistake is found wrong, or a broken one right")
    return [mutant for mutant in made if not found[mutant]]


def _source(name: str) -> str:
    return (PACKAGE / name).read_text("utf-8")


def show(score: dict[str, Counter[str]]) -> None:
    """The score by module and by folder; of mistakes that make no difference none is asked."""
    for folder in ("wire", "rules"):
        inside = [counts for name, counts in score.items() if name.startswith(f"{folder}/")]
        if inside:
            score[folder] = sum(inside, Counter())
    columns = ("mistakes", "noticed", "explained", "unnoticed", "words")
    table = Table("module", *columns, "score", box=None)
    for name, counts in score.items():
        asked = counts["mistakes"] - counts["explained"]
        counts["noticed"] = asked - counts["unnoticed"]
        share = f"{100 * counts['noticed'] / asked:.1f} %" if asked else ""
        table.add_row(name, *(str(counts[column]) for column in columns), share)
    Console(width=100).print(table)


def _name(path: Path) -> str:
    return "/".join(path.parts[-2:])


def _lines(key: tuple[str, str, str, str]) -> str:
    signs = [("  - ", line) for line in key[2].splitlines()]
    signs += [("  + ", line) for line in key[3].splitlines()]
    return "\n".join(sign + line for sign, line in signs)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
