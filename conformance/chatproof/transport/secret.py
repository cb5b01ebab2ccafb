"""Keeping the API key out of what a server sends back.

Some servers repeat the key that they were given, in an error message for example. Exchanges are
written to reports and recordings, so the key is replaced there by asterisks, as many as it has
characters: lengths and offsets stay what they were.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Any, Final
from urllib.parse import quote

from ..wire.exchange import Failure, Reply, Segment

# A shorter key is a placeholder ("EMPTY", "test") and no secret; replacing it everywhere would
# change what servers say.
SHORTEST = 8

_NAMES: Final = re.compile(
    r"(proxy-)?authorization|(set-)?cookie2?|.*api-?key.*|.*(secret|signature|password).*"
    r"|(.*-)?(auth|access|session|security|csrf|xsrf|id)-token|(x-)?auth(-.*)?"
)


def is_secret(header: str) -> bool:
    """Whether the value of a header of this name, in lower case, lets somebody in."""
    return _NAMES.fullmatch(header) is not None


class Secret:
    """A key to be hidden, also as a URL or a JSON text spells it. Its repr does not show it."""

    __slots__ = ("_bytes", "_others", "_text")

    def __init__(self, key: str | None) -> None:
        self._text = key if key is not None and len(key) >= SHORTEST else ""
        self._bytes = self._text.encode()
        escaped = json.dumps(self._text)[1:-1]
        spelt = {
            quote(self._text),
            quote(self._text, safe=""),
            escaped,
            escaped.replace("/", "\\/"),
        }
        self._others = tuple(sorted(spelt - {self._text}, key=len, reverse=True))

    def __repr__(self) -> str:
        return "Secret(...)"

    def hide(
        self, reply: Reply | None, failure: Failure | None
    ) -> tuple[Reply | None, Failure | None]:
        """The same reply and failure without the key."""
        if not self._text:
            return reply, failure
        if reply is not None:
            reply = self.hide_reply(reply, cut=failure is not None)
        if failure is not None:
            evidence = self._hide_bytes(failure.evidence, cut=True)
            failure = replace(failure, message=self._hide_text(failure.message), evidence=evidence)
        return reply, failure

    def hide_in(self, value: Any) -> Any:
        """A JSON value, text or bytes without the key; names of members stay."""
        if not self._text:
            return value
        if isinstance(value, str):
            return self._hide_text(value)
        if isinstance(value, bytes):
            return self._hide_bytes(value, cut=False)
        if isinstance(value, dict):
            return {name: self.hide_in(member) for name, member in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.hide_in(item) for item in value]
        return value

    def hide_reply(self, reply: Reply, *, cut: bool = False) -> Reply:
        """The reply without the key; with `cut` it may end within the key."""
        if not self._text:
            return reply
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
        reason = self._hide_text(reply.reason)
        return replace(reply, reason=reason, headers=fields, segments=segments)

    def _hide_text(self, text: str) -> str:
        for spelling in (self._text, *self._others):
            text = text.replace(spelling, "*" * len(spelling))
        return text

    def _hide_bytes(self, data: bytes, *, cut: bool) -> bytes:
        """`cut`: the data may end within the key."""
        data = data.replace(self._bytes, b"*" * len(self._bytes))
        for spelling in self._others:
            data = data.replace(spelling.encode(), b"*" * len(spelling))
        if cut:
            for length in range(len(self._bytes) - 1, SHORTEST - 1, -1):
                if data.endswith(self._bytes[:length]):
                    return data[:-length] + b"*" * length
        return data
