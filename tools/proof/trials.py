"""Trials: a reference server changed in some way, a run against it, and what was expected."""

from __future__ import annotations

import random
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from chatproof.checks import EXPERIMENTS
from chatproof.contract import load_contract
from chatproof.options import Options
from chatproof.recording import read
from chatproof.reference import serving
from chatproof.replay import replay
from chatproof.runner import run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatproof.report import Report
    from chatproof.verdicts import Verdict

Kind = Literal["fault", "keyword", "variation", "combination", "stability"]
"""A written fault, those that a keyword gives, one variation, several, one server many times."""

KEY = "a-key-for-proofs"
TIMED = frozenset(n for made in EXPERIMENTS if made.turn == "alone" for n in made.speaks_for)
"""Requirements whose experiments measure time, which takes time."""


@dataclass(frozen=True)
class Trial:
    """A run against a changed server, and the requirements that are to fail.

    `optional` are those that a server MAY hold: of them the report says that they are not so.
    """

    kind: Kind
    name: str
    dialect: str
    faults: tuple[str, ...] = ()
    variations: tuple[str, ...] = ()
    expected: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    only_keywords: bool = False
    """Whether nothing but what a keyword demands is looked at."""
    concurrency: int = 8
    shuffle: int = 0
    """The order of the experiments, by the seed of a shuffle; 0 is the usual one."""
    examples: int = 0
    timed: bool = False
    timeout: float = 20.0

    @property
    def breaks(self) -> frozenset[str]:
        return self.expected | self.optional


@dataclass(frozen=True)
class Outcome:
    """What came of a trial: the verdict of each requirement, and the seconds that it took."""

    trial: Trial
    verdicts: Mapping[str, Verdict]
    seconds: float
    missed: frozenset[str]
    """What should have failed, and did not."""
    accused: frozenset[str]
    """What failed, and should not have."""
    beside: frozenset[str]
    """What else failed, for a reply that breaks a keyword: requirements in words."""
    replayed_otherwise: frozenset[str] = frozenset()
    """Of what the recording of the run says something else than the run did."""

    @property
    def exact(self) -> bool:
        """Whether just that failed which had to."""
        return not self.missed and not self.accused

    def with_verdict(self, verdict: Verdict) -> frozenset[str]:
        return frozenset(name for name, given in self.verdicts.items() if given == verdict)


def carry_out(trial: Trial) -> Outcome:
    """The outcome of a trial. For a process of its own: it puts experiments in another order."""
    EXPERIMENTS.sort(key=lambda each: each.name)
    if trial.shuffle:
        random.Random(trial.shuffle).shuffle(EXPERIMENTS)  # noqa: S311
    contract = load_contract(trial.dialect)
    models = contract.judge("request").root.properties["model"].schema
    with (
        serving(trial.dialect, faults=trial.faults, variations=trial.variations, key=KEY) as url,
        tempfile.TemporaryDirectory() as folder,
    ):
        options = Options(
            url=url,
            dialect=trial.dialect,
            key=KEY,
            model=models.get("enum", ["chatproof-reference"])[0],
            examples=trial.examples,
            concurrency=trial.concurrency,
            timeout=trial.timeout,
            skip=() if trial.timed else tuple(sorted(TIMED & set(contract.requirements))),
        )
        recorded = Path(folder) / "run.har"
        report = run(options, record=recorded)
        again = _verdicts(_replayed(recorded))
    verdicts = _verdicts(report)
    failed = frozenset(name for name, verdict in verdicts.items() if verdict == "fail")
    in_words = frozenset(n for n, r in contract.requirements.items() if not r.keyword)
    beside = failed & in_words - trial.expected if trial.only_keywords else frozenset()
    left_out = frozenset(name for name in trial.optional if verdicts[name] == "skip")
    missed = (trial.expected - failed) | (trial.optional - left_out)
    return Outcome(
        trial,
        verdicts,
        report.seconds,
        # One variation may hide what another warns of.
        missed=missed if trial.kind != "combination" else frozenset(),
        accused=failed - trial.expected - beside,
        beside=beside,
        replayed_otherwise=frozenset(n for n in verdicts if verdicts[n] != again[n]),
    )


def _verdicts(report: Report) -> dict[str, Verdict]:
    return {j.requirement.id: j.verdict for j in report.judgements}


def _replayed(path: Path) -> Report:
    recording = read(path, None)
    return replay(recording, recording.options())
