"""A replay: a recording judged again, without a server.

Of a run of ours the same experiments are made again, on the replies of then, so the verdicts are
the same; in another dialect some of what it would ask is not in the recording, and undecided.
Traffic that others recorded is only read: rules speak of it, experiments do not.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from .budget import Bounds, Budget, most_expensive
from .checks import RULES, spoken_for
from .meeting import CannotRun
from .recording import Playback, RecordedHunts, Recording
from .report import Facts, Load
from .rules.transport import FAILURES
from .runner import Run
from .session import ASKED_FOR, NotAsked
from .wire import view

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .options import Options
    from .recording import Foreign, Sent
    from .report import Report
    from .runner import Progress

PASSIVE = "only an experiment can tell, and nobody experimented in this recording"
UNSEEN = (*FAILURES, "stream.grammar.utf8", "stream.grammar.bom")
"""Tools write only what they could read, as text in Unicode."""
NOT_SHOWN = "other tools record only replies that are whole, as text"
NOT_MEANT = "it was recorded for the dialect {}, and does not have all that this one asks"
MOST_MODELS = 5
"""So many models are known by name, where the dialect has a list of them."""


def replay(
    recording: Recording | Foreign,
    options: Options,
    on_progress: Callable[[Progress], None] | None = None,
) -> Report:
    """Judge a recording in the dialect of `options`, and report.

    What is to be asked follows from the options of the recording; see
    :meth:`Recording.options` and :meth:`Foreign.options`.

    Raises:
        BadOption: an option makes no sense.
        CannotRun: nothing could be tested when it was recorded.
        SpecError: the dialect is unknown or broken.
    """
    run = Run(options, on_progress)
    if isinstance(recording, Recording):
        return asyncio.run(_again(run, recording))
    return _passively(run, recording)


async def _again(run: Run, recording: Recording) -> Report:
    about = recording.about
    playback = Playback(recording)
    session = run.session(playback, bounded=False)
    # Examples are made from the document of a dialect, and say nothing in another one.
    made_for = recording.options().dialect
    own = run.options.dialect == made_for
    hunts = RecordedHunts(recording, run.contract) if own and run.options.examples else None
    notes = [about.facts.note, "" if own else NOT_MEANT.format(made_for)]
    try:
        await run.ask(session, hunts)
    except NotAsked as reason:
        raise CannotRun(f"{reason}: it ends before the server said anything") from None
    for sent in playback.rest():
        ASKED_FOR.set(sent.cls)
        run.judge(view(sent.exchange))
    budget = _cost(recording.sent)
    budget.refused = about.refused
    facts = replace(
        about.facts,
        complete=about.facts.complete and run.complete,
        note="; ".join(filter(None, notes)),
    )
    return run.report(facts, session.model, budget)


def _passively(run: Run, recording: Foreign) -> Report:
    """Rules read every exchange; of what no rule speaks the verdict is `skip`."""
    known = run.contract.requirements
    spoken = {name for rule in RULES for name in spoken_for(rule.speaks_for, known)}
    passive = dict.fromkeys(known.keys() - spoken, PASSIVE) | dict.fromkeys(UNSEEN, NOT_SHOWN)
    run.left_out = {**passive, **run.left_out}
    models = recording.models[:MOST_MODELS]
    for model in models:
        run.contract = run.contract.for_model(model)
    for sent in recording.sent:
        run.judge(view(sent.exchange))
    seconds = round(sum(sent.exchange.seconds for sent in recording.sent), 3)
    facts = Facts(True, seconds, recording.note, Load(1, 1, 0))
    return run.report(facts, ", ".join(models), _cost(recording.sent))


def _cost(sent: Iterable[Sent]) -> Budget:
    """What the exchanges cost when they were made."""
    budget = Budget(Bounds())
    for each in sent:
        seen = view(each.exchange)
        budget.settle(most_expensive(each.exchange.request.body), seen, each.cls)
    return budget
