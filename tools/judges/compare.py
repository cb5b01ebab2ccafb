"""Where judges agree with our rules and where not: counted, and grouped by what it is about."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tools.judges.opinions import Judge, Opinion
    from tools.judges.recorded import Recorded

Stand = Literal["both accept", "both object", "only we object", "only they object"]
STANDS: Final[tuple[Stand, ...]] = (
    "both accept",
    "both object",
    "only we object",
    "only they object",
)


class Group(NamedTuple):
    """A difference: who, in which direction, and about what.

    That is the requirement where only we object, and the kind of objection where only they do.
    """

    judge: str
    stand: Stand
    about: str


@dataclass
class Comparison:
    """How many exchanges there are of each stand, and which ones are behind each difference.

    `agreed` has the requirements that an exchange breaks, by the judge and how it objects too.
    """

    counts: dict[str, Counter[Stand]] = field(default_factory=lambda: defaultdict(Counter))
    differences: dict[Group, list[Recorded]] = field(default_factory=lambda: defaultdict(list))
    agreed: dict[tuple[str, str], Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )


def compare(judges: Sequence[Judge], exchanges: Iterable[Recorded]) -> Comparison:
    """The opinion of each judge of each exchange, beside ours."""
    made = Comparison()
    for recorded in exchanges:
        for judge in judges:
            opinion = judge.on(recorded)
            if opinion is not None:
                _count(made, judge.name, recorded, opinion)
    return made


def _count(made: Comparison, judge: str, recorded: Recorded, opinion: Opinion) -> None:
    stand = stand_of(recorded.broken, opinion)
    made.counts[judge][stand] += 1
    about = {"only we object": recorded.broken, "only they object": opinion}.get(stand, ())
    for words in about:
        made.differences[Group(judge, stand, words)].append(recorded)
    for words in opinion if stand == "both object" else ():
        made.agreed[judge, words].update(recorded.broken)


def stand_of(broken: frozenset[str], opinion: Opinion) -> Stand:
    """Who objects, if our rules say `broken` and a judge says `opinion`."""
    if bool(broken) == bool(opinion):
        return "both object" if broken else "both accept"
    return "only we object" if broken else "only they object"
