"""What the HTML report shows, put together from a Report."""

from __future__ import annotations

import shlex
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from markupsafe import Markup

from ...contract.requirements import CLASSES
from ...contract.sources import evidence_address, source_words
from ...untrusted import printable
from ...verdicts import VERDICTS
from ..words import GRANTED, LEVELS, WORDS, duration, headline
from .hostile import excerpt, raw, said

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...budget import Cost
    from ...report import ExchangeSummary, Report
    from ...verdicts import Finding, Judgement, Verdict
    from ...wire.places import Place

FIRST: Final = 5
"""How many failures are named at the top."""
UNFOLDED: Final = 3
"""How many findings of a requirement are shown at once; the others unfold."""
SENT: Final = 400
"""Bytes of a request that are shown with a finding."""
GROUPS: Final = {
    "fail": "Does not hold",
    "inconclusive": "Could not be decided",
    "pass": "Holds",
    "skip": "Left out",
}
SIGNS: Final = {"fail": "✗", "inconclusive": "?", "pass": "✓", "skip": "–"}
WIDTH: Final = 1000
"""Units from the left to the right of a timeline."""


class ClassRow(NamedTuple):
    """A conformance class: its verdict, and what it rests on."""

    name: str
    verdict: Verdict
    granted: str
    words: str
    counts: dict[Verdict, int]


class EventRow(NamedTuple):
    """An event of a stream with the bytes up to the next one; without number: what is left out."""

    number: int | None
    at: float
    after: float
    text: Markup


@dataclass(frozen=True)
class Talk:
    """An exchange as it is shown, with the places that findings point to."""

    summary: ExchangeSummary

    @cached_property
    def numbers(self) -> dict[Place, int]:
        """The places, each with the number under which it is marked."""
        places = sorted(set(self.summary.transcript.places.values()))
        return {place: number for number, place in enumerate(places)}

    def _within(self, part: str) -> dict[Place, int]:
        return {place: n for place, n in self.numbers.items() if place.part == part}

    def place(self, finding: Finding) -> Place | None:
        return self.summary.transcript.places.get(finding.location)

    def excerpt(self, finding: Finding) -> Markup | None:
        """What a finding points to, with a little around it."""
        place, transcript = self.place(finding), self.summary.transcript
        if place is None:
            return None
        if place.part == "head":
            lines = transcript.reply_head[place.start : place.end]
            return Markup("<mark>{}</mark>").format(said(lines[0])) if lines else None
        return excerpt(transcript.request if place.part == "request" else transcript.reply, place)

    @property
    def head(self) -> Iterator[tuple[str, str]]:
        """The lines of the reply's head, each with the numbers of the places that it is."""
        places = self._within("head")
        for number, line in enumerate(self.summary.transcript.reply_head):
            yield line, " ".join(str(n) for place, n in places.items() if place.start == number)

    @property
    def sent(self) -> Markup:
        """The start of the request's body."""
        size = self.summary.transcript.request.size
        return raw(self.summary.transcript.request, {}, 0, min(size, SENT)) + (
            "…" if size > SENT else ""
        )

    @property
    def request_body(self) -> Markup:
        return raw(self.summary.transcript.request, self._within("request"))

    @property
    def reply_body(self) -> Markup:
        return raw(self.summary.transcript.reply, self._within("reply"))

    @property
    def events(self) -> Iterator[EventRow]:
        """The bytes of a stream, event by event; those of which nothing was kept in one row."""
        transcript = self.summary.transcript
        places = self._within("reply")
        moments = transcript.moments
        starts = [0, *(moment.offset for moment in moments[1:]), transcript.reply.size]
        before, left, since = 0.0, 0, 0
        for number, (moment, (start, end)) in enumerate(
            zip(moments, pairwise(starts), strict=True)
        ):
            kept = any(
                offset < end and start < offset + len(data)
                for offset, data in transcript.reply.pieces
            )
            if kept:
                if left:
                    yield _left_out(left, start - since)
                yield EventRow(
                    number, moment.at, moment.at - before, raw(transcript.reply, places, start, end)
                )
                left, since = 0, end
            else:
                left += 1
            before = moment.at
        if left:
            yield _left_out(left, transcript.reply.size - since)

    @property
    def ticks(self) -> list[tuple[bool, float]]:
        """Whether a finding points into an event, and where it is on the timeline."""
        transcript = self.summary.transcript
        places = self._within("reply")
        moments = transcript.moments
        ends = [*(moment.offset for moment in moments[1:]), transcript.reply.size]
        ticks = {
            (
                any(moment.offset <= place.start < end for place in places),
                round(WIDTH * moment.at / self.span, 1),
            )
            for moment, end in zip(moments, ends, strict=True)
        }
        return sorted(ticks)  # those that are pointed to on top of the others

    @property
    def span(self) -> float:
        """Seconds from the left to the right of the timeline."""
        last = max((moment.at for moment in self.summary.transcript.moments), default=0.0)
        return max(self.summary.seconds, last, 1e-6)

    @property
    def timeline(self) -> str:
        """The timeline in words."""
        summary, moments = self.summary, self.summary.transcript.moments
        count = summary.transcript.events
        words = f"{count} events" if count != 1 else "1 event"
        if moments:
            words += f", the first after {duration(moments[0].at)}"
        if len(moments) > 1:
            gaps = [after.at - before.at for before, after in pairwise(moments)]
            number = gaps.index(max(gaps)) + 1
            words += f"; the longest silence, {duration(max(gaps))}, before event {number}"
        return f"{words}; all in {duration(summary.seconds)}."


