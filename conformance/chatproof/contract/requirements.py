"""Requirements: those a schema keyword makes, and those of the catalogue.

A keyword *is* a requirement: `maximum: 1.5` under `temperature` of the request becomes
``request.temperature.maximum`` with its level, class and source taken from the marks in the
document, and its words from spec/keywords.yaml. What no keyword can say is listed in
spec/requirements/<area>.yaml.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from .document import Json, SpecError, line_of, read_yaml
from .levels import LEVELS, NONE, DialectLevels, level_in
from .shape import Field, snake

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

Level = Literal["MUST", "SHOULD", "MAY"]
CLASSES = (
    "core",
    "streaming",
    "sampling",
    "tools",
    "structured-outputs",
    "logprobs",
    "errors",
    "auth",
    "models",
    "transport",
)
_ID = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that a server has to hold, should hold or may hold.

    `pointer` says where in openapi.yaml it belongs, `keyword` which schema keyword makes it
    (empty for those of the catalogue), `evidence` names public reports of servers that broke it.
    `reason` says why the dialect gives it a level of its own; `schema` is the JSON Schema with
    which it is put to the test, where it is about one.
    """

    id: str
    level: Level
    cls: str
    statement: str
    why: str
    source: tuple[str, ...]
    pointer: str
    keyword: str = ""
    evidence: tuple[str, ...] = ()
    reason: str = ""
    schema: Json = None


def keywords_of(field: Field) -> Iterator[tuple[str, Json]]:
    """The (keyword, value) pairs of a field that make a requirement each.

    A closed set of values says more than a type, so `type` is left out beside `enum` and
    `const`; the branches of a union share one `type` and one `null`, told at the union itself.
    """
    schema = field.schema
    if field.is_tag:
        return
    if field.variants:
        yield "type", "object"
        yield f"{field.tag}.required", field.tag
        yield f"{field.tag}.enum", list(field.variants)
        return
    types = [name for name in field.types if name != "null"]
    if types and not field.in_union and not field.closed_values:
        yield "type", types
    if "null" in field.types and not field.in_union:
        yield "null", None
    for keyword in _PLAIN:
        if keyword in schema:
            yield keyword, schema[keyword]
    if schema.get("additionalProperties") is False:
        yield "additionalProperties", False
    for name in schema.get("required", ()):
        if name not in field.properties or not field.properties[name].is_tag:
            yield f"{name}.required", name


_PLAIN = (
    "enum",
    "const",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
)


def derive(root: Field, words: Json) -> Iterator[Requirement]:
    """The requirements which the keywords of `root` and all below it make.

    `words` is the content of spec/keywords.yaml. For a reply, `null` is a freedom of the
    server and makes no requirement.
    """
    side = "request" if root.id == "request" else "reply"
    seen: set[str] = set()
    for field in root.walk():
        own = field.schema.get("x-requirements", {})
        for keyword, value in keywords_of(field):
            name = f"{field.id}.{snake(keyword)}"
            if keyword in own or name in seen or (side == "reply" and keyword == "null"):
                continue
            seen.add(name)
            yield _derived(field, name, keyword, value, words[side])


def _derived(field: Field, name: str, keyword: str, value: Json, words: Json) -> Requirement:
    member, _, last = keyword.rpartition(".")
    text = words[last]
    marks = field.marks
    if member and member in field.properties:
        marks = field.properties[member].marks
    level: Level = field.schema.get("x-levels", {}).get(keyword, marks.level)
    place = f"`{_place(field)}`"
    shown = {"name": f"`{member}` of {place}" if member else place, "value": _shown(value)}
    return Requirement(
        name,
        level,
        marks.cls,
        text["statement"].format(**shown),
        text["why"].format(**shown),
        marks.source,
        f"{field.pointer}/{last}",
        last,
    )


def _place(field: Field) -> str:
    path = field.id.split(".")
    return ".".join(path[1:]).replace(".items", "[]") or path[0]


