"""Markdown for the summary of a CI job: headline, classes, what fails and why, cost."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from ..untrusted import printable
from ..verdicts import VERDICTS
from .causes import causes
from .marked import code, fenced, prose, table
from .words import GRANTED, headline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..report import ExchangeSummary, Report
    from ..verdicts import Finding, Judgement
    from .causes import Cause

SIGNS: Final = {"pass": "✅", "fail": "❌", "inconclusive": "❔", "skip": "➖"}
NAMED: Final = 12
"""Requirements of one cause that are named."""
LONGEST: Final = 1000
"""Characters of a curl line that is shown. A summary has room for 1 MiB."""
CAUSES: Final = 60
"""Causes that are shown in full."""


def write(report: Report, strict: bool) -> str:
    """The report as Markdown."""
    return "\n".join(_lines(report, strict)) + "\n"


def _lines(report: Report, strict: bool) -> Iterator[str]:
    words, verdict = headline(report, strict=strict)
    yield from (f"## {SIGNS[verdict]} chatproof: {words}", "")
    yield " · ".join(
        (
            code(report.url),
            f"model {code(report.model)}",
            f"dialect {code(report.dialect)}",
            f"specification {code(report.spec)}",
        )
    )
    if report.note:
        yield from ("", f"> {code(report.note)}")
    yield from ("", *_classes(report), "")
    failed = report.failed(strict=strict)
    if failed:
        yield from ("### What fails, worst first", "")
        exchanges = {exchange.id: exchange for exchange in report.exchanges}
        found = causes(failed)
        for cause in found[:CAUSES]:
            yield from _cause(cause, exchanges)
        if len(found) > CAUSES:
            yield from (f"And {len(found) - CAUSES} more causes.", "")
    yield from _others(report, failed)
    yield _cost(report)


def _classes(report: Report) -> list[str]:
    rows = []
    for cls, granted in report.classes.items():
        counts = Counter(j.verdict for j in report.judgements if j.requirement.cls == cls)
        verdict = f"{SIGNS[granted]} {GRANTED[granted]}"
        rows.append([cls, verdict, *(str(counts[each]) for each in VERDICTS)])
    return table(["class", "verdict", *VERDICTS], rows, numbers=len(VERDICTS))


def _cause(cause: Cause, exchanges: dict[str, ExchangeSummary]) -> Iterator[str]:
    count = len(cause.judgements)
    times = f"{count} × " if count > 1 else ""
    yield from (f"#### {times}{code(cause.words)}", "")
    for judgement in cause.judgements[:NAMED]:
        demand = judgement.requirement
        yield f"- **{demand.level}** `{demand.id}`: {prose(demand.statement)} {prose(demand.why)}"
    if count > NAMED:
        yield f"- and {count - NAMED} more"
    yield ""
    first = cause.judgements[0]
    if first.findings:
        yield from _finding(first.findings[0], exchanges)


def _finding(finding: Finding, exchanges: dict[str, ExchangeSummary]) -> Iterator[str]:
    yield "<details><summary>The smallest request that shows it</summary>"
    yield ""
    where = f" at {code(finding.location)}" if finding.location else ""
    yield f"- {code(finding.message)}{where}"
    if finding.expected is not None:
        yield f"- expected {code(finding.expected)}"
    if finding.actual is not None:
        yield f"- actual {code(finding.actual)}"
    yield ""
    exchange = exchanges.get(finding.exchange)
    if exchange is not None:
        line = printable(exchange.curl)
        yield from fenced(line) if len(line) <= LONGEST else ["Its curl line is too long for here."]
        yield ""
    yield from ("</details>", "")


def _others(report: Report, failed: Iterable[Judgement]) -> Iterator[str]:
    """What does not fail the run, and is worth to be known."""
    counted = {judgement.requirement.id for judgement in failed}
    advised = [
        judgement.requirement.id
        for judgement in report.judgements
        if judgement.verdict == "fail" and judgement.requirement.id not in counted
    ]
    if advised:
        yield from (f"<details><summary>{len(advised)} SHOULD do not hold</summary>", "")
        yield from (*(f"- `{name}`" for name in advised), "", "</details>", "")
    undecided = report.summary["inconclusive"]
    if undecided:
        yield from (f"{undecided} requirements could not be decided.", "")


def _cost(report: Report) -> str:
    cost = report.cost
    return (
        f"{cost.requests:,} requests, {cost.prompt_tokens:,} + {cost.completion_tokens:,} tokens, "
        f"{report.seconds:.1f} s. chatproof {report.version}, seed {report.seed}."
    )