def _left_out(events: int, size: int) -> EventRow:
    words = Markup('<span class="gap">… {} events, {} bytes left out …</span>')
    return EventRow(None, 0.0, 0.0, words.format(f"{events:,}", f"{size:,}"))


def _place_of_class(item: tuple[str, object]) -> int:
    return CLASSES.index(item[0]) if item[0] in CLASSES else len(CLASSES)


class Page:
    """What the template asks for."""

    def __init__(self, report: Report, strict: bool) -> None:
        self.report = report
        self.headline = headline(report, strict=strict)
        self.talks = {summary.id: Talk(summary) for summary in report.exchanges}
        self.signs, self.words, self.levels = SIGNS, WORDS, LEVELS

    @property
    def title(self) -> str:
        return printable(f"{self.headline.words} {self.report.url}")

    @property
    def started(self) -> str:
        """When the run began, by the clock of Greenwich; empty where nothing was asked."""
        if self.report.started is None:
            return ""
        return f"{datetime.fromtimestamp(self.report.started, UTC):%Y-%m-%d %H:%M} UTC"

    @property
    def classes(self) -> list[ClassRow]:
        rows = []
        for name, verdict in sorted(self.report.classes.items(), key=_place_of_class):
            judgements = [j for j in self.report.judgements if j.requirement.cls == name]
            counts = Counter(j.verdict for j in judgements)
            musts = Counter(j.verdict for j in judgements if j.requirement.level == "MUST")
            words = {
                "fail": f"{musts['fail']} of {musts['fail'] + musts['pass']} MUST fail",
                "pass": f"all {musts['pass']} MUST that were tested hold",
                "inconclusive": "no MUST could be decided",
                "skip": "not asked for",
            }[verdict]
            if counts["fail"] > musts["fail"]:
                words += f", {counts['fail'] - musts['fail']} SHOULD fail"
            each = {verdict: counts[verdict] for verdict in VERDICTS}
            rows.append(ClassRow(name, verdict, GRANTED[verdict], words, each))
        return rows

    @property
    def costs(self) -> list[tuple[str, Cost]]:
        return sorted(self.report.cost_by_class.items(), key=_place_of_class)

    @property
    def granted(self) -> str:
        """How many classes are granted, in words."""
        verdicts = Counter(self.report.classes.values())
        tested = sum(verdicts[v] for v in ("pass", "fail", "inconclusive"))
        return f"{verdicts['pass']} of {tested} classes granted"

    @property
    def groups(self) -> list[tuple[str, str, list[Judgement]]]:
        """The judgements by their verdict, those first that matter most."""
        return [
            (verdict, words, self._ranked(verdict))
            for verdict, words in GROUPS.items()
            if self.report.summary[verdict]  # type: ignore[index]
        ]

    def _ranked(self, verdict: str) -> list[Judgement]:
        chosen = [j for j in self.report.judgements if j.verdict == verdict]
        return sorted(chosen, key=lambda j: (LEVELS.index(j.requirement.level), -j.found))

    @property
    def worst(self) -> list[Judgement]:
        """What to repair first: of what fails, the MUSTs, those first that are seen most often."""
        return self._ranked("fail")[:FIRST]

    @property
    def undecided(self) -> list[tuple[str, list[str]]]:
        """Why requirements could not be decided, and which, the most frequent reason first."""
        grouped: dict[str, list[str]] = defaultdict(list)
        for judgement in self.report.judgements:
            if judgement.verdict == "inconclusive":
                grouped[judgement.reason].append(judgement.requirement.id)
        return sorted(grouped.items(), key=lambda item: -len(item[1]))

    def command(self, *only: str) -> str:
        """The command that tests the server again."""
        report = self.report
        words = ["chatproof", "run", report.url, "--dialect", report.dialect]
        if report.model.isprintable():
            words += ["--model", report.model]
        if report.seed:
            words += ["--seed", str(report.seed)]
        for name in only:
            words += ["--only", name]
        return shlex.join(words)

    @staticmethod
    def parted(judgement: Judgement) -> tuple[Sequence[Finding], Sequence[Finding]]:
        """The findings that are shown at once, and the others."""
        return judgement.findings[:UNFOLDED], judgement.findings[UNFOLDED:]

    def talk(self, finding: Finding) -> Talk | None:
        return self.talks.get(finding.exchange)

    def sources(self, judgement: Judgement) -> list[str]:
        return [source_words(key) for key in judgement.requirement.source]

    def evidence(self, judgement: Judgement) -> list[tuple[str, str]]:
        """Public reports of servers that broke it: name and address of each."""
        return [(name, evidence_address(name)) for name in judgement.requirement.evidence]
