"""Server-sent events: bytes in, events out, no I/O (WHATWG HTML, section 9.2)."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

_FIELDS = ("data", "event", "id", "retry")


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event. `retry` is the last retry time so far, in milliseconds."""

    data: str
    event: str = "message"
    id: str = ""
    retry: int | None = None


class EventDecoder:
    """Feed it the bytes of a stream, in pieces of any size; each call gives the new events."""

    def __init__(self) -> None:
        self._utf8 = codecs.getincrementaldecoder("utf-8")("replace")
        self._begun = self._after_cr = self._within = False
        self._parts: list[str] = []
        self._data: list[str] = []
        self._name = self._id = ""
        self._retry: int | None = None

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        """The events that `data` completes."""
        return self._take(self._utf8.decode(data))

    def end(self) -> bool:
        """Whether the stream ended within an event, whose bytes are lost."""
        self._take(self._utf8.decode(b"", final=True))
        return self._within or any(self._parts)

    def _take(self, text: str) -> list[ServerSentEvent]:
        if not self._begun and text:
            self._begun = True
            text = text.removeprefix("\ufeff")
        if self._after_cr and text:
            text = text.removeprefix("\n")  # the second half of CR LF
            self._after_cr = False
        if text:
            self._after_cr = text.endswith("\r")
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        self._parts.append(text)
        if "\n" not in text:
            return []
        *lines, rest = "".join(self._parts).split("\n")
        self._parts = [rest]
        return [event for line in lines if (event := self._line(line)) is not None]

    def _line(self, line: str) -> ServerSentEvent | None:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._name = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self._retry = int(value)
        self._within = self._within or name in _FIELDS
        return None

    def _dispatch(self) -> ServerSentEvent | None:
        data, name = self._data, self._name
        self._data, self._name, self._within = [], "", False
        if not data:
            return None
        return ServerSentEvent("\n".join(data), name or "message", self._id, self._retry)
