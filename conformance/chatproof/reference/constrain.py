"""JSON values that a schema allows: what constrained decoding would let a model say.

Known are type (one or a list), enum, const, anyOf, oneOf, allOf, $ref within the schema (also
recursive), properties, required, additionalProperties, items, prefixItems, the bounds on lengths
and numbers, and some formats. Other keywords, and those whose value makes no sense, are ignored.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..contract.document import Json
    from .sampling import Draws

JSON_OBJECT: Json = {
    "type": "object",
    "properties": {"answer": {"type": "string"}, "count": {"type": "integer"}},
    "required": ["answer", "count"],
}
"""What json_object gives, which leaves the model all freedom."""
_STRINGS = ("sea", "blue wind", "café", "stone", "漢字", "harbour light", "🙂", "sand")
_FORMATS = {
    "date": "2025-05-08",
    "date-time": "2025-05-08T12:00:00Z",
    "duration": "P1D",
    "email": "sea@example.org",
    "hostname": "example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "time": "12:00:00Z",
    "uri": "https://example.org/sea",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
_TYPES = ("string", "number", "integer", "boolean", "null", "object", "array")
_DEPTHS = (6, 12, 25, 50, 100)
_ROOM = 60
"""After so many values no more is said than must be."""


class ImpossibleSchema(ValueError):
    """No finite JSON value fits the schema, or none that can be found."""


def json_for(schema: Json, draws: Draws) -> str:
    """A compact JSON text that `schema` allows; the same draws give the same text.

    Raises:
        ImpossibleSchema: there is none.
    """
    try:
        value = _Builder(schema, draws).root()
    except RecursionError:
        raise ImpossibleSchema("the schema is nested too deeply") from None
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class _Builder:
    """Builds one value. `depth` is how many schemas deep it may still become."""

    def __init__(self, schema: Json, draws: Draws) -> None:
        self._schema = schema
        self._draws = draws
        self._left = _ROOM
        self._known: dict[tuple[int, int], bool] = {}
        self._alternatives: dict[int, list[Json] | None] = {}

    def root(self) -> Json:
        for depth in _DEPTHS:
            if self._fits(self._schema, depth):
                return self._value(self._schema, depth)
        raise ImpossibleSchema("no value fits the schema")

    # Whether there is a value ---------------------------------------------------------------

    def _fits(self, schema: Json, depth: int) -> bool:
        """Whether some value that is at most so deep fits."""
        if not isinstance(schema, dict):
            return schema is not False and depth > 0
        key = (id(schema), depth)
        if key not in self._known:
            self._known[key] = depth > 0 and self._any_fits(schema, depth)
        return self._known[key]

    def _any_fits(self, schema: dict[str, Json], depth: int) -> bool:
        if (variants := self._variants(schema)) is not None:
            return any(self._fits(variant, depth - 1) for variant in variants)
        return bool(_listed(schema)) or any(
            self._type_fits(schema, kind, depth) for kind in _kinds(schema)
        )

    def _type_fits(self, schema: dict[str, Json], kind: str, depth: int) -> bool:
        if kind == "object":
            return all(self._fits(self._member(schema, n), depth - 1) for n in _required(schema))
        if kind == "array":
            least = _count(schema, "minItems", 0)
            most = _count(schema, "maxItems", least)
            return least <= most and all(
                self._fits(_item(schema, number), depth - 1) for number in range(least)
            )
        return True

    # The value --------------------------------------------------------------------------------

    def _value(self, schema: Json, depth: int) -> Json:
        self._left -= 1
        if not isinstance(schema, dict):
            schema = {}
        if (variants := self._variants(schema)) is not None:
            return self._value(*self._choice(variants, depth - 1))
        if values := _listed(schema):
            return values[self._draws.below(len(values))]
        kinds = [kind for kind in _kinds(schema) if self._type_fits(schema, kind, depth)]
        if not kinds:
            raise ImpossibleSchema("no value fits the schema")
        if self._left < 0:
            kinds.sort(key=("object", "array").__contains__)
        return self._typed(schema, kinds[0 if self._left < 0 else self._below(kinds)], depth)

    def _below(self, values: list[Json]) -> int:
        return self._draws.below(len(values))

    def _choice(self, variants: list[Json], depth: int) -> tuple[Json, int]:
        """One of the variants that fit; a shallow one when there has been said enough."""
        if self._left < 0:
            depth = next(d for d in range(1, depth + 1) if any(self._fits(v, d) for v in variants))
        fitting = [variant for variant in variants if self._fits(variant, depth)]
        return fitting[self._below(fitting)], depth

    def _typed(self, schema: dict[str, Json], kind: str, depth: int) -> Json:
        if kind == "object":
            return self._object(schema, depth - 1)
        if kind == "array":
            return self._array(schema, depth - 1)
        if kind == "string":
            return self._string(schema)
        if kind == "boolean":
            return self._draws.below(2) == 1
        if kind == "null":
            return None
        return _number(schema, self._draws.below(100), whole=kind == "integer")

    def _object(self, schema: dict[str, Json], depth: int) -> dict[str, Json]:
        required = _required(schema)
        least = _count(schema, "minProperties", 0)
        made: dict[str, Json] = {}
        for name, member in _dict(schema, "properties").items():
            wanted = self._left > 0 and self._draws.below(2) == 1
            if name in required or ((wanted or len(made) < least) and self._fits(member, depth)):
                made[name] = self._value(self._member(schema, name), depth)
        for name in required:
            if name not in made:
                made[name] = self._value(self._member(schema, name), depth)
        for name in _names(len(made), least):
            made[name] = self._value(self._member(schema, name), depth)
        return made

    def _member(self, schema: dict[str, Json], name: str) -> Json:
        """The schema of a property, listed or additional."""
        listed = _dict(schema, "properties")
        return listed[name] if name in listed else schema.get("additionalProperties", True)

    def _array(self, schema: dict[str, Json], depth: int) -> list[Json]:
        least = _count(schema, "minItems", 0)
        usual = max(least, len(_list(schema, "prefixItems")), 1 + self._draws.below(2))
        length = min(usual if self._left > 0 else least, _count(schema, "maxItems", usual))
        made: list[Json] = []
        for number in range(length):
            item = _item(schema, number)
            if not self._fits(item, depth):
                break
            value = self._value(item, depth)
            tries = 20 if schema.get("uniqueItems") is True else 0
            while tries and value in made:
                value, tries = self._value(item, depth), tries - 1
            made.append(value)
        return made

    def _string(self, schema: dict[str, Json]) -> str:
        form = schema.get("format")
        if isinstance(form, str) and form in _FORMATS:
            return _FORMATS[form]
        text = _STRINGS[self._draws.below(len(_STRINGS))]
        least = _count(schema, "minLength", 0)
        if len(text) < least:
            text += "a" * (least - len(text))
        return text[: _count(schema, "maxLength", len(text))]

    # References and alternatives ----------------------------------------------------------------

    def _variants(self, schema: dict[str, Json]) -> list[Json] | None:
        """The schemas of which one must fit; None for a schema without $ref, anyOf and so on."""
        key = id(schema)  # what is made here is kept here, so identities stay
        if key not in self._alternatives:
            self._alternatives[key] = self._find_variants(schema)
        return self._alternatives[key]

    def _find_variants(self, schema: dict[str, Json]) -> list[Json] | None:
        if isinstance(schema.get("$ref"), str):
            return _merged(schema, "$ref", [self._target(schema)])
        for keyword in ("anyOf", "oneOf"):
            if branches := _list(schema, keyword):
                return _merged(schema, keyword, branches)
        if parts := _list(schema, "allOf"):
            made = {key: value for key, value in schema.items() if key != "allOf"}
            for part in map(self._target, parts):
                made = _both(made, part)
            return [made]
        return None

    def _target(self, schema: Json) -> Json:
        """What a schema that is a mere reference refers to; other schemas as they are."""
        for _ in range(20):
            if not isinstance(schema, dict) or not isinstance(schema.get("$ref"), str):
                break
            schema = self._resolve(schema["$ref"])
        return schema

    def _resolve(self, reference: str) -> Json:
        """What a reference points to within the schema; anything, where it points nowhere."""
        found = self._schema
        for step in reference.removeprefix("#").split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            if isinstance(found, dict) and name in found:
                found = found[name]
            elif isinstance(found, list) and name.isdecimal() and int(name) < len(found):
                found = found[int(name)]
            else:
                return True
        return found


_BESIDE = ("$defs", "definitions", "$schema", "$id", "title", "description", "default")


def _merged(schema: dict[str, Json], keyword: str, branches: list[Json]) -> list[Json]:
    """Each branch together with what stands beside the keyword."""
    rest = {k: v for k, v in schema.items() if k != keyword and k not in _BESIDE}
    return [_both(rest, branch) for branch in branches] if rest else branches


def _both(one: dict[str, Json], two: Json) -> Json:
    """A schema that demands what both demand, as far as their keywords do not collide."""
    if not isinstance(two, dict):
        return two if two is False else one
    made = {**one, **two}
    if "properties" in one and "properties" in two:
        made["properties"] = {**_dict(one, "properties"), **_dict(two, "properties")}
    if "required" in one and "required" in two:
        made["required"] = [*_required(one), *_required(two)]
    return made


def _kinds(schema: dict[str, Json]) -> list[str]:
    """The types that a schema allows, in its order."""
    asked = schema.get("type")
    kinds = [kind for kind in (asked if isinstance(asked, list) else [asked]) if kind in _TYPES]
    if kinds:
        return kinds
    for kind, keywords in (
        ("object", ("properties", "required")),
        ("array", ("items", "minItems")),
    ):
        if any(keyword in schema for keyword in keywords):
            return [kind]
    return ["integer" if "minimum" in schema or "maximum" in schema else "string"]


def _listed(schema: dict[str, Json]) -> list[Json]:
    """The values of const or enum, without those of another type than the schema says."""
    values = [schema["const"]] if "const" in schema else _list(schema, "enum")
    if "type" not in schema:
        return values
    return [value for value in values if _kind_of(value) & set(_kinds(schema))]


def _kind_of(value: Json) -> set[str]:
    if isinstance(value, bool):
        return {"boolean"}
    if isinstance(value, int | float):
        return {"number", "integer"} if value == int(value) else {"number"}
    names: dict[type, str] = {str: "string", list: "array", dict: "object"}
    return {names.get(type(value), "null")}


def _item(schema: dict[str, Json], number: int) -> Json:
    """The schema of an array's item."""
    prefix = _list(schema, "prefixItems")
    return prefix[number] if number < len(prefix) else schema.get("items", True)


