"""Words that several reports share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from ..untrusted import printable, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..report import Report
    from ..verdicts import Judgement, Verdict

GRANTED: dict[Verdict, str] = {
    "pass": "granted",
    "fail": "refused",
    "inconclusive": "undecided",
    "skip": "left out",
}
"""What the verdict on a conformance class is called."""
WORDS: dict[Verdict, str] = {
    "fail": "fails",
    "inconclusive": "undecided",
    "pass": "holds",
    "skip": "left out",
}
"""What the verdict on a requirement is called."""
LEVELS = ("MUST", "SHOULD", "MAY")
Detail = Literal["quiet", "plain", "verbose"]
"""How much is said to a person: the last line; what fails, by its causes; everything."""


class Headline(NamedTuple):
    """A run in one sentence, and the verdict that it is."""

    words: str
    verdict: Verdict


def headline(report: Report, *, strict: bool) -> Headline:
    """What a run comes to."""
    failed = report.failed(strict=strict)
    levels = "MUST or SHOULD" if strict else "MUST"
    unfinished = "" if report.complete else "Interrupted. "
    if failed:
        words = "requirement does" if len(failed) == 1 else "requirements do"
        return Headline(f"{unfinished}{len(failed)} {levels} {words} not hold.", "fail")
    if not report.tested:
        return Headline(f"{unfinished}Nothing could be tested.", "inconclusive")
    return Headline(f"{unfinished}Every {levels} that was tested holds.", "pass")


def duration(seconds: float) -> str:
    """Seconds, or milliseconds where there are few."""
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def told(judgement: Judgement, curls: Mapping[str, str], most: int | None = None) -> str:
    """What a requirement demands, why, and its findings, at `most` so many.

    `curls` are those of the exchanges.
    """
    lines = [judgement.requirement.statement, judgement.requirement.why]
    findings = judgement.findings[:most]
    for finding in findings:
        lines += [
            "",
            f"{printable(finding.message)} ({printable(finding.location)})",
            f"expected: {shown(finding.expected)}",
            f"actual:   {shown(finding.actual)}",
        ]
        if finding.exchange in curls:
            lines.append(printable(curls[finding.exchange]))
    if judgement.found > len(findings):
        lines += ["", f"and {judgement.found - len(findings)} more like it"]
    return "\n".join(lines)
