"""The hunt: hypothesis draws examples, and of those that fail the smallest is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hypothesis.strategies import SearchStrategy

Example = TypeVar("Example")


class Stop(Exception):
    """The hunt ends at once. The message says why."""


class _Found(Exception):
    """Raised for hypothesis to shrink; a plain exception, since it does not shrink groups."""


def hunt(
    strategy: SearchStrategy[Example],
    fails: Callable[[Example], bool],
    *,
    examples: int,
    seed: int,
    database: Path | None = None,
) -> tuple[Example | None, str]:
    """The smallest example for which `fails` is true, or None; and why there may be none.

    What failed is kept in the folder `database`, and tried first the next time.
    """
    import hypothesis
    from hypothesis import HealthCheck, Phase
    from hypothesis.database import DirectoryBasedExampleDatabase

    smallest: list[Example] = []

    def test(example: Example) -> None:
        if fails(example):
            smallest[:] = [example]
            raise _Found

    configured = hypothesis.settings(
        max_examples=examples,
        database=DirectoryBasedExampleDatabase(database) if database else None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.reuse, Phase.generate, Phase.shrink],
        report_multiple_bugs=False,
        print_blob=False,
    )
    # In this order: a seed put on afterwards would take the database away.
    driven = configured(hypothesis.seed(seed)(hypothesis.given(strategy)(test)))
    try:
        driven()
    except _Found:
        return smallest[0], ""
    except Stop as reason:
        return None, str(reason)
    except hypothesis.errors.Flaky:
        return None, "the server did so once and not again"
    except hypothesis.errors.Unsatisfiable:
        return None, "no such request could be made from the document"
    return None, ""


def draw(strategy: SearchStrategy[Example], examples: int, seed: int) -> tuple[list[Example], str]:
    """What a hunt with that seed tries as long as nothing fails; and why it may be nothing."""
    drawn: list[Example] = []

    def holds(example: Example) -> bool:
        drawn.append(example)
        return False

    _, reason = hunt(strategy, holds, examples=examples, seed=seed)
    return drawn, reason
