"""Reading one reply out of a connection's bytes: h11 within bounds, and no I/O.

h11 finds the events. Around it this module keeps what a judge needs (arrival times, what came
before a fault) and holds off what h11 1.0's grammar is slow at: its patterns take quadratic time
on long runs of blanks, which lets 64 KiB of head hold up the program for twenty seconds.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import h11

from ..wire.exchange import Failure, FailureKind, Reply, Segment
from .content import ContentError, ContentTooLarge, Decoder, decoder

if TYPE_CHECKING:
    from .limits import Limits

EVIDENCE: Final = 200
KEPT_OF_A_FLOOD: Final = 64 * 1024
"""How many bytes are kept of a body that is too large: it is reported as that, and not read."""
KEPT_OF_A_TRICKLE: Final = 256 * 1024
"""How many of one that did not end in time. More than any answer has that falls silent behind its
terminator; a flood on a slow machine looks like this too."""

_KEPT: Final[dict[FailureKind, int]] = {
    "too-large": KEPT_OF_A_FLOOD,
    "timeout": KEPT_OF_A_TRICKLE,
}
_PREFIX: Final = b"HTTP/1."
_BLANK_LINE = re.compile(rb"\n\r?\n")
_BLANKS = re.compile(rb"[ \t]{256}")
# Within a chunked body, h11 gets small slices, so that it never sees a long line whole.
_SLICE: Final = 2048


class ReplyReader:
    """Takes a connection's bytes by :meth:`feed` and :meth:`end` until `done`.

    `failure` then says why the reply is not whole, if it is not; :meth:`reply` gives what there
    is of it.
    """

    def __init__(self, method: str, limits: Limits) -> None:
        self.failure: Failure | None = None
        self.done = False
        self.start = b""
        self._limits = limits
        self._parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=_SLICE)
        self._parser.send(_asked(method))
        self._parser.send(h11.EndOfMessage())
        self._head = bytearray()
        self._head_size = 0
        self._informational = 0
        self._response: h11.Response | None = None
        self._decoder: Decoder
        self._chunked = False
        self._surplus = False
        self._ended = False
        self._transferred = 0
        self._segments: list[Segment] = []

    @property
    def started(self) -> bool:
        """Whether any byte came."""
        return bool(self.start)

    @property
    def has_head(self) -> bool:
        """Whether the final reply's head is complete."""
        return self._response is not None

    @property
    def segments(self) -> int:
        """How many segments of the body came."""
        return len(self._segments)

    @property
    def reusable(self) -> bool:
        """Whether another request may follow on the same connection."""
        if not self.done or self.failure is not None or self._surplus or self._ended:
            return False
        return self._parser.their_state is h11.DONE and not self._parser.trailing_data[0]

    def reply(self) -> Reply | None:
        """The reply, as far as it came; None before its head is complete."""
        response = self._response
        if response is None:
            return None
        fields = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in response.headers)
        reason = bytes(response.reason).decode("latin-1")
        version = f"HTTP/{response.http_version.decode('ascii')}"
        return Reply(response.status_code, reason, fields, tuple(self._segments), version)

    def feed(self, at: float, data: bytes) -> None:
        """Takes the bytes of one network read, which came `at` seconds after the request."""
        if len(self.start) < EVIDENCE:
            self.start += data[: EVIDENCE - len(self.start)]
        try:
            if self._response is None:
                data = self._feed_head(data)
            if self._response is not None and not self.done:
                self._feed_body(at, data)
        except h11.RemoteProtocolError as error:
            self._refuse(error)

    def end(self, *, clean: bool) -> None:
        """Takes the end of the connection: by an orderly close (`clean`) or by a reset."""
        self._ended = True
        if self.done:
            return
        how = "closed" if clean else "reset"
        if not self.started:
            self.fail("reset", f"the connection was {how} before the reply began")
        elif self._response is None:
            self.fail("truncated", f"the connection was {how} within the reply's head")
        elif not clean:
            self.fail("truncated", "the connection was reset within the body")
        else:
            self._end_body()

    def fail(self, kind: FailureKind, message: str) -> None:
        """Ends the reading with a failure; the first one counts."""
        self.done = True
        if self.failure is None:
            self.failure = Failure(kind, message, self.start)
        if kind in _KEPT:
            self._segments = _first(self._segments, _KEPT[kind])

    def _feed_head(self, data: bytes) -> bytes:
        """Collects the head; returns what lies behind it, which is the body's."""
        if not self.start.startswith(_PREFIX[: len(self.start)]):
            self.fail("not-http", "the reply does not begin with an HTTP/1.x status line")
            return b""
        searched = len(self._head)
        self._head += data
        while not self.done and self._response is None:
            found = _BLANK_LINE.search(self._head, max(0, searched - 2))
            size = found.end() if found else len(self._head)
            if self._head_size + size > self._limits.head:
                self.fail("too-large", f"the head is larger than {self._limits.head:,} bytes")
            elif found is None:
                break
            else:
                self._read_head(size)
                searched = 0
        return bytes(self._head)

    def _read_head(self, size: int) -> None:
        head = bytes(self._head[:size])
        del self._head[:size]
        self._head_size += size
        if _BLANKS.search(head):
            self.fail("not-http", "the head has hundreds of blanks in a row")
            return
        self._parser.receive_data(head)
        event = self._parser.next_event()
        if isinstance(event, h11.InformationalResponse):
            self._informational += 1
            if self._informational > self._limits.informational:
                count = self._limits.informational
                self.fail("too-large", f"there are more than {count} informational replies")
        elif isinstance(event, h11.Response):
            self._begin_body(event)
        else:
            self.fail("not-http", "the server switched to another protocol")

    def _begin_body(self, response: h11.Response) -> None:
        self._response = response
        fields = response.headers
        codings = b",".join(value for name, value in fields if name == b"content-encoding")
        self._decoder = decoder(codings.decode("latin-1"), self._limits.body)
        self._chunked = any(name == b"transfer-encoding" for name, _ in fields)

    def _feed_body(self, at: float, data: bytes) -> None:
        """Reads `data` of the body, empty where only the head came, into at most one segment."""
        pieces: list[bytes] = []
        step = _SLICE if self._chunked else max(1, len(data))
        finished = False
        try:
            for start in range(0, max(1, len(data)), step):
                if data:
                    self._parser.receive_data(data[start : start + step])
                finished = self._read_events(pieces)
                if finished:
                    self._surplus = start + step < len(data)
                    break
        finally:
            if pieces:
                self._keep(at, b"".join(pieces))
            if finished:
                self._finish()

    def _read_events(self, pieces: list[bytes]) -> bool:
        """Appends the body data that h11 finds to `pieces`; whether the body's end is there."""
        while True:
            event = self._parser.next_event()
            if isinstance(event, h11.Data):
                pieces.append(event.data)
            elif isinstance(event, h11.EndOfMessage):
                return True
            elif event is h11.NEED_DATA:
                return False
            else:
                self.fail("not-http", "the server switched to another protocol")
                return False

    def _keep(self, at: float, data: bytes) -> None:
        room = self._limits.body - self._transferred
        self._transferred += len(data)
        wrong: ContentError | None = None
        try:
            decoded = self._decoder.feed(data[:room])
        except ContentError as error:
            wrong, decoded = error, error.partial
        if decoded:
            self._segments.append(Segment(at, decoded))
        if wrong is not None:
            large = isinstance(wrong, ContentTooLarge)
            self.fail("too-large" if large else "encoding", str(wrong))
        elif len(data) > room:
            self.fail("too-large", f"the body is larger than {self._limits.body:,} bytes")

    def _finish(self) -> None:
        self.done = True
        if self.failure is None:
            try:
                self._decoder.finish()
            except ContentError as error:
                self.fail("encoding", str(error))

    def _end_body(self) -> None:
        """An orderly close ends a body without a length, and cuts one that has a length."""
        try:
            self._parser.receive_data(b"")
            self._read_events([])
        except h11.RemoteProtocolError:
            self.fail("truncated", "the connection was closed within the body")
        else:
            self._finish()

    def _refuse(self, error: h11.RemoteProtocolError) -> None:
        if error.error_status_hint == 431:
            self.fail("too-large", f"a chunk's or trailer's lines are over {_SLICE:,} bytes")
        else:
            # What follows ": bytearray" is the server's own bytes; the evidence shows them.
            self.fail("not-http", str(error).partition(": bytearray")[0])


def _first(segments: list[Segment], size: int) -> list[Segment]:
    """The segments of the first `size` bytes."""
    kept: list[Segment] = []
    for segment in segments:
        data = segment.data[:size]
        size -= len(data)
        kept.append(Segment(segment.at, data))
        if not size:
            break
    return kept


@lru_cache(maxsize=32)
def _asked(method: str) -> h11.Request:
    """What h11 must know of a request to read its reply; the request itself is not h11's."""
    return h11.Request(method=method, target="/", headers=[("Host", "")])
