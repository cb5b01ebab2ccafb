"""Variations: ways in which conforming servers differ, to be switched on one by one, or many.

Each is one function under :func:`variation`, in the module of what it changes. Under all of them
the reference server still conforms: that is how the suite is seen to accuse nobody falsely.
"""

from __future__ import annotations

from . import answers, behaviour, chunks, events, transfer
from .registry import VARIATIONS, Variation, find, in_order

__all__ = [
    "VARIATIONS",
    "Variation",
    "answers",
    "behaviour",
    "chunks",
    "events",
    "find",
    "in_order",
    "transfer",
]
