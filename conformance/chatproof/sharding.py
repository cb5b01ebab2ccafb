"""Sharding: several runs share what one would ask, each takes a part, and all judge what they see.

An experiment belongs to one shard. The boundaries of parameters, which are most of all requests,
are one experiment that every shard makes, each for its share of the requirements.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .checks import TURNS, spoken_for

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from .checks import Experiment

SHARED: Final = "wide"
"""The turn of experiments that every shard makes, each for its share."""
EVERYTHING: Final = "request."
"""What experiments speak for that have something to say of any parameter."""


@dataclass(frozen=True, slots=True)
class Shard:
    """Part `number` of `of` parts, the first one 1.

    Raises:
        ValueError: there is no such part.
    """

    number: int = 1
    of: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.of:
            raise ValueError(f"there is no part {self.number} of {self.of}")

    @property
    def whole(self) -> bool:
        return self.of == 1

    def takes(self, requirement: str) -> bool:
        """Whether the share of this shard has the requirement: of all shards, one has."""
        return zlib.crc32(requirement.encode()) % self.of == self.number - 1

    def deal(self, experiments: Iterable[Experiment]) -> list[Experiment]:
        """The experiments of this shard: those of each turn one after the other to each shard."""
        ordered = sorted(experiments, key=lambda each: TURNS.index(each.turn))
        single = [each for each in ordered if each.turn != SHARED]
        shared = [each for each in ordered if each.turn == SHARED]
        return [*single[self.number - 1 :: self.of], *shared]


@dataclass(frozen=True, slots=True)
class Shards:
    """The parts that a report has, of how many."""

    numbers: tuple[int, ...]
    of: int


def parse_shard(text: str) -> Shard:
    """Read ``K/N``.

    Raises:
        ValueError: it is none.
    """
    found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)
    if found is None:
        raise ValueError(f"{text!r} is not K/N")
    return Shard(int(found[1]), int(found[2]))


def elsewhere(
    shard: Shard, experiments: Collection[Experiment], requirements: Collection[str]
) -> frozenset[str]:
    """The requirements that are for other shards to put to the test.

    Those of which no experiment of one shard speaks alone belong to the shard whose share has them.
    """
    single = [each for each in experiments if EVERYTHING not in each.speaks_for]
    own = shard.deal(single)
    here = {name for each in own for name in spoken_for(each.speaks_for, requirements)}
    spoken = {name for each in single for name in spoken_for(each.speaks_for, requirements)}
    return frozenset(
        name
        for name in requirements
        if name not in here and (name in spoken or not shard.takes(name))
    )
