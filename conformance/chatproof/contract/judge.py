"""The judge: is an instance as the document says, and if not, which requirement does it break?

jsonschema-rs decides. What this module adds is the address: a validator speaks of schema paths
and of unions of which no branch fits, a report speaks of requirements.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from ..wire.jsontext import whole_characters
from .document import Json, SpecError, escape, resolve
from .requirements import keywords_of
from .shape import TYPE_NAMES, Field, shape, snake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True, slots=True)
class Breach:
    """One requirement that an instance breaks, and where (a JSON pointer into the instance)."""

    requirement: str
    location: str
    message: str
    keyword: str
    expected: Json
    actual: Json


def fits(schema: Json, instance: Json) -> bool:
    """Whether a JSON Schema allows an instance."""
    return fitting(schema)(instance)


def fitting(schema: Json) -> Callable[[Json], bool]:
    """Tells which instances a JSON Schema allows. Halves of surrogate pairs count as characters."""
    validator = jsonschema_rs.validator_for(schema)

    def fits(instance: Json) -> bool:
        try:
            return validator.is_valid(instance)
        except UnicodeEncodeError:
            return validator.is_valid(whole_characters(instance))

    return fits


class Judge:
    """Judges instances of one component schema of a document.

    Raises:
        SpecError: what stands there is no JSON Schema, with the place.
    """

    def __init__(self, document: Json, name: str) -> None:
        self.name = name
        self.root: Field = shape(document, name)
        self._places = _Places()
        self._schema = {
            "$ref": f"#/components/schemas/{escape(name)}",
            "components": document["components"],
        }
        try:
            self._validator = jsonschema_rs.Draft202012Validator(self._schema)
        except jsonschema_rs.ValidationError as error:
            where = "".join(f"/{escape(part)}" for part in error.instance_path)
            raise SpecError(f"at {where}: {error.message}; correct the document") from None

    def valid(self, instance: Json) -> bool:
        try:
            return self._validator.is_valid(instance)
        except UnicodeEncodeError:
            return self._validator.is_valid(whole_characters(instance))

    def breaches(self, instance: Json) -> list[Breach]:
        """Every requirement that `instance` breaks, each place once; empty when it is valid."""
        try:
            errors = self._errors(instance)
        except UnicodeEncodeError:
            return self.breaches(whole_characters(instance))
        found: dict[tuple[str, str], Breach] = {}
        for error in errors:
            for leaf in self._leaves(error, instance):
                breach = self._breach(leaf, instance)
                found.setdefault((breach.requirement, breach.location), breach)
        # A value of another type is in no list of values either; that goes without saying.
        mistyped = {b.location for b in found.values() if b.requirement.endswith(".type")}
        values = ("enum", "const")
        return [b for b in found.values() if b.location not in mistyped or b.keyword not in values]

    def _errors(self, instance: Json) -> list[Any]:
        if self._validator.is_valid(instance):  # which is faster to see
            return []
        return list(self._validator.iter_errors(instance))

    def tested(self, instance: Json) -> frozenset[str]:
        """The requirements which `instance` puts to the test: those whose place it reaches."""
        found: set[str] = set()
        self._places.collect(self.root, instance, found)
        return frozenset(found)

    def _breach(self, error: Any, instance: Json) -> Breach:
        path = list(error.instance_path)
        location = "".join(f"/{escape(key)}" for key in path)
        keyword = error.kind.name
        requirement = self._own_requirement(list(error.schema_path))
        expected: Json = getattr(error.kind, "value", None)
        if requirement is None:
            field = self._field(path, instance)
            if keyword == "oneOf":  # no variant was meant: the union within the union, if any
                field = next((b for b in field.branches if b.admits(error.instance)), field)
            elif keyword not in ("anyOf", "type"):
                field = field.branch(error.instance) or field
            name = _keyword(error, field)
            own = field.schema.get("x-requirements", {})
            requirement = own.get(name, f"{field.id}.{name}")
            if keyword == "type":
                expected = list(field.types)
        if keyword == "required":
            expected = f"the property {error.kind.property!r}"
        return Breach(requirement, location, error.message, keyword, expected, _at(instance, path))

    def _leaves(self, error: Any, instance: Json, union: Field | None = None) -> Iterator[Any]:
        """The errors that matter: of a union, those of the branch which the instance meant.

        `union` is the field to look at when a union stands directly within another.
        """
        context = getattr(error.kind, "context", None)
        if context is None:
            yield error
            return
        field = union or self._field(list(error.instance_path), instance)
        members = field.branches or tuple(field.variants.values())
        meant = _meant(field, members, error.instance)
        if meant is None:
            yield error
            return
        here = len(error.instance_path)
        for inner in context[meant]:
            within = members[meant] if len(inner.instance_path) == here else None
            yield from self._leaves(inner, instance, within)

    def _own_requirement(self, schema_path: list[str | int]) -> str | None:
        """The id that `x-requirements` gives to the keyword that failed, or to one around it."""
        node: Json = self._schema
        for key in schema_path:
            if isinstance(node, dict):
                own = node.get("x-requirements", {}).get(key)
                if own is not None:
                    return str(own)
                while "$ref" in node and key not in node:
                    node = resolve(self._schema, node["$ref"])
            try:
                node = node[key]
            except (KeyError, IndexError, TypeError):
                return None
        return None

    def _field(self, path: list[str | int], instance: Json) -> Field:
        """The field at an instance path; the nearest one above where the shape ends before."""
        field, value = self.root, instance
        for key in path:
            chosen = field.branch(value)
            if chosen is None:
                break
            below = chosen.items if isinstance(key, int) else chosen.properties.get(key)
            if below is None:
                break
            field, value = below, value[key]
        return field


def _meant(field: Field, members: tuple[Field, ...], instance: Json) -> int | None:
    """Which branch or variant of a union `instance` chose, by its number; None if none."""
    if field.variants:
        chosen = field.branch(instance)
        return next((n for n, member in enumerate(members) if member is chosen), None)
    return next((n for n, member in enumerate(members) if member.admits(instance)), None)


def _keyword(error: Any, field: Field) -> str:
    """The keyword part of the requirement's id, as :func:`keywords_of` names it."""
    name = str(error.kind.name)
    if name == "required":
        missing = error.kind.property
        return f"{missing}.required"
    if name in ("oneOf", "anyOf"):
        if field.variants and isinstance(error.instance, dict):
            return f"{field.tag}.enum" if field.tag in error.instance else f"{field.tag}.required"
        return "type"
    if name == "type" and field.closed_values:
        return field.closed_values
    return snake(name)


