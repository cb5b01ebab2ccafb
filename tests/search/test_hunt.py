"""The hunt and its strategies: what is drawn is what it claims, and failures shrink."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatproof.contract import load_contract
from chatproof.search.bodies import one_mistake, valid_bodies
from chatproof.search.hunt import hunt
from chatproof.search.second_opinion import SecondOpinion
from chatproof.session import NotAsked
from tests.conftest import DIALECTS, base

if TYPE_CHECKING:
    from chatproof.contract.document import Json

QUIET = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("dialect", DIALECTS)
@QUIET
@given(st.data())
def test_valid_bodies_are_valid(dialect: str, data: st.DataObject) -> None:
    contract = load_contract(dialect)
    plain = base(dialect)
    body = data.draw(valid_bodies(contract, plain, contract.pairs(plain)))
    assert contract.breaches(body) == []


@pytest.mark.parametrize("dialect", DIALECTS)
@QUIET
@given(st.data())
def test_one_mistake_is_a_mistake(dialect: str, data: st.DataObject) -> None:
    contract = load_contract(dialect)
    plain = base(dialect)
    pairs = contract.pairs(plain)
    body, requirement = data.draw(one_mistake(valid_bodies(contract, plain, pairs), pairs))
    assert requirement in contract.requirements
    assert contract.breaches(body)


def hunted(fails: object, **options: int) -> tuple[Json, str]:
    given_ = {"examples": 200, "seed": 1, **options}
    return asyncio.run(hunt(st.integers(0, 10_000), fails, **given_))  # type: ignore[arg-type]


def test_a_failure_shrinks_to_the_smallest() -> None:
    async def fails(number: int) -> bool:
        return number >= 17

    assert hunted(fails) == (17, "")


def test_nothing_is_found_where_nothing_fails() -> None:
    async def fails(_: int) -> bool:
        return False

    assert hunted(fails) == (None, "")


def test_the_session_may_decline() -> None:
    async def fails(_: int) -> bool:
        raise NotAsked("the budget is spent")

    assert hunted(fails) == (None, "the budget is spent")


def test_a_server_that_changes_its_mind_is_not_accused() -> None:
    calls = iter([True])

    async def fails(_: int) -> bool:
        return next(calls, False)

    found, reason = hunted(fails)
    assert found is None
    assert "not again" in reason


@pytest.mark.parametrize("dialect", DIALECTS)
def test_schemathesis_makes_invalid_bodies(dialect: str) -> None:
    contract = load_contract(dialect)
    invalid = []

    async def fails(body: Json) -> bool:
        if isinstance(body, dict):
            invalid.append(bool(contract.breaches(body)))
        return False

    strategy = SecondOpinion(contract).bodies(valid=False)
    asyncio.run(hunt(strategy, fails, examples=30, seed=1))
    assert sum(invalid) > 10
