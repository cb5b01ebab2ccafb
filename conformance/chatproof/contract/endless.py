"""Answers that have no limit, and end soon all the same.

A model that does not stop by itself goes on until its context is full. The one request that takes
the limit away says null, so it has stop sequences, of which one comes up in the first words.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..limiting import SOON, YOUNGER

if TYPE_CHECKING:
    from collections.abc import Callable

    from .boundaries import Pair
    from .document import Json


def ending(pair: Pair, fits: Callable[[Json], bool]) -> Pair:
    """The pair; if its valid side takes the limit away, with what ends an answer soon.

    `fits` says whether a request is valid: a dialect may know no stop sequences.
    """
    if pair.valid.get(YOUNGER, 0) is not None:
        return pair
    valid, plain = ({**body, **SOON} if body else None for body in (pair.valid, pair.plain))
    return replace(pair, valid=valid, plain=plain) if fits(valid) else pair
