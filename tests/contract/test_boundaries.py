"""Boundary pairs: both sides are what they claim, and no keyword is forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatproof.contract import load_contract
from chatproof.contract.lenience import arguable
from tests.conftest import base

if TYPE_CHECKING:
    from chatproof.contract import Contract

CONDITIONALS = {"request.top_logprobs.needs_logprobs", "request.tool_choice.needs_tools"}


def test_valid_sides_are_valid_and_invalid_ones_break_one_requirement(contract: Contract) -> None:
    for pair in contract.pairs(base(contract.dialect)):
        assert contract.breaches(pair.valid) == []
        if pair.invalid is not None:
            broken = {breach.requirement for breach in contract.breaches(pair.invalid)}
            assert broken == {pair.requirement}


def test_every_requirement_of_the_request_has_a_pair(contract: Contract) -> None:
    wanted = {
        name
        for name, requirement in contract.requirements.items()
        if name.startswith("request.") and (requirement.keyword or name in CONDITIONALS)
    }
    pairs = contract.pairs(base(contract.dialect))
    assert wanted <= {pair.requirement for pair in pairs}
    # Only what the document merely allows has no wrong side.
    one_sided = wanted - {pair.requirement for pair in pairs if pair.invalid is not None}
    assert all(name.endswith(".null") for name in one_sided)


@pytest.mark.parametrize(
    ("requirement", "name", "valid", "invalid"),
    [
        ("request.temperature.maximum", "temperature", 1.5, {1.5000001192092896, 1.51, 2.5}),
        ("request.temperature.minimum", "temperature", 0, {-(2.0**-23), -0.01, -1}),
        ("request.top_logprobs.maximum", "top_logprobs", 20, {21}),
        ("request.top_logprobs.minimum", "top_logprobs", 0, {-1}),
        ("request.max_completion_tokens.minimum", "max_completion_tokens", -1, {-2}),
    ],
)
def test_the_sides_are_the_nearest_values_that_differ(
    requirement: str, name: str, valid: float, invalid: set[float]
) -> None:
    pairs = [p for p in load_contract().pairs(base()) if p.requirement == requirement]
    assert {pair.valid[name] for pair in pairs} == {valid}
    assert {pair.invalid[name] for pair in pairs} == invalid


@pytest.mark.parametrize("keyword", ["minimum", "maximum"])
def test_beyond_64_bits_is_what_a_reader_of_doubles_can_tell(keyword: str) -> None:
    contract = load_contract("openai")
    pairs = [p for p in contract.pairs(base()) if p.requirement == f"request.seed.{keyword}"]
    assert pairs
    for pair in pairs:
        assert float(pair.valid["seed"]) != float(pair.invalid["seed"])
        assert not any(map(arguable, contract.breaches(pair.invalid)))
        near = pair.valid["seed"] + (1 if keyword == "maximum" else -1)
        assert [*map(arguable, contract.breaches({**pair.valid, "seed": near}))] == [True]


def test_a_value_at_a_border_has_an_ordinary_one_beside_it() -> None:
    pairs = load_contract("openai").pairs(base())
    plain = {p.requirement: p.plain for p in pairs if p.plain is not None}
    parts = plain["request.messages.user.content.min_items"]["messages"][0]["content"]
    assert len(parts) == 2
    one, other = plain["request.messages.min_items"]["messages"]
    assert one == other
    assert plain["request.n.minimum"]["n"] == 2


def test_instructions_stand_before_what_the_user_says() -> None:
    pairs = load_contract("openai").pairs(base("openai"))
    for role in ("system", "developer"):
        own = [p for p in pairs if p.requirement.startswith(f"request.messages.{role}.")]
        assert own
        assert all([m["role"] for m in p.valid["messages"]] == [role, "user"] for p in own)


def test_a_companion_is_supplied() -> None:
    pairs = load_contract().pairs(base())
    pair = next(p for p in pairs if p.requirement == "request.top_logprobs.maximum")
    assert pair.valid["logprobs"] is True
    assert pair.invalid["logprobs"] is True


def test_the_conditional_is_met_and_unmet() -> None:
    pairs = load_contract().pairs(base())
    mine = [p for p in pairs if p.requirement == "request.top_logprobs.needs_logprobs"]
    assert {p.words for p in mine} == {"no logprobs", "logprobs null", "logprobs false"}


def test_stop_has_four_items_and_not_five() -> None:
    pairs = load_contract().pairs(base())
    pair = next(p for p in pairs if p.requirement == "request.stop.max_items")
    assert (len(pair.valid["stop"]), len(pair.invalid["stop"])) == (4, 5)


def test_a_tool_message_stands_behind_the_call_that_it_answers() -> None:
    pairs = load_contract().pairs(base())
    pair = next(p for p in pairs if p.requirement == "request.messages.tool.tool_call_id.required")
    roles = [message["role"] for message in pair.valid["messages"]]
    assert roles[roles.index("tool") - 1] == "assistant"


def test_nothing_is_forgotten_that_schemathesis_thinks_of() -> None:
    """Its enumerator reads the same document; each keyword that it breaks alone has a pair here."""
    import schemathesis
    from schemathesis import GenerationMode
    from schemathesis.specs.openapi.coverage._operation import iter_coverage_cases

    from chatproof.search.second_opinion import without_conditionals

    contract = load_contract()
    schema = schemathesis.openapi.from_dict(without_conditionals(contract.document))
    operation = schema["/v1/chat/completions"]["POST"]
    cases = iter_coverage_cases(
        operation=operation,
        generation_modes=list(GenerationMode),
        generate_duplicate_query_parameters=False,
        unexpected_methods=set(),
        generation_config=schema.config.generation_for(operation=operation, phase="coverage"),
    )
    theirs = set()
    for case in cases:
        if isinstance(case.body, dict):
            broken = {breach.requirement for breach in contract.breaches(case.body)} - CONDITIONALS
            theirs |= broken if len(broken) == 1 else set()
    ours = {p.requirement for p in contract.pairs(base()) if p.invalid is not None}
    assert len(theirs) > 20
    assert theirs - {"request.model.unknown"} <= ours