def _names(count: int, least: int) -> Iterator[str]:
    return (f"more_{number}" for number in range(count, least))


def _required(schema: dict[str, Json]) -> list[str]:
    return [name for name in _list(schema, "required") if isinstance(name, str)]


def _list(schema: dict[str, Json], keyword: str) -> list[Json]:
    value = schema.get(keyword)
    return value if isinstance(value, list) else []


def _dict(schema: dict[str, Json], keyword: str) -> dict[str, Json]:
    value = schema.get(keyword)
    return value if isinstance(value, dict) else {}


def _count(schema: dict[str, Json], keyword: str, default: int) -> int:
    """A length; no more than 200, for a schema may not make the model talk without end."""
    value = _bound(schema, keyword)
    return default if value is None else max(0, min(200, math.floor(value)))


def _bound(schema: dict[str, Json], keyword: str) -> float | None:
    value = schema.get(keyword)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) < 1e300 else None


def _number(schema: dict[str, Json], drawn: int, *, whole: bool) -> float:
    """A number within the bounds, near the lower one, or the upper where there is no lower."""
    step = _bound(schema, "multipleOf") or (1 if whole else 0.5)
    if step < 1e-6 or (whole and step != int(step)):
        step = 1
    low, over = _bound(schema, "minimum"), _bound(schema, "exclusiveMinimum")
    high, under = _bound(schema, "maximum"), _bound(schema, "exclusiveMaximum")
    firsts = [] if low is None else [int(-(-low // step))]
    firsts += [] if over is None else [int(over // step) + 1]
    lasts = [] if high is None else [int(high // step)]
    lasts += [] if under is None else [int(-(-under // step)) - 1]
    last = min(lasts, default=None)
    first = max(firsts, default=0 if last is None else min(0, last))
    room = 100 if last is None else min(100, last - first + 1)
    if room > 0:
        count = first + drawn % room
        return int(count * step) if whole else count * step
    ends = [end for end in (low, over, high, under) if end is not None]
    return sum(ends) / len(ends)  # between two steps
