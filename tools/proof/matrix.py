"""What the outcomes of all trials say together: the matrix, its figures, and what is wrong."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chatproof.contract import dialect_names, load_contract
from chatproof.reference.faults import faults_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .trials import Kind, Outcome

FAULTY: tuple[Kind, ...] = ("fault", "keyword")
LEGAL: tuple[Kind, ...] = ("variation", "combination")


@dataclass(frozen=True)
class Matrix:
    """The outcomes of all trials, which took `seconds` in all."""

    outcomes: tuple[Outcome, ...]
    seconds: float

    def of(self, *kinds: Kind) -> tuple[Outcome, ...]:
        return tuple(each for each in self.outcomes if each.trial.kind in kinds)

    @cached_property
    def faults(self) -> dict[str, dict[str, list[str]]]:
        """The requirements that failed under a fault, by its id and the dialect.

        Where a server had several faults at a time, each has its own.
        """
        found: dict[str, dict[str, list[str]]] = {}
        for outcome in self.of(*FAULTY):
            trial = outcome.trial
            for id, breaks in shares(outcome).items():
                found.setdefault(id, {})[trial.dialect] = sorted(breaks)
        return found

    @cached_property
    def requirements(self) -> dict[str, list[str]]:
        """The faults that were seen to fail a requirement, for every one in any dialect."""
        names = (load_contract(dialect).requirements for dialect in dialect_names())
        proven: dict[str, list[str]] = {name: [] for known in names for name in known}
        for id, dialects in self.faults.items():
            for name in dict.fromkeys(n for failed in dialects.values() for n in failed):
                proven[name].append(id)
        return proven

    @property
    def unproven(self) -> list[str]:
        """Requirements that no fault was seen to fail."""
        return [name for name, faults in self.requirements.items() if not faults]

    @property
    def unexact(self) -> tuple[Outcome, ...]:
        """Faults that were not found by just what they name."""
        return tuple(each for each in self.of(*FAULTY) if not each.exact)

    @property
    def false_alarms(self) -> tuple[Outcome, ...]:
        """Servers that are right, of which something was said that is not so."""
        return tuple(each for each in self.of(*LEGAL) if not each.exact)

    @cached_property
    def changed(self) -> list[tuple[str, str, str, list[str]]]:
        """Verdicts that differ between runs against one server: server, dialect, id, verdicts."""
        seen: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for outcome in self.of("stability"):
            for name, verdict in outcome.verdicts.items():
                seen[outcome.trial.name, outcome.trial.dialect, name].add(verdict)
        return [(*key, sorted(verdicts)) for key, verdicts in seen.items() if len(verdicts) > 1]

    @property
    def kill_rate(self) -> float:
        """The share of faults that are found by just the requirements that they name."""
        tried = sum(len(each.trial.faults) for each in self.of(*FAULTY))
        failed = sum(len(each.trial.faults) for each in self.unexact)
        return (tried - failed) / tried if tried else 0.0

    def problems(self) -> Iterator[str]:
        """What is wrong, a line each. Nothing, if the verdicts can be trusted."""
        for each in self.outcomes:
            yield from said_of(each)
        for name in self.unproven:
            yield f"requirement {name}: no fault fails it"
        for server, dialect, name, verdicts in self.changed:
            yield f"{server} ({dialect}): {name} is by turns {', '.join(verdicts)}"

    def figures(self) -> dict[str, Any]:
        """What the matrix comes to, in numbers."""
        right = self.of(*LEGAL)
        inconclusive = [len(each.with_verdict("inconclusive")) for each in self.outcomes]
        return {
            "faults": len(self.faults),
            "runs with faults": len(self.of(*FAULTY)),
            "found by just what they name": self.kill_rate,
            "requirements": len(self.requirements),
            "requirements without a fault": len(self.unproven),
            "variations alone": len(self.of("variation")),
            "variations together": len(self.of("combination")),
            "false alarms": len(self.false_alarms),
            "runs that were repeated": len(self.of("stability")),
            "verdicts that changed": len(self.changed),
            "recordings with other verdicts": sum(
                bool(each.replayed_otherwise) for each in self.outcomes
            ),
            "inconclusive in a run, on average": sum(inconclusive) / max(1, len(inconclusive)),
            "inconclusive of a right server": max(
                (len(each.with_verdict("inconclusive")) for each in right), default=0
            ),
            "runs": len(self.outcomes),
            "seconds": round(self.seconds, 1),
        }

    def as_json(self) -> dict[str, Any]:
        """All of it, for machines."""
        return {
            "figures": self.figures(),
            "problems": list(self.problems()),
            "faults": self.faults,
            "requirements": self.requirements,
            "variations": [
                {
                    "variations": each.trial.variations,
                    "dialect": each.trial.dialect,
                    "failed": sorted(each.with_verdict("fail")),
                    "inconclusive": sorted(each.with_verdict("inconclusive")),
                    "seconds": each.seconds,
                }
                for each in self.of(*LEGAL)
            ],
            "changed": self.changed,
        }


def said_of(outcome: Outcome) -> Iterator[str]:
    """What is wrong with one outcome; nothing, if just that failed which had to."""
    where = f"{outcome.trial.kind} {outcome.trial.name} ({outcome.trial.dialect})"
    for word, names in (
        ("not found", outcome.missed),
        ("accused", outcome.accused),
        ("another verdict when replayed", outcome.replayed_otherwise),
    ):
        if names:
            yield f"{where}: {word}: {', '.join(sorted(names))}"


def shares(outcome: Outcome) -> dict[str, frozenset[str]]:
    """What failed, or was left out as optional, under each fault of a trial."""
    contract = load_contract(outcome.trial.dialect)
    known = faults_of(contract)
    seen = outcome.with_verdict("fail") | (outcome.with_verdict("skip") & outcome.trial.optional)
    if len(outcome.trial.faults) == 1:
        return {outcome.trial.faults[0]: seen}
    return {id: seen & known[id].breaks_in(contract) for id in outcome.trial.faults}
