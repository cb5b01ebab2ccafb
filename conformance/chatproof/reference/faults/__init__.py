"""Faults: ways in which real servers are wrong, to be switched on one by one.

Each is one function under :func:`fault`, in the module of its area. It says at which stage of
a reply it acts and which requirements it breaks; the suite's own tests hold it to just those.
"""

from __future__ import annotations

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
from .registry import FAULTS, Fault, find

__all__ = [
    "FAULTS",
    "Fault",
    "answers",
    "auth",
    "bodies",
    "chunks",
    "errors",
    "events",
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
