"""Keeping the API key out of what a server sends back.

Some servers repeat the key that they were given, in an error message for example. Exchanges are
written to reports and recordings, so the key is replaced there by asterisks, as many as it has
characters: lengths and offsets stay what they were.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate, pairwise

from ..wire.exchange import Failure, Reply, Segment

# A shorter key is a placeholder ("EMPTY", "test") and no secret; replacing it everywhere would
# change what servers say.
SHORTEST = 8


class Secret:
    """A key to be hidden. Its repr does not show it."""

    __slots__ = ("_bytes", "_text")

    def __init__(self, key: str | None) -> None:
        self._text = key if key is not None and len(key) >= SHORTEST else ""
        self._bytes = self._text.encode()

    def __repr__(self) -> str:
        return "Secret(...)"

    def hide(
        self, reply: Reply | None, failure: Failure | None
    ) -> tuple[Reply | None, Failure | None]:
        """The same reply and failure without the key."""
        if not self._text:
            return reply, failure
        if reply is not None:
            reply = self._hide_reply(reply, cut=failure is not None)
        if failure is not None:
            evidence = self._hide_bytes(failure.evidence, cut=True)
            failure = replace(failure, message=self._hide_text(failure.message), evidence=evidence)
        return reply, failure

    def _hide_reply(self, reply: Reply, *, cut: bool) -> Reply:
        body = reply.body
        hidden = self._hide_bytes(body, cut=cut)
        segments = reply.segments
        if hidden != body:
            ends = accumulate((len(segment.data) for segment in segments), initial=0)
            segments = tuple(
                Segment(segment.at, hidden[start:end])
                for segment, (start, end) in zip(segments, pairwise(ends), strict=True)
            )
        fields = tuple((self._hide_text(k), self._hide_text(v)) for k, v in reply.headers)
        return Reply(reply.status, self._hide_text(reply.reason), fields, segments)

    def _hide_text(self, text: str) -> str:
        return text.replace(self._text, "*" * len(self._text))

    def _hide_bytes(self, data: bytes, *, cut: bool) -> bytes:
        """`cut`: the data may end within the key."""
        data = data.replace(self._bytes, b"*" * len(self._bytes))
        if cut:
            for length in range(len(self._bytes) - 1, SHORTEST - 1, -1):
                if data.endswith(self._bytes[:length]):
                    return data[:-length] + b"*" * length
        return data
