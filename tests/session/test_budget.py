"""What a run may cost: bounds that hold, and the most valuable first."""

from __future__ import annotations

import asyncio
import json
import random
from typing import TYPE_CHECKING

import pytest

from chatproof import options, runner
from chatproof.budget import Bounds, Budget, OverBudget, most_expensive
from chatproof.contract import load_contract
from chatproof.limiting import SOON
from chatproof.options import MOST_COMPLETION_TOKENS, QUICK, Options
from chatproof.reference import model, serving
from chatproof.reference.faults.registry import Fault, Situation
from chatproof.transport.live import Live
from chatproof.wire import view
from chatproof.wire.exchange import Exchange, Reply, Request, Segment
from tests.conftest import ALL_DIALECTS, DIALECTS, KEY, MODELS, failed, run_reference

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from chatproof.budget import Cost
    from chatproof.contract.document import Json
    from chatproof.wire import View

    Afford = Callable[[Budget, bytes | None], Awaitable[Cost]]


def body(**members: object) -> bytes:
    return json.dumps(members).encode()


@pytest.mark.parametrize(
    ("members", "completion"),
    [
        ({"max_completion_tokens": 8}, 8),
        ({"max_tokens": 8, "max_completion_tokens": 5}, 5),
        ({"max_tokens": 8, "n": 3}, 24),
        ({"max_tokens": 10**9}, 128),
        ({"max_tokens": None}, 128),
        ({"max_tokens": "8"}, 128),
        ({"max_completion_tokens": None, "stop": ["###"]}, 128),
        ({"max_completion_tokens": None, **SOON}, 16),
        ({"max_completion_tokens": 8, **SOON}, 8),
        ({}, 128),
    ],
)
def test_what_a_request_may_cost(members: dict[str, object], completion: int) -> None:
    most = most_expensive(body(**members))
    assert (most.requests, most.completion_tokens) == (1, completion)
    assert most.prompt_tokens == len(body(**members))


@pytest.mark.parametrize(("data", "tokens"), [(None, 0), (b"", 0), (b"[]", 0), (b"x", 1)])
def test_what_is_no_request_costs_little(data: bytes | None, tokens: int) -> None:
    most = most_expensive(data)
    assert (most.requests, most.completion_tokens) == (1, tokens)


def test_what_cannot_be_read_here_may_be_read_there() -> None:
    most = most_expensive(b"[" * 100_000)
    assert (most.prompt_tokens, most.completion_tokens) == (100_000, 1)


def test_what_is_under_way_counts() -> None:
    budget = Budget(Bounds(completion_tokens=20))
    budget.reserve(body(max_tokens=8))
    budget.reserve(body(max_tokens=8))
    with pytest.raises(OverBudget, match="the budget of 20 completion tokens is spent"):
        budget.reserve(body(max_tokens=8))
    budget.reserve(body(max_tokens=4))


def test_who_comes_too_early_waits_for_what_is_given_back() -> None:
    async def three() -> list[str]:
        budget = Budget(Bounds(completion_tokens=20))
        done: list[str] = []

        async def ask(name: str, most: int) -> None:
            try:
                await budget.afford(body(max_tokens=most))
                done.append(name)
            except OverBudget:
                done.append(f"not {name}")

        first = await budget.afford(body(max_tokens=16))
        waiting = [asyncio.create_task(ask("large", 12)), asyncio.create_task(ask("small", 2))]
        for _ in range(3):
            await asyncio.sleep(0)
        assert done == []  # the small one would have room, and is not let past the large one
        assert budget.refused == ""
        budget.settle(first, answered_with(completion_tokens=8), "core")
        await asyncio.wait(waiting[:1])
        assert done == ["large"]
        budget.settle(
            most_expensive(body(max_tokens=12)), answered_with(completion_tokens=11), "core"
        )
        await asyncio.wait(waiting)
        assert budget.refused == "the budget of 20 completion tokens is spent"
        return done

    assert asyncio.run(three()) == ["large", "not small"]


