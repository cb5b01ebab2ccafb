"""Strategies for whole requests, made from the document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..contract import Contract, Pair
    from ..contract.document import Json
    from ..contract.shape import Field

CAPS = ("max_completion_tokens", "max_tokens", "min_tokens", "min_completion_tokens")
"""Properties that are not combined at random: they decide what an answer costs."""
MOST_CHOICES = 2
"""Each choice costs as much again."""


def valid_bodies(
    contract: Contract, base: dict[str, Json], pairs: Iterable[Pair]
) -> st.SearchStrategy[dict[str, Json]]:
    """Valid requests: `base` with any of the other properties set to any valid value.

    Values are those of the boundary pairs, and random ones within the bounds; fewer and simpler
    properties come out of shrinking. Properties that the dialect leaves optional are not used.
    """
    request = contract.judge("request")
    optional = {
        name: st.one_of(values)
        for name, field in request.root.properties.items()
        if name not in (*CAPS, "model")
        and field.marks.level == "MUST"
        and (values := _values(field, name, base, pairs))
    }
    merged = st.fixed_dictionaries({}, optional=optional).map(lambda extra: {**base, **extra})
    return merged.filter(request.valid).filter(contract.valid).filter(_coherent)


def _coherent(body: dict[str, Json]) -> bool:
    """Whether the request costs little, and a named tool is among the tools.

    No source says what a server does with a name that is not.
    """
    if (body.get("n") or 1) > MOST_CHOICES:
        return False
    choice = body.get("tool_choice")
    if not isinstance(choice, dict):
        return True
    return choice["function"]["name"] in [t["function"]["name"] for t in body["tools"]]


def _values(
    field: Field, name: str, base: dict[str, Json], pairs: Iterable[Pair]
) -> list[st.SearchStrategy[Any]]:
    seen = [
        pair.valid[name]
        for pair in pairs
        if name in pair.valid and pair.valid[name] != base.get(name)
    ]
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


def mistakes(
    bodies: st.SearchStrategy[dict[str, Json]], pairs: Iterable[Pair], count: int
) -> st.SearchStrategy[list[Json]]:
    """A valid request with `count` properties replaced by invalid values, and what that breaks.

    Gives the request, the names of the properties, and the requirements that their values break.
    """
    wrong = [
        (name, pair.invalid[name], pair.requirement)
        for pair in pairs
        if pair.invalid is not None
        for name in pair.invalid
        if pair.invalid[name] != pair.valid.get(name)
    ]

    def put(drawn: tuple[dict[str, Json], list[tuple[str, Json, str]]]) -> list[Json]:
        body, chosen = drawn
        replaced = {**body, **{name: value for name, value, _ in chosen}}
        return [replaced, [name for name, _, _ in chosen], [broken for _, _, broken in chosen]]

    chosen = st.lists(
        st.sampled_from(wrong), min_size=count, max_size=count, unique_by=lambda one: one[0]
    )
    return st.tuples(bodies, chosen).map(put)