def _at(instance: Json, path: list[str | int]) -> Json:
    for key in path:
        instance = instance[key]
    return instance


_APPLIES: dict[str, tuple[str, ...]] = {
    "minimum": ("integer", "number"),
    "maximum": ("integer", "number"),
    "exclusiveMinimum": ("integer", "number"),
    "exclusiveMaximum": ("integer", "number"),
    "minLength": ("string",),
    "maxLength": ("string",),
    "pattern": ("string",),
    "minItems": ("array",),
    "maxItems": ("array",),
    "uniqueItems": ("array",),
    "additionalProperties": ("object",),
}


class _Places:
    """Which requirements a value puts to the test at each place, worked out once for a shape."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, type], frozenset[str]] = {}

    def collect(self, field: Field, instance: Json, into: set[str]) -> None:
        key = (id(field), type(instance))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = frozenset(_here(field, instance))
        into |= known
        if not isinstance(instance, dict | list):
            return
        chosen = field.branch(instance)
        if chosen is None:
            return
        if chosen is not field:
            self.collect(chosen, instance, into)
        elif isinstance(instance, dict):
            for name, below in field.properties.items():
                if name in instance:
                    self.collect(below, instance[name], into)
        elif field.items:
            for item in instance:
                self.collect(field.items, item, into)


def _here(field: Field, instance: Json) -> Iterator[str]:
    """What the type of a value puts to the test at a place: all that a scalar can."""
    yield from _ids(field, TYPE_NAMES[type(instance)])
    if not isinstance(instance, dict | list):
        chosen = field.branch(instance)
        if chosen is not None and chosen is not field:
            yield from _here(chosen, instance)


def _ids(field: Field, actual: str) -> Iterator[str]:
    for keyword, _ in keywords_of(field):
        last = keyword.rpartition(".")[2]
        applies = ("object",) if "." in keyword else _APPLIES.get(last)
        if applies is None or actual in applies:
            yield f"{field.id}.{snake(keyword)}"
    for conditional in field.schema.get("allOf", ()):
        yield from conditional.get("x-requirements", {}).values()
