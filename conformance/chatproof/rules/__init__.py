"""Rules: what every exchange has to hold, whatever it was sent for. One module for each area."""

from __future__ import annotations

from . import errors, logprobs, models, response, sampling, schema, stream, tools, transport, usage

__all__ = [
    "errors",
    "logprobs",
    "models",
    "response",
    "sampling",
    "schema",
    "stream",
    "tools",
    "transport",
    "usage",
]
