"""The report for a person at a terminal, and the progress of the run."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ..untrusted import printable, shown
from .causes import causes
from .words import GRANTED, LEVELS, duration, headline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from ..options import Options
    from ..report import Latency, Report
    from ..runner import Progress
    from ..verdicts import Finding, Judgement
    from .causes import Cause
    from .words import Detail

COLOURS = {"pass": "green", "fail": "red", "inconclusive": "yellow", "skip": "bright_black"}
FINDINGS = 2
"""How many findings of a requirement are shown; the other reports have more."""
NAMED = 4
"""How many requirements that fail for one cause are named."""


class ProgressLine:
    """A line on the error stream that follows a run; nothing where that is no terminal."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._live = Live(console=self._console, transient=True, refresh_per_second=8)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def update(self, progress: Progress) -> None:
        if not self._console.is_terminal:
            return
        bar = ProgressBar(total=max(1, progress.total), completed=progress.done, width=30)
        self._live.update(Group(bar, Text(progress_words(progress))))


def progress_words(progress: Progress) -> str:
    """How far a run is, what it cost, and about how long it takes."""
    return (
        f"{progress.done} of {progress.total} experiments, {progress.requests} requests, "
        f"{progress.tokens} tokens, {progress.failed} requirements failed{_left(progress)}"
    )


def _left(progress: Progress) -> str:
    """How long the rest takes if it is like what was: experiments differ, so it is a guess."""
    if progress.done < progress.total / 10 or progress.seconds < 2:
        return ""
    rest = progress.seconds * (progress.total - progress.done) / progress.done
    return f", about {duration(max(1.0, rest))} left"


def print_report(
    report: Report, *, strict: bool, detail: Detail = "plain", console: Console | None = None
) -> None:
    """Print the report on the standard output."""
    console = console or Console(highlight=False, soft_wrap=True)
    if detail == "quiet":
        console.print(_last_line(report, strict=strict))
        return
    console.print(
        Text(
            f"chatproof {report.version}  {printable(report.url)}  "
            f"{printable(report.model)}  dialect {report.dialect}"
        )
    )
    for note in _notes(report):
        console.print(Text(printable(note), "yellow"))
    console.print()
    curls = {exchange.id: (exchange.curl, exchange.reply) for exchange in report.exchanges}
    for cause in causes(j for j in report.judgements if j.verdict == "fail"):
        if detail == "verbose" or len(cause.judgements) == 1:
            most = None if detail == "verbose" else FINDINGS
            for judgement in cause.judgements:
                _print_failure(console, judgement, curls, most)
        else:
            _print_cause(console, cause, curls)
    if detail == "verbose":
        _print_the_others(console, report)
    _print_undecided(console, report)
    console.print(_classes(report))
    console.print()
    if report.latency is not None:
        console.print(Text(_latency_words(report.latency), "bright_black"))
    console.print(_last_line(report, strict=strict))


def _notes(report: Report) -> Iterator[str]:
    if report.note:
        yield report.note
    if report.shards is not None:
        numbers = ", ".join(map(str, report.shards.numbers))
        yield f"Shard {numbers} of {report.shards.of}; `chatproof merge` puts the shards together."
    load = report.load
    if load.pushed_back:
        yield (
            f"The server pushed back {load.pushed_back} times; of {load.asked} requests at a time "
            f"{load.reached} were left."
        )


def _print_cause(console: Console, cause: Cause, curls: dict[str, tuple[str, str]]) -> None:
    """Requirements that fail for one cause, and a finding of the first of them."""
    levels = [judgement.requirement.level for judgement in cause.judgements]
    counts = [f"{levels.count(level)} {level}" for level in LEVELS if level in levels]
    console.print(
        Text.assemble((f"{', '.join(counts)} ", _colour(cause.level)), (shown(cause.words), "bold"))
    )
    names = [judgement.requirement.id for judgement in cause.judgements]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    console.print(Text(f"  {', '.join(names[:NAMED])}{more}"))
    first = cause.judgements[0]
    console.print(Text(f"  {first.requirement.why}", "bright_black"))
    for finding in first.findings[:1]:
        _print_finding(console, finding, curls)
    console.print()


def _colour(level: str) -> str:
    return "bold red" if level == "MUST" else "yellow"


