"""Comparing reports: what got better and worse from the first of them to the last."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from .contract.requirements import Requirement
    from .report import Report
    from .verdicts import Verdict

Change = Literal["worse", "better", "changed", "new", "gone", "same"]
CHANGES: tuple[Change, ...] = ("worse", "better", "changed", "new", "gone", "same")
"""From the first report to the last. `worse` is what fails and did not, `better` what passes and
failed; `changed` is any other change of the verdict, of which one is not known. What only the last
report has is `new`, what only the first has, or one between, is `gone`."""

_ABOUT: dict[str, Callable[[Report], object]] = {
    "servers": lambda report: report.url,
    "models": lambda report: report.model,
    "dialects": lambda report: report.dialect,
    "versions of the specification": lambda report: report.spec,
    "versions of chatproof": lambda report: report.version,
    "seeds": lambda report: report.seed,
}


@dataclass(frozen=True, slots=True)
class Row:
    """A requirement with its verdict in each report, None where that does not have it.

    `reasons` are those of the verdicts. The requirement is as the last report that has it says.
    """

    requirement: Requirement
    verdicts: tuple[Verdict | None, ...]
    reasons: tuple[str, ...]

    @property
    def change(self) -> Change:
        first, last = self.verdicts[0], self.verdicts[-1]
        if last is None:
            return "gone"
        if first is None:
            return "new"
        if first == last:
            return "same"
        if last == "fail":
            return "worse"
        return "better" if (first, last) == ("fail", "pass") else "changed"


@dataclass(frozen=True)
class Comparison:
    """Two reports or more, each with a name of its own, in the order of time or as one likes."""

    names: tuple[str, ...]
    reports: tuple[Report, ...]

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """A row for each requirement that any of them has, class by class."""
        found = [{j.requirement.id: j for j in report.judgements} for report in self.reports]
        latest = {name: j.requirement for each in found for name, j in each.items()}
        rows = []
        for name, requirement in latest.items():
            judged = [each.get(name) for each in found]
            verdicts = tuple(j.verdict if j else None for j in judged)
            rows.append(Row(requirement, verdicts, tuple(j.reason if j else "" for j in judged)))
        order = {cls: number for number, cls in enumerate(self.classes)}
        return tuple(sorted(rows, key=lambda row: order[row.requirement.cls]))

    @cached_property
    def classes(self) -> dict[str, tuple[Verdict | None, ...]]:
        """The verdict on each class in each report."""
        found = [report.classes for report in self.reports]
        names = dict.fromkeys(cls for each in found for cls in each)
        return {cls: tuple(each.get(cls) for each in found) for cls in names}

    def having(self, change: Change) -> list[Row]:
        """The rows with that change, MUSTs first."""
        rows = [row for row in self.rows if row.change == change]
        return sorted(rows, key=lambda row: row.requirement.level != "MUST")

    @cached_property
    def counts(self) -> dict[Change, int]:
        """How many rows have each change."""
        counts = Counter(row.change for row in self.rows)
        return {change: counts[change] for change in CHANGES}

    @property
    def differences(self) -> dict[str, tuple[str, ...]]:
        """In what the reports differ besides their verdicts: what it is, and its value in each."""
        values = {what: tuple(str(of(r)) for r in self.reports) for what, of in _ABOUT.items()}
        return {what: each for what, each in values.items() if len(set(each)) > 1}

    @property
    def got_worse(self) -> bool:
        """Whether something fails in the last that did not in the first."""
        return self.counts["worse"] > 0
