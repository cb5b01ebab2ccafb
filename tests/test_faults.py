"""A fault is found by exactly the requirements that it names: one of each kind, for a quick look.

All of them, each in all its dialects, are tried by `make prove`.
"""

from __future__ import annotations

import pytest
from tools.proof.scope import of_fault, of_keywords
from tools.proof.trials import Trial, carry_out

from chatproof.checks import spoken_for
from chatproof.contract import load_contract
from chatproof.reference.faults import FAULTS, faults_of, find
from tests.conftest import ALL_DIALECTS, run_reference

MODULES = {f.action.__module__: f.id for f in reversed(FAULTS.values())}
KINDS = ("ignored", "refused", "broken")
"""What the faults of keywords do."""


def of_each_kind() -> list[Trial]:
    """A written fault of each module, the dialects by turns, and one of each kind of keywords."""
    seen = [list(of_fault(id)) for id in MODULES.values()]
    written = [same[number % len(same)] for number, same in enumerate(seen)]
    keywords = list(of_keywords())
    return written + [next(t for t in keywords if t.name.startswith(f"{k}.")) for k in KINDS]


@pytest.mark.parametrize("trial", of_each_kind(), ids=lambda trial: f"{trial.dialect}-{trial.name}")
def test_a_fault_fails_just_what_it_names(trial: Trial) -> None:
    outcome = carry_out(trial)
    assert (outcome.missed, outcome.accused) == (set(), set())


def test_there_are_many_and_each_can_be_seen_somewhere() -> None:
    assert len(FAULTS) >= 150
    contracts = [load_contract(dialect) for dialect in ALL_DIALECTS]
    assert all(any(f.breaks_in(contract) for contract in contracts) for f in FAULTS.values())


@pytest.mark.parametrize("name", ["transport.no_cors", "structured.no_recursive"])
def test_what_is_optional_is_left_out_with_what_was_seen(name: str) -> None:
    report = run_reference("openai", name)
    verdicts = {j.requirement.id: (j.verdict, j.reason) for j in report.judgements}
    for requirement in FAULTS[name].breaks:
        verdict, reason = verdicts[requirement]
        assert verdict == "skip"
        assert reason.startswith("optional, and not so here: ")


def test_each_has_a_title_and_requirements_that_exist() -> None:
    known = {name for dialect in ALL_DIALECTS for name in load_contract(dialect).requirements}
    for fault in FAULTS.values():
        assert fault.title.endswith((".", ")."))
        assert all(spoken_for((name,), known) for name in fault.breaks)


def test_every_requirement_has_a_fault() -> None:
    contracts = [load_contract(dialect) for dialect in ALL_DIALECTS]
    broken = {n for c in contracts for f in faults_of(c).values() for n in f.breaks_in(c)}
    assert broken == {name for contract in contracts for name in contract.requirements}


def test_an_unknown_fault_is_named_with_those_that_are_close() -> None:
    with pytest.raises(KeyError, match=r"did you mean stream\.no_role"):
        find("stream.no_roles", load_contract("openai"))
