"""From checks to verdicts: one for each requirement, whatever order the checks came in."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .checks import Check
    from .contract.document import Json
    from .contract.requirements import Requirement

Verdict = Literal["pass", "fail", "inconclusive", "skip"]
VERDICTS: tuple[Verdict, ...] = ("pass", "fail", "inconclusive", "skip")
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


def judge_all(
    requirements: Mapping[str, Requirement], checks: Iterable[Check], left_out: Mapping[str, str]
) -> tuple[Judgement, ...]:
    """The verdict on every requirement, in the order of `requirements`.

    `left_out` maps the ids that were not asked for to the reason. The result does not depend on
    the order of `checks`.
    """
    by_requirement: dict[str, list[Check]] = defaultdict(list)
    for made in checks:
        by_requirement[made.requirement].append(made)
    return tuple(
        Judgement(requirement, "skip", left_out[name])
        if name in left_out
        else _judge(requirement, by_requirement[name])
        for name, requirement in requirements.items()
    )


def _judge(requirement: Requirement, checks: list[Check]) -> Judgement:
    failed = _unlike(_finding(made) for made in checks if made.ok is False)
    if failed and requirement.level == "MAY":
        return Judgement(requirement, "skip", f"optional, and not so here: {failed[0].message}")
    if failed:
        shown = tuple(failed[:SHOWN_FINDINGS])
        return Judgement(requirement, "fail", failed[0].message, shown, len(failed))
    if any(c.ok for c in checks):
        return Judgement(requirement, "pass")
    reasons = sorted({c.message for c in checks if c.ok is None and c.message})
    if reasons:
        more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
        return Judgement(requirement, "inconclusive", reasons[0] + more)
    return Judgement(requirement, "inconclusive", "no exchange put it to the test")


def _finding(made: Check) -> Finding:
    return Finding(made.message, made.expected, made.actual, made.location, made.exchange)


def _unlike(findings: Iterable[Finding]) -> list[Finding]:
    """Findings in a fixed order, those of one exchange that say the same only once."""
    kept: dict[tuple[str, str], Finding] = {}
    for finding in sorted(findings, key=lambda f: (f.exchange, f.location, f.message)):
        kept.setdefault((finding.exchange, finding.message), finding)
    return list(kept.values())
