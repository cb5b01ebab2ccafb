"""Values that fit a schema: what a request around a value at stake is built of."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .document import Json
    from .shape import Field

UNKNOWN = "chatproof_unknown"
"""A property name and value that no API knows."""


def sample_of(field: Field) -> Json:
    """A value that is valid here, as unremarkable as the document has one."""
    return next(iter(samples_of(field)))


def samples_of(field: Field) -> Iterator[Json]:
    """Valid values: the document's examples, or one made from the keywords."""
    schema = field.schema
    if schema.get("examples"):
        yield from schema["examples"]
    elif "const" in schema:
        yield schema["const"]
    elif "enum" in schema:
        yield schema["enum"][0]
    elif field.branches:
        for branch in field.branches:
            yield from samples_of(branch)
    elif field.variants:
        for variant in obliged(field):
            yield sample_of(variant)
    else:
        yield _made_up(field)


def obliged(field: Field) -> list[Field]:
    """The variants of a union that have to be accepted where the union itself has to be.

    A variant with a lower level of its own (images, for a server of texts) speaks for itself.
    """
    variants = list(field.variants.values())
    return [v for v in variants if v.marks.level == field.marks.level] or variants


def _made_up(field: Field) -> Json:
    schema = field.schema
    kind = field.types[0] if field.types else "object"
    if kind in ("integer", "number"):
        return schema.get("minimum", schema.get("maximum", 1))
    if kind == "string":
        return "a" * max(1, schema.get("minLength", 1))
    if kind == "array":
        return array_of(field, max(1, schema.get("minItems", 1)))
    if kind == "object":
        return {name: sample_of(field.properties[name]) for name in schema.get("required", ())}
    return {"boolean": True, "null": None}[kind]


def array_of(field: Field, length: int) -> list[Json]:
    """An array of `length` items; strings are numbered so that no two are equal."""
    sample = sample_of(field.items) if field.items is not None else UNKNOWN
    if isinstance(sample, str):
        return [f"{sample}{number}" for number in range(length)]
    return [sample] * length
