"""The shape of a schema: its fields as a tree, each under the dotted path that requirements use.

A :class:`Field` is one place in an instance (``request.stop.items``). What `$ref`, `anyOf` and
`oneOf` spread over the document is brought together here once, so that deriving requirements,
enumerating boundaries and tracing a validator's error to its requirement all walk the same tree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .document import Json, SpecError, escape, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

TYPE_NAMES = {
    dict: "object",
    list: "array",
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
}


@dataclass(frozen=True, slots=True)
class Marks:
    """What a schema passes down to the keywords within it: level, class, sources."""

    level: str = "MUST"
    cls: str = "core"
    source: tuple[str, ...] = ()

    def within(self, schema: dict[str, Json]) -> Marks:
        return Marks(
            schema.get("x-level", self.level),
            schema.get("x-class", self.cls),
            tuple(schema.get("x-source", self.source)),
        )


@dataclass(slots=True)
class Field:
    """One place in an instance, and the schema that governs it.

    `pointer` is where in openapi.yaml the schema stands. A union has `branches` told apart by
    JSON type, or `variants` told apart by the value of the property `tag`; the branches share
    the union's id, a variant adds its tag value to it.
    """

    id: str
    pointer: str
    schema: dict[str, Json]
    marks: Marks
    name: str
    properties: dict[str, Field] = field(default_factory=dict)
    items: Field | None = None
    branches: tuple[Field, ...] = ()
    tag: str = ""
    variants: dict[str, Field] = field(default_factory=dict)
    in_union: bool = False
    """Whether this is a branch or variant: the union itself speaks for its type."""
    is_tag: bool = False
    """Whether this is the property that chose the variant: the union speaks for it."""

    @property
    def closed_values(self) -> str:
        """The keyword that lists the values allowed here, and so says more than a type."""
        own = self.schema.get("x-requirements", {})
        return next((k for k in ("enum", "const") if k in self.schema and k not in own), "")

    @property
    def types(self) -> tuple[str, ...]:
        """The JSON types that are allowed here, `null` included; empty when all are."""
        if self.branches:
            return tuple(dict.fromkeys(name for b in self.branches for name in b.types))
        if self.variants:
            return ("object",)
        declared = self.schema.get("type", ())
        if declared:
            return (declared,) if isinstance(declared, str) else tuple(declared)
        values = self.schema.get("enum", [self.schema["const"]] if "const" in self.schema else [])
        return tuple(dict.fromkeys(TYPE_NAMES[type(value)] for value in values))

    def branch(self, instance: Json) -> Field | None:
        """The field that governs `instance`: itself, or the branch or variant that it chooses."""
        if self.branches:
            chosen = next((b for b in self.branches if b.admits(instance)), None)
            return chosen.branch(instance) if chosen else None
        if self.variants:
            tag = instance.get(self.tag) if isinstance(instance, dict) else None
            return self.variants.get(tag) if isinstance(tag, str) else None
        return self

    def admits(self, instance: Json) -> bool:
        """Whether the JSON type of `instance` is allowed here."""
        types, actual = self.types, TYPE_NAMES[type(instance)]
        if not types or actual in types:
            return True
        return actual == "integer" and "number" in types

    def walk(self) -> Iterator[Field]:
        """This field and all below it, in the document's order."""
        yield self
        for below in (*self.branches, *self.variants.values(), *self.properties.values()):
            yield from below.walk()
        if self.items:
            yield from self.items.walk()


def snake(keyword: str) -> str:
    """A schema keyword as it is written in requirement ids: maxItems -> max_items."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", keyword).lower()


def shape(document: Json, name: str) -> Field:
    """The shape of the component schema `name`.

    Raises:
        SpecError: it has no `x-requirement-prefix`, or a union cannot be told apart.
    """
    pointer = f"/components/schemas/{escape(name)}"
    schema = resolve(document, pointer)
    if "x-requirement-prefix" not in schema:
        raise SpecError(f"openapi.yaml: {pointer} has no x-requirement-prefix; give it one")
    return _Builder(document).field(schema["x-requirement-prefix"], pointer, schema, Marks(), name)


class _Builder:
    def __init__(self, document: Json) -> None:
        self._document = document
        self._open: list[str] = []

    def field(
        self, path: str, pointer: str, schema: dict[str, Json], marks: Marks, name: str
    ) -> Field:
        schema, pointer = self._dereference(schema, pointer)
        if pointer in self._open:
            raise SpecError(f"openapi.yaml: {pointer} contains itself; requirements cannot")
        self._open.append(pointer)
        try:
            made = Field(path, pointer, schema, marks.within(schema), name)
            self._add_union(made)
            self._add_members(made)
        finally:
            self._open.pop()
        return made

    def _dereference(self, schema: dict[str, Json], pointer: str) -> tuple[dict[str, Any], str]:
        """Follow `$ref`; keywords beside it (a description, marks) go before the target's."""
        while "$ref" in schema:
            reference = schema["$ref"]
            beside = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**resolve(self._document, reference), **beside}
            pointer = reference.removeprefix("#")
        return schema, pointer

    def _add_members(self, made: Field) -> None:
        for key, schema in made.schema.get("properties", {}).items():
            pointer = f"{made.pointer}/properties/{escape(key)}"
            made.properties[key] = self.field(f"{made.id}.{key}", pointer, schema, made.marks, key)
        items = made.schema.get("items")
        if isinstance(items, dict):
            # The tag takes the place of "items" where the items are a discriminated union.
            path = made.id if "discriminator" in items else f"{made.id}.items"
            pointer = f"{made.pointer}/items"
            made.items = self.field(path, pointer, items, made.marks, f"{made.name}[]")

    def _add_union(self, made: Field) -> None:
        keyword = next((k for k in ("oneOf", "anyOf") if k in made.schema), None)
        if keyword is None:
            return
        made.tag = made.schema.get("discriminator", {}).get("propertyName", "")
        branches = []
        for number, schema in enumerate(made.schema[keyword]):
            pointer = f"{made.pointer}/{keyword}/{number}"
            if made.tag:
                value = self._tag_value(schema, pointer, made.tag)
                variant = self.field(f"{made.id}.{value}", pointer, schema, made.marks, made.name)
                variant.in_union = variant.properties[made.tag].is_tag = True
                made.variants[value] = variant
            else:
                branch = self.field(made.id, pointer, schema, made.marks, made.name)
                branch.in_union = True
                branches.append(branch)
        made.branches = tuple(branches)
        types = [name for branch in made.branches for name in branch.types]
        if len(types) != len(set(types)):
            raise SpecError(
                f"openapi.yaml: the branches of {made.pointer}/{keyword} share a JSON type; "
                "tell them apart by type or with a discriminator"
            )

    def _tag_value(self, schema: dict[str, Json], pointer: str, tag: str) -> str:
        target, where = self._dereference(schema, pointer)
        const = target.get("properties", {}).get(tag, {}).get("const")
        if not isinstance(const, str):
            raise SpecError(f"openapi.yaml: {where} needs a const for the discriminator {tag!r}")
        return const
