"""The comparison to read: a table for the terminal, a page in Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.table import Table

from tools.judges.compare import STANDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.judges.compare import Comparison, Group
    from tools.judges.explanations import Explained

SHOWN: Final = 6
"""Ways to object, of each judge, and requirements of each way, that are shown."""


def table(comparison: Comparison) -> Table:
    """How often each judge agrees, and how often it does not."""
    made = Table("judge", *STANDS, box=None)
    for judge, counts in comparison.counts.items():
        made.add_row(judge, *(str(counts[stand]) for stand in STANDS))
    return made


def page(comparison: Comparison, explained: Explained) -> str:
    """The whole comparison in Markdown."""
    return "\n".join(
        [
            "# Judges",
            "",
            "Recorded exchanges, judged by the rules of the suite and by others.",
            "",
            *_markdown(["judge", *STANDS], _counts(comparison)),
            "",
            "## Differences",
            "",
            *_markdown(
                ["judge", "who objects", "about", "exchanges", "why", "right"],
                _differences(comparison, explained),
            ),
            "",
            "## How they object, where both do",
            "",
            *_markdown(["judge", "objection", "broken requirements"], _agreements(comparison)),
            "",
        ]
    )


def _counts(comparison: Comparison) -> Iterator[list[str]]:
    for judge, counts in comparison.counts.items():
        yield [judge, *(str(counts[stand]) for stand in STANDS)]


def _differences(comparison: Comparison, explained: Explained) -> Iterator[list[str]]:
    for explanation, groups in explained.groups.items():
        if groups:
            judges = ", ".join(sorted({group.judge for group in groups}))
            who = explanation.stand.removeprefix("only ").removesuffix(" object")
            about = ", ".join(f"`{name}`" for name in dict.fromkeys(g.about for g in groups))
            count = str(_exchanges(comparison, groups))
            yield [judges, who, about, count, explanation.why, explanation.right]
    for group in explained.unexplained:
        count = str(_exchanges(comparison, [group]))
        yield [group.judge, group.stand, f"`{group.about}`", count, "**not explained**", ""]


def _exchanges(comparison: Comparison, groups: list[Group]) -> int:
    """How many exchanges are behind some groups; each is counted once."""
    return len({id(each) for group in groups for each in comparison.differences[group]})


def _agreements(comparison: Comparison) -> Iterator[list[str]]:
    for judge in comparison.counts:
        ways = {words: found for (who, words), found in comparison.agreed.items() if who == judge}
        for words in sorted(ways, key=lambda each: (-ways[each].total(), each))[:SHOWN]:
            names = [name for name, _ in ways[words].most_common(SHOWN)]
            more = len(ways[words]) - len(names)
            listed = ", ".join(f"`{name}`" for name in names)
            yield [judge, words, listed + (f" and {more} more" if more else "")]


def _markdown(head: list[str], rows: Iterator[list[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines]
