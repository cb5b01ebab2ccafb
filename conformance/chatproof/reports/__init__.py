"""Reports: one module for each format, each with a function that turns a Report into text.

What a server says is untrusted: every format escapes it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from . import html, json_report, junit

if TYPE_CHECKING:
    from ..report import Report

Writer = Callable[..., str]

WRITERS: dict[str, Callable[[Report, bool], str]] = {
    "html": html.write,
    "json": json_report.write,
    "junit": junit.write,
}
"""The formats of ``--report FORMAT=PATH``. A writer gets the report and whether it is strict."""
