"""Badges, in the form of shields.io's endpoint: one for the whole, or one for each class.

A README shows one with ``https://img.shields.io/endpoint?url=`` and the address of the file.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from ..untrusted import shown
from .words import GRANTED, headline

if TYPE_CHECKING:
    from ..report import Report
    from ..verdicts import Verdict

COLOURS: dict[Verdict, str] = {
    "pass": "brightgreen",
    "fail": "red",
    "inconclusive": "yellow",
    "skip": "lightgrey",
}
LONGEST = 40
"""Characters of a label; a dialect may be the path of an overlay."""


def write(report: Report, strict: bool) -> str:
    """The badge of the whole: how many classes are granted of those that were asked for."""
    granted = Counter(report.classes.values())
    asked = len(report.classes) - granted["skip"]
    words = f"{granted['pass']} of {asked} classes" if report.complete else "interrupted"
    verdict = headline(report, strict=strict).verdict
    if verdict == "pass" and (not report.complete or granted["inconclusive"]):
        verdict = "inconclusive"
    return _badge(f"chatproof {report.dialect}", words, verdict)


def by_class(report: Report) -> dict[str, str]:
    """The badge of each class."""
    return {
        cls: _badge(f"chatproof {cls}", GRANTED[verdict], verdict)
        for cls, verdict in report.classes.items()
    }


def _badge(label: str, message: str, verdict: Verdict) -> str:
    badge = {
        "schemaVersion": 1,
        "label": shown(label, LONGEST),
        "message": message,
        "color": COLOURS[verdict],
        "isError": verdict == "fail",
    }
    return json.dumps(badge, indent=1) + "\n"
