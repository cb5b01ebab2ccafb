"""Experiments: what is asked of the server, and what the replies must have in common."""

from __future__ import annotations

from . import (
    accepting,
    answers,
    auth,
    browsers,
    calls,
    concurrency,
    errors,
    hostile,
    logprobs,
    models,
    parameters,
    relations,
    sampling,
    schemas,
    search,
    stop,
    streaming,
    structured,
    timing,
    tools,
)

__all__ = [
    "accepting",
    "answers",
    "auth",
    "browsers",
    "calls",
    "concurrency",
    "errors",
    "hostile",
    "logprobs",
    "models",
    "parameters",
    "relations",
    "sampling",
    "schemas",
    "search",
    "stop",
    "streaming",
    "structured",
    "timing",
    "tools",
]
