"""A comparison as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..markdown import SIGNS
from ..marked import code, plain, prose, table
from ..words import GRANTED, WORDS
from .saying import SHOWN, TITLES, differences, headline, vanished

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...comparison import Comparison, Row

LISTED: Final = 100
"""Rows of one kind that are listed."""


def write(comparison: Comparison) -> str:
    """The comparison as Markdown: what changed in full, the rest as numbers."""
    return "\n".join(_lines(comparison)) + "\n"


def _lines(comparison: Comparison) -> Iterator[str]:
    sign = SIGNS["fail" if comparison.got_worse else "pass"]
    yield from (f"## {sign} chatproof: {headline(comparison)}", "")
    for name, report in zip(comparison.names, comparison.reports, strict=True):
        yield f"- **{plain(name)}**: {code(report.url)}, model {code(report.model)}"
    yield ""
    for words, values in differences(comparison):
        yield from (f"{words}: {', '.join(map(code, values))}.", "")
    if vanished(comparison):
        yield from (vanished(comparison), "")
    names = [plain(name) for name in comparison.names]
    rows = [
        [cls, *(f"{SIGNS[v]} {GRANTED[v]}" if v else "" for v in verdicts)]
        for cls, verdicts in comparison.classes.items()
    ]
    yield from (*table(["class", *names], rows), "")
    for change in SHOWN:
        found = comparison.having(change)
        if found:
            yield from (f"### {TITLES[change]}: {len(found)}", "")
            yield from table(["requirement", "level", *names], map(_row, found[:LISTED]))
            yield from ([f"\nAnd {len(found) - LISTED} more."] if len(found) > LISTED else [])
            yield ""
    for row in comparison.having("worse")[:LISTED]:
        demand = row.requirement
        yield f"- `{demand.id}`: {code(row.reasons[-1])} {prose(demand.why)}"


def _row(row: Row) -> list[str]:
    cells = (f"{SIGNS[v]} {WORDS[v]}" if v else "not there" for v in row.verdicts)
    return [f"`{row.requirement.id}`", row.requirement.level, *cells]
