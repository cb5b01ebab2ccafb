"""What fails, grouped by its cause: twenty requirements may fail for one reason."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from .words import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..verdicts import Judgement

_CASE = re.compile(r" \([^()]*\)")
"""What a message says of the single case, as in "an invalid request (3) was answered"."""


class Cause(NamedTuple):
    """One reason, and the requirements that fail for it, those first that are broken most often."""

    words: str
    judgements: tuple[Judgement, ...]

    @property
    def level(self) -> str:
        """The highest level among its requirements."""
        return min((j.requirement.level for j in self.judgements), key=LEVELS.index)


def causes(failed: Iterable[Judgement]) -> list[Cause]:
    """Failed judgements by their cause, worst first: MUST before SHOULD, then the most of them."""
    grouped: dict[str, list[Judgement]] = defaultdict(list)
    for judgement in failed:
        grouped[_CASE.sub("", judgement.reason)].append(judgement)
    found = [Cause(words, tuple(sorted(some, key=_rank))) for words, some in grouped.items()]
    return sorted(found, key=lambda c: (LEVELS.index(c.level), -len(c.judgements), c.words))


def _rank(judgement: Judgement) -> tuple[int, int, str]:
    requirement = judgement.requirement
    return LEVELS.index(requirement.level), -judgement.found, requirement.id
