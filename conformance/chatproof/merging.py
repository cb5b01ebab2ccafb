"""Merging: the reports of all shards of a run, put together to that of the whole run.

Which shard comes first makes no difference, nor does which are put together first.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, TypeVar

from .budget import Cost
from .options import BadOption
from .report import Load, Report
from .sharding import Shards
from .untrusted import dumped
from .verdicts import IN_ANOTHER_SHARD, NOT_SO_HERE, UNTESTED, Finding, Judgement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from .report import ExchangeSummary

Key = TypeVar("Key")
Value = TypeVar("Value")

SAME: dict[str, Callable[[Report], object]] = {
    "servers": lambda report: report.url,
    "models": lambda report: report.model,
    "dialects": lambda report: report.dialect,
    "versions of chatproof": lambda report: report.version,
    "versions of the specification": lambda report: report.spec,
    "seeds": lambda report: report.seed,
    "numbers of shards": lambda report: report.shards and report.shards.of,
}
"""What the shards of one run have in common."""


def merge(named: Sequence[tuple[str, Report]]) -> Report:
    """The whole run of which these are the shards, each with its name, as that of its file.

    Raises:
        BadOption: they are no shards, not of one run, or not all of it.
    """
    for name, report in named:
        if report.shards is None:
            raise BadOption(f"{name}: is a whole run; merge what `run --shard K/N` reported")
    first, one = named[0]
    for what, of in SAME.items():
        for name, report in named:
            if of(report) != of(one):
                raise BadOption(
                    f"the shards are of different {what}: {first} of {of(one)}, {name} of "
                    f"{of(report)}; merge the shards of one run"
                )
    _see_that_all_are_there([report.shards for _, report in named if report.shards])
    return replace(reduce(join, (report for _, report in named)), shards=None)


def _see_that_all_are_there(shards: list[Shards]) -> None:
    count = Counter(number for each in shards for number in each.numbers)
    of = shards[0].of
    twice = [f"{number}/{of}" for number in sorted(count) if count[number] > 1]
    if twice:
        raise BadOption(f"shard {', '.join(twice)} is there more than once; give each once")
    missing = of - len(count)
    if missing:
        named = [f"{number}/{of}" for number in range(1, min(of, 1000) + 1) if number not in count]
        more = " ..." if missing > len(named[:5]) else ""
        raise BadOption(f"shard {', '.join(named[:5])}{more} is missing; give all {of}")


def join(one: Report, other: Report) -> Report:
    """Two reports of parts of a run as one. Each token, request and second counts.

    Medians cannot be put together, so of latency nothing is known.
    """
    exchanges = _union(((e.id, e) for report in (one, other) for e in report.exchanges), _richness)
    sizes = {name: each.transcript.request.size for name, each in exchanges.items()}
    judgements = {j.requirement.id: j for j in one.judgements}
    for judgement in other.judgements:
        name = judgement.requirement.id
        known = judgements.get(name)
        judgements[name] = _joined(known, judgement, sizes) if known else judgement
    started = [report.started for report in (one, other) if report.started is not None]
    return replace(
        one,
        judgements=tuple(judgements.values()),
        exchanges=tuple(exchanges[name] for name in sorted(exchanges)),
        cost=one.cost.plus(other.cost),
        cost_by_class=_added(one.cost_by_class, other.cost_by_class),
        seconds=round(one.seconds + other.seconds, 3),
        load=Load(
            max(one.load.asked, other.load.asked),
            min(one.load.reached, other.load.reached),
            one.load.pushed_back + other.load.pushed_back,
        ),
        latency=None,
        complete=one.complete and other.complete,
        note="; ".join(sorted({*_notes(one), *_notes(other)})),
        started=min(started, default=None),
        latency_by_class={},
        shards=_together(one.shards, other.shards),
    )


def _joined(one: Judgement, other: Judgement, sizes: Mapping[str, int]) -> Judgement:
    """What two shards say of a requirement: what the whole run would say."""
    best = min(one, other, key=_weight)
    if best.verdict != "fail":
        return best
    failed = [judgement for judgement in (one, other) if judgement.verdict == "fail"]
    kept = _union(
        (((f.exchange, f.message), f) for judgement in failed for f in judgement.findings),
        _spelling,
    )
    findings = sorted(
        kept.values(), key=lambda f: (sizes.get(f.exchange, 0), f.exchange, f.location, f.message)
    )
    hidden = sum(judgement.found - len(judgement.findings) for judgement in failed)
    reason = findings[0].message if findings else best.reason
    return Judgement(best.requirement, "fail", reason, tuple(findings), len(findings) + hidden)


def _weight(judgement: Judgement) -> tuple[int, bool, str]:
    """The less, the more it decides. An optional feature that is not there once is not there."""
    verdict, reason = judgement.verdict, judgement.reason
    denied = verdict == "skip" and reason.startswith(NOT_SO_HERE)
    order = ("fail", "denied", "pass", "inconclusive", "skip")
    place = order.index("denied" if denied else verdict)
    return place, reason in (UNTESTED, IN_ANOTHER_SHARD), reason


def _spelling(finding: Finding) -> tuple[str, ...]:
    return finding.location, dumped(finding.expected), dumped(finding.actual)


def _richness(exchange: ExchangeSummary) -> tuple[int, str]:
    """Of two replies to one request that is kept to which more findings point."""
    return -len(exchange.transcript.places), repr(exchange)


def _union(
    items: Iterable[tuple[Key, Value]], rank: Callable[[Value], tuple[object, ...]]
) -> dict[Key, Value]:
    """The value of each key; where there are several, the first by `rank`."""
    kept: dict[Key, Value] = {}
    for key, value in items:
        known = kept.get(key)
        if known is None or (known != value and rank(value) < rank(known)):
            kept[key] = value
    return kept


def _added(one: Mapping[str, Cost], other: Mapping[str, Cost]) -> dict[str, Cost]:
    return {
        cls: one.get(cls, Cost()).plus(other.get(cls, Cost()))
        for cls in dict.fromkeys((*one, *other))
    }


def _notes(report: Report) -> set[str]:
    return set(filter(None, report.note.split("; ")))


def _together(one: Shards | None, other: Shards | None) -> Shards | None:
    if one is None or other is None:
        return None
    return Shards(tuple(sorted({*one.numbers, *other.numbers})), one.of)
