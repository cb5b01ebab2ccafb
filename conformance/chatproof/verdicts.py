"""From checks to verdicts: one for each requirement, whatever order the checks came in."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from .checks import Check
    from .contract.document import Json
    from .contract.requirements import Requirement

Verdict = Literal["pass", "fail", "inconclusive", "skip"]
VERDICTS: tuple[Verdict, ...] = ("pass", "fail", "inconclusive", "skip")
UNTESTED = "no exchange put it to the test"
IN_ANOTHER_SHARD = "in another shard"
NOT_SO_HERE = "optional, and not so here: "
"""Begins the reason of an optional requirement that was tested, and does not hold."""
SHOWN_FINDINGS = 10
"""A requirement that a hundred exchanges break is shown by the first ten."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a requirement does not hold."""

    message: str
    expected: Json
    actual: Json
    location: str
    exchange: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on a requirement, its reason, and the findings that support it.

    `findings` holds the first of them, `found` counts all.
    """

    requirement: Requirement
    verdict: Verdict
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    found: int = 0


class Tally:
    """Counts what the checks say of each requirement; their order makes no difference."""

    def __init__(self) -> None:
        self._held: set[str] = set()
        self._others: dict[str, list[Check]] = defaultdict(list)

    def add(self, made: Check) -> None:
        if made.ok:
            self._held |= made.held
        else:
            self._others[made.requirement].append(made)

    @property
    def failed(self) -> int:
        """How many requirements failed so far."""
        return sum(any(c.ok is False for c in checks) for checks in self._others.values())

    def verdicts(
        self,
        requirements: Mapping[str, Requirement],
        left_out: Mapping[str, str],
        unaffordable: str = "",
        size: Callable[[str], int] = len,
        elsewhere: Collection[str] = (),
    ) -> tuple[Judgement, ...]:
        """The verdict on every requirement, in the order of `requirements`.

        `left_out` maps the ids that were not asked for to the reason; `unaffordable` says why
        nothing was asked for those that nothing is known of, if it was for the costs. `size`
        gives how large the request of an exchange was: the smallest is shown first. What nothing
        is known of is `skip` if it is to be tested `elsewhere`, in another shard.
        """
        return tuple(
            Judgement(requirement, "skip", left_out[name])
            if name in left_out
            else Judgement(requirement, "skip", IN_ANOTHER_SHARD)
            if name in elsewhere and name not in self._others and name not in self._held
            else self._judge(requirement, unaffordable, size)
            for name, requirement in requirements.items()
        )

    def _judge(
        self, requirement: Requirement, unaffordable: str, size: Callable[[str], int]
    ) -> Judgement:
        checks = self._others.get(requirement.id, [])
        failed = _unlike((_finding(made) for made in checks if made.ok is False), size)
        if failed and requirement.level == "MAY":
            return Judgement(requirement, "skip", NOT_SO_HERE + failed[0].message)
        if failed:
            shown = tuple(failed[:SHOWN_FINDINGS])
            return Judgement(requirement, "fail", failed[0].message, shown, len(failed))
        if requirement.id in self._held:
            return Judgement(requirement, "pass")
        reasons = sorted({c.message for c in checks if c.ok is None and c.message})
        if unaffordable and not [r for r in reasons if r != unaffordable]:
            return Judgement(requirement, "skip", unaffordable)
        if reasons:
            more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
            return Judgement(requirement, "inconclusive", reasons[0] + more)
        return Judgement(requirement, "inconclusive", UNTESTED)


def _finding(made: Check) -> Finding:
    return Finding(made.message, made.expected, made.actual, made.location, made.exchange)


def _unlike(findings: Iterable[Finding], size: Callable[[str], int]) -> list[Finding]:
    """Findings from the smallest request on, those of one exchange that say the same only once."""
    kept: dict[tuple[str, str], Finding] = {}
    in_order = sorted(findings, key=lambda f: (size(f.exchange), f.exchange, f.location, f.message))
    for finding in in_order:
        kept.setdefault((finding.exchange, finding.message), finding)
    return list(kept.values())
