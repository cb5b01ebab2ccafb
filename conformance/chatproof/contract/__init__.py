"""The contract: what a server in one dialect has to hold, loaded from the specification.

The OpenAPI document with the dialect's overlays applied, its schemas compiled, and every
requirement: those its keywords make and those of the catalogue.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from .boundaries import Pair, boundary_pairs
from .document import Json, SpecError, line_of, read_yaml, resolve, spec_folder
from .endless import ending
from .judge import Breach, Judge, fits, fitting
from .levels import DialectLevels, read_levels
from .overlay import apply_overlay, read_overlay
from .relations import RELATIONS
from .requirements import (
    CLASSES,
    Requirement,
    catalogue_ids,
    derive,
    read_catalogue,
    with_levels,
)
from .soundness import see_that_it_is_complete, see_that_it_is_possible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = [
    "CLASSES",
    "Breach",
    "Contract",
    "Judge",
    "Pair",
    "Requirement",
    "SpecError",
    "boundary_pairs",
    "dialect_names",
    "fits",
    "load_contract",
    "load_document",
]

BASE = "cerebras"
"""The dialect that openapi.yaml itself describes."""
ROOTS = {
    "request": "ChatCompletionRequest",
    "response": "ChatCompletion",
    "chunk": "ChatCompletionChunk",
    "stream_error": "StreamError",
    "error": "Error",
    "models": "ModelList",
    "model": "Model",
}
"""What is judged, and the component schema that judges it."""


@dataclass(frozen=True)
class Contract:
    """What a server in one dialect has to hold.

    `requirements` are by id, derived ones first; `judges` by the keys of :data:`ROOTS`.
    """

    dialect: str
    levels: tuple[DialectLevels, ...] = field(repr=False)
    document: Json
    requirements: Mapping[str, Requirement]
    judges: Mapping[str, Judge] = field(repr=False)
    _pairs: dict[str, list[Pair]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def chain(self) -> tuple[str, ...]:
        """The dialect and those it builds on, nearest first."""
        return tuple(layer.name for layer in self.levels)

    @property
    def version(self) -> str:
        """The version of the specification."""
        return str(self.document["info"]["version"])

    def judge(self, what: str) -> Judge:
        return self.judges[what]

    def breaches(self, body: Json) -> list[Breach]:
        """What a chat request breaks; nothing for a valid one.

        How its parts relate to each other is looked at where each of them is valid.
        """
        return self.judges["request"].breaches(body) or list(self._unrelated(body))

    def _unrelated(self, body: Json) -> Iterator[Breach]:
        """What a request that fits the schema breaks."""
        for name, broken in RELATIONS.items():
            if name in self.requirements:
                for location, message in broken(body):
                    yield Breach(name, location, message, "", None, None)

    def breaks_keyword(self, breaches: Iterable[Breach]) -> bool:
        """Whether something is wrong by itself, and not in relation to something else."""
        known = self.requirements
        return any(b.requirement in known and known[b.requirement].keyword for b in breaches)

    def valid(self, body: Json) -> bool:
        """Whether a chat request breaks nothing."""
        return self.judges["request"].valid(body) and not any(self._unrelated(body))

    def pairs(self, base: dict[str, Json]) -> list[Pair]:
        """The boundary pairs of the chat request, built around `base`."""

        def fits(body: Json) -> bool:
            return not self.breaches(body)

        key = json.dumps(base)
        if key not in self._pairs:
            pairs = boundary_pairs(self.judges["request"], base, fits)
            known = (pair for pair in pairs if pair.requirement in self.requirements)
            self._pairs[key] = [ending(pair, fits) for pair in known]
        return self._pairs[key]

    def demanded_pairs(self, base: dict[str, Json]) -> list[Pair]:
        """Those of them that a server must tell apart."""
        levels = self.requirements
        return [pair for pair in self.pairs(base) if levels[pair.requirement].level == "MUST"]

    def statuses(self, when: str, operation: str = "createChatCompletion") -> frozenset[int]:
        """The statuses with which `operation` may answer, by what happened (`x-when`)."""
        return frozenset(status for status, _ in self._responses(when, operation))

    def told(self, when: str, operation: str = "createChatCompletion") -> Mapping[str, str]:
        """What the fields of an error say, where that is documented (`x-told`); else nothing."""
        said = (response.get("x-told") for _, response in self._responses(when, operation))
        return next(filter(None, said), {})

    def header_fits(self, name: str, value: Json) -> bool:
        """Whether the documented header `name` may say so."""
        return self._headers_fit[name](value)

    @cached_property
    def _headers_fit(self) -> dict[str, Callable[[Json], bool]]:
        return {name: fitting(schema) for name, schema in self.headers.items()}

    @cached_property
    def headers(self) -> Mapping[str, Json]:
        """The headers that are documented for an answer to a chat request, with their schemas."""
        headers = self._operations["createChatCompletion"]["200"].get("headers", {})
        return {name: header["schema"] for name, header in headers.items()}

    def _responses(self, when: str, operation: str) -> Iterator[tuple[int, Json]]:
        for status, response in self._operations[operation].items():
            if when in response.get("x-when", ()):
                yield int(status), response

    @cached_property
    def _operations(self) -> dict[str, dict[str, Json]]:
        """The responses of each operation by their status."""
        return {
            described["operationId"]: {
                status: resolve(self.document, response["$ref"]) | response
                if "$ref" in response
                else response
                for status, response in described["responses"].items()
            }
            for item in self.document["paths"].values()
            for described in item.values()
            if isinstance(described, dict) and "operationId" in described
        }

    def for_model(self, model: str) -> Contract:
        """The contract of a server that serves `model`, beside those that the document lists."""
        document = copy.deepcopy(self.document)
        schema = resolve(document, self.judges["request"].root.properties["model"].pointer)
        schema["examples"] = [model]
        if model not in schema.get("enum", [model]):
            schema["enum"].append(model)
        return _contract(self.levels, document)


def dialect_names() -> tuple[str, ...]:
    """The dialects that the specification describes, the base first."""
    return (BASE, *sorted(path.stem for path in (spec_folder() / "dialects").glob("*.yaml")))


def load_document(dialect: str = BASE) -> tuple[Json, tuple[str, ...]]:
    """The OpenAPI document of a dialect, and the dialects it is made of, nearest first.

    `dialect` is a name, or the path of an overlay of your own (ending in .yaml).

    Raises:
        SpecError: there is no such dialect, or one of its files cannot be used.
    """
    overlays = _overlays(dialect)
    # Through JSON, so that what YAML aliases share can be changed in one place alone.
    document = json.loads(json.dumps(read_yaml(spec_folder() / "openapi.yaml")))
    for path, overlay in reversed(overlays):
        document = apply_overlay(document, overlay, path)
    return document, (*(path.stem for path, _ in overlays), BASE)


def _overlays(dialect: str) -> list[tuple[Path, Json]]:
    """The overlays that make a dialect of the base, nearest first, each with its path."""
    overlays: list[tuple[Path, Json]] = []
    where = ""
    while dialect != BASE:
        try:
            path = _overlay_path(dialect)
        except SpecError as error:
            raise SpecError(where + str(error)) from None
        if any(path == known for known, _ in overlays):
            names = " -> ".join(known.stem for known, _ in (*overlays, (path, None)))
            raise SpecError(f"{where}builds on itself ({names}); correct its x-base")
        overlays.append((path, read_overlay(path)))
        dialect = overlays[-1][1].get("x-base", BASE)
        where = f"{path}:{line_of(path, ['x-base'])}: "
        if not isinstance(dialect, str):
            raise SpecError(f"{where}x-base is no text; give it the name of one dialect")
    return overlays


def _overlay_path(dialect: str) -> Path:
    if dialect.endswith((".yaml", ".yml")):
        return Path(dialect)
    path = spec_folder() / "dialects" / f"{dialect}.yaml"
    if not path.is_file():
        raise SpecError(
            f"unknown dialect {dialect!r}; choose one of {', '.join(dialect_names())}, "
            "or give the path of an overlay (.yaml)"
        )
    return path


@cache
def load_contract(dialect: str = BASE) -> Contract:
    """The contract of a dialect.

    Raises:
        SpecError: there is no such dialect, or a file of the specification cannot be used.
    """
    overlays = _overlays(dialect)
    levels = [read_levels(path.stem, overlay, path) for path, overlay in overlays]
    document, _ = load_document(dialect)
    try:
        return _contract((*levels, DialectLevels(BASE)), document)
    except SpecError as error:
        files = (*(path for path, _ in overlays), spec_folder())
        if str(error).startswith(tuple(map(str, files))):  # it says which file
            raise
        nearest = overlays[0][0] if overlays else spec_folder() / "openapi.yaml"
        raise SpecError(f"{nearest}: {error}") from None


def _contract(levels: tuple[DialectLevels, ...], document: Json) -> Contract:
    words = read_yaml(spec_folder() / "keywords.yaml")
    evidence = read_yaml(spec_folder() / "evidence.yaml") or {}
    see_that_it_is_complete(document)
    judges = {what: Judge(document, name) for what, name in ROOTS.items()}
    see_that_it_is_possible(judges.values())
    derived = {
        r.id: replace(r, evidence=tuple(evidence.get(r.id, ())))
        for judge in judges.values()
        for r in derive(judge.root, words)
    }
    requirements = {r.id: r for r in with_levels(iter(derived.values()), levels)}
    folder = spec_folder() / "requirements"
    for requirement in read_catalogue(folder, levels):
        if requirement.id in derived or requirement.id in requirements:
            raise SpecError(f"requirement {requirement.id} stands twice; remove one")
        requirements[requirement.id] = requirement
    levels[0].check({*derived, *catalogue_ids(folder)})
    return Contract(levels[0].name, levels, document, requirements, judges)
