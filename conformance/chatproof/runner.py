"""A run: ask the server everything, judge every exchange, and report.

The way of the data, in one place: experiments ask through the session, every exchange that comes
back is read by every rule, all checks together give the verdicts.
"""

from __future__ import annotations

import asyncio
import fnmatch
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import __version__, experiments, rules
from .checks import EXPERIMENTS, TURNS, Experiment, by_turns, inconclusive, rules_on, spoken_for
from .contract import Contract, load_contract
from .experiments.search import plainest
from .meeting import CannotRun, meet
from .options import BadOption, Options
from .pushback import PATIENT
from .report import Load, Report, latency_of, summarise
from .search.hunter import Hunter
from .session import ASKED_FOR, NotAsked, Session
from .transport import Live
from .transport.curl import curl
from .verdicts import Tally

assert experiments  # imported for what they register
assert rules

__all__ = ["BadOption", "CannotRun", "Options", "Progress", "left_out", "run"]

SHARES = {"main": 0.75}
"""How much of a small budget may be spent up to a turn: boundaries say much for little money."""

if TYPE_CHECKING:
    from collections.abc import Callable

    from .wire import View


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: experiments finished of all, requests sent, requirements failed so far."""

    done: int
    total: int
    requests: int
    failed: int


def run(
    options: Options,
    on_progress: Callable[[Progress], None] | None = None,
    on_exchange: Callable[[View], None] | None = None,
) -> Report:
    """Test a server and report.

    `on_exchange` sees every exchange once, when it is complete. What was learnt before an
    interrupt (Ctrl-C) is still reported.

    Raises:
        BadOption: an option makes no sense.
        CannotRun: the server cannot be reached, refuses the key, or has no such model.
        SpecError: the dialect is unknown or broken.
    """
    return asyncio.run(_Run(options, on_progress, on_exchange).report())


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


class _Run:
    def __init__(
        self,
        options: Options,
        on_progress: Callable[[Progress], None] | None,
        on_exchange: Callable[[View], None] | None,
    ) -> None:
        self._options = options
        self._on_progress = on_progress
        self._on_exchange = on_exchange
        self._contract = load_contract(options.dialect)
        self._left_out = left_out(self._contract, options)
        self._tally = Tally()
        self._views: dict[str, View] = {}
        self._done = self._total = 0
        self._began = time.perf_counter()

    async def report(self) -> Report:
        options = self._options
        async with Live(options.url, key=options.key, timeout=options.timeout) as transport:
            session = Session(transport, self._contract, options, self._judge, self._left_out)
            complete = True
            try:
                await meet(session)
                self._contract = session.contract
                await self._experiment(session)
            except asyncio.CancelledError:
                complete = False
            finally:
                await session.close()
                if session.hunter is not None:
                    await session.hunter.close()
        return self._report(session, complete=complete)

    async def _experiment(self, session: Session) -> None:
        """All that has no order at once; one by one where not everything is affordable.

        The search comes after what measures time, which gives it time to be made up.
        """
        wanted = self._in_order([e for e in EXPERIMENTS if self._wanted(e)])
        self._total = len(wanted)
        if self._options.examples and any(e.turn == "search" for e in wanted):
            session.hunter = Hunter(self._options, session.contract, plainest(session))
            await session.hunter.start()  # it needs a while to get ready
        if self._options.sparing:
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
            if self._options.sparing:
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
        known = self._contract.requirements
        return known[spoken_for(experiment.speaks_for, known)[0]].cls

    def _wanted(self, experiment: Experiment) -> bool:
        spoken = spoken_for(experiment.speaks_for, self._contract.requirements)
        return any(name not in self._left_out for name in spoken)

    async def _one(self, experiment: Experiment, session: Session) -> None:
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

    def _judge(self, view: View) -> set[str]:
        """Every rule reads every exchange; gives the requirements that this one breaks."""
        self._views[view.exchange.id] = view
        if self._on_exchange is not None:
            self._on_exchange(view)
        broken: set[str] = set()
        for rule in rules_on(view.kind):
            if rule.applies(view, self._contract):
                for made in rule(view, self._contract):
                    self._tally.add(made)
                    if made.ok is False:
                        broken.add(made.requirement)
        return broken

    def _tell(self, session: Session) -> None:
        if self._on_progress is not None:
            requests = session.budget.spent.requests
            self._on_progress(Progress(self._done, self._total, requests, self._tally.failed))

    def _curl(self, view: View) -> str:
        has_key = self._options.key is not None
        return curl(view.exchange.request, self._options.url, has_key=has_key)

    def _report(self, session: Session, *, complete: bool) -> Report:
        judgements = self._tally.verdicts(
            self._contract.requirements, self._left_out, session.budget.refused, self._size
        )
        shown = {f.exchange for j in judgements for f in j.findings if f.exchange}
        exchanges = tuple(
            summarise(view.exchange, self._curl(view))
            for name, view in sorted(self._views.items())
            if name in shown
        )
        return Report(
            version=__version__,
            spec=self._contract.version,
            dialect=self._contract.dialect,
            url=self._options.url,
            model=session.model,
            judgements=judgements,
            exchanges=exchanges,
            cost=session.budget.spent,
            cost_by_class=session.budget.by_class,
            seconds=round(time.perf_counter() - self._began, 3),
            load=Load(session.gate.most, session.gate.limit, session.gate.refusals),
            latency=latency_of(self._views.values()),
            seed=self._options.seed,
            complete=complete,
            note=session.stopped or (session.hunter.problem if session.hunter else ""),
        )

    def _size(self, exchange: str) -> int:
        """How many bytes the request of an exchange has."""
        view = self._views.get(exchange)
        return len(view.exchange.request.body or b"") if view is not None else 0
