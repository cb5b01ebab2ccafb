"""What a variation is, and the register of all of them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..faults.registry import Action, Stage


@dataclass(frozen=True, slots=True)
class Variation:
    """One way to be different, and as right as before.

    It acts at a stage of a reply as a fault does, and breaks nothing that is a MUST. `warns` are
    the SHOULDs that speak of it, because some clients stumble; `dialects` are those that allow it
    (empty: all).
    """

    id: str
    title: str
    stage: Stage
    action: Action
    warns: tuple[str, ...] = ()
    dialects: tuple[str, ...] = ()


VARIATIONS: dict[str, Variation] = {}


def variation(
    id: str, *, stage: Stage, warns: tuple[str, ...] | str = (), dialects: tuple[str, ...] = ()
) -> Callable[[Action], Action]:
    """Register a variation. The function's docstring is its title."""

    def register(action: Action) -> Action:
        if id in VARIATIONS:
            raise ValueError(f"there are two variations {id!r}; rename one")
        title = (action.__doc__ or "").strip().splitlines()[0]
        ids = (warns,) if isinstance(warns, str) else warns
        VARIATIONS[id] = Variation(id, title, stage, action, ids, dialects)
        return action

    return register


def find(id: str) -> Variation:
    """The variation of that id.

    Raises:
        KeyError: there is none; the message names those that are close.
    """
    if id in VARIATIONS:
        return VARIATIONS[id]
    close = difflib.get_close_matches(id, VARIATIONS, n=3)
    hint = f"; did you mean {', '.join(close)}?" if close else "; see `chatproof list variations`"
    raise KeyError(f"unknown variation {id!r}{hint}")


def in_order(ids: Iterable[str]) -> list[Variation]:
    """The variations of these ids in the order in which they act, whatever the one given.

    It is that of the register: what is said, then how it is written, then how it travels.

    Raises:
        KeyError: there is none of some id.
    """
    wanted = [find(id) for id in ids]
    return [each for each in VARIATIONS.values() if each in wanted]
