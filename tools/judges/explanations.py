"""Why judges differ: explanations kept as data, each of which has to explain something."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chatproof.contract.document import SpecError, line_of, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tools.judges.compare import Group

DIFFERENCES: Final = Path(__file__).with_name("differences.yaml")
KEYS: Final = {"judge", "stand", "about", "why", "right"}
RIGHT: Final = ("we", "they", "both")


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a judge and our rules differ, and who is right.

    `judge` is a glob over the names of judges, `about` has globs over what groups are about;
    `place` is file and line.
    """

    judge: str
    stand: str
    about: tuple[str, ...]
    why: str
    right: str
    place: str

    def fitting(self, group: Group) -> str | None:
        """The first glob that covers a group."""
        if group.stand != self.stand or not fnmatch.fnmatchcase(group.judge, self.judge):
            return None
        return next((g for g in self.about if fnmatch.fnmatchcase(group.about, g)), None)


def read_explanations(path: Path = DIFFERENCES) -> tuple[Explanation, ...]:
    """The explanations in a file, in its order.

    Raises:
        SpecError: it cannot be read, or an entry is wrong; with file and line.
    """
    entries = read_yaml(path) or []
    if not isinstance(entries, list):
        raise SpecError(f"{path}:1: is no list; write an entry for each explanation")
    return tuple(_read(path, number, entry) for number, entry in enumerate(entries))


def _read(path: Path, number: int, entry: object) -> Explanation:
    place = f"{path}:{line_of(path, [number])}"
    if not isinstance(entry, dict) or set(entry) != KEYS or not isinstance(entry["about"], list):
        raise SpecError(f"{place}: an entry has {', '.join(sorted(KEYS))} (a list); correct it")
    if entry["right"] not in RIGHT:
        raise SpecError(f"{place}: right is one of {', '.join(RIGHT)}; correct it")
    about = tuple(map(str, entry["about"]))
    why = " ".join(str(entry["why"]).split())
    return Explanation(entry["judge"], entry["stand"], about, why, entry["right"], place)


@dataclass(frozen=True, slots=True)
class Explained:
    """Groups by the explanation that covers them, those that none covers, and what covers none."""

    groups: dict[Explanation, list[Group]]
    unexplained: list[Group]
    stale: list[str]

    @property
    def problems(self) -> list[str]:
        """What is wrong, each with what to do."""
        news = [
            f"{group.judge}: {group.stand}: {group.about}: is not explained; "
            "mend the suite, or explain it in differences.yaml"
            for group in self.unexplained
        ]
        old = [f"{words}: explains nothing any more; remove it" for words in self.stale]
        return news + old


def explain(groups: Iterable[Group], explanations: Sequence[Explanation]) -> Explained:
    """Each group with the first explanation that covers it."""
    found: dict[Explanation, list[Group]] = {each: [] for each in explanations}
    unexplained: list[Group] = []
    used: set[tuple[Explanation, str]] = set()
    for group in sorted(groups):
        for each in explanations:
            glob = each.fitting(group)
            if glob is not None:
                used.add((each, glob))
                found[each].append(group)
                break
        else:
            unexplained.append(group)
    stale = [
        f"{each.place}: {glob}"
        for each in explanations
        for glob in each.about
        if (each, glob) not in used
    ]
    return Explained(found, unexplained, stale)
