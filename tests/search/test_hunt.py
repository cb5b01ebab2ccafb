"""The hunt and its strategies: what is drawn is what it claims, and failures shrink."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatproof.contract import load_contract
from chatproof.search.bodies import valid_bodies
from chatproof.search.hunt import Stop, hunt
from chatproof.search.quarry import one_mistake, two_mistakes
from chatproof.search.second_opinion import SecondOpinion
from tests.conftest import DIALECTS, base

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chatproof.contract import Contract
    from chatproof.contract.document import Json

    Quarry = Callable[[Contract, dict[str, object]], st.SearchStrategy[Json]]

QUIET = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("dialect", DIALECTS)
@QUIET
@given(st.data())
def test_valid_bodies_are_valid(dialect: str, data: st.DataObject) -> None:
    contract = load_contract(dialect)
    plain = base(dialect)
    body = data.draw(valid_bodies(contract, plain, contract.pairs(plain)))
    assert contract.breaches(body) == []


@pytest.mark.parametrize("quarry", [one_mistake, two_mistakes])
@pytest.mark.parametrize("dialect", DIALECTS)
@QUIET
@given(st.data())
def test_mistakes_are_mistakes(dialect: str, quarry: Quarry, data: st.DataObject) -> None:
    contract = load_contract(dialect)
    body, names, requirements = data.draw(quarry(contract, base(dialect)))
    assert len(set(names)) == len(requirements)
    assert {breach.requirement for breach in contract.breaches(body)} == set(requirements)


def test_everything_is_combined_but_what_is_dear() -> None:
    contract = load_contract("openai")
    plain = base("openai")
    seen: set[str] = set()

    def collect(body: dict[str, Json]) -> bool:
        seen.update(set(body))
        assert (body.get("n") or 1) <= 2
        return False

    hunt(valid_bodies(contract, plain, contract.pairs(plain)), collect, examples=200, seed=1)
    assert {"stream", "n", "tools", "response_format", "seed", "stop", "logprobs"} <= seen
    assert "max_tokens" not in seen


def hunted(
    fails: Callable[[int], bool], database: Path | None = None, **options: int
) -> tuple[int | None, str]:
    given_ = {"examples": 200, "seed": 1, **options}
    return hunt(st.integers(0, 10_000), fails, database=database, **given_)


def test_a_failure_shrinks_to_the_smallest() -> None:
    assert hunted(lambda number: number >= 17) == (17, "")


def test_nothing_is_found_where_nothing_fails() -> None:
    assert hunted(lambda _: False) == (None, "")


def test_a_hunt_may_be_stopped() -> None:
    def fails(_: int) -> bool:
        raise Stop("the budget is spent")

    assert hunted(fails) == (None, "the budget is spent")


def test_a_server_that_changes_its_mind_is_not_accused() -> None:
    calls = iter([True])
    found, reason = hunted(lambda _: next(calls, False))
    assert found is None
    assert "not again" in reason


def test_what_failed_is_tried_first_the_next_time(tmp_path: Path) -> None:
    assert hunted(lambda number: number >= 4321, tmp_path)[0] == 4321
    tried: list[int] = []

    def fails(number: int) -> bool:
        tried.append(number)
        return False

    hunted(fails, tmp_path)
    assert tried[0] == 4321


def test_the_same_seed_gives_the_same_examples() -> None:
    def drawn(seed: int) -> list[int]:
        tried: list[int] = []

        def fails(number: int) -> bool:
            tried.append(number)
            return False

        hunted(fails, examples=20, seed=seed)
        return tried

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_schemathesis_makes_invalid_bodies(dialect: str) -> None:
    contract = load_contract(dialect)
    invalid: list[bool] = []

    def fails(body: Json) -> bool:
        if isinstance(body, dict):
            invalid.append(bool(contract.breaches(body)))
        return False

    hunt(SecondOpinion(contract).bodies(valid=False), fails, examples=10, seed=1)
    assert sum(invalid) > 3
