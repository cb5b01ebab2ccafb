"""Server-sent events: bytes in, events out, and notes on how the bytes were written.

The decoder follows the WHATWG HTML standard, section 9.2: LF, CR and CR LF end a line, a leading
byte order mark is skipped, comments are ignored, several data lines join, an event without data
is not dispatched, and one without its blank line is discarded. It does no I/O and works at any
splitting of the bytes. A client needs no more; a checker also wants to know how it was written,
so each peculiarity is noted with its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

MAX_EVENT = 4 * 2**20
"""Bytes that one event may have before the decoder gives it up."""


class Quirk(Enum):
    """Ways of writing that are legal, or nearly so, and that some clients stumble over."""

    BOM = "a byte order mark begins the stream"
    CRLF = "a line ends with CR LF"
    CR = "a line ends with CR"
    NO_SPACE = "no space follows the colon of a data line"
    COMMENT = "a comment"
    UNKNOWN_FIELD = "a line is no known field"
    NO_DATA = "an event has no data"
    BAD_RETRY = "a retry time is not made of digits"
    NUL_IN_ID = "an id contains NUL"
    NOT_UTF8 = "a line is not UTF-8"
    TOO_LONG = "an event is longer than the limit"
    UNTERMINATED = "the last event has no blank line"


@dataclass(frozen=True, slots=True)
class Note:
    """One peculiarity: what, at which byte of the stream, and the line."""

    quirk: Quirk
    offset: int
    line: bytes


@dataclass(frozen=True, slots=True)
class Event:
    """A dispatched event. `offset` is where its first line began, `end` where its last one ended."""

    data: bytes
    event: str
    id: str
    offset: int
    end: int


class SseDecoder:
    """Decodes a stream piece by piece: :meth:`feed` as bytes come, :meth:`close` at the end."""

    def __init__(self, *, max_event: int = MAX_EVENT) -> None:
        self.notes: list[Note] = []
        self._max_event = max_event
        self._parts: list[bytes] = []
        self._held = 0
        self._offset = 0
        self._begun = False
        self._after_cr = False
        self._noted: set[Quirk] = set()
        self._last_id = ""
        self._forget()

    def _forget(self) -> None:
        self._data: list[bytes] = []
        self._size = 0
        self._event = b""
        self._named = False
        self._first = -1

    def feed(self, piece: bytes) -> list[Event]:
        """Take the next bytes; the events that they complete."""
        if not piece:
            return []
        if self._after_cr:
            self._after_cr = False
            if piece[:1] == b"\n":
                self._note_once(Quirk.CRLF, self._offset - 1, b"")
                self._offset += 1
                piece = piece[1:]
            else:
                self._note_once(Quirk.CR, self._offset - 1, b"")
        if b"\n" not in piece and b"\r" not in piece:
            self._hold(piece)
            return []
        text = b"".join((*self._parts, piece))
        self._parts.clear()
        self._held = 0
        return self._lines(text)

    def close(self) -> None:
        """The stream ended: what is left over is discarded, and noted."""
        if self._after_cr:
            self._note_once(Quirk.CR, self._offset - 1, b"")
        rest = b"".join(self._parts)
        if rest or self._data:
            self._note(Quirk.UNTERMINATED, self._offset, rest or b"\n".join(self._data))
        self._parts.clear()
        self._forget()

    def _hold(self, piece: bytes) -> None:
        self._held += len(piece)
        if self._held <= self._max_event:
            self._parts.append(piece)
        else:
            self._note_once(Quirk.TOO_LONG, self._offset, b"")

    def _lines(self, text: bytes) -> list[Event]:
        """Read the whole lines of `text`; hold what is behind the last one."""
        if b"\r" in text:
            return self._mixed_lines(text)
        *lines, rest = text.split(b"\n")
        events: list[Event] = []
        for line in lines:
            self._line(line, 1, events)
        if rest:
            self._hold(rest)
        return events

    def _mixed_lines(self, text: bytes) -> list[Event]:
        events: list[Event] = []
        start = 0
        while start < len(text):
            ends = [at for at in (text.find(b"\n", start), text.find(b"\r", start)) if at >= 0]
            if not ends:
                self._hold(text[start:])
                break
            end = min(ends)
            width = 1
            if text[end : end + 1] == b"\r":
                if end + 1 == len(text):
                    self._after_cr = True
                elif text[end + 1 : end + 2] == b"\n":
                    width = 2
                    self._note_once(Quirk.CRLF, self._offset + end - start, text[start:end])
                else:
                    self._note_once(Quirk.CR, self._offset + end - start, text[start:end])
            self._line(text[start:end], width, events)
            start = end + width
        return events

    def _line(self, line: bytes, width: int, events: list[Event]) -> None:
        """Read one line, whose ending is `width` bytes long."""
        if not self._begun:
            self._begun = True
            if line.startswith(b"\xef\xbb\xbf"):
                self._note(Quirk.BOM, 0, b"")
                line = line[3:]
                self._offset += 3
        offset = self._offset
        self._offset += len(line) + width
        if not line:
            self._dispatch(events)
            return
        if not line.isascii():
            self._see_encoding(line, offset)
        if self._first < 0:
            self._first = offset
        if line[:6] == b"data: ":
            self._take(line[6:], offset)
        else:
            self._field(line, offset)

    def _take(self, value: bytes, offset: int) -> None:
        self._size += len(value)
        if self._size > self._max_event:
            self._note_once(Quirk.TOO_LONG, offset, value[:200])
        else:
            self._data.append(value)

    def _see_encoding(self, line: bytes, offset: int) -> None:
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            self._note(Quirk.NOT_UTF8, offset + error.start, line)

    def _field(self, line: bytes, offset: int) -> None:
        name, colon, value = line.partition(b":")
        if not name and colon:
            self._note_once(Quirk.COMMENT, offset, line)
            return
        value = value.removeprefix(b" ")
        if name == b"data":
            if colon and line[5:6] != b" ":
                self._note(Quirk.NO_SPACE, offset, line)
            self._take(value, offset)
        elif name == b"event":
            self._named, self._event = True, value
        elif name == b"id":
            self._named = True
            if b"\0" in value:
                self._note(Quirk.NUL_IN_ID, offset, line)
            else:
                self._last_id = value.decode("utf-8", "replace")
        elif name == b"retry":
            self._named = True
            if not value.isdigit():
                self._note(Quirk.BAD_RETRY, offset, line)
        else:
            self._note(Quirk.UNKNOWN_FIELD, offset, line)

    def _dispatch(self, events: list[Event]) -> None:
        if self._data:
            made = Event(
                b"\n".join(self._data),
                self._event.decode("utf-8", "replace"),
                self._last_id,
                self._first,
                self._offset,
            )
            events.append(made)
        elif self._named:
            self._note(Quirk.NO_DATA, self._first, self._event)
        self._forget()

    def _note(self, quirk: Quirk, offset: int, line: bytes) -> None:
        self._noted.add(quirk)
        self.notes.append(Note(quirk, offset, line[:200]))

    def _note_once(self, quirk: Quirk, offset: int, line: bytes) -> None:
        if quirk not in self._noted:
            self._note(quirk, offset, line)
