"""The hunt: let hypothesis drive an asynchronous session, and keep the smallest failure."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from ..session import NotAsked

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from hypothesis.strategies import SearchStrategy

Example = TypeVar("Example")


class _Found(Exception):
    """Raised for hypothesis to shrink; a plain exception, since it does not shrink groups."""


async def hunt(
    strategy: SearchStrategy[Example],
    fails: Callable[[Any], Coroutine[Any, Any, bool]],
    *,
    examples: int,
    seed: int,
) -> tuple[Example | None, str]:
    """The smallest example for which `fails` is true, or None; and why there may be none.

    `fails` runs in this event loop, hypothesis in a thread of its own.
    """
    loop = asyncio.get_running_loop()
    smallest: list[Example] = []

    def test(example: Example) -> None:
        if asyncio.run_coroutine_threadsafe(fails(example), loop).result():
            smallest[:] = [example]
            raise _Found

    return await asyncio.to_thread(_drive, strategy, test, smallest, examples, seed)


def _drive(
    strategy: SearchStrategy[Example],
    test: Callable[[Example], None],
    smallest: list[Example],
    examples: int,
    seed: int,
) -> tuple[Example | None, str]:
    import hypothesis
    from hypothesis import HealthCheck, Phase

    configured = hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
        report_multiple_bugs=False,
        print_blob=False,
    )
    driven = hypothesis.seed(seed)(configured(hypothesis.given(strategy)(test)))
    try:
        driven()
    except _Found:
        return smallest[0], ""
    except NotAsked as reason:
        return None, str(reason)
    except hypothesis.errors.Flaky:
        return None, "the server refused a request once and not again"
    except hypothesis.errors.Unsatisfiable:
        return None, "no such request could be made from the document"
    return None, ""
