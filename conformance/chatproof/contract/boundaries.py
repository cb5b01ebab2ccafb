"""Boundary pairs: for every keyword of the request, the two sides of what it draws a line between.

A pair is one request that is just right and one that is just wrong, equal but for the one thing
at stake: the nearest values that differ. The document holds everything that is needed: the
keywords, and examples to build a whole request around a value.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from .lenience import EXACT
from .samples import UNKNOWN, array_of, obliged, sample_of, samples_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .document import Json
    from .judge import Judge
    from .shape import Field


INSTRUCTING = ("system", "developer")
"""The roles of messages that stand before a conversation."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two requests that only one requirement tells apart.

    `invalid` is None where only acceptance is at stake (null, an enumerated value, an example).
    `words` says what is special about the side at stake. `plain` is the valid request with an
    ordinary value in place of one at the border; None where it has nothing but ordinary ones.
    """

    requirement: str
    valid: Json
    invalid: Json | None
    words: str
    plain: Json | None = None


@dataclass(frozen=True, slots=True)
class _Sides:
    requirement: str
    valid: Json
    invalid: Json = None
    words: str = ""
    has_invalid: bool = False
    plain: Json = None
    has_plain: bool = False


def boundary_pairs(
    judge: Judge, base: dict[str, Json], fits: Callable[[Json], bool] | None = None
) -> list[Pair]:
    """All pairs for the request that `judge` judges, built around the request `base`.

    Every valid side is valid for the judge, every invalid side breaks exactly the pair's
    requirement; what cannot be brought to that form is left out. `fits` says of a request whether
    it is valid beyond its schema too; that of the judge if not given.
    """
    made = _Enumerator(judge, base, fits or judge.valid)
    pairs = [made.pair(sides) for sides in made.whole()]
    return [pair for pair in (*pairs, *made.conditionals()) if pair is not None]


class _Enumerator:
    def __init__(self, judge: Judge, base: dict[str, Json], fits: Callable[[Json], bool]) -> None:
        self._judge = judge
        self._base = base
        self._fits = fits
        self._conversations = list(judge.root.properties["messages"].schema.get("examples", ()))

    def pair(self, sides: _Sides) -> Pair | None:
        if not sides.has_invalid:
            valid = self.repair(sides.valid)
            plain = self.repair(sides.plain) if sides.has_plain else None
            return Pair(sides.requirement, valid, None, sides.words, plain) if valid else None
        # What either side needs beside it, both get: only one thing may be at stake.
        companions = _asked_for(self._judge.root, sides.invalid)
        valid = self.repair({**companions, **sides.valid})
        if valid is None:
            return None
        added = {key: value for key, value in valid.items() if key not in sides.valid}
        invalid = {**sides.invalid, **{k: v for k, v in added.items() if k not in sides.invalid}}
        broken = {breach.requirement for breach in self._judge.breaches(invalid)}
        if broken != {sides.requirement}:
            return None
        plain = self.repair({**sides.plain, **added}) if sides.has_plain else None
        return Pair(sides.requirement, valid, invalid, sides.words, plain)

    def repair(self, body: Json) -> Json | None:
        """`body` with what its conditionals ask for added; None when it is invalid otherwise."""
        for _ in range(3):
            missing = _asked_for(self._judge.root, body)
            if not missing:
                break
            body = {**body, **missing}
        return body if self._fits(body) else None

    def whole(self) -> Iterator[_Sides]:
        """Sides for the request object itself and for each of its properties."""
        root = self._judge.root
        yield from _object_sides(root, self._base)
        for name, field in root.properties.items():
            yield from _within(self._sides(field, (name,)), _setter(self._base, name))

    def conditionals(self) -> Iterator[Pair]:
        """Pairs for the `then` of each conditional: its companion absent, null, and wrong."""
        for member in self._judge.root.schema.get("allOf", ()):
            requirement = member.get("x-requirements", {}).get("then")
            if requirement is None:
                continue
            for body in self._triggers(member):
                valid = self.repair(body)
                for words, invalid in _unmet(member["then"], body):
                    broken = {breach.requirement for breach in self._judge.breaches(invalid)}
                    if valid is not None and broken == {requirement}:
                        yield Pair(requirement, valid, invalid, words)

    def _triggers(self, member: Json) -> Iterator[Json]:
        """Requests for which the conditional asks for something."""
        for name in member["if"]["required"]:
            field = self._judge.root.properties[name]
            for value in (*samples_of(field), *field.schema.get("examples", ())):
                body = {**self._base, name: value}
                if _asked_by(member, body, self._judge.root):
                    yield body

    def _sides(self, field: Field, path: tuple[str, ...]) -> Iterator[_Sides]:
        """Sides for one field and all below, as values of that field."""
        yield from _own_sides(field)
        for branch in field.branches:
            yield from self._sides(branch, path)
        for tag, variant in field.variants.items():
            yield from self._variant_sides(variant, tag)
        for name, below in field.properties.items():
            if not below.is_tag:
                holder = sample_of(field)
                yield from _within(self._sides(below, (*path, name)), _setter(holder, name))
        if field.items is not None:
            for sides in self._sides(field.items, path):
                yield from _within([sides], self._array_around(path, field.items, sides))

    def _variant_sides(self, variant: Field, tag: str) -> Iterator[_Sides]:
        holder = sample_of(variant)
        yield from _own_sides(variant)
        for name, below in variant.properties.items():
            if not below.is_tag:
                yield from _within(self._sides(below, (tag, name)), _setter(holder, name))

    def _array_around(
        self, path: tuple[str, ...], items: Field, sides: _Sides
    ) -> Callable[[Json], Json]:
        """How to put an item into an array: for messages, into a conversation that fits its role.

        A tool's message means something only behind the call it answers; the document's
        examples hold such conversations. An instruction stands before what is said: some servers
        refuse a conversation in which the user says nothing, and no source forbids them to.
        """
        if path != ("messages",) or not isinstance(sides.valid, dict):
            return lambda item: [item]
        role = sides.valid.get(items.tag)
        if role in INSTRUCTING:
            return lambda item: [item, *self._base["messages"]]
        for conversation in self._conversations:
            for number, message in enumerate(conversation):
                put = _setter(conversation, number)
                if message.get(items.tag) == role and self._fits(
                    {**self._base, "messages": put(sides.valid)}
                ):
                    return put
        return lambda item: [item]


def _setter(holder: Any, key: str | int) -> Callable[[Json], Json]:
    """A function that gives a copy of `holder` with another value at `key`."""

    def put(value: Json) -> Json:
        copy = dict(holder) if isinstance(holder, dict) else list(holder)
        copy[key] = value  # type: ignore[index]
        return copy

    return put


def _within(inner: Iterable[_Sides], put: Callable[[Json], Json]) -> Iterator[_Sides]:
    for sides in inner:
        yield _Sides(
            sides.requirement,
            put(sides.valid),
            put(sides.invalid) if sides.has_invalid else None,
            sides.words,
            sides.has_invalid,
            put(sides.plain) if sides.has_plain else None,
            sides.has_plain,
        )


def _own_sides(field: Field) -> Iterator[_Sides]:
    """Sides for the keywords of this very field."""
    if field.is_tag:
        return
    if not field.in_union:
        yield from _type_sides(field)
    if field.variants:
        yield from _tag_sides(field)
    if "object" in field.types and not field.branches and not field.variants:
        yield from _object_sides(field, sample_of(field))
    for keyword, enumerate_sides in _ENUMERATORS.items():
        if keyword in field.schema and keyword not in field.schema.get("x-requirements", {}):
            for sides in enumerate_sides(field, f"{field.id}.", field.schema[keyword]):
                plain = _ordinary(field, keyword, sides.valid)
                yield replace(sides, plain=plain, has_plain=plain != sides.valid)


def _ordinary(field: Field, keyword: str, value: Json) -> Json:
    """A value that is not at the border: the sample, or where that is, the next one within.

    A list is made longer by what is in it: else another item might be why it is not refused.
    """
    if keyword == "minItems":
        room = len(value) < field.schema.get("maxItems", math.inf)
        return array_of(field, len(value) + 1) if room else value
    sample = sample_of(field)
    if sample != value:
        return sample
    if type(value) is int and value < field.schema.get("maximum", math.inf):
        return value + 1
    return value


def _type_sides(field: Field) -> Iterator[_Sides]:
    sample = next((value for value in samples_of(field) if value is not None), None)
    if "null" in field.types:
        ordinary = {} if sample is None else {"plain": sample, "has_plain": True}
        yield _Sides(f"{field.id}.null", None, words="null", **ordinary)
    if sample is None or field.closed_values:
        return
    for example in samples_of(field):
        if example is not None:
            yield _Sides(f"{field.id}.type", example, words="a documented example")
    for wrong in _wrong_types(field.types):
        yield _Sides(f"{field.id}.type", sample, wrong, f"{_named(wrong)}", has_invalid=True)


def _wrong_types(types: tuple[str, ...]) -> Iterator[Json]:
    """Values of other JSON types, but none that a lenient reader could take for the right one.

    Numeric strings, booleans for numbers and the like are left out: the sources do not say
    whether a server may convert them.
    """
    if not types:
        return
    numeric = "number" in types or "integer" in types
    if "string" not in types:
        yield "chatproof"
    if not numeric and "boolean" not in types:
        yield 7
    if "integer" in types and "number" not in types:
        yield 1.5
    if "boolean" in types and not numeric:
        yield 2
    if "boolean" not in types and not numeric:
        yield True
    if "array" not in types:
        yield ["chatproof"]
    if "object" not in types:
        yield {UNKNOWN: 1}


def _named(value: Json) -> str:
    names = {str: "a string", bool: "a boolean", int: "a number", float: "a fraction"}
    return names.get(type(value), "a list" if isinstance(value, list) else "an object")


def _tag_sides(field: Field) -> Iterator[_Sides]:
    sample = sample_of(field)
    name = f"{field.id}.{field.tag}"
    without = {key: value for key, value in sample.items() if key != field.tag}
    yield _Sides(f"{name}.required", sample, without, f"no {field.tag}", has_invalid=True)
    for variant in obliged(field):
        for example in samples_of(variant):
            yield _Sides(f"{name}.enum", example, words=f"{example[field.tag]}")
    for wrong in (UNKNOWN, sample[field.tag].upper()):
        broken = {**sample, field.tag: wrong}
        yield _Sides(f"{name}.enum", sample, broken, repr(wrong), has_invalid=True)


def _object_sides(field: Field, sample: dict[str, Json]) -> Iterator[_Sides]:
    for name in field.schema.get("required", ()):
        if name in sample and name in field.properties and not field.properties[name].is_tag:
            without = {key: value for key, value in sample.items() if key != name}
            identity = f"{field.id}.{name}.required"
            yield _Sides(identity, sample, without, f"no {name}", has_invalid=True)
    if field.schema.get("additionalProperties") is False:
        identity = f"{field.id}.additional_properties"
        extra = {**sample, UNKNOWN: 1}
        yield _Sides(identity, sample, extra, "an unknown property", has_invalid=True)


def _value_sides(keyword: str) -> Callable[[Field, str, Json], Iterator[_Sides]]:
    def sides(_: Field, prefix: str, value: Json) -> Iterator[_Sides]:
        allowed = [item for item in (value if keyword == "enum" else [value]) if item is not None]
        for item in allowed:
            yield _Sides(prefix + keyword, item, words=repr(item))
        wrongs = [UNKNOWN, *(str(i).upper() for i in allowed[:1] if str(i).upper() != str(i))]
        for wrong in wrongs:
            yield _Sides(prefix + keyword, allowed[0], wrong, repr(wrong), has_invalid=True)

    return sides


def _bound_sides(keyword: str, sign: int) -> Callable[[Field, str, Json], Iterator[_Sides]]:
    def sides(field: Field, prefix: str, bound: Json) -> Iterator[_Sides]:
        wrongs: list[Json] = [_next_integer(bound, sign)]
        if "number" in field.types:
            wrongs = [_next_float32(float(bound), sign), bound + sign * 0.01, bound + sign]
        for wrong in wrongs:
            yield _Sides(prefix + keyword, bound, wrong, f"{wrong!r}", has_invalid=True)

    return sides


def _open_bound_sides(keyword: str, sign: int) -> Callable[[Field, str, Json], Iterator[_Sides]]:
    """Of a bound that is itself refused: the nearest value within, and the bound."""

    def sides(field: Field, prefix: str, bound: Json) -> Iterator[_Sides]:
        within = bound - sign
        if "number" in field.types:
            within = _next_float32(float(bound), -sign)
        for wrong in (bound, bound + sign):
            yield _Sides(prefix + keyword, within, wrong, f"{wrong!r}", has_invalid=True)

    return sides


def _next_integer(value: int, sign: int) -> int:
    """The nearest integer beyond `value` that a reader of doubles can tell from it.

    For the vendor's own document, too, 64 bits end at 9223372036854776000.
    """
    if abs(value) <= EXACT:
        return value + sign
    return int(math.nextafter(float(value), sign * math.inf))


def _next_float32(value: float, sign: int) -> float:
    """The nearest number beyond `value` that a server with single precision can tell from it."""
    if value == 0:
        return sign * 2.0**-23
    (bits,) = struct.unpack("<i", struct.pack("<f", value))
    away = 1 if (value > 0) == (sign > 0) else -1
    (result,) = struct.unpack("<f", struct.pack("<i", bits + away))
    return float(result)


def _length_sides(keyword: str, name: str, step: int) -> Callable[..., Iterator[_Sides]]:
    def sides(field: Field, prefix: str, bound: int) -> Iterator[_Sides]:
        if bound + step < 0:
            return
        make = array_of if "items" in keyword.lower() else _text
        valid, wrong = make(field, bound), make(field, bound + step)
        yield _Sides(prefix + name, valid, wrong, f"{bound + step} long", has_invalid=True)

    return sides


def _text(_: Field, length: int) -> str:
    return "a" * length


def _pattern_sides(field: Field, prefix: str, _: str) -> Iterator[_Sides]:
    sample = sample_of(field)
    for wrong in (f"{sample} {sample}", f"{sample}.", f"{sample}é"):
        yield _Sides(f"{prefix}pattern", sample, wrong, repr(wrong), has_invalid=True)


_ENUMERATORS: dict[str, Callable[[Field, str, Any], Iterator[_Sides]]] = {
    "enum": _value_sides("enum"),
    "const": _value_sides("const"),
    "minimum": _bound_sides("minimum", -1),
    "maximum": _bound_sides("maximum", +1),
    "exclusiveMinimum": _open_bound_sides("exclusive_minimum", -1),
    "exclusiveMaximum": _open_bound_sides("exclusive_maximum", +1),
    "minLength": _length_sides("minLength", "min_length", -1),
    "maxLength": _length_sides("maxLength", "max_length", +1),
    "minItems": _length_sides("minItems", "min_items", -1),
    "maxItems": _length_sides("maxItems", "max_items", +1),
    "pattern": _pattern_sides,
}


def _asked_for(root: Field, body: Json) -> dict[str, Json]:
    """What the conditionals of the request ask to be added to, or changed in, `body`."""
    asked: dict[str, Json] = {}
    for member in root.schema.get("allOf", ()):
        asked.update(_asked_by(member, body, root))
    return asked


def _asked_by(member: Json, body: Json, root: Field) -> dict[str, Json]:
    if "if" not in member or not _holds(member["if"], body) or _holds(member["then"], body):
        return {}
    wanted = member["then"].get("properties", {})
    return {
        name: wanted.get(name, {}).get("const", sample_of(root.properties[name]))
        for name in member["then"].get("required", ())
    }


def _unmet(then: Json, body: Json) -> Iterator[tuple[str, Json]]:
    """Bodies that do not have what `then` asks for: it is absent, null or something else."""
    for name in then.get("required", ()):
        yield f"no {name}", {key: value for key, value in body.items() if key != name}
        yield f"{name} null", {**body, name: None}
        const = then.get("properties", {}).get(name, {}).get("const")
        if isinstance(const, bool):
            yield f"{name} {str(not const).lower()}", {**body, name: not const}


def _holds(schema: Json, body: Json) -> bool:
    return jsonschema_rs.is_valid(schema, body)