def _shown(value: Json) -> str:
    if isinstance(value, list):
        return ", ".join(f"`{item}`" if isinstance(item, str) else str(item) for item in value)
    return f"`{value}`"


def with_levels(
    requirements: Iterator[Requirement], chain: Sequence[DialectLevels]
) -> Iterator[Requirement]:
    """Derived requirements with the levels that a dialect's overlays give them."""
    for requirement in requirements:
        level, reason = level_in(chain, requirement.id, requirement.level)
        if level != NONE:
            yield replace(requirement, level=level, reason=reason)  # type: ignore[arg-type]


def read_catalogue(folder: Path, chain: Sequence[DialectLevels]) -> Iterator[Requirement]:
    """The catalogue's requirements as they stand in a dialect.

    `chain` is the dialect and those it builds on, nearest first: the first of them that says
    something about an entry, in its overlay or under the entry's `dialects`, decides the level,
    else the entry's own does; `none` leaves the requirement out.

    Raises:
        SpecError: an entry misses a key or has a wrong value; with file and line.
    """
    for path in sorted(folder.glob("*.yaml")):
        for number, entry in enumerate(read_entries(path)):
            try:
                requirement = _entry(entry, chain)
            except SpecError:
                raise
            except (KeyError, ValueError, TypeError, AttributeError) as error:
                what = f"misses {error}" if isinstance(error, KeyError) else str(error)
                where = f"{path}:{line_of(path, [number])}"
                raise SpecError(f"{where}: entry {number + 1} {what}; correct it") from None
            if requirement is not None:
                yield requirement


def catalogue_ids(folder: Path) -> Iterator[str]:
    """The ids of all entries of the catalogue, whatever the dialect makes of them."""
    for path in sorted(folder.glob("*.yaml")):
        for entry in read_entries(path):
            yield entry["id"]


def read_entries(path: Path) -> list[Json]:
    """The entries of one file of the catalogue, as they are written.

    Raises:
        SpecError: it is no list of objects.
    """
    entries = read_yaml(path)
    if not isinstance(entries, list):
        raise SpecError(f"{path}:1: is no list of requirements; begin each with '- id:'")
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict):
            where = f"{path}:{line_of(path, [number])}"
            raise SpecError(f"{where}: entry {number + 1} is no object; begin it with '- id:'")
    return entries


def _entry(entry: Json, chain: Sequence[DialectLevels]) -> Requirement | None:
    unknown = set(entry) - _ENTRY_KEYS
    if unknown:
        raise ValueError(f"has the unknown key {min(unknown)!r}")
    _see_that_it_is_text(entry, "id")
    if not _ID.fullmatch(entry["id"]):
        raise ValueError(f"has the id {entry['id']!r}, which is no dotted path in lower case")
    level, reason = level_in(chain, entry["id"], entry["level"], entry.get("dialects"))
    if level == NONE:
        return None
    for name, value, allowed in (("level", level, LEVELS), ("class", entry["class"], CLASSES)):
        if value not in allowed:
            raise ValueError(f"has the {name} {value!r}, which is none of {', '.join(allowed)}")
    _see_that_it_is_text(entry, "pointer")
    return Requirement(
        id=entry["id"],
        level=level,  # type: ignore[arg-type]
        cls=entry["class"],
        statement=entry["statement"],
        why=entry["why"],
        source=tuple(entry["source"]),
        pointer=entry["pointer"],
        evidence=tuple(entry.get("evidence", ())),
        reason=reason,
        schema=entry.get("schema"),
    )


def _see_that_it_is_text(entry: Json, name: str) -> None:
    if not isinstance(entry[name], str):
        raise TypeError(f"has the {name} {entry[name]!r}, which is no text")


_ENTRY_KEYS = {
    "id",
    "level",
    "class",
    "statement",
    "why",
    "source",
    "evidence",
    "pointer",
    "dialects",
    "schema",
}
