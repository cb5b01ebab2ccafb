"""The matrix says what is wrong: each kind of mistake is seen, in outcomes made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tools.proof.matrix import Matrix, shares
from tools.proof.page import page
from tools.proof.trials import Outcome, Trial, carry_out

from chatproof.contract import load_contract

if TYPE_CHECKING:
    from chatproof.verdicts import Verdict

ROLE, FINISH = "stream.role.first", "stream.finish.once"
FAULT = Trial("fault", "stream.no_role", "openai", ("stream.no_role",), expected=frozenset([ROLE]))
VARIATION = Trial("variation", "events.crlf", "openai", variations=("events.crlf",))
STEADY = Trial("stability", "no fault", "openai")


def outcome(trial: Trial, *failed: str, **verdicts: Verdict) -> Outcome:
    """An outcome in which these failed and all others passed."""
    given: dict[str, Verdict] = dict.fromkeys(load_contract("openai").requirements, "pass")
    given |= dict.fromkeys(failed, "fail") | {n.replace("_", "."): v for n, v in verdicts.items()}
    found = frozenset(failed)
    return Outcome(trial, given, 1.0, trial.expected - found, found - trial.expected, frozenset())


def problems(*outcomes: Outcome) -> list[str]:
    """What is wrong, but for requirements without a fault, of which there are many here."""
    made = Matrix(outcomes, 1.0).problems()
    return [problem for problem in made if not problem.endswith("no fault fails it")]


def test_all_is_well() -> None:
    assert problems(outcome(FAULT, ROLE), outcome(VARIATION), outcome(STEADY)) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (outcome(FAULT), f"fault stream.no_role (openai): not found: {ROLE}"),
        (outcome(FAULT, ROLE, FINISH), f"fault stream.no_role (openai): accused: {FINISH}"),
        (outcome(VARIATION, FINISH), f"variation events.crlf (openai): accused: {FINISH}"),
        (outcome(STEADY, FINISH), f"stability no fault (openai): accused: {FINISH}"),
    ],
)
def test_what_is_wrong_is_said(wrong: Outcome, said: str) -> None:
    assert problems(wrong) == [said]
    assert wrong.exact is False


def test_a_requirement_without_a_fault_is_named() -> None:
    matrix = Matrix((outcome(FAULT, ROLE),), 1.0)
    assert matrix.requirements[ROLE] == ["stream.no_role"]
    assert ROLE not in matrix.unproven
    assert f"requirement {FINISH}: no fault fails it" in list(matrix.problems())


def test_a_verdict_that_changes_is_named() -> None:
    unsure = outcome(STEADY, usage_total="inconclusive")
    assert problems(outcome(STEADY), unsure) == [
        "no fault (openai): usage.total is by turns inconclusive, pass"
    ]


def test_the_kill_rate_counts_faults() -> None:
    matrix = Matrix((outcome(FAULT, ROLE), outcome(FAULT), outcome(VARIATION, FINISH)), 1.0)
    assert matrix.kill_rate == 0.5
    assert matrix.figures()["false alarms"] == 1


def test_of_several_faults_each_has_its_own() -> None:
    both = replace(
        FAULT,
        faults=("ignored.temperature.maximum", "ignored.top_p.maximum"),
        expected=frozenset(["request.temperature.maximum", "request.top_p.maximum"]),
    )
    assert shares(outcome(both, *both.expected)) == {
        "ignored.temperature.maximum": {"request.temperature.maximum"},
        "ignored.top_p.maximum": {"request.top_p.maximum"},
    }


def test_a_trial_is_carried_out() -> None:
    made = carry_out(FAULT)
    assert made.exact
    assert made.with_verdict("fail") == {ROLE}
    missed = carry_out(replace(FAULT, expected=frozenset([ROLE, FINISH])))
    assert missed.missed == {FINISH}


def test_the_page_holds_the_matrix() -> None:
    text = page(Matrix((outcome(FAULT, ROLE, FINISH), outcome(VARIATION)), 1.0))
    assert "<code>stream.no_role</code>" in text
    assert f"accused: {FINISH}" in text
    assert "://" not in text
    assert "src=" not in text
