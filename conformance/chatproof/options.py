"""What to test and how: the options of a run."""

from __future__ import annotations

from dataclasses import dataclass, field


class BadOption(ValueError):
    """An option has a value that makes no sense. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Options:
    """What to test and how.

    `only` and `skip` are globs over requirement ids, `classes` names of conformance classes;
    `timeout` is in seconds for each exchange; `examples` is how many random requests of each
    kind the search tries; `seed` makes its choices repeatable.
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
    examples: int = 20
    seed: int = 1
