"""Check the overlays and the catalogue as files: that every statement has its source and its date.

What makes a dialect unusable (a target that selects nothing, a requirement that there is not, two
statements that contradict each other) is found where it is loaded; this is what a loader lets pass.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import yaml

from chatproof.contract import SpecError, dialect_names
from chatproof.contract.document import line_of, read_yaml, spec_folder
from chatproof.contract.overlay import read_overlay
from chatproof.contract.requirements import read_entries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def problems() -> Iterator[str]:
    """What is wrong, each with file, line and what to do."""
    folder = spec_folder()
    try:
        listed_sources()
        for path in sorted(folder.rglob("*.yaml")):
            yield from doubled_keys(path)
        for path in sorted((folder / "dialects").glob("*.yaml")):
            yield from unsourced(path)
        for path in sorted((folder / "requirements").glob("*.yaml")):
            yield from unknown_dialects(path)
    except SpecError as error:
        yield str(error)


def listed_sources() -> set[str]:
    """The keys of sources.yaml.

    Raises:
        SpecError: it is no list of sources.
    """
    path = spec_folder() / "sources.yaml"
    try:
        return {source["key"] for source in read_yaml(path)["sources"]}
    except (TypeError, KeyError):
        raise SpecError(
            f"{path}:1: has no list of sources; write '- {{key: ..., title: ..., date: ...}}' "
            "for each under 'sources'"
        ) from None


def vendors() -> dict[str, str]:
    """Of each source that speaks of one vendor alone: the dialect of that vendor."""
    listed = read_yaml(spec_folder() / "sources.yaml")["sources"]
    return {source["key"]: source["of"] for source in listed if "of" in source}


def unsourced(path: Path) -> Iterator[str]:
    """Actions and levels of an overlay without a description, a listed source, or a date."""
    listed = listed_sources()
    overlay = read_overlay(path)
    for part, what in (("actions", "action"), ("x-levels", "level")):
        for number, entry in enumerate(overlay.get(part, ())):
            for problem in _missing(entry, listed):
                where = f"{path}:{line_of(path, [part, number])}"
                yield f"{where}: {what} {number + 1} {problem}"


def _missing(entry: dict[str, Any], listed: set[str]) -> Iterator[str]:
    if not entry.get("description"):
        yield "does not say why; give it a 'description'"
    sources = entry.get("x-source")
    if not isinstance(sources, list) or not sources:
        yield "has no source; give it 'x-source', a list of keys of sources.yaml"
        sources = []
    for source in sources:
        if str(source).partition(":")[0] not in listed:
            yield f"has the source {source!r}, which sources.yaml does not list; add or correct it"
    if not isinstance(entry.get("x-date"), datetime.date):
        yield "has no date; give it 'x-date', the day on which it was so (2026-07-21)"


def unknown_dialects(path: Path) -> Iterator[str]:
    """Levels in the catalogue for dialects that there are not."""
    known = dialect_names()
    for number, entry in enumerate(read_entries(path)):
        for name in entry.get("dialects", {}):
            if name not in known:
                where = f"{path}:{line_of(path, [number, 'dialects'])}"
                yield f"{where}: there is no dialect {name!r}; choose of {', '.join(known)}"


def doubled_keys(path: Path) -> Iterator[str]:
    """Keys that stand twice in one mapping, of which YAML would silently keep the last."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError):
        read_yaml(path)  # says it with the line
        return
    for mapping in _mappings(root):
        seen: set[str] = set()
        for key, _ in mapping.value:
            if key.value in seen:
                line = key.start_mark.line + 1
                yield f"{path}:{line}: the key {key.value!r} stands twice here; remove one"
            seen.add(key.value)


def _mappings(node: yaml.Node | None) -> Iterator[yaml.MappingNode]:
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _mappings(item)
    elif isinstance(node, yaml.MappingNode):
        yield node
        for _, value in node.value:
            yield from _mappings(value)
