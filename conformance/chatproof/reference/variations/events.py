"""How the events of a stream are written: what they have first, and how lines end last."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from .registry import variation

if TYPE_CHECKING:
    from ..faults.registry import Situation


@variation("events.named", stage="events", warns="stream.grammar.name")
def name_events(events: list[bytes], situation: Situation) -> list[bytes]:
    """Every event has the name that it has anyway."""
    return [b"event: message\n" + event for event in events]


@variation("events.ids", stage="events")
def number_events(events: list[bytes], situation: Situation) -> list[bytes]:
    """Every event has an id."""
    return [b"id: %d\n%b" % (number, event) for number, event in enumerate(events)]


@variation("events.retry", stage="events")
def say_when_to_come_back(events: list[bytes], situation: Situation) -> list[bytes]:
    """The first event says how long to wait before connecting again."""
    return [b"retry: 3000\n" + events[0], *events[1:]]


@variation("events.two_data_lines", stage="events")
def break_data(events: list[bytes], situation: Situation) -> list[bytes]:
    """The JSON of an event stands in two data lines."""
    return [event.replace(b"data: {", b"data: {\ndata: ", 1) for event in events]


@variation("events.escaped", stage="events")
def escape(events: list[bytes], situation: Situation) -> list[bytes]:
    """Everything beyond ASCII is escaped in the JSON of events."""
    return [_in_ascii(event) for event in events]


def _in_ascii(event: bytes) -> bytes:
    escaped = (json.dumps(c)[1:-1] if c > "\x7f" else c for c in event.decode())
    return "".join(escaped).encode()


@variation("events.comment_within", stage="events")
def comment_within(events: list[bytes], situation: Situation) -> list[bytes]:
    """An event has a comment and its data."""
    return [b": OPENROUTER PROCESSING\n" + event for event in events]


@variation("events.blank_lines", stage="events")
def leave_more_room(events: list[bytes], situation: Situation) -> list[bytes]:
    """Three blank lines stand between events."""
    return [event + b"\n\n" for event in events]


@variation("events.no_space", stage="events", warns="stream.grammar.space")
def leave_out_the_space(events: list[bytes], situation: Situation) -> list[bytes]:
    """No space follows the colon."""
    return [event.replace(b"data: ", b"data:", 1) for event in events]


@variation("events.comments", stage="events")
def comment(events: list[bytes], situation: Situation) -> list[bytes]:
    """A comment stands before every event, as proxies send them to keep a connection open."""
    return [b": keep-alive\n\n" + event for event in events]


@variation("events.comment_first", stage="events")
def greet(events: list[bytes], situation: Situation) -> list[bytes]:
    """The stream begins with a long comment, which fills the buffers on the way."""
    return [b":" + b" " * 2048 + b"\n\n", *events]


@variation("events.bom", stage="events", warns="stream.grammar.bom")
def begin_with_a_bom(events: list[bytes], situation: Situation) -> list[bytes]:
    """The stream begins with a byte order mark."""
    return [b"\xef\xbb\xbf" + events[0], *events[1:]]


def _ending(event: bytes, end: bytes) -> bytes:
    """The event with other line ends, whatever it had."""
    return re.sub(rb"\r\n|\r|\n", end, event)


@variation("events.crlf", stage="events", warns="stream.grammar.line_ends")
def end_lines_with_crlf(events: list[bytes], situation: Situation) -> list[bytes]:
    """Lines end with CR LF."""
    return [_ending(event, b"\r\n") for event in events]


@variation("events.cr", stage="events", warns="stream.grammar.line_ends")
def end_lines_with_cr(events: list[bytes], situation: Situation) -> list[bytes]:
    """Lines end with CR."""
    return [_ending(event, b"\r") for event in events]


@variation("events.mixed_line_ends", stage="events", warns="stream.grammar.line_ends")
def mix_line_ends(events: list[bytes], situation: Situation) -> list[bytes]:
    """Every other event has lines that end with CR LF."""
    return [_ending(e, b"\r\n") if n % 2 else e for n, e in enumerate(events)]
