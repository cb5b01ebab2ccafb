"""Trials: a reference server changed in some way, a run against it, and what was expected."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from chatproof.checks import EXPERIMENTS
from chatproof.contract import load_contract
from chatproof.options import Options
from chatproof.reference import serving
from chatproof.reference.faults import FAULTS, faults_of
from chatproof.reference.variations import VARIATIONS
from chatproof.runner import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatproof.contract import Contract
    from chatproof.report import Report

Kind = Literal["fault", "keyword", "variation", "combination", "stability"]
"""A written fault, one that a keyword gives, one variation, several, one server again and again."""

KEY = "a-key-for-proofs"
VENDORS = ("cerebras", "openai")
TIMED = frozenset(n for made in EXPERIMENTS if made.turn == "alone" for n in made.speaks_for)
"""Requirements whose experiments measure time, which takes time."""
SEARCHED = frozenset({"refused.combination", "unchecked.mistakes", "usage.total_in_combination"})
"""Faults that only the search finds."""
UNSEEN = frozenset({"transport.no_cors", "structured.no_recursive"})
"""Faults that break only what a server MAY do: the report leaves it out, with what was seen."""
MIXED = ("stream.no_role", "ignored.temperature.maximum", "usage.wrong_total", "error.html")
"""Faults of a server that is wrong in several ways at once, for seeing that verdicts are stable."""


@dataclass(frozen=True)
class Trial:
    """A run against a changed server. `among` are the requirements looked at; None: all."""

    kind: Kind
    name: str
    dialect: str
    faults: tuple[str, ...] = ()
    variations: tuple[str, ...] = ()
    expected: frozenset[str] = frozenset()
    among: frozenset[str] | None = None
    concurrency: int = 8
    shuffle: int = 0
    """The order of the experiments, by the seed of a shuffle; 0 is the usual one."""
    examples: int = 0
    timed: bool = False
    timeout: float = 20.0


@dataclass(frozen=True)
class Outcome:
    """What came of a trial: the verdict of each requirement, and the seconds that it took."""

    trial: Trial
    verdicts: dict[str, str]
    seconds: float
    failed: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        among = self.trial.among
        failed = {
            name
            for name, verdict in self.verdicts.items()
            if verdict == "fail" and (among is None or name in among)
        }
        object.__setattr__(self, "failed", frozenset(failed))

    @property
    def missed(self) -> frozenset[str]:
        """What should have failed, and did not."""
        return self.trial.expected - self.failed

    @property
    def accused(self) -> frozenset[str]:
        """What failed, and should not have."""
        return self.failed - self.trial.expected


def carry_out(trial: Trial) -> Outcome:
    """The outcome of a trial. For a process of its own: experiments are put in another order."""
    EXPERIMENTS.sort(key=lambda each: each.name)
    if trial.shuffle:
        random.Random(trial.shuffle).shuffle(EXPERIMENTS)  # noqa: S311
    contract = load_contract(trial.dialect)
    report = _met(trial, contract)
    verdicts = {j.requirement.id: j.verdict for j in report.judgements}
    return Outcome(trial, verdicts, report.seconds)


def _met(trial: Trial, contract: Contract) -> Report:
    models = contract.judge("request").root.properties["model"].schema
    with serving(trial.dialect, faults=trial.faults, variations=trial.variations, key=KEY) as url:
        return run(
            Options(
                url=url,
                dialect=trial.dialect,
                key=KEY,
                model=models.get("enum", ["chatproof-reference"])[0],
                examples=trial.examples,
                concurrency=trial.concurrency,
                timeout=trial.timeout,
                skip=() if trial.timed else tuple(sorted(TIMED & set(contract.requirements))),
            )
        )


# What is tried -----------------------------------------------------------------------------------


def of_faults(dialects: tuple[str, ...]) -> Iterator[Trial]:
    """Every fault in each of the dialects, or in the first other one that shows it."""
    contracts = {name: load_contract(name) for name in dialects}
    for id, fault in FAULTS.items():
        if id in UNSEEN:
            continue
        shown = [d for d, c in contracts.items() if fault.expected(c)]
        for dialect in shown or _elsewhere(id):
            expected = fault.expected(load_contract(dialect))
            yield Trial(
                "fault",
                id,
                dialect,
                faults=(id,),
                expected=expected,
                examples=20 if id in SEARCHED else 0,
                timed=bool(expected & TIMED),
                timeout=0.7 if "transport.reply" in expected else 20.0,
            )


def _elsewhere(id: str) -> list[str]:
    from chatproof.contract import dialect_names

    return [d for d in dialect_names() if FAULTS[id].expected(load_contract(d))][:1]


def of_keywords(dialects: tuple[str, ...]) -> Iterator[Trial]:
    """Every fault that a keyword gives.

    A reply that breaks a keyword may break what is said in words too; only keywords are looked at.
    """
    for dialect in dialects:
        contract = load_contract(dialect)
        derived = frozenset(n for n, r in contract.requirements.items() if r.keyword)
        for id, fault in faults_of(contract).items():
            if id not in FAULTS:
                broken = id.startswith("broken.")
                yield Trial(
                    "keyword",
                    id,
                    dialect,
                    faults=(id,),
                    expected=frozenset(fault.breaks),
                    among=derived if broken else None,
                )


def of_variations(dialects: tuple[str, ...]) -> Iterator[Trial]:
    """Every variation alone."""
    for dialect in dialects:
        for id in _allowed(dialect):
            expected = frozenset(VARIATIONS[id].warns)
            yield Trial("variation", id, dialect, variations=(id,), expected=expected)


def of_combinations(dialects: tuple[str, ...], count: int, seed: int) -> Iterator[Trial]:
    """Some variations together, by chance."""
    chance = random.Random(seed)  # noqa: S311
    for number in range(count):
        dialect = dialects[number % len(dialects)]
        ids = tuple(sorted(chance.sample(_allowed(dialect), chance.randint(2, 6))))
        warned = frozenset(name for id in ids for name in VARIATIONS[id].warns)
        yield Trial("combination", " + ".join(ids), dialect, variations=ids, expected=warned)


def of_stability(dialects: tuple[str, ...], count: int) -> Iterator[Trial]:
    """A right and a wrong server, again and again: one request at a time, many, in other orders."""
    for dialect in dialects:
        for faults in ((), MIXED):
            for number in range(count):
                yield Trial(
                    "stability",
                    "several faults" if faults else "no fault",
                    dialect,
                    faults=faults,
                    expected=frozenset(n for id in faults for n in _breaks(id, dialect)),
                    concurrency=(8, 1, 32)[number % 3],
                    shuffle=number // 3,
                )


def _allowed(dialect: str) -> list[str]:
    return [id for id, v in VARIATIONS.items() if not v.dialects or dialect in v.dialects]


def _breaks(id: str, dialect: str) -> frozenset[str]:
    contract = load_contract(dialect)
    return faults_of(contract)[id].expected(contract)
