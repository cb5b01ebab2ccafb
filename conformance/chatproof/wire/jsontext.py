"""JSON texts read strictly: the value, and all that is wrong with the text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final, Literal

Json = Any
"""A value as JSON knows it: dict, list, str, int, float, bool or None."""

ProblemKind = Literal[
    "not-utf8",  # bytes that are no UTF-8, which RFC 8259 demands between systems
    "bom",  # a byte order mark, which RFC 8259 forbids
    "syntax",  # no JSON at all
    "constant",  # NaN, Infinity or -Infinity
    "duplicate-key",  # a name that an object has twice: legal, with no meaning that is agreed
    "too-deep",  # nested deeper than MAX_DEPTH
    "trailing",  # something behind the value
]
MAX_DEPTH: Final = 256
"""Arrays and objects within each other. Readers have bounds; 256 is far beyond any protocol."""
_WHITE: Final = " \t\n\r"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a JSON text, and at which byte, where that is known."""

    kind: ProblemKind
    message: str
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """A value (None when there is none that can be read) and the problems of its text."""

    value: Json
    problems: tuple[Problem, ...] = ()

    @property
    def is_json(self) -> bool:
        """Whether the bytes are one JSON text. A name that stands twice does not change that."""
        return all(problem.kind == "duplicate-key" for problem in self.problems)


def parse(data: bytes) -> Parsed:
    """Read one JSON text (RFC 8259), leniently: the value is kept wherever one can be made out.

    Never raises. A text without a value, or one nested deeper than `MAX_DEPTH`, has the value
    None and a problem that says so.
    """
    return _Reader(data).read()


def parse_text(text: object) -> Parsed:
    """Read a JSON text that stands within another as a string; anything else is no JSON."""
    if not isinstance(text, str):
        return Parsed(None, (Problem("syntax", "no JSON: not a string"),))
    return parse(text.encode("utf-8", "replace"))


def whole_characters(value: Json) -> Json:
    """The value, with "?" for each half of a surrogate pair, which no UTF-8 can carry."""
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._problems: list[Problem] = []
        self._shift: int | None = 0  # bytes before the text; None when bytes cannot be counted
        try:
            self._text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            self._note("not-utf8", f"no UTF-8: {error.reason}", error.start)
            self._text = data.decode("utf-8", "replace")
            self._shift = None
        if self._text.startswith("\ufeff"):
            self._note("bom", "a byte order mark begins the text", 0)
            self._text = self._text[1:]
            self._shift = None if self._shift is None else 3

    def read(self) -> Parsed:
        value = self._value()
        if self._opens_often() and too_deep(value):
            value = None
            self._note("too-deep", f"nested deeper than {MAX_DEPTH}")
        return Parsed(value, tuple(self._problems))

    def _opens_often(self) -> bool:
        """Whether the text has as many brackets as a deep value needs; most have far fewer."""
        return self._text.count("[") + self._text.count("{") > MAX_DEPTH

    def _value(self) -> Json:
        decoder = json.JSONDecoder(
            object_pairs_hook=self._object, parse_constant=self._constant, parse_int=_integer
        )
        start = len(self._text) - len(self._text.lstrip(_WHITE))
        try:
            value, end = decoder.raw_decode(self._text, start)
        except json.JSONDecodeError as error:
            self._note("syntax", f"no JSON: {error.msg}", self._offset(error.pos))
            return None
        except RecursionError:
            self._note("too-deep", f"nested deeper than {MAX_DEPTH}")
            return None
        rest = self._text[end:].lstrip(_WHITE)
        if rest:
            offset = self._offset(len(self._text) - len(rest))
            self._note("trailing", f"{rest[:40]!r} stands behind the value", offset)
        return value

    def _object(self, members: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(members)
        if len(value) < len(members):
            seen: set[str] = set()
            for name, _ in members:
                if name in seen:
                    self._note("duplicate-key", f"the name {name!r} stands twice")
                    break
                seen.add(name)
        return value

    def _constant(self, name: str) -> float:
        self._note("constant", f"{name} is no JSON")
        return float(name)

    def _note(self, kind: ProblemKind, message: str, offset: int | None = None) -> None:
        """Note the first problem of each kind: a text may have millions."""
        if all(problem.kind != kind for problem in self._problems):
            self._problems.append(Problem(kind, message, offset))

    def _offset(self, position: int) -> int | None:
        """The byte at which a character stands."""
        if self._shift is None:
            return None
        return self._shift + len(self._text[:position].encode())


def _integer(digits: str) -> int | float:
    """An integer; beyond the digits that Python converts in linear time, the nearest float."""
    try:
        return int(digits)
    except ValueError:
        return float(digits)


def too_deep(value: Json) -> bool:
    """Whether arrays and objects stand more than `MAX_DEPTH` deep within each other."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for item in level
            if isinstance(item, (dict, list))
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return False
    return any(isinstance(item, (dict, list)) for item in level)
