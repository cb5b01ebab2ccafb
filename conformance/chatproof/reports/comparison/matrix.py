"""A comparison as one HTML page: a matrix of servers, classes and requirements."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from ...comparison import CHANGES
from ..html import render
from ..html.page import SIGNS
from ..words import GRANTED, WORDS
from .saying import TITLES, differences, headline, vanished

if TYPE_CHECKING:
    from ...comparison import Comparison, Row


def write(comparison: Comparison) -> str:
    """The comparison as one HTML document."""
    return render(
        "matrix",
        comparison=comparison,
        groups=[(cls, list(rows)) for cls, rows in groupby(comparison.rows, _class)],
        headline=headline(comparison),
        differences=list(differences(comparison)),
        vanished=vanished(comparison),
        signs=SIGNS,
        words=WORDS,
        granted=GRANTED,
        titles={change: TITLES[change] for change in CHANGES},
        version=comparison.reports[-1].version,
    )


def _class(row: Row) -> str:
    return row.requirement.cls