def _print_failure(
    console: Console, judgement: Judgement, curls: dict[str, tuple[str, str]], most: int | None
) -> None:
    requirement = judgement.requirement
    console.print(
        Text.assemble(
            (f"{requirement.level} ", _colour(requirement.level)), (requirement.id, "bold")
        )
    )
    console.print(Text(f"  {requirement.statement}"))
    console.print(Text(f"  {requirement.why}", "bright_black"))
    for finding in judgement.findings[:most]:
        _print_finding(console, finding, curls)
    more = judgement.found - len(judgement.findings[:most])
    if more > 0:
        console.print(Text(f"  and {more} more like it", "bright_black"))
    console.print()


def _print_the_others(console: Console, report: Report) -> None:
    """What holds, and what is left out with its reason."""
    for judgement in report.judgements:
        if judgement.verdict in ("pass", "skip"):
            why = f"  ({printable(judgement.reason)})" if judgement.reason else ""
            word = Text(f"{judgement.verdict}  ", COLOURS[judgement.verdict])
            console.print(Text.assemble(word, f"{judgement.requirement.id}{why}"))
    console.print()


def _print_finding(console: Console, finding: Finding, curls: dict[str, tuple[str, str]]) -> None:
    where = f"  ({printable(finding.location)})" if finding.location else ""
    console.print(Text(f"  · {shown(finding.message)}{where}"))
    if finding.expected is not None:
        console.print(Text(f"    expected  {shown(finding.expected)}"))
    if finding.actual is not None:
        console.print(Text(f"    actual    {shown(finding.actual)}"))
    if finding.exchange in curls:
        curl, reply = curls[finding.exchange]
        console.print(Text(f"    {printable(curl)}", "cyan"))
        if reply:
            console.print(Text(f"    reply     {shown(reply)}", "bright_black"))


def _print_undecided(console: Console, report: Report) -> None:
    grouped: dict[str, list[str]] = defaultdict(list)
    for judgement in report.judgements:
        if judgement.verdict == "inconclusive":
            grouped[judgement.reason].append(judgement.requirement.id)
    if not grouped:
        return
    console.print(Text("Not decided", "bold yellow"))
    for reason, names in sorted(grouped.items(), key=lambda item: -len(item[1])):
        listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        console.print(Text(f"  {shown(reason)}: {listed}"))
    console.print()


def _classes(report: Report) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("class")
    table.add_column("verdict")
    for verdict in COLOURS:
        table.add_column(verdict, justify="right")
    for cls, granted in report.classes.items():
        counts = [
            str(sum(j.requirement.cls == cls and j.verdict == v for j in report.judgements))
            for v in COLOURS
        ]
        table.add_row(cls, Text(GRANTED[granted], COLOURS[granted]), *counts)
    return table


def _latency_words(latency: Latency) -> str:
    half, most = duration(latency.median), duration(latency.percentile_95)
    return (
        f"First byte of an answer after {half}, of 95 in 100 after {most}; "
        f"longest silence in one {duration(latency.longest_gap)}."
    )


def _last_line(report: Report, *, strict: bool) -> Text:
    cost = report.cost
    price = (
        f"{cost.requests} requests, {cost.prompt_tokens} + {cost.completion_tokens} tokens, "
        f"{report.seconds:.1f} s"
    )
    words, verdict = headline(report, strict=strict)
    return Text.assemble((words, f"bold {COLOURS[verdict]}"), f"  ({price})")


def print_plan(report: Report, options: Options, console: Console | None = None) -> None:
    """Print what a run would ask, from the report of its rehearsal."""
    console = console or Console(highlight=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_footer=True)
    costs = report.cost_by_class
    total = report.cost
    columns = {
        "requests": [cost.requests for cost in (*costs.values(), total)],
        "prompt tokens": [cost.prompt_tokens for cost in (*costs.values(), total)],
        "completion tokens, at most": [cost.capped for cost in (*costs.values(), total)],
    }
    table.add_column("class", footer="all")
    for name, values in columns.items():
        table.add_column(name, justify="right", footer=f"{values[-1]:,}")
    for number, cls in enumerate(costs):
        table.add_row(cls, *(f"{values[number]:,}" for values in columns.values()))
    console.print(f"The plan for dialect {report.dialect}; nothing was asked of {options.url}.")
    console.print()
    console.print(table)
    console.print()
    console.print(
        "As rehearsed with the reference server. Prompt tokens depend on the tokeniser; a server "
        "that fails is asked a few things more."
    )
    if options.bounds.completion_tokens is not None:
        console.print(
            f"No run costs more than {options.bounds.completion_tokens} completion tokens."
        )
    left = sum(j.verdict == "skip" and "budget" in j.reason for j in report.judgements)
    if left:
        console.print(f"The budget leaves out {left} requirements.")
