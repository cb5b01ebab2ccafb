"""One request and what came back: the values that every other part reads.

An :class:`Exchange` is complete in itself. It can be judged without a server, written to a
recording and read again, and it never holds the API key: a request only says *how* it was
authorised.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Headers = tuple[tuple[str, str], ...]
Auth = Literal["key", "none", "wrong"]
FailureKind = Literal[
    "unreachable",  # no connection could be made
    "timeout",  # nothing, or not the end, came in time
    "reset",  # the connection was closed before the reply began
    "truncated",  # the connection was closed within the reply
    "too-large",  # the reply went over the size bound
    "not-http",  # the bytes are no HTTP/1.x reply
    "encoding",  # the content encoding cannot be undone within the size bound
    "hung-up",  # we closed the connection, on purpose
]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked.

    `path` is relative to the base URL (``/chat/completions``). `auth` tells whether the
    transport sends the configured key, no key, or one that is certainly wrong.
    """

    method: str
    path: str
    headers: Headers = ()
    body: bytes | None = None
    auth: Auth = "key"


@dataclass(frozen=True, slots=True)
class Segment:
    """Body bytes as they arrived in one piece, `at` seconds after the request was sent.

    All times are whole microseconds, so that a recording in milliseconds holds them exactly.
    """

    at: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply's head and the segments of its body. Header names are in lower case."""

    status: int
    reason: str
    headers: Headers
    segments: tuple[Segment, ...]
    version: str = "HTTP/1.1"

    @property
    def body(self) -> bytes:
        return b"".join(segment.data for segment in self.segments)

    def header(self, name: str) -> str | None:
        """The first value of header `name` (in lower case), or None."""
        return next((value for key, value in self.headers if key == name), None)

    @property
    def media_type(self) -> str:
        """The content type without its parameters, in lower case; empty when there is none."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no reply, or no whole one. `evidence` is the start of what did come."""

    kind: FailureKind
    message: str
    evidence: bytes = b""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request, its reply (whole, partial or none), and how long it took.

    `started` is in seconds since the Unix epoch, `seconds` the duration up to the last byte.
    """

    id: str
    request: Request
    reply: Reply | None
    failure: Failure | None
    started: float
    seconds: float
