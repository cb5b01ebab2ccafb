"""A comparison for a person at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
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
    console.print(classes)
    console.print()
    for change in SHOWN:
        found = comparison.having(change)
        if found:
            console.print(Text(f"{TITLES[change]}: {len(found)}", "bold"))
            console.print(_changes(found, comparison.names))
            console.print()
    colour = COLOURS["fail" if comparison.got_worse else "pass"]
    console.print(Text(headline(comparison), f"bold {colour}"))


def _table(first: str, names: Sequence[str], width: int = 0) -> Table:
    """`width` is what the first column takes at least: an id is to be copied, so it is not cut."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(first, min_width=width or None, no_wrap=True)
    for name in names:
        table.add_column(Text(printable(name)))
    return table


def _changes(rows: Sequence[Row], names: Sequence[str]) -> Table:
    table = _table("requirement", names, max(len(row.requirement.id) for row in rows))
    table.add_column("level")
    for row in rows:
        table.add_row(row.requirement.id, *_cells(row.verdicts, WORDS), row.requirement.level)
    return table


def _cells(verdicts: Sequence[Verdict | None], words: dict[Verdict, str]) -> list[Text]:
    return [
        Text(words[v], COLOURS[v]) if v else Text("not there", "bright_black") for v in verdicts
    ]
