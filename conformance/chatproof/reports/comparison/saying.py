"""Words about a comparison that its reports share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...comparison import Change, Comparison

TITLES: dict[Change, str] = {
    "worse": "Got worse",
    "better": "Got better",
    "changed": "Changed, and one of the two is not known",
    "new": "Only in the last report",
    "gone": "Not in the last report",
    "same": "The same",
}
SHOWN: tuple[Change, ...] = ("worse", "better", "changed", "new", "gone")
"""The changes that are worth to be listed, those that matter most first."""


def headline(comparison: Comparison) -> str:
    """What a comparison comes to."""
    counts = comparison.counts
    worse, better = counts["worse"], counts["better"]
    if not worse and not better:
        return "Nothing got worse, nothing better."
    return f"{worse or 'Nothing'} got worse, {better or 'nothing'} better."


def differences(comparison: Comparison) -> Iterator[tuple[str, tuple[str, ...]]]:
    """In what the reports differ, as a sentence, with the value in each."""
    for what, values in comparison.differences.items():
        yield f"The reports are of different {what}", values


def vanished(comparison: Comparison) -> str:
    """What is to be known where not all reports have the same requirements; else nothing."""
    new, gone = comparison.counts["new"], comparison.counts["gone"]
    if not new and not gone:
        return ""
    return (
        f"They do not have the same requirements: {new} only the last has, {gone} it does not "
        "have. These count neither as better nor as worse."
    )
