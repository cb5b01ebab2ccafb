"""What is tried: everything, and in a brief proof everything once."""

from __future__ import annotations

import pytest
from tools.proof.scope import BRIEF, VENDORS, WHOLE, Scope, of_combinations

from chatproof.contract import load_contract
from chatproof.reference.faults import FAULTS, faults_of
from chatproof.reference.variations import VARIATIONS
from tests.conftest import ALL_DIALECTS


@pytest.mark.parametrize("scope", [BRIEF, WHOLE], ids=["brief", "whole"])
def test_nothing_is_left_out(scope: Scope) -> None:
    trials = scope.trials()
    faults = {id for trial in trials for id in trial.faults}
    contracts = [load_contract(dialect) for dialect in ALL_DIALECTS]
    assert {id for contract in contracts for id in faults_of(contract)} | set(FAULTS) <= faults
    assert {id for trial in trials for id in trial.variations} == set(VARIATIONS)
    broken = {name for trial in trials for name in trial.breaks}
    assert broken == {name for contract in contracts for name in contract.requirements}


def test_a_whole_proof_tries_each_fault_alone_in_both_dialects() -> None:
    tried = {(t.dialect, t.faults) for t in WHOLE.trials() if t.kind in ("fault", "keyword")}
    for dialect in VENDORS:
        assert {(dialect, (id,)) for id in faults_of(load_contract(dialect))} <= tried


def test_combinations_are_many_unlike_and_repeatable() -> None:
    drawn = [(t.dialect, t.variations) for t in of_combinations(100, seed=3)]
    assert len(drawn) == len(set(drawn)) == 100
    assert all(2 <= len(variations) <= 6 for _, variations in drawn)
    assert drawn == [(t.dialect, t.variations) for t in of_combinations(100, seed=3)]
    assert drawn != [(t.dialect, t.variations) for t in of_combinations(100, seed=4)]
