"""What to test and how: the options of a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003  (recordings read options by their annotations)

from .budget import Bounds
from .sharding import Shard

MOST_COMPLETION_TOKENS = 4000
"""What a run costs at most, with the search at its usual depth and no budget of its own."""
DEPTH = 20
DEEPER = 8
"""Completion tokens that each further example of the search may cost."""
QUICK = Bounds(completion_tokens=400, requests=150)
"""What a quick run costs at most."""


class BadOption(ValueError):
    """An option has a value that makes no sense. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Options:
    """What to test and how.

    `only` and `skip` are globs over requirement ids, `classes` names of conformance classes;
    `timeout` is in seconds for each exchange; `examples` is how many random requests of each
    kind the search tries; `seed` makes its choices repeatable. A `quick` run asks the most
    valuable, and does not search. `database` is a folder in which the search keeps what failed,
    to try it first the next time; None keeps nothing. Of the experiments the run makes those of
    its `shard`.
    """

    url: str
    dialect: str = "cerebras"
    model: str | None = None
    key: str | None = field(default=None, repr=False)
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    concurrency: int = 8
    timeout: float = 30.0
    budget_tokens: int | None = None
    quick: bool = False
    examples: int = DEPTH
    seed: int = 1
    database: Path | None = None
    shard: Shard = field(default_factory=Shard)

    def __post_init__(self) -> None:
        if self.quick:
            object.__setattr__(self, "examples", 0)

    @property
    def bounds(self) -> Bounds:
        """What the run may cost."""
        if self.quick:
            return QUICK._replace(tokens=self.budget_tokens)
        if self.budget_tokens is not None:
            return Bounds(self.budget_tokens)
        deeper = DEEPER * max(0, self.examples - DEPTH)
        return Bounds(completion_tokens=MOST_COMPLETION_TOKENS + deeper)

    @property
    def sparing(self) -> bool:
        """Whether not everything may be affordable, so that the order of asking matters."""
        return self.quick or self.budget_tokens is not None
