"""A run: ask the server everything, judge every exchange, and report.

The way of the data, in one place: experiments ask through the session, every exchange that comes
back is read by every rule, all checks together give the verdicts.
"""

from __future__ import annotations

import asyncio
import fnmatch
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import __version__, experiments, rules
from .checks import EXPERIMENTS, TURNS, Experiment, by_turns, inconclusive, rules_for, spoken_for
from .contract import Contract, load_contract
from .experiments.search import plainest
from .meeting import CannotRun, meet
from .options import BadOption, Options
from .pushback import PATIENT
from .report import Facts, Report, latency_of, summarise
from .search.hunter import Hunter
from .session import ASKED_FOR, NotAsked, Session
from .sharding import Shards, elsewhere
from .transport import Live
from .transport.curl import curl, head
from .transport.snippet import snippet
from .verdicts import Tally

assert experiments  # imported for what they register
assert rules

__all__ = ["BadOption", "CannotRun", "NotWritten", "Options", "Progress", "Run", "left_out", "run"]

WINDING_UP = 1.0
"""Seconds that an interrupted run has to make something of the replies that are there."""
SHARES = {"main": 0.75}
"""How much of a small budget may be spent up to a turn: boundaries say much for little money."""

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .budget import Budget
    from .recording import Recorder
    from .report import ExchangeSummary
    from .session import Hunting, Transport
    from .wire import View


