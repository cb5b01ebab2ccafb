"""The report: what a run found, as a value. Writers in `reports/` turn it into text."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from .transcript import Transcript, transcript
from .verdicts import VERDICTS, Judgement, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .budget import Cost
    from .sharding import Shards
    from .wire import View
    from .wire.exchange import Reply


@dataclass(frozen=True, slots=True)
class ExchangeSummary:
    """An exchange as reports show it: `curl` reproduces it, without the key.

    `reply` is the start of the body as text, `seconds` the whole duration, `first_byte` the time
    to the first byte of the body, and `longest_gap` the longest silence within it. `python` does
    the same with the generated client; it is empty where that would not send such a request.
    """

    id: str
    request: str
    status: int | None
    failure: str | None
    reply: str
    seconds: float
    first_byte: float | None
    longest_gap: float | None
    curl: str
    python: str = ""
    transcript: Transcript = field(default_factory=Transcript)


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds to the first byte of answers: half of them, and 95 of 100, came within these.

    `longest_gap` is the longest silence within a stream.
    """

    median: float
    percentile_95: float
    longest_gap: float


@dataclass(frozen=True, slots=True)
class Load:
    """How many requests were under way at a time: as asked for, and in the end.

    They become fewer when the server pushes back; `pushed_back` counts how often it did.
    """

    asked: int
    reached: int
    pushed_back: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What a run leaves behind besides its exchanges; see :class:`Report`."""

    complete: bool
    seconds: float
    note: str
    load: Load


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a run found, in `seconds`. `complete` is False when it was interrupted.

    `started` is when the first request was sent, in seconds since the Unix epoch, and
    `latency_by_class` the latency of what was asked for a conformance class, where enough was.
    `shards` are the parts of a run that it reports; None is a whole one.
    """

    version: str
    spec: str
    dialect: str
    url: str
    model: str
    judgements: tuple[Judgement, ...]
    exchanges: tuple[ExchangeSummary, ...]
    cost: Cost
    cost_by_class: Mapping[str, Cost]
    seconds: float
    load: Load
    latency: Latency | None
    seed: int
    complete: bool = True
    note: str = ""
    started: float | None = None
    latency_by_class: Mapping[str, Latency] = field(default_factory=dict)
    shards: Shards | None = None

    @property
    def summary(self) -> dict[Verdict, int]:
        counts = Counter(judgement.verdict for judgement in self.judgements)
        return {verdict: counts[verdict] for verdict in VERDICTS}

    def failed(self, *, strict: bool = False) -> tuple[Judgement, ...]:
        """The failed MUSTs, and with `strict` the failed SHOULDs too."""
        levels = ("MUST", "SHOULD") if strict else ("MUST",)
        return tuple(
            j for j in self.judgements if j.verdict == "fail" and j.requirement.level in levels
        )

    @property
    def tested(self) -> bool:
        """Whether anything could be decided at all."""
        return any(j.verdict in ("pass", "fail") for j in self.judgements)

    @property
    def classes(self) -> dict[str, Verdict]:
        """Each conformance class: granted (pass) when its MUSTs hold and one was tested.

        It is `fail` when a MUST fails, `skip` when all were left out, else `inconclusive`.
        """
        grouped: dict[str, list[Judgement]] = {}
        for judgement in self.judgements:
            grouped.setdefault(judgement.requirement.cls, []).append(judgement)
        return {cls: _granted(judgements) for cls, judgements in grouped.items()}


def _granted(judgements: list[Judgement]) -> Verdict:
    musts = [j.verdict for j in judgements if j.requirement.level == "MUST"]
    if "fail" in musts:
        return "fail"
    if "pass" in musts:
        return "pass"
    if musts and set(musts) == {"skip"}:
        return "skip"
    return "inconclusive"


def latency_of(views: Iterable[View]) -> Latency | None:
    """How fast the answers among some exchanges came; None where there are too few."""
    answers = [view.reply for view in views if view.accepted and view.reply is not None]
    firsts = [reply.segments[0].at for reply in answers if reply.segments]
    if len(firsts) < 2:
        return None
    cuts = statistics.quantiles(firsts, n=20, method="inclusive")
    gaps = [gap for reply in answers if (gap := longest_gap(reply)) is not None]
    return Latency(statistics.median(firsts), cuts[-1], max(gaps, default=0.0))


def longest_gap(reply: Reply) -> float | None:
    """Seconds between the two segments that are farthest apart; None where there is only one."""
    times = [segment.at for segment in reply.segments]
    return max((after - before for before, after in pairwise(times)), default=None)


def summarise(
    view: View,
    curl: str,
    *,
    python: str = "",
    head: Iterable[str] = (),
    locations: Iterable[str] = (),
    shown: int = 2000,
) -> ExchangeSummary:
    """An exchange as reports show it, with the first `shown` characters of the reply.

    `head` is that of the request as it was sent, `locations` are those of its findings: what they
    point to is kept. The bounds are those of :mod:`chatproof.transcript`.
    """
    exchange, reply = view.exchange, view.reply
    body = reply.body[: shown * 4].decode("utf-8", "replace")[:shown] if reply else ""
    request = exchange.request
    failure = f"{exchange.failure.kind}: {exchange.failure.message}" if exchange.failure else None
    gap = longest_gap(reply) if reply else None
    return ExchangeSummary(
        exchange.id,
        f"{request.method} {request.path}",
        reply.status if reply else None,
        failure,
        body,
        round(exchange.seconds, 6),
        round(reply.segments[0].at, 6) if reply and reply.segments else None,
        round(gap, 6) if gap is not None else None,
        curl,
        python,
        transcript(view, head, locations),
    )
