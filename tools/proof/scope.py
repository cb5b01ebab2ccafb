"""What is tried: faults, variations, and the same servers again and again."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings, strategies

from chatproof.contract import dialect_names, load_contract
from chatproof.reference.faults import FAULTS, faults_of
from chatproof.reference.variations import VARIATIONS

from .trials import TIMED, Trial

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatproof.contract import Contract
    from chatproof.reference.faults import Fault

VENDORS = ("cerebras", "openai")
"""The dialects of the two vendors. What only another dialect demands is tried in that."""
SEARCHED = frozenset({"refused.combination", "unchecked.mistakes", "usage.total_in_combination"})
"""Faults that only the search finds."""
MIXED = ("stream.no_role", "ignored.temperature.maximum", "usage.wrong_total", "error.html")
"""Faults of a server that is wrong in several ways at once, for seeing that verdicts are stable."""
TOGETHER = 8
"""So many constraints are overlooked by one server in a brief proof."""


@dataclass(frozen=True)
class Scope:
    """How much is tried.

    A brief proof tries each fault and each variation once, the dialects by turns, and faults that
    do not touch each other together; a whole one tries all in both dialects, one by one.
    """

    brief: bool
    combinations: int
    repetitions: int
    """So many runs against a server whose verdicts are compared."""
    seed: int

    def trials(self) -> list[Trial]:
        """Everything that is tried."""
        return [
            *self._by_turns(self._faults()),
            *(together(self._by_turns(of_keywords())) if self.brief else of_keywords()),
            *self._by_turns(of_variations()),
            *of_combinations(self.combinations, self.seed),
            *of_stability(self.repetitions),
        ]

    def _faults(self) -> Iterator[Trial]:
        for id in FAULTS:
            yield from of_fault(id)

    def _by_turns(self, trials: Iterable[Trial]) -> list[Trial]:
        """Each once if the proof is brief, in one of its dialects, or where nothing else shows it.

        "It" is a requirement that no trial chosen so far expects to fail.
        """
        by_name: dict[str, list[Trial]] = {}
        for trial in trials:
            by_name.setdefault(trial.name, []).append(trial)
        if not self.brief:
            return [trial for same in by_name.values() for trial in same]
        chosen = [same[number % len(same)] for number, same in enumerate(by_name.values())]
        shown = {name for trial in chosen for name in trial.breaks}
        for trial in (trial for same in by_name.values() for trial in same):
            if not trial.breaks <= shown:
                chosen.append(trial)
                shown |= trial.breaks
        return chosen


WHOLE = Scope(brief=False, combinations=500, repetitions=20, seed=1)
BRIEF = Scope(brief=True, combinations=40, repetitions=4, seed=1)


def of_fault(id: str) -> Iterator[Trial]:
    """A written fault in the dialects of the vendors, or in the first other one that shows it."""
    contracts = {name: load_contract(name) for name in (*VENDORS, *dialect_names())}
    seen = [name for name, contract in contracts.items() if FAULTS[id].breaks_in(contract)]
    for dialect in [name for name in VENDORS if name in seen] or seen[:1]:
        yield _of(FAULTS[id], contracts[dialect])


def _of(fault: Fault, contract: Contract) -> Trial:
    expected, optional = fault.expected(contract), fault.optional(contract)
    return Trial(
        "fault" if fault.id in FAULTS else "keyword",
        fault.id,
        contract.dialect,
        faults=(fault.id,),
        expected=expected,
        optional=optional,
        # A reply that breaks a keyword may break what is said in words too.
        only_keywords=fault.id.startswith("broken."),
        examples=20 if fault.id in SEARCHED else 0,
        timed=bool((expected | optional) & TIMED),
        timeout=0.7 if "transport.reply" in expected else 20.0,
    )


def of_keywords() -> Iterator[Trial]:
    """Every fault that a keyword gives, in each of the vendors' dialects or in another."""
    tried: set[str] = set()
    for dialect in dict.fromkeys((*VENDORS, *dialect_names())):
        contract = load_contract(dialect)
        for id, fault in faults_of(contract).items():
            if id not in FAULTS and (dialect in VENDORS or id not in tried):
                tried.add(id)
                yield _of(fault, contract)


def together(trials: Iterable[Trial]) -> list[Trial]:
    """Trials of keywords, several faults at a time that do not touch each other."""
    groups: dict[tuple[str, str], list[Trial]] = {}
    for trial in trials:
        way, what, *_ = trial.name.split(".")
        groups.setdefault((trial.dialect, what if way == "broken" else way), []).append(trial)
    made: list[Trial] = []
    for dialect in dict.fromkeys(dialect for dialect, _ in groups):
        own = {what: group for (d, what), group in groups.items() if d == dialect}
        overlooked, refused = own.pop("ignored", []), own.pop("refused", [])
        made += refused  # what is refused may be in many requests
        made += [_joined(overlooked[n : n + TOGETHER]) for n in range(0, len(overlooked), TOGETHER)]
        made += [_joined([t for t in row if t is not None]) for row in zip_longest(*own.values())]
    return made


def _joined(trials: list[Trial]) -> Trial:
    first = trials[0]
    return Trial(
        "keyword",
        " + ".join(trial.name for trial in trials),
        first.dialect,
        faults=tuple(id for trial in trials for id in trial.faults),
        expected=frozenset[str]().union(*(trial.expected for trial in trials)),
        optional=frozenset[str]().union(*(trial.optional for trial in trials)),
        only_keywords=first.only_keywords,
    )


def of_variations() -> Iterator[Trial]:
    """Every variation alone."""
    for dialect in VENDORS:
        for id in _allowed(dialect):
            expected = frozenset(VARIATIONS[id].warns)
            yield Trial("variation", id, dialect, variations=(id,), expected=expected)


def of_combinations(count: int, seed: int) -> Iterator[Trial]:
    """Some variations together, as hypothesis draws them."""
    for number, dialect in enumerate(VENDORS):
        share = count // len(VENDORS) + (number < count % len(VENDORS))
        for ids in _drawn(_allowed(dialect), share, seed):
            yield combination(dialect, ids)


def combination(dialect: str, ids: Iterable[str]) -> Trial:
    """A server that is different in several ways, each of which may warn of something."""
    names = tuple(sorted(ids))
    warned = frozenset(warning for id in names for warning in VARIATIONS[id].warns)
    return Trial("combination", " + ".join(names), dialect, variations=names, expected=warned)


def _drawn(names: list[str], count: int, seed: int) -> list[frozenset[str]]:
    drawn: dict[frozenset[str], None] = {}

    @hypothesis.seed(seed)
    @settings(
        max_examples=2 * count + 20,  # it draws some twice
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategies.frozensets(strategies.sampled_from(names), min_size=2, max_size=6))
    def draw(chosen: frozenset[str]) -> None:
        drawn[chosen] = None

    if count:
        draw()
    return list(drawn)[-count:]  # it begins with the simplest


def of_stability(count: int) -> Iterator[Trial]:
    """A right and a wrong server, again and again: one request at a time, many, in other orders."""
    for dialect in VENDORS:
        contract = load_contract(dialect)
        known = faults_of(contract)
        for faults in ((), MIXED):
            for number in range(count):
                yield Trial(
                    "stability",
                    "several faults" if faults else "no fault",
                    dialect,
                    faults=faults,
                    expected=frozenset(n for id in faults for n in known[id].expected(contract)),
                    concurrency=(8, 1, 32)[number % 3],
                    shuffle=number // 2,
                )


def _allowed(dialect: str) -> list[str]:
    return [id for id, v in VARIATIONS.items() if not v.dialects or dialect in v.dialects]