def answered_with(**usage: int) -> View:
    reply = Reply(200, "OK", (), (Segment(0.0, body(choices=[], usage=usage)),))
    return view(Exchange("x", Request("POST", "/chat/completions", (), b"{}"), reply, None, 0, 0))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_a_small_budget_buys_is_the_same_each_time(
    dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many are asked at a time, and in whatever order the replies come.

    The server may not say something else each time, whose length would be paid for.
    """
    monkeypatch.setattr(model.secrets, "randbits", lambda bits: bits)
    monkeypatch.setattr(Budget, "afford", in_the_order_of(asked := [], Budget.afford))
    runs = [asked_and_judged(asked, dialect, concurrency=n) for n in (8, 2)]
    monkeypatch.setattr(runner, "Live", Unsteady)
    runs += [asked_and_judged(asked, dialect, concurrency=8) for _ in range(2)]
    (bodies, verdicts), *others = runs
    for again, judged in others:
        assert judged == verdicts
        # What nobody waits for any more when the run ends may not be asked.
        assert [*again, *bodies[len(again) :]] == [*bodies, *again[len(bodies) :]]
        assert abs(len(again) - len(bodies)) < 20
    assert sum(verdict == "pass" for _, verdict in verdicts) > 250


def in_the_order_of(asked: list[bytes | None], afford: Afford) -> Afford:
    """`afford`, which keeps in `asked` what money was asked for."""

    async def kept(budget: Budget, body: bytes | None) -> Cost:
        asked.append(body)
        return await afford(budget, body)

    return kept


def asked_and_judged(
    asked: list[bytes | None], dialect: str, *, concurrency: int
) -> tuple[list[bytes | None], list[tuple[str, str]]]:
    """What a run asked for money for, in its order, and its verdicts."""
    asked.clear()
    report = run_reference(dialect, budget_tokens=1000, concurrency=concurrency)
    return asked.copy(), [(j.requirement.id, j.verdict) for j in report.judgements]


class Unsteady(Live):
    """Replies overtake each other."""

    _chance = random.Random(1)

    async def send(
        self, request: Request, *, id: str, hang_up_after: int | None = None
    ) -> Exchange:
        exchange = await super().send(request, id=id, hang_up_after=hang_up_after)
        for _ in range(self._chance.choice((0, 1, 10, 100))):
            await asyncio.sleep(0)
        return exchange


@pytest.mark.parametrize("budget", [150, 600, 3000])
def test_a_budget_is_never_overspent(budget: int) -> None:
    report = run_reference("cerebras", budget_tokens=budget)
    assert report.cost.prompt_tokens + report.cost.completion_tokens <= budget
    left_out = {j.reason for j in report.judgements if j.verdict == "skip"}
    assert left_out == {f"the budget of {budget} tokens is spent"}
    assert failed(report) == set()


def test_a_budget_of_ones_own_takes_the_place_of_the_usual_bound() -> None:
    assert Options(url="").bounds == Bounds(completion_tokens=MOST_COMPLETION_TOKENS)
    assert Options(url="", budget_tokens=9999).bounds == Bounds(tokens=9999)
    assert Options(url="", budget_tokens=9999, quick=True).bounds == QUICK._replace(tokens=9999)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_quick_run_is_quick(dialect: str) -> None:
    report = run_reference(dialect, quick=True, examples=20)
    assert report.cost.completion_tokens <= 400
    assert report.cost.requests <= 150
    assert failed(report) == set()
    assert report.summary["pass"] > 250


@pytest.mark.parametrize("dialect", ALL_DIALECTS)
def test_a_tenth_of_the_money_touches_every_class(
    dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(options, "QUICK", Bounds(completion_tokens=40, requests=15))
    report = run_reference(dialect, quick=True)
    touched = {j.requirement.cls for j in report.judgements if j.verdict != "skip"}
    assert touched == {r.cls for r in load_contract(dialect).requirements.values()}


def test_the_order_is_the_same_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model.secrets, "randbits", lambda bits: bits)
    reports = [run_reference("openai", quick=True) for _ in range(2)]
    verdicts = [[(j.requirement.id, j.verdict) for j in r.judgements] for r in reports]
    assert verdicts[0] == verdicts[1]


def test_a_budget_that_is_too_small_says_what_a_request_takes() -> None:
    budget = Budget(Bounds(tokens=9))
    budget.reserve(None)  # the list of models
    with pytest.raises(OverBudget, match="9 tokens is too small for one request, which may take"):
        budget.reserve(b'{"max_completion_tokens": 1}')


@pytest.mark.parametrize("dialect", ALL_DIALECTS)
def test_an_answer_without_a_limit_ends_soon(dialect: str) -> None:
    """A model that does not stop by itself would fill its context."""
    unlimited: list[Json] = []

    def look(asked: Json, _: Situation) -> Json:
        limits = (asked.get(name) for name in ("max_completion_tokens", "max_tokens"))
        if all(limit is None for limit in limits):
            unlimited.append(asked)
        return asked

    look_at_it = Fault("looked.at", "Nothing is wrong.", "request", look, ())
    with serving(dialect, key=KEY, others=(look_at_it,)) as url:
        given = Options(url=url, dialect=dialect, key=KEY, model=MODELS[dialect], examples=0)
        report = runner.run(given)
    assert failed(report) == set()
    assert unlimited
    assert all(asked["stop"] for asked in unlimited)
