"""A comparison for a person at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from ...untrusted import printable, shown
from ..terminal import COLOURS
from ..words import GRANTED, WORDS
from .saying import SHOWN, TITLES, differences, headline, vanished

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...comparison import Comparison, Row
    from ...verdicts import Verdict


WIDEST = 10_000
"""Columns of a terminal that a table may ask for."""


def print_comparison(comparison: Comparison, console: Console | None = None) -> None:
    """Print what changed on the standard output."""
    console = console or Console(highlight=False, soft_wrap=True)
    for name, report in zip(comparison.names, comparison.reports, strict=True):
        words = f"{printable(report.url)}  {printable(report.model)}  dialect {report.dialect}"
        console.print(Text.assemble((printable(name), "bold"), f"  {words}"))
    for what, values in differences(comparison):
        console.print(Text(f"{what}: {', '.join(map(shown, values))}.", "yellow"))
    if vanished(comparison):
        console.print(Text(vanished(comparison), "yellow"))
    console.print()
    classes = _table("class", comparison.names)
    for cls, verdicts in comparison.classes.items():
        classes.add_row(cls, *_cells(verdicts, GRANTED))
    _print(classes, console)
    console.print()
    for change in SHOWN:
        found = comparison.having(change)
        if found:
            console.print(Text(f"{TITLES[change]}: {len(found)}", "bold"))
            _print(_changes(found, comparison.names), console)
            console.print()
    colour = COLOURS["fail" if comparison.got_worse else "pass"]
    console.print(Text(headline(comparison), f"bold {colour}"))


def _table(first: str, names: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(first)
    for name in names:
        table.add_column(Text(printable(name)))
    return table


def _print(table: Table, console: Console) -> None:
    """An id is to be copied and a verdict to be read, so nothing is cut: the terminal wraps it."""
    table.width = Measurement.get(console, console.options.update(width=WIDEST), table).maximum
    console.print(table, crop=False)


def _changes(rows: Sequence[Row], names: Sequence[str]) -> Table:
    table = _table("requirement", names)
    table.add_column("level")
    for row in rows:
        table.add_row(row.requirement.id, *_cells(row.verdicts, WORDS), row.requirement.level)
    return table


def _cells(verdicts: Sequence[Verdict | None], words: dict[Verdict, str]) -> list[Text]:
    return [
        Text(words[v], COLOURS[v]) if v else Text("not there", "bright_black") for v in verdicts
    ]
