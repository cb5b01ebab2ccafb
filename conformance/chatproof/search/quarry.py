"""What is hunted for: strategies by name, each built from a contract and a plain request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import bodies

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

    from ..contract import Contract
    from ..contract.document import Json


FUZZ = 10
"""schemathesis' fuzzing takes a hundred times as long; it makes one example for so many of ours."""


def valid(contract: Contract, base: dict[str, Json]) -> SearchStrategy[Any]:
    """Valid requests of all parameters together."""
    return bodies.valid_bodies(contract, base, contract.pairs(base))


def one_mistake(contract: Contract, base: dict[str, Json]) -> SearchStrategy[Any]:
    """Valid requests but for one value."""
    return _mistakes(contract, base, 1)


def two_mistakes(contract: Contract, base: dict[str, Json]) -> SearchStrategy[Any]:
    """Valid requests but for two values."""
    return _mistakes(contract, base, 2)


def _mistakes(contract: Contract, base: dict[str, Json], count: int) -> SearchStrategy[Any]:
    pairs = contract.demanded_pairs(base)
    made = bodies.mistakes(bodies.valid_bodies(contract, base, pairs), pairs, count)

    def is_all_that_is_wrong(drawn: list[Json]) -> bool:
        body, _, requirements = drawn
        return {breach.requirement for breach in contract.breaches(body)} == set(requirements)

    return made.filter(is_all_that_is_wrong)


def invalid_for_schemathesis(contract: Contract, base: dict[str, Json]) -> SearchStrategy[Any]:
    """What schemathesis' fuzzing makes up of the schema's opposite."""
    del base  # it brings its own
    from .second_opinion import SecondOpinion

    return SecondOpinion(contract).bodies(valid=False)


def valid_for_schemathesis(contract: Contract, base: dict[str, Json]) -> SearchStrategy[Any]:
    """What schemathesis' fuzzing makes up of the schema."""
    from .second_opinion import SecondOpinion

    def named(body: Json) -> Json:
        return {**body, "model": base["model"]} if isinstance(body, dict) else body

    return SecondOpinion(contract).bodies(valid=True).map(named).filter(contract.valid)


QUARRY: dict[str, Callable[[Contract, dict[str, Json]], SearchStrategy[Any]]] = {
    made.__name__: made
    for made in (
        valid,
        one_mistake,
        two_mistakes,
        invalid_for_schemathesis,
        valid_for_schemathesis,
    )
}


def examples_of(kind: str, depth: int) -> int:
    """How many examples of a kind are tried by a search of that depth."""
    return -(-depth // FUZZ) if kind.endswith("_for_schemathesis") else depth
