"""Text for Markdown as GitHub and GitLab read it, in which nothing that a server said acts."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from ..untrusted import SHOWN, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..contract.document import Json

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_TICKS = re.compile("`+")


def code(value: Json, limit: int = SHOWN) -> str:
    """A value as a code span of at most `limit` characters.

    In it is neither markup nor HTML, and no link, mention or emoji is made of it.
    """
    text = shown(value, limit)
    if not text.strip():
        return "(nothing)"
    ticks = "`" * (max(map(len, _TICKS.findall(text)), default=0) + 1)
    pad = " " if len(ticks) > 1 or text[0] == " " else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def plain(text: str) -> str:
    """Words of ours, or a name, as text: all its punctuation is taken literally."""
    return _PUNCTUATION.sub(r"\\\1", shown(text))


def prose(text: str) -> str:
    """A sentence of the specification, in which backticks mark code."""
    pieces = text.split("`")
    return "".join(code(piece) if n % 2 else _words(piece) for n, piece in enumerate(pieces))


def _words(text: str) -> str:
    """Text without markup, its usual marks left as they are."""
    return re.sub(r"([\\*_\[\]<>&|~#@])", r"\\\1", shown(text, len(text) * 8 + 1))


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: int = 0) -> list[str]:
    """The lines of a table whose last `numbers` columns are numbers."""
    left = len(head) - numbers
    rule = ["---"] * left + ["--:"] * numbers
    return [f"| {' | '.join(cells)} |" for cells in chain([head, rule], rows)]


def fenced(text: str) -> list[str]:
    """The lines of a block of code."""
    fence = "`" * max(3, 1 + max(map(len, _TICKS.findall(text)), default=0))
    return [fence, text, fence]
