"""How much a server owes: the level of a requirement in a dialect.

A schema says what is valid, a level how much depends on it. The catalogue gives each requirement
one, and an overlay may give another to any requirement, by id or by a pattern with `*`::

    x-levels:
      - requirements: [stream.terminator]
        level: SHOULD
        description: No SDK waits for it.
        x-source: [OA-PY]
        x-date: 2026-11-01

`none` in the place of a level leaves the requirement out. With `instead-of: MUST` only those that
are a MUST in the dialect below get the level. The dialect itself goes before those it builds on; in
one overlay an id goes before a pattern, and a longer pattern before a shorter one. Two statements
of one dialect about one requirement contradict each other, and are refused.
"""

from __future__ import annotations

import difflib
import fnmatch
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .document import Json, SpecError, line_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

LEVELS = ("MUST", "SHOULD", "MAY")
NONE = "none"
"""In the place of a level: the dialect leaves the requirement out."""


@dataclass(frozen=True, slots=True)
class LevelRule:
    """An overlay gives `level` to the requirements that `pattern` names, for `reason`.

    It does so where they have the level `instead_of`, or any where that is empty. `where` is its
    file and line, for messages.
    """

    pattern: str
    level: str
    reason: str
    where: str
    instead_of: str = ""

    def rank(self, requirement: str) -> tuple[bool, int]:
        """How closely the pattern names a requirement; the greatest decides."""
        return self.pattern == requirement, len(self.pattern)


@dataclass(frozen=True, slots=True)
class DialectLevels:
    """What one dialect's overlay says about levels."""

    name: str
    rules: tuple[LevelRule, ...] = ()

    def rule(self, requirement: str, below: str) -> LevelRule | None:
        """The rule that decides for a requirement which has the level `below` without it, if any.

        Raises:
            SpecError: two rules contradict each other.
        """
        named = [
            rule
            for rule in self.rules
            if rule.instead_of in ("", below) and fnmatch.fnmatchcase(requirement, rule.pattern)
        ]
        first = max(named, key=lambda rule: rule.rank(requirement), default=None)
        for rule in named:
            if (
                first is not None
                and rule.rank(requirement) == first.rank(requirement)
                and rule.level != first.level
            ):
                raise SpecError(
                    f"{rule.where}: {requirement} is given the level {rule.level} here and "
                    f"{first.level} at {first.where}; remove one"
                )
        return first

    def check(self, requirements: Iterable[str]) -> None:
        """See that each rule names some requirement of the dialect.

        Raises:
            SpecError: one names none.
        """
        known = list(requirements)
        for rule in self.rules:
            if not fnmatch.filter(known, rule.pattern):
                close = difflib.get_close_matches(rule.pattern, known, n=1)
                hint = f"did you mean {close[0]}?" if close else "see `chatproof list requirements`"
                raise SpecError(
                    f"{rule.where}: this dialect has no requirement {rule.pattern!r}; {hint}"
                )


def read_levels(name: str, overlay: Mapping[str, Json], path: Path) -> DialectLevels:
    """The `x-levels` of the overlay of the dialect `name`.

    Raises:
        SpecError: an entry is malformed; with file, line and what to do.
    """
    rules: list[LevelRule] = []
    for number, entry in enumerate(overlay.get("x-levels", ())):
        where = f"{path}:{line_of(path, ['x-levels', number])}"
        patterns = entry.get("requirements") if isinstance(entry, dict) else None
        if not isinstance(patterns, list) or not patterns:
            raise SpecError(f"{where}: names no requirements; list them under 'requirements'")
        level, below = entry.get("level"), entry.get("instead-of", "")
        for value, allowed in ((level, (*LEVELS, NONE)), (below, (*LEVELS, ""))):
            if value not in allowed:
                names = ", ".join(filter(None, allowed))
                raise SpecError(f"{where}: the level {value!r} is none of {names}; correct it")
        reason = str(entry.get("description", ""))
        rules += [LevelRule(str(pattern), level, reason, where, below) for pattern in patterns]
    return DialectLevels(name, tuple(rules))


def level_in(
    chain: Sequence[DialectLevels],
    requirement: str,
    own: str,
    catalogue: Mapping[str, str] | None = None,
) -> tuple[str, str]:
    """The level of a requirement in a dialect, and the reason where it is not its `own`.

    `chain` is the dialect and those it builds on, nearest first; `catalogue` the levels that the
    requirement's own entry gives by dialect.

    Raises:
        SpecError: one dialect gives it two levels.
    """
    by_entry = catalogue or {}
    level, reason = own, ""
    for dialect in reversed(chain):
        rule = dialect.rule(requirement, level)
        if rule is not None and dialect.name in by_entry:
            raise SpecError(
                f"{rule.where}: {requirement} is given the level {rule.level} here and "
                f"{by_entry[dialect.name]} in the catalogue, under 'dialects'; remove one"
            )
        if rule is not None:
            level, reason = rule.level, rule.reason
        elif dialect.name in by_entry:
            level, reason = by_entry[dialect.name], ""
    return level, reason
