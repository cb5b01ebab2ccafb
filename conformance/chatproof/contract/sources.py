"""Where requirements come from, in words: spec/sources.yaml, and public reports."""

from __future__ import annotations

from functools import cache

from .document import Json, read_yaml, spec_folder


def source_words(key: str) -> str:
    """What a source is: its title and date, and, of the seed, the statement."""
    sources = _sources()
    name, _, statement = key.partition(":")
    known = next((s for s in sources["sources"] if s["key"] == name), None)
    title = f"{key}: {known['title']}, {known['date']}" if known else key
    said = sources["statements"].get(statement)
    return f"{title}: {said}" if said else title


def evidence_address(evidence: str) -> str:
    """The address of a public report, which is named as owner/name#number."""
    return f"https://github.com/{evidence.replace('#', '/issues/')}"


@cache
def _sources() -> Json:
    return read_yaml(spec_folder() / "sources.yaml")
