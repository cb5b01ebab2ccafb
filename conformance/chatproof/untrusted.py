"""What a server says, made safe to show: nothing in it acts on the reader's screen."""

from __future__ import annotations

import json
import unicodedata
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .contract.document import Json

SHOWN = 300
"""Characters of a value that are shown where space is short."""


def printable(text: str) -> str:
    """`text` on one line, with control characters and direction overrides written as escapes.

    Controls (Cc), formats such as overrides (Cf), surrogates and private characters do not reach
    the terminal.
    """
    return "".join(c if _is_plain(c) else _escaped(c) for c in text)


def runs(text: str) -> Iterator[tuple[bool, str]]:
    """`text` in pieces: those that may be shown as they are, and escapes in place of the others.

    Each piece comes with whether it is plain. A line feed is.
    """
    for plain, characters in groupby(text, lambda c: c == "\n" or _is_plain(c)):
        piece = "".join(characters)
        yield plain, piece if plain else "".join(map(_escaped, piece))


def shown(value: Json, limit: int = SHOWN) -> str:
    """A JSON value as one printable line of at most `limit` characters."""
    text = value if isinstance(value, str) else dumped(value)
    line = printable(text)
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def dumped(value: Json, indent: int | None = None) -> str:
    """A value as JSON text, or what comes nearest to it; never raises."""
    try:
        return json.dumps(value, ensure_ascii=False, indent=indent, default=repr)
    except (TypeError, ValueError):
        return repr(value)
    except RecursionError:
        return "(nested too deep to show)"


def _is_plain(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")
