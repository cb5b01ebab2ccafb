"""Experiments: what is asked of the server, and what the replies must have in common."""

from __future__ import annotations

from . import (
    answers,
    auth,
    errors,
    logprobs,
    models,
    parameters,
    search,
    stop,
    streaming,
    structured,
    tools,
)

__all__ = [
    "answers",
    "auth",
    "errors",
    "logprobs",
    "models",
    "parameters",
    "search",
    "stop",
    "streaming",
    "structured",
    "tools",
]