class NotWritten(Exception):
    """The recording could not be written; the message says why. `report` is there all the same."""

    def __init__(self, reason: str, report: Report) -> None:
        super().__init__(reason)
        self.report = report


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: experiments finished of all, what it cost, requirements failed so far.

    `tokens` are those of completions, `seconds` those since it began.
    """

    done: int
    total: int
    requests: int
    tokens: int
    failed: int
    seconds: float


def run(
    options: Options,
    on_progress: Callable[[Progress], None] | None = None,
    on_exchange: Callable[[View], None] | None = None,
    record: Path | None = None,
) -> Report:
    """Test a server and report.

    `on_exchange` sees every exchange once, when it is complete; all of them are written to the
    file `record`, if one is named. What was learnt before an interrupt (Ctrl-C) is still reported
    and written.

    Raises:
        BadOption: an option makes no sense.
        CannotRun: the server cannot be reached, refuses the key, or has no such model.
        SpecError: the dialect is unknown or broken.
        NotWritten: the recording could not be written; it has the report.
    """
    return asyncio.run(_live(Run(options, on_progress, on_exchange), record))


async def _live(run: Run, record: Path | None) -> Report:
    options = run.options
    hunter = Hunter(options)
    async with Live(options.url, key=options.key, timeout=options.timeout) as live:
        recorder = _recorder(live) if record is not None else None
        session = run.session(recorder or live)
        problem = ""
        try:
            await run.ask(session, hunter if options.examples else None)
        finally:
            await hunter.close()
            note = "; ".join(filter(None, (session.note, hunter.problem)))
            facts = Facts(run.complete, run.seconds, note, session.load)
            if recorder is not None and record is not None:
                problem = _written(recorder, record, facts, session, hunter)
    report = run.report(facts, session.model, session.budget)
    if problem:
        raise NotWritten(problem, report)
    return report


def _recorder(live: Live) -> Recorder:
    from .recording import Recorder  # what reads and writes files takes its time to load

    return Recorder(live)


def _written(recorder: Recorder, path: Path, facts: Facts, session: Session, hunter: Hunter) -> str:
    """Why the recording could not be written; empty where it was."""
    try:
        recorder.write(path, facts, session, hunter)
    except OSError as error:
        return f"the recording {path} could not be written ({error.strerror})"
    return ""


def left_out(contract: Contract, options: Options) -> dict[str, str]:
    """The requirements that the options leave out, and why.

    Raises:
        BadOption: a glob or class matches no requirement.
    """
    ids = list(contract.requirements)
    for pattern in (*options.only, *options.skip):
        if not fnmatch.filter(ids, pattern):
            raise BadOption(
                f"{pattern!r} matches no requirement of the dialect {contract.dialect}; "
                "see `chatproof list requirements`"
            )
    out: dict[str, str] = {}
    for name, requirement in contract.requirements.items():
        if options.only and not any(fnmatch.fnmatchcase(name, glob) for glob in options.only):
            out[name] = "not among --only"
        elif options.classes and requirement.cls not in options.classes:
            out[name] = "not in the classes asked for"
        elif any(fnmatch.fnmatchcase(name, glob) for glob in options.skip):
            out[name] = "left out by --skip"
        elif requirement.cls == "auth" and options.key is None:
            out[name] = "no key is configured, so nothing can be said of wrong ones"
    return out


class Run:
    """One run: its experiments in their order, the judging of exchanges, and the report.

    Where the exchanges come from is the matter of who runs it: a live server, or a recording.
    """

    def __init__(
        self,
        options: Options,
        on_progress: Callable[[Progress], None] | None = None,
        on_exchange: Callable[[View], None] | None = None,
    ) -> None:
        self.options = options
        self.contract = load_contract(options.dialect)
        self.left_out = left_out(self.contract, options)
        self.complete = False
        self.views: dict[str, View] = {}
        self._on_progress = on_progress
        self._on_exchange = on_exchange
        self._tally = Tally()
        self._asked_for: dict[str, list[View]] = defaultdict(list)
        self._done = self._total = 0
        self._began = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Since it began."""
        return round(time.perf_counter() - self._began, 3)

    def session(self, transport: Transport, *, bounded: bool = True) -> Session:
        """A session whose exchanges are judged as they come."""
        return Session(
            transport, self.contract, self.options, self.judge, self.left_out, bounded=bounded
        )

    async def ask(self, session: Session, hunter: Hunting | None) -> None:
        """Ask all there is to ask. An interrupt ends it early, and it is not `complete`.

        Raises:
            CannotRun: nothing can be tested.
        """
        work = asyncio.ensure_future(self._work(session, hunter))
        try:
            await asyncio.shield(work)
            self.complete = True
        except asyncio.CancelledError:
            session.interrupt()
            await asyncio.wait([work], timeout=WINDING_UP)
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
        finally:
            await session.close()

    async def _work(self, session: Session, hunter: Hunting | None) -> None:
        await meet(session)
        self.contract = session.contract
        await self._experiment(session, hunter)

    async def _experiment(self, session: Session, hunter: Hunting | None) -> None:
        """All that has no order at once; one by one where not everything is affordable.

        The search comes after what measures time, which gives it time to be made up.
        """
        dealt = self.options.shard.deal(EXPERIMENTS)
        wanted = self._in_order([e for e in dealt if self._wanted(e)])
        self._total = len(wanted)
        if hunter is not None and any(e.turn == "search" for e in wanted):
            session.hunter = hunter
            await hunter.start(session.contract, plainest(session))  # it needs a while to get ready
        if self.options.sparing:
            await self._in_turn(wanted, session)
            return
        await self._at_once([e for e in wanted if e.turn in ("first", "main", "wide")], session)
        await self._in_turn([e for e in wanted if e.turn == "alone"], session)
        await self._at_once([e for e in wanted if e.turn == "search"], session)
        await self._in_turn([e for e in wanted if e.turn == "last"], session)

    async def _at_once(self, experiments: list[Experiment], session: Session) -> None:
        await asyncio.gather(*(self._one(each, session) for each in experiments))

    async def _in_turn(self, experiments: list[Experiment], session: Session) -> None:
        for each in experiments:
            if self.options.sparing:
                session.budget.share = SHARES.get(each.turn, 1.0)
            await self._one(each, session)

    def _in_order(self, experiments: list[Experiment]) -> list[Experiment]:
        """By their turn, and within it the classes one after the other."""
        ordered: list[Experiment] = []
        for turn in TURNS:
            classes: dict[str, list[Experiment]] = {}
            for each in experiments:
                if each.turn == turn:
                    classes.setdefault(self._class(each), []).append(each)
            ordered += by_turns(classes.values())
        return ordered

    def _class(self, experiment: Experiment) -> str:
        """The class of the first requirement that an experiment speaks for."""
        known = self.contract.requirements
        return known[spoken_for(experiment.speaks_for, known)[0]].cls

    def _wanted(self, experiment: Experiment) -> bool:
        spoken = spoken_for(experiment.speaks_for, self.contract.requirements)
        return any(name not in self.left_out for name in spoken)

    async def _one(self, experiment: Experiment, session: Session) -> None:
        if session.interrupted:
            return
        ASKED_FOR.set(self._class(experiment))
        PATIENT.set(experiment.turn == "wide")
        try:
            async for made in experiment(session):
                self._tally.add(made)
        except NotAsked as reason:
            for name in experiment.speaks_for:
                self._tally.add(inconclusive(str(reason), requirement=name))
        self._done += 1
        self._tell(session)

    def judge(self, view: View) -> set[str]:
        """Every rule reads every exchange; gives the requirements that this one breaks."""
        self.views[view.exchange.id] = view
        self._asked_for[ASKED_FOR.get()].append(view)
        if self._on_exchange is not None:
            self._on_exchange(view)
        broken: set[str] = set()
        for rule in rules_for(view, self.contract):
            for made in rule(view, self.contract):
                self._tally.add(made)
                if made.ok is False:
                    broken.add(made.requirement)
        return broken

    def _tell(self, session: Session) -> None:
        if self._on_progress is not None:
            spent = session.budget.spent
            self._on_progress(
                Progress(
                    self._done,
                    self._total,
                    spent.requests,
                    spent.completion_tokens,
                    self._tally.failed,
                    self.seconds,
                )
            )

    def _summary(self, view: View, locations: set[str]) -> ExchangeSummary:
        request, url = view.exchange.request, self.options.url
        has_key = self.options.key is not None
        sendable = request.method == "GET" or self.contract.valid(view.request_json)
        return summarise(
            view,
            curl(request, url, has_key=has_key),
            python=snippet(request, url) if sendable else "",
            head=head(request, url, f"chatproof/{__version__}", has_key=has_key),
            locations=locations,
        )

    def report(self, facts: Facts, model: str, budget: Budget) -> Report:
        """What was found by now."""
        shard, requirements = self.options.shard, self.contract.requirements
        judgements = self._tally.verdicts(
            requirements,
            self.left_out,
            budget.refused,
            self._size,
            elsewhere(shard, EXPERIMENTS, requirements),
        )
        shown: dict[str, set[str]] = defaultdict(set)
        for judgement in judgements:
            for finding in judgement.findings:
                shown[finding.exchange].add(finding.location)
        exchanges = tuple(
            self._summary(view, shown[name])
            for name, view in sorted(self.views.items())
            if name in shown
        )
        latencies = {cls: latency_of(views) for cls, views in self._asked_for.items()}
        return Report(
            version=__version__,
            spec=self.contract.version,
            dialect=self.contract.dialect,
            url=self.options.url,
            model=model,
            judgements=judgements,
            exchanges=exchanges,
            cost=budget.spent,
            cost_by_class=budget.by_class,
            seconds=facts.seconds,
            load=facts.load,
            latency=latency_of(self.views.values()),
            seed=self.options.seed,
            complete=facts.complete,
            note=facts.note,
            started=min((view.exchange.started for view in self.views.values()), default=None),
            latency_by_class={cls: seen for cls, seen in latencies.items() if seen is not None},
            shards=None if shard.whole else Shards((shard.number,), shard.of),
        )

    def _size(self, exchange: str) -> int:
        """How many bytes the request of an exchange has."""
        view = self.views.get(exchange)
        return len(view.exchange.request.body or b"") if view is not None else 0
