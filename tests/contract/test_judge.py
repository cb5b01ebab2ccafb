"""The judge: its verdicts are jsonschema's, and its addresses are requirements."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatproof.contract import load_contract
from tests.conftest import DIALECTS, base

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatproof.contract import Contract
    from chatproof.contract.judge import Judge
    from chatproof.contract.shape import Field

REPLIES = ("response", "chunk", "error", "stream_error", "models", "model")


def oracle(contract: Contract, judge: Judge) -> Any:
    """The same schema under jsonschema, which shares no code with the judge."""
    schema = {
        "$ref": f"#/components/schemas/{judge.name}",
        "components": contract.document["components"],
    }
    return jsonschema.Draft202012Validator(schema)


def test_jsonschema_gives_the_same_verdict_on_every_boundary(contract: Contract) -> None:
    judge = contract.judge("request")
    validator = oracle(contract, judge)
    for pair in contract.pairs(base(contract.dialect)):
        assert validator.is_valid(pair.valid)
        if pair.invalid is not None:
            assert not validator.is_valid(pair.invalid)


def examples(document: Any, name: str) -> list[Any]:
    return document["components"]["schemas"][name]["examples"]


def mutations(value: Any, put: Any = None) -> Iterator[Any]:
    """Copies of a JSON value, each with one thing in it missing, or of another type."""
    replacements = (None, True, 7, -1, 1.5, "x", "", [], {})
    put = put or (lambda changed: changed)
    for other in replacements:
        yield put(other)
    if isinstance(value, dict):
        for key, inner in value.items():
            yield put({k: v for k, v in value.items() if k != key})
            yield from mutations(inner, lambda c, k=key: put({**value, k: c}))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            rest = value[number + 1 :]
            yield from mutations(inner, lambda c, n=number, r=rest: put([*value[:n], c, *r]))


@pytest.mark.parametrize("what", REPLIES)
def test_jsonschema_gives_the_same_verdict_on_mutated_replies(
    contract: Contract, what: str
) -> None:
    judge = contract.judge(what)
    validator = oracle(contract, judge)
    for example in examples(contract.document, judge.name):
        assert judge.breaches(example) == []
        for mutated in mutations(example):
            assert judge.valid(mutated) == validator.is_valid(mutated)
            assert bool(judge.breaches(mutated)) == (not judge.valid(mutated))


@pytest.mark.parametrize("what", REPLIES)
def test_breaches_are_requirements_and_are_put_to_the_test(contract: Contract, what: str) -> None:
    judge = contract.judge(what)
    for example in examples(contract.document, judge.name):
        for mutated in mutations(example):
            found = {breach.requirement for breach in judge.breaches(mutated)}
            assert found <= set(contract.requirements)
            # Of what the catalogue says in words, a rule of its own speaks.
            assert {n for n in found if contract.requirements[n].keyword} <= judge.tested(mutated)


def sample(field: Field) -> Any:
    """A value of a field with every property that it has."""
    if field.branches:
        return sample(field.branches[0])
    if field.properties:
        return {name: sample(below) for name, below in field.properties.items()}
    if field.items is not None:
        return [sample(field.items)]
    given = field.schema.get("examples", [field.schema.get("const")])
    return given[0]


def places(field: Field, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Field, Any]]:
    """Every field below with the way to it in :func:`sample`."""
    yield field, path
    if field.branches:
        yield from places(field.branches[0], path)
    for name, below in field.properties.items():
        yield from places(below, (*path, name))
    if field.items is not None:
        yield from places(field.items, (*path, 0))


def changed(value: Any, path: tuple[str | int, ...], new: Any) -> Any:
    if not path:
        return new
    value = copy.copy(value)
    value[path[0]] = changed(value[path[0]], path[1:], new)
    return value


def without(value: Any, path: tuple[str | int, ...], name: str) -> Any:
    holder = value
    for key in path:
        holder = holder[key]
    return changed(value, path, {k: v for k, v in holder.items() if k != name})


@pytest.mark.parametrize("what", REPLIES)
def test_every_derived_requirement_of_a_reply_is_seen_to_fail_alone(
    contract: Contract, what: str
) -> None:
    judge = contract.judge(what)
    whole = sample(judge.root)
    assert judge.breaches(whole) == []
    proven = set()
    for field, path in places(judge.root):
        broken = [
            changed(whole, path, value) for value in ({"odd": 1}, [{}], "", "odd", -7, 1.5, True)
        ]
        broken += [without(whole, path, name) for name in field.schema.get("required", ())]
        if "maximum" in field.schema:
            broken.append(changed(whole, path, field.schema["maximum"] + 1))
        if "minItems" in field.schema:
            broken.append(changed(whole, path, []))
        for instance in broken:
            found = {breach.requirement for breach in judge.breaches(instance)}
            if len(found) == 1:
                proven |= found
    prefix = judge.root.id + "."
    derived = {
        name for name, r in contract.requirements.items() if name.startswith(prefix) and r.keyword
    }
    assert derived <= proven


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_jsonschema_gives_the_same_verdict_on_random_requests(dialect: str, data: Any) -> None:
    contract = load_contract(dialect)
    judge = contract.judge("request")
    pairs = contract.pairs(base(dialect))
    pair = data.draw(st.sampled_from(pairs))
    other = data.draw(st.sampled_from(pairs))
    body = {**pair.valid, **(other.invalid or other.valid)}
    assert judge.valid(body) == oracle(contract, judge).is_valid(body)
    assert bool(judge.breaches(body)) == (not judge.valid(body))
