"""What was said in an exchange, kept for reports within bounds.

Of a body the start is kept, and what findings point to with a little around it; of a head the
lines up to a bound; of a stream when each event came.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from .wire.places import place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .wire import View
    from .wire.exchange import Reply
    from .wire.places import Place

START: Final = 8 * 2**10
"""Bytes of a body that are kept from its start on."""
BEFORE: Final = 256
AFTER: Final = 1024
"""Bytes that are kept before and after the start of what a finding points to."""
WINDOWS: Final = 16
"""Places of a body, behind its start, that are kept. So a body takes at most 28 KiB."""
LINES: Final = 100
LINE: Final = 1000
"""Lines of a head that are kept, and characters of each."""
EVENTS: Final = 512
"""Events of a stream whose times are kept."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body of `size` bytes, of which `pieces` are kept: offsets and bytes, in order."""

    size: int = 0
    pieces: tuple[tuple[int, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """An event of a stream: where its bytes begin, and when the last of them came, in seconds."""

    offset: int
    at: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """An exchange as it was on the wire: heads as lines, bodies, the first events of a stream.

    A reply that is no HTTP has no head, and what came of it as body. `events` counts all events,
    `places` says where each location of a finding is.
    """

    request_head: tuple[str, ...] = ()
    request: Body = Body()
    reply_head: tuple[str, ...] = ()
    reply: Body = Body()
    moments: tuple[Moment, ...] = ()
    events: int = 0
    places: Mapping[str, Place] = field(default_factory=dict)


def transcript(view: View, head: Iterable[str], locations: Iterable[str]) -> Transcript:
    """What is kept of an exchange. `head` is that of the request, as it was sent, without key."""
    found = {location: place(view, location) for location in sorted(set(locations))}
    places = {location: where for location, where in found.items() if where is not None}
    reply, failure = view.reply, view.failure
    evidence = failure.evidence if failure is not None else b""
    streamed = list(zip(view.events, view.times, strict=True)) if view.kind == "stream" else []
    return Transcript(
        _lines(head),
        _kept(view.exchange.request.body or b"", places, "request"),
        _lines(_head(reply)) if reply is not None else (),
        _kept(reply.body if reply is not None else evidence, places, "reply"),
        tuple(Moment(event.offset, round(at, 6)) for event, at in streamed[:EVENTS]),
        len(streamed),
        places,
    )


def character(data: bytes, offset: int) -> int:
    """The first place from `offset` on at which a character of UTF-8 may begin, within `data`."""
    offset = max(0, min(offset, len(data)))
    for at in range(offset, offset + 4):
        if at >= len(data) or data[at] & 0xC0 != 0x80:
            return at
    return offset


def _head(reply: Reply) -> Iterable[str]:
    yield f"HTTP/1.1 {reply.status} {reply.reason}".rstrip()
    yield from (f"{name}: {value}" for name, value in reply.headers)


def _lines(lines: Iterable[str]) -> tuple[str, ...]:
    short = [line if len(line) <= LINE else f"{line[:LINE]}…" for line in lines]
    more = len(short) - LINES
    return (*short[:LINES], *([f"… {more} more lines"] if more > 0 else []))


def _kept(body: bytes, places: Mapping[str, Place], part: str) -> Body:
    starts = sorted({where.start for where in places.values() if where.part == part})
    pieces = [(0, character(body, START))]
    for start in [start for start in starts if start > START - AFTER][:WINDOWS]:
        begin, end = character(body, start - BEFORE), character(body, start + AFTER)
        if begin <= pieces[-1][1]:
            pieces[-1] = (pieces[-1][0], max(end, pieces[-1][1]))
        else:
            pieces.append((begin, end))
    return Body(len(body), tuple((begin, body[begin:end]) for begin, end in pieces if begin < end))
