"""JSON texts read strictly: the value, and all that is wrong with the text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

ProblemKind = Literal["not-utf8", "bom", "syntax", "constant", "duplicate-key", "too-deep"]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a JSON text, and at which byte, where that is known."""

    kind: ProblemKind
    message: str
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """A value (None when there is none) and the problems of its text."""

    value: Any
    problems: tuple[Problem, ...] = ()


def parse(data: bytes) -> Parsed:
    """Read one JSON text (RFC 8259). Never raises; a text that is no JSON has the value None."""
    problems: list[Problem] = []
    text = _decoded(data, problems)
    if text.startswith("\ufeff"):
        problems.append(Problem("bom", "a byte order mark begins the text", 0))
        text = text[1:]

    def constant(name: str) -> float:
        problems.append(Problem("constant", f"{name} is no JSON"))
        return float(name.replace("Infinity", "inf"))

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(members)
        if len(value) < len(members):
            names = [name for name, _ in members]
            twice = next(name for name in names if names.count(name) > 1)
            problems.append(Problem("duplicate-key", f"the name {twice!r} stands twice"))
        return value

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except json.JSONDecodeError as error:
        offset = len(text[: error.pos].encode("utf-8", "replace"))
        problems.append(Problem("syntax", f"no JSON: {error.msg}", offset))
        return Parsed(None, tuple(problems))
    except (RecursionError, ValueError) as error:
        kind: ProblemKind = "too-deep" if isinstance(error, RecursionError) else "syntax"
        problems.append(Problem(kind, f"no JSON that can be read: {error}"))
        return Parsed(None, tuple(problems))
    return Parsed(value, tuple(problems))


def _decoded(data: bytes, problems: list[Problem]) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        problems.append(Problem("not-utf8", f"no UTF-8: {error.reason}", error.start))
        return data.decode("utf-8", "replace")
