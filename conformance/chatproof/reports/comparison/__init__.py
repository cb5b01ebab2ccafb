"""Comparisons: for the terminal, as Markdown, and as one HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import markdown, matrix

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...comparison import Comparison

WRITERS: dict[str, Callable[[Comparison], str]] = {
    "html": matrix.write,
    "markdown": markdown.write,
}
"""The formats of ``chatproof compare --report FORMAT=PATH``."""
