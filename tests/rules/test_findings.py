"""A finding says where it is, what was expected, and what came; the vectors only that it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tools.vectors import vectors

from chatproof.checks import RULES, rules_for, spoken_for
from chatproof.contract import dialect_names, load_contract
from chatproof.wire import view
from tests.vectors.test_vectors import exchange

if TYPE_CHECKING:
    from chatproof.checks import Check

EXCHANGES = {v.id: v for v in vectors() if v.kind == "exchange"}
BAD = [name for name, vector in EXCHANGES.items() if any(vector.breaks.values())]
WHERE = yaml.safe_load((Path(__file__).parent / "findings.yaml").read_text("utf-8"))


def findings(name: str) -> dict[str, Check]:
    """The first finding of each requirement that a vector breaks, whatever its level."""
    (dialect,) = EXCHANGES[name].breaks
    seen, contract = view(exchange(EXCHANGES[name])), load_contract(dialect)
    made = [
        one for rule in rules_for(seen, contract) for one in rule(seen, contract) if one.ok is False
    ]
    return {one.requirement: one for one in reversed(made)}


@pytest.mark.parametrize(
    ("name", "requirement", "finding"),
    [(name, key, finding) for name, found in WHERE.items() for key, finding in found.items()],
)
def test_a_finding_says_where_and_what(
    name: str, requirement: str, finding: dict[str, Any]
) -> None:
    found = findings(name)[requirement]
    made = {"at": found.location, "expected": found.expected, "actual": found.actual}
    made["message"] = found.message
    assert {key: made[key] for key in finding} == finding


@pytest.mark.parametrize("name", BAD)
def test_a_finding_says_what_is_wrong_in_which_exchange(name: str) -> None:
    for found in findings(name).values():
        assert isinstance(found.message, str)
        assert len(found.message.split()) >= 3
        assert found.exchange == name


def test_a_rule_speaks_for_requirements_that_some_dialect_has() -> None:
    known = {name for dialect in dialect_names() for name in load_contract(dialect).requirements}
    for rule in RULES:
        for name in rule.speaks_for:
            assert spoken_for((name,), known)


@pytest.mark.parametrize("name", EXCHANGES)
def test_a_rule_says_only_what_it_speaks_for(name: str) -> None:
    (dialect,) = EXCHANGES[name].breaks
    seen, contract = view(exchange(EXCHANGES[name])), load_contract(dialect)
    for rule in rules_for(seen, contract):
        for made in rule(seen, contract):
            said = [made.requirement] if made.requirement else sorted(made.held)
            assert spoken_for(rule.speaks_for, said) == said
