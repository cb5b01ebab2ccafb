"""``chatproof list``: what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .arguments import add_dialect

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

WHAT = ("requirements", "faults", "variations", "dialects", "classes")
NAME = "list"
HELP = f"list {', '.join(WHAT)}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=WHAT)
    add_dialect(parser)


def command(given: argparse.Namespace) -> int:
    from ..contract import CLASSES, dialect_names, load_contract

    rows: list[tuple[str, ...]]
    if given.what == "dialects":
        rows = [(name, load_contract(name).document["info"]["summary"]) for name in dialect_names()]
    elif given.what == "classes":
        contract = load_contract(given.dialect)
        kinds = [r.cls for r in contract.requirements.values()]
        rows = [(name, f"{kinds.count(name)} requirements") for name in CLASSES]
    elif given.what == "faults":
        from ..reference.faults import faults_of

        faults = faults_of(load_contract(given.dialect))
        rows = [(f.id, f.title, " ".join(f.breaks)) for f in faults.values()]
    elif given.what == "variations":
        from ..reference.variations import VARIATIONS

        rows = [(v.id, v.title, " ".join(v.warns)) for v in VARIATIONS.values()]
    else:
        contract = load_contract(given.dialect)
        rows = [(r.id, r.level, r.cls, r.statement) for r in contract.requirements.values()]
    _print_columns(rows)
    return 0


def _print_columns(rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]) - 1)]
    for row in rows:
        *first, last = row
        cells = [cell.ljust(width) for cell, width in zip(first, widths, strict=True)]
        print("  ".join([*cells, last]))
