"""How much a server may send."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one reply, in bytes.

    `head` bounds the status line and header fields, those of all informational (1xx) replies
    before the final one included; `body` bounds the body as it is transferred and, once more,
    the body after its content encoding is undone. `informational` bounds the number of 1xx
    replies.
    """

    head: int = 64 * 1024
    body: int = 4 * 1024 * 1024
    informational: int = 16
