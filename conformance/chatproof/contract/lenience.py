"""What a server that reads leniently may take for right, and no source forbids it to.

A bound or a type is put to the test with values that every reader has to see as wrong; of values
that some take for others ("0.5" for 0.5, false for 0), nothing is demanded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .document import Json
    from .judge import Breach

EXACT = 2**53
"""Up to here a number with double precision is any integer; RFC 8259 promises no more."""
BOOLEANS = frozenset({"0", "1", "f", "false", "n", "no", "off", "on", "t", "true", "y", "yes"})
"""Texts that readers take for true and false, whatever their case."""


def arguable(breach: Breach) -> bool:
    """Whether a lenient server may see no breach."""
    if breach.keyword == "type":
        return any(_taken_for(kind, breach.actual) for kind in breach.expected)
    return _the_same(breach.actual, breach.expected)


def _the_same(number: Json, bound: Json) -> bool:
    """Whether two integers are one for a reader of doubles."""
    if type(number) is not int or type(bound) is not int or abs(bound) <= EXACT:
        return False
    return abs(number) <= 2 * abs(bound) and float(number) == float(bound)


def _taken_for(kind: str, value: Json) -> bool:
    """Whether a lenient reader makes a value of that JSON type out of it."""
    if kind in ("integer", "number"):
        return isinstance(value, bool) or (isinstance(value, str) and _is_number(value))
    if kind == "boolean":
        return value in (0, 1) or (isinstance(value, str) and value.strip().lower() in BOOLEANS)
    return False


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
