"""Faults: ways in which real servers are wrong, to be switched on one by one.

Each is one function under :func:`fault`, in the module of its area. It says at which stage of
a reply it acts and which requirements it breaks; `make prove` holds it to just those. What a
keyword demands has its faults by itself, in :mod:`derived`.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from . import (
    answers,
    auth,
    bodies,
    chunks,
    errors,
    events,
    logprobs,
    models,
    observed,
    parameters,
    requests,
    sampling,
    structured,
    tools,
    transport,
    usage,
)
from .derived import derived
from .registry import FAULTS, Fault

if TYPE_CHECKING:
    from ...contract import Contract

__all__ = [
    "FAULTS",
    "Fault",
    "answers",
    "auth",
    "bodies",
    "chunks",
    "errors",
    "events",
    "faults_of",
    "find",
    "logprobs",
    "models",
    "observed",
    "parameters",
    "requests",
    "sampling",
    "structured",
    "tools",
    "transport",
    "usage",
]


def faults_of(contract: Contract) -> dict[str, Fault]:
    """All faults that can be seen in a dialect, by id."""
    written = {f.id: f for f in FAULTS.values() if f.breaks_in(contract)}
    return written | derived(contract)


def find(id: str, contract: Contract) -> Fault:
    """The fault of that id, in a dialect.

    Raises:
        KeyError: there is none; the message names those that are close.
    """
    known = FAULTS | derived(contract)
    if id in known:
        return known[id]
    close = difflib.get_close_matches(id, known, n=3)
    hint = f"; did you mean {', '.join(close)}?" if close else "; see `chatproof list faults`"
    raise KeyError(f"unknown fault {id!r}{hint}")
