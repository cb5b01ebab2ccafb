"""The wire: bytes into events, chunks and answers. No I/O, and nothing here raises on any bytes."""

from __future__ import annotations

from .answer import Answer, ToolCall
from .exchange import Exchange, Failure, Reply, Request, Segment
from .jsontext import Parsed, Problem, parse
from .sse import Event, Note, Quirk, SseDecoder
from .states import Kind
from .stream import StreamMachine, Violation
from .views import View, view

__all__ = [
    "Answer",
    "Event",
    "Exchange",
    "Failure",
    "Kind",
    "Note",
    "Parsed",
    "Problem",
    "Quirk",
    "Reply",
    "Request",
    "Segment",
    "SseDecoder",
    "StreamMachine",
    "ToolCall",
    "View",
    "Violation",
    "parse",
    "view",
]
