"""The test vectors of spec/vectors: read, and checked for what no test of a decoder would see."""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from chatproof.contract import dialect_names, load_contract
from chatproof.contract.document import spec_folder

from .overlays import listed_sources

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LEAST = 250
"""So many vectors there are at least."""


@dataclass(frozen=True, slots=True)
class Vector:
    """One vector, and the file that it stands in."""

    path: Path
    kind: str
    value: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.value["id"])

    @property
    def breaks(self) -> dict[str, Any]:
        """What it breaks, by dialect."""
        return dict(self.value.get("breaks", {}))


def octets(holder: dict[str, Any]) -> bytes:
    """The bytes that `text` or `base64` stands for."""
    if "text" in holder:
        return str(holder["text"]).encode()
    return base64.b64decode(holder["base64"])


def files() -> list[Path]:
    folder = spec_folder() / "vectors"
    return sorted(path for path in folder.glob("*/*.json"))


@cache
def vectors() -> tuple[Vector, ...]:
    """All vectors, file by file."""
    found = []
    for path in files():
        content = json.loads(path.read_text(encoding="utf-8"))
        found += [Vector(path, content["kind"], value) for value in content["vectors"]]
    return tuple(found)


def vector_problems() -> Iterator[str]:
    """What is wrong with the vectors, with the file, the vector, and what to do."""
    schema = json.loads((spec_folder() / "vectors" / "vector.schema.json").read_text("utf-8"))
    validator = jsonschema_rs.validator_for(schema)
    broken = False
    for path in files():
        for error in validator.iter_errors(json.loads(path.read_text(encoding="utf-8"))):
            broken = True
            place = "/".join(map(str, error.instance_path))
            where = f"{_name(path)}:{_line(path, error.instance_path)}"
            yield f"{where}: /{place}: {error.message[:200]}; correct it"
    if broken:
        return
    for name, count in Counter(vector.id for vector in vectors()).items():
        if count > 1:
            yield f"spec/vectors: {count} vectors have the id {name}; rename all but one"
    if len(vectors()) < LEAST:
        yield f"spec/vectors: there are {len(vectors())} vectors; {LEAST} are promised"
    for vector in vectors():
        for words in _misnamed(vector):
            where = f"{_name(vector.path)}:{_line_of_id(vector.path, vector.id)}"
            yield f"{where}: {vector.id}: {words}"


def _misnamed(vector: Vector) -> Iterator[str]:
    dialects = [*vector.breaks, *vector.value.get("dialects", ())]
    for dialect in dialects:
        if dialect not in dialect_names():
            yield f"there is no dialect {dialect}; choose of {', '.join(dialect_names())}"
            continue
        known = load_contract(dialect).requirements
        for name in vector.breaks.get(dialect, ()):
            if name not in known:
                yield f"{dialect} has no requirement {name}; see `chatproof list requirements`"
    listed = listed_sources()
    for key in vector.value.get("source", ()):
        if key.partition(":")[0] not in listed:
            yield f"source {key} is not in spec/sources.yaml; add it there"


def _name(path: Path) -> str:
    return f"spec/{path.relative_to(spec_folder())}"


def _line(path: Path, place: list[str | int]) -> int:
    """The line of the vector that a place of the file is in; 1 where it is in none."""
    match place:
        case ["vectors", int(number), *_]:
            value = json.loads(path.read_text(encoding="utf-8"))["vectors"][number]
            return _line_of_id(path, value.get("id")) if isinstance(value, dict) else 1
    return 1


def _line_of_id(path: Path, name: Any) -> int:
    text = path.read_text(encoding="utf-8")
    found = re.search(rf'"id":\s*{re.escape(json.dumps(name))}', text)
    return text.count("\n", 0, found.start()) + 1 if found else 1
