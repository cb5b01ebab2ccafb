"""Strategies for whole requests, made from the document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..contract import Contract, Pair
    from ..contract.document import Json
    from ..contract.shape import Field

DEAR = ("n", "max_completion_tokens", "max_tokens", "min_tokens", "min_completion_tokens", "stream")
"""Properties that are not combined at random: they decide what an answer costs, or its mode."""


def valid_bodies(
    contract: Contract, base: dict[str, Json], pairs: Iterable[Pair]
) -> st.SearchStrategy[dict[str, Json]]:
    """Valid requests: `base` with any of the optional properties set to any valid value.

    Values are those of the boundary pairs, and random ones within the bounds; fewer and simpler
    properties come out of shrinking. Properties that the dialect leaves optional are not used.
    """
    request = contract.judge("request")
    optional = {
        name: st.one_of(values)
        for name, field in request.root.properties.items()
        if name not in base
        and name not in DEAR
        and field.marks.level == "MUST"
        and (values := _values(field, name, base, pairs))
    }
    merged = st.fixed_dictionaries({}, optional=optional).map(lambda extra: {**base, **extra})
    return merged.filter(request.valid).filter(_coherent)


def _coherent(body: dict[str, Json]) -> bool:
    """Whether a named tool is among the tools; no source says what a server does otherwise."""
    choice = body.get("tool_choice")
    if not isinstance(choice, dict):
        return True
    return choice["function"]["name"] in [t["function"]["name"] for t in body["tools"]]


def _values(
    field: Field, name: str, base: dict[str, Json], pairs: Iterable[Pair]
) -> list[st.SearchStrategy[Any]]:
    seen = [pair.valid[name] for pair in pairs if name in pair.valid and name not in base]
    known = [st.sampled_from(_unlike(seen))] if seen else []
    return [*known, *_random(field)]


def _unlike(values: list[Json]) -> list[Json]:
    return list({repr(value): value for value in values}.values())


def _random(field: Field) -> list[st.SearchStrategy[Any]]:
    schema = field.schema
    if "enum" in schema or "const" in schema:
        return []
    made: list[st.SearchStrategy[Any]] = []
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if "number" in field.types:
        made.append(st.floats(low, high, allow_nan=False, allow_infinity=False, width=32))
    elif "integer" in field.types:
        made.append(st.integers(low if low is not None else 0, high if high is not None else 2**31))
    elif field.types == ("string", "null"):
        made.append(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=20))
    return made


def one_mistake(
    bodies: st.SearchStrategy[dict[str, Json]], pairs: Iterable[Pair]
) -> st.SearchStrategy[tuple[dict[str, Json], str]]:
    """A valid request with one property replaced by an invalid value, and what that breaks."""
    wrong = [
        (name, pair.invalid[name], pair.requirement)
        for pair in pairs
        if pair.invalid is not None
        for name in pair.invalid
        if pair.invalid[name] != pair.valid.get(name)
    ]

    def put(drawn: tuple[dict[str, Json], tuple[str, Json, str]]) -> tuple[dict[str, Json], str]:
        body, (name, value, requirement) = drawn
        return {**body, name: value}, requirement

    return st.tuples(bodies, st.sampled_from(wrong)).map(put)
