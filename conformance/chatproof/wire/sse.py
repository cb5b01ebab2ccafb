"""Server-sent events: bytes in, events out, and notes on how the bytes were written.

The decoder follows the WHATWG HTML standard, section 9.2: LF, CR and CR LF end a line, a leading
byte order mark is skipped, comments are ignored, several data lines join, an event without data
is not dispatched, and one without its blank line is discarded. It does no I/O and gives the same
events at any splitting of the bytes, in linear time. A client needs no more; a checker also wants
to know how the stream was written, so each peculiarity is noted with its place. Most of them are
legal: which of them matter is for others to decide.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_EVENT: Final = 4 * 2**20
"""Bytes that one event, or one line, may have before the decoder gives it up."""
NOTES_KEPT: Final = 20
"""Notes that are kept of each quirk; the others are only counted."""
LINE_KEPT: Final = 200
"""Bytes of a line that are kept in a note."""

_LF: Final = 10  # as numbers: to find a byte is eight times as fast as to find a string
_CR: Final = 13
_BOM: Final = b"\xef\xbb\xbf"
_NONE: Final = ()
_new: Final = tuple.__new__  # skips the checks of a call by name
_ENDING = re.compile(rb"\r\n|\r|\n")


class Quirk(Enum):
    """Ways of writing that are legal, or nearly so, and that some clients stumble over."""

    BOM = "a byte order mark begins the stream"
    CRLF = "a line ends with CR LF"
    CR = "a line ends with CR"
    MIXED = "lines end in more than one way"
    NO_SPACE = "no space follows the colon of a data line"
    NO_COLON = "a line has no colon"
    COMMENT = "a comment"
    UNKNOWN_FIELD = "a line is no known field"
    NAMED = "an event has a name"
    NO_DATA = "an event has no data"
    BAD_RETRY = "a retry time is not made of digits"
    NUL_IN_ID = "an id contains NUL"
    NOT_UTF8 = "a line is not UTF-8"
    TOO_LONG = "an event is longer than the limit"
    UNTERMINATED = "the last event has no blank line"
    UNTERMINATED_LINE = "the last line has no line ending"


_QUIRKS: Final = {b"\r\n": Quirk.CRLF, b"\r": Quirk.CR}


@dataclass(frozen=True, slots=True)
class Note:
    """One peculiarity: what, at which byte of the stream, and the start of the line.

    For a line ending the byte is that of the ending. Events over the limit are not quoted.
    """

    quirk: Quirk
    offset: int
    line: bytes


class Event(NamedTuple):
    """A dispatched event; a named tuple because it is made for every token of every stream.

    `id` and `retry` (milliseconds) are the latest that the stream has set. The event's lines are
    the bytes from `offset` up to `end`, where its blank line begins; `number` counts from 0.
    """

    data: bytes
    event: str
    id: str
    retry: int | None
    offset: int
    end: int
    number: int


class SseDecoder:
    """Decodes a stream piece by piece: :meth:`feed` as bytes come, :meth:`close` at the end.

    `notes` holds the first peculiarities of each sort, `counts` how many of each there were. An
    event longer than `max_event` bytes is noted and left out, and costs no memory.
    """

    def __init__(self, *, max_event: int = MAX_EVENT) -> None:
        self.notes: list[Note] = []
        self.counts: Counter[Quirk] = Counter()
        self._max_event = max_event
        self._offset = 0  # of the line that is being read
        self._parts: list[bytes] = []  # what has come of it
        self._held = 0  # how many bytes of it have been counted, which are
        self._counted = 0  # so many parts; the others are of one byte
        self._most = 0  # so many parts it can be before the limit has to be looked at
        self._dropped = False  # whether it went over the limit
        self._begun = False
        self._after_cr: bytes | None = None  # the line behind whose CR an LF may still come
        self._endings: set[bytes] = set()
        self._number = 0
        self._last_id = ""
        self._retry: int | None = None
        self._data: list[bytes] = []  # this and the rest: of the event that is being read
        self._event = b""
        self._named = False
        self._too_long = False
        self._first = -1

    def feed(self, piece: bytes) -> Sequence[Event]:
        """Take the next bytes of the stream; the events that they complete."""
        if piece > b"\r" and len(piece) == 1:  # no line ending, as fast as that can be seen
            parts = self._parts
            if len(parts) < self._most:
                parts.append(piece)
                return _NONE
        if _LF not in piece and _CR not in piece and self._after_cr is None:
            self._hold(piece)
            return _NONE
        if self._after_cr is not None and piece:
            return self.feed(self._settle_cr(self._after_cr, piece))
        text = self._with_held(piece)
        events: list[Event] = []
        read = self._mixed_lines if _CR in text else self._lf_lines
        rest = read(text, events)
        self._most = 0
        self._hold(rest)
        return events

    def close(self) -> int | None:
        """The stream has ended. What is not terminated is discarded, as the standard says.

        Returns:
            the offset of the first byte that was discarded; None when all was terminated.
        """
        if self._after_cr is not None:
            self._settle_cr(self._after_cr, b"")
        rest = self._without_bom(b"".join(self._parts))
        open_line = bool(rest) or self._dropped
        begun = bool(self._data) or self._named or self._too_long
        open_event = begun or (open_line and rest[:1] != b":")
        start = self._first if self._first >= 0 else self._offset
        if open_line:
            self._note(Quirk.UNTERMINATED_LINE, self._offset, rest)
        if open_event:
            self._note(Quirk.UNTERMINATED, start, rest or b"\n".join(self._data))
        return start if open_line or open_event else None

    # The line that has not ended ----------------------------------------------------------------

    def _hold(self, piece: bytes) -> None:
        """Keep the start of a line for later. The parts are joined once, when the line ends."""
        if not piece:
            return
        if self._dropped:
            self._held += len(piece)
            return
        self._held += len(self._parts) - self._counted + len(piece)
        self._parts.append(piece)
        start = self._first if self._first >= 0 else self._offset
        room = self._max_event - (self._offset - start) - self._held
        if room < 0:
            line = self._without_bom(b"".join(self._parts))
            self._held, self._parts = len(line), [line]
            if self._is_too_long(self._offset, self._held):
                self._give_up(self._offset)
                self._parts.clear()
                self._dropped = True
        self._counted = len(self._parts)
        self._most = self._counted + max(0, room)

    def _with_held(self, piece: bytes) -> bytes:
        """The bytes from the start of the current line on."""
        if self._dropped:
            # An empty data line stands for what is left of the long one; its event is given up.
            end = next(_ENDING.finditer(piece)).start()
            self._offset += self._held + end - len(b"data: ")
            text = b"data: " + piece[end:]
        else:
            text = b"".join([*self._parts, piece]) if self._parts else piece
            if not self._begun:
                text = self._without_bom(text)
        self._parts.clear()
        self._held, self._counted, self._dropped = 0, 0, False
        return text

    def _without_bom(self, text: bytes) -> bytes:
        if self._begun or not text:
            return text
        self._begun = True
        if not text.startswith(_BOM):
            return text
        self._note(Quirk.BOM, 0, _BOM)
        self._offset = len(_BOM)
        return text[len(_BOM) :]

    # Line endings -------------------------------------------------------------------------------

    def _lf_lines(self, text: bytes, events: list[Event]) -> bytes:
        """Read lines that end with LF; what is behind the last of them.

        Nearly all events are one data line and a blank one: those are taken as blocks.
        """
        if b"\n" not in self._endings:
            self._first_ended_by(b"\n", self._offset + text.index(b"\n"))
        text = self._plain_events(text, events)
        if _LF not in text:
            return text
        *blocks, tail = text.split(b"\n\n")
        whole = _is_utf8(text[: len(text) - len(tail)])
        offset, limit = self._offset, self._max_event
        for block in blocks:
            size = len(block)
            if (
                whole
                and block[:6] == b"data: "
                and _LF not in block
                and self._first < 0
                and size <= limit
            ):
                end = offset + size + 1
                made = (block[6:], "message", self._last_id, self._retry, offset, end, self._number)
                events.append(_new(Event, made))
                self._number += 1
                offset = end + 1
            else:
                self._offset = offset
                self._block(block.split(b"\n"), events)
                self._dispatch(self._offset, events)
                self._offset += 1
                offset = self._offset
        self._offset = offset
        *lines, rest = tail.split(b"\n")
        self._block(lines, events)
        return rest

    def _plain_events(self, text: bytes, events: list[Event]) -> bytes:
        """Read events that are all one data line and a blank one; what is left of the text.

        Most streams have no others. Where one of them is different, nothing is read here.
        """
        end = text.rfind(b"\n\n")
        if self._first >= 0 or not 0 < end <= self._max_event or text[:6] != b"data: ":
            return text
        values = text[6:end].split(b"\n\ndata: ")
        if _LF in b"".join(values) or not (text.isascii() or _is_utf8(text[:end])):
            return text
        number, start = self._number, self._offset
        last_id, retry = self._last_id, self._retry
        for value in values:
            behind = start + len(value) + 8  # b"data: " and two line ends
            made = (value, "message", last_id, retry, start, behind - 1, number)
            events.append(_new(Event, made))
            start = behind
            number += 1
        self._number, self._offset = number, start
        return text[end + 2 :]

    def _block(self, lines: list[bytes], events: list[Event]) -> None:
        for line in lines:
            offset = self._offset
            self._offset += len(line) + 1
            if line:
                self._line(line, offset)
            else:
                self._dispatch(offset, events)

    def _mixed_lines(self, text: bytes, events: list[Event]) -> bytes:
        """Read lines of any ending; what is behind the last of them."""
        start = 0
        for match in _ENDING.finditer(text):
            line, ending = text[start : match.start()], match[0]
            offset = self._offset
            start = match.end()
            self._offset += len(line) + len(ending)
            if line:
                self._line(line, offset)
            else:
                self._dispatch(offset, events)
            shown = b"" if self._too_long else line[:LINE_KEPT]
            if ending == b"\r" and start == len(text):
                self._after_cr = shown
            else:
                self._ended_by(ending, offset + len(line), shown)
        return text[start:]

    def _settle_cr(self, line: bytes, piece: bytes) -> bytes:
        """Whether the CR at the end of the last piece was half of a CR LF; the rest of `piece`."""
        self._after_cr = None
        if piece[:1] != b"\n":
            self._ended_by(b"\r", self._offset - 1, line)
            return piece
        self._ended_by(b"\r\n", self._offset - 1, line)
        self._offset += 1
        return piece[1:]

    def _ended_by(self, ending: bytes, offset: int, line: bytes) -> None:
        if ending in _QUIRKS:
            self._note(_QUIRKS[ending], offset, line)
        if ending not in self._endings:
            self._first_ended_by(ending, offset)

    def _first_ended_by(self, ending: bytes, offset: int) -> None:
        self._endings.add(ending)
        if len(self._endings) == 2:
            self._note(Quirk.MIXED, offset, b"")

    # Fields and events --------------------------------------------------------------------------

    def _line(self, line: bytes, offset: int) -> None:
        """Read one line that is not blank."""
        if self._is_too_long(offset, len(line)):
            self._give_up(offset)
            return
        if not line.isascii():
            self._check_encoding(line, offset)
        if line[:1] == b":":
            self._note(Quirk.COMMENT, offset, line)
            return
        if self._first < 0:
            self._first = offset
        if line[:6] == b"data: ":
            self._data.append(line[6:])
            return
        name, colon, value = line.partition(b":")
        if not colon:
            self._note(Quirk.NO_COLON, offset, line)
        if name == b"data":
            if colon:
                self._note(Quirk.NO_SPACE, offset, line)
            self._data.append(value)
            return
        self._field(name, value.removeprefix(b" "), offset, line)

    def _field(self, name: bytes, value: bytes, offset: int, line: bytes) -> None:
        """Read a field that is no data."""
        if name == b"event":
            self._event = value
            if value != b"error":  # which sets an event apart that is no chunk
                self._note(Quirk.NAMED, offset, line)
        elif name == b"id":
            if b"\0" in value:
                self._note(Quirk.NUL_IN_ID, offset, line)
            else:
                self._last_id = value.decode("utf-8", "replace")
        elif name == b"retry":
            if value.isdigit():
                # More digits than fit are as good as for ever, and slow to convert.
                self._retry = int(value[:18])
            else:
                self._note(Quirk.BAD_RETRY, offset, line)
        else:
            self._note(Quirk.UNKNOWN_FIELD, offset, line)
            return
        self._named = True

    def _dispatch(self, end: int, events: list[Event]) -> None:
        """A blank line stands at `end`: what was collected is an event, if it has data."""
        data = self._data
        if data and not self._too_long:
            value = b"\n".join(data)
            name = self._event.decode("utf-8", "replace") or "message"
            made = (value, name, self._last_id, self._retry, self._first, end, self._number)
            events.append(_new(Event, made))
            self._number += 1
        elif self._named and not self._too_long:
            self._note(Quirk.NO_DATA, self._first, self._event)
        self._forget()

    def _forget(self) -> None:
        """Begin a new event."""
        self._data.clear()
        self._event = b""
        self._named = False
        self._too_long = False
        self._first = -1

    def _is_too_long(self, offset: int, length: int) -> bool:
        """Whether a line at `offset` takes its event, or itself, over the limit."""
        start = self._first if self._first >= 0 else offset
        return offset + length - start > self._max_event

    def _give_up(self, offset: int) -> None:
        """Take no more of this event; its blank line will end it."""
        if not self._too_long:
            self._note(Quirk.TOO_LONG, offset, b"")
        self._too_long = True
        self._data.clear()
        if self._first < 0:
            self._first = offset

    def _check_encoding(self, line: bytes, offset: int) -> None:
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            self._note(Quirk.NOT_UTF8, offset + error.start, line)

    def _note(self, quirk: Quirk, offset: int, line: bytes) -> None:
        self.counts[quirk] += 1
        if self.counts[quirk] <= NOTES_KEPT:
            self.notes.append(Note(quirk, offset, line[:LINE_KEPT]))


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
