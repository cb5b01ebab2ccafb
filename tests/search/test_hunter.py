"""The hunting process: what it is asked, what it tries, and that it never holds anybody up."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from chatproof.contract import load_contract
from chatproof.options import Options
from chatproof.search import KINDS
from chatproof.search.hunter import AT_ONCE, Hunter
from chatproof.session import NotAsked
from tests.conftest import DIALECTS, base, failed, run_reference

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

PLAIN = base("openai")


def with_hunter(
    use: Callable[[Hunter], Awaitable[Any]], dialect: str = "openai", **given: Any
) -> tuple[Any, Hunter]:
    options = Options(url="", dialect=dialect, **given)
    known = dialect if dialect in DIALECTS else "openai"
    hunter = Hunter(options)

    async def go() -> Any:
        await hunter.start(load_contract(known), base(known))
        try:
            return await use(hunter)
        finally:
            await hunter.close()

    return asyncio.run(go()), hunter


def test_the_smallest_example_that_fails_is_found() -> None:
    async def fails(body: dict[str, Any]) -> bool:
        return "temperature" in body and "top_p" in body

    (found, reason), _ = with_hunter(lambda hunter: hunter.hunt("valid", fails))
    assert set(found) - set(PLAIN) == {"temperature", "top_p"}
    assert reason == ""


def test_several_hunts_take_their_turns() -> None:
    async def fails(_: Any) -> bool:
        return False

    async def three(hunter: Hunter) -> list[Any]:
        names = ("valid", "one_mistake", "two_mistakes")
        return await asyncio.gather(*(hunter.hunt(name, fails) for name in names))

    found, _ = with_hunter(three)
    assert found == [(None, "")] * 3


def test_a_session_that_declines_ends_the_hunt_and_not_the_next_one() -> None:
    async def declines(_: Any) -> bool:
        raise NotAsked("the budget is spent")

    async def fails(body: dict[str, Any]) -> bool:
        return "seed" in body

    async def two(hunter: Hunter) -> list[Any]:
        first = await hunter.hunt("valid", declines)
        return [first, await hunter.hunt("valid", fails)]

    (first, second), _ = with_hunter(two)
    assert first == (None, "the budget is spent")
    assert "seed" in second[0]


def test_a_process_that_cannot_start_is_no_hang() -> None:
    async def fails(_: Any) -> bool:
        return False

    async def twice(hunter: Hunter) -> list[Any]:
        return [await hunter.hunt("valid", fails) for _ in range(2)]

    found, hunter = with_hunter(twice, dialect="no-such-dialect")
    assert [example for example, _ in found] == [None, None]
    assert all("the search broke off: " in reason for _, reason in found)
    assert "no-such-dialect" in hunter.problem


def test_closing_does_not_wait_for_a_hunt() -> None:
    async def fails(_: Any) -> bool:
        await asyncio.sleep(60)
        return False

    async def leave(hunter: Hunter) -> None:
        hunting = asyncio.ensure_future(hunter.hunt("valid", fails))
        await asyncio.sleep(0)
        hunting.cancel()

    began = time.monotonic()
    with_hunter(leave)
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("dialect", DIALECTS)
def test_coverage_comes_with_what_it_breaks(dialect: str) -> None:
    """The cases come from a private name of schemathesis."""
    contract = load_contract(dialect)
    cases, _ = with_hunter(lambda hunter: hunter.coverage(), dialect)
    assert len(cases) > 200
    assert len({requirement for _, requirement in cases}) > 60
    for body, requirement in cases:
        assert {b.requirement for b in contract.breaches(body)} == {requirement}


async def everything(hunter: Hunter) -> list[list[Any]]:
    return [await hunter.made(kind) for kind in KINDS]


def test_what_was_made_is_kept_for_the_next_run(tmp_path: Path) -> None:
    first, _ = with_hunter(everything, database=tmp_path / "server")
    second, hunter = with_hunter(everything, database=tmp_path / "server")
    assert first == second
    assert all(first)
    assert hunter._process is None


def test_of_another_seed_or_depth_it_is_made_anew(tmp_path: Path) -> None:
    given = {"examples": 2, "database": tmp_path}
    first, _ = with_hunter(everything, **given)
    second, _ = with_hunter(everything, **{**given, "seed": 2})
    deeper, _ = with_hunter(everything, **{**given, "examples": 3})
    assert first != second
    assert [len(made) for made in (first[0], deeper[0])] == [2, 3]


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"origin": "another"}'])
def test_what_was_kept_and_cannot_be_read_is_made_anew(kept: str, tmp_path: Path) -> None:
    (tmp_path / "made.json").write_text(kept, encoding="ascii")
    made, _ = with_hunter(lambda hunter: hunter.made("valid"), database=tmp_path, examples=2)
    assert len(made) == 2


def test_where_one_of_many_fails_the_rest_is_not_asked() -> None:
    asked: list[Any] = []

    async def fails(body: dict[str, Any]) -> bool:
        asked.append(body)
        return False

    async def fails_at_first(body: dict[str, Any]) -> bool:
        await fails(body)
        raise NotAsked("that is enough")

    with_hunter(lambda hunter: hunter.hunt("valid", fails), examples=50)
    assert len(asked) == 50
    asked.clear()
    with_hunter(lambda hunter: hunter.hunt("valid", fails_at_first), examples=50)
    assert len(asked) == AT_ONCE


@pytest.mark.parametrize("fault", ["usage.total_in_combination", "refused.combination"])
def test_what_failed_once_is_found_at_once_the_next_time(fault: str, tmp_path: Path) -> None:
    first = run_reference("openai", fault, examples=20, database=tmp_path)
    second = run_reference("openai", fault, examples=1, database=tmp_path)
    assert failed(first) == failed(second) != set()


def test_each_cause_is_reported_once() -> None:
    faults = ("ignored.temperature.maximum", "ignored.top_p.maximum")
    report = run_reference("openai", *faults, examples=20)
    assert failed(report) == {"request.temperature.maximum", "request.top_p.maximum"}
    for judgement in report.judgements:
        if judgement.verdict == "fail":
            smallest = judgement.findings[0]
            sizes = [len(e.curl) for e in report.exchanges if e.id == smallest.exchange]
            assert sizes
            assert sizes[0] == min(
                len(e.curl)
                for e in report.exchanges
                for f in judgement.findings
                if e.id == f.exchange
            )
