"""Where in an exchange a finding is: from its location in words to the bytes.

A location is what a check says: ``status``, ``header NAME``, ``body``, ``byte N``, ``event N``
with or without a JSON pointer into the event, a JSON pointer into the body, ``the end``.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from .views import View

_WHITE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder(strict=False, parse_int=str)
_LINE_END = re.compile(rb"[\r\n]|$")


class Place(NamedTuple):
    """Bytes from `start` up to `end` of a body, or lines of the reply's head, the first one 0."""

    part: Literal["request", "head", "reply"]
    start: int
    end: int


def place(view: View, location: str) -> Place | None:
    """The bytes that a location means; None where it means none, or all of them.

    Of a pointer that leads to nothing, the innermost value on its way.
    """
    if location.startswith("/"):
        return _pointed(view, location)
    reply = view.reply
    if reply is None:
        return None
    word, _, rest = location.partition(" ")
    if word == "status":
        return Place("head", 0, 1)
    if word == "header":
        names = [name for name, _ in reply.headers]
        return (
            Place("head", names.index(rest) + 1, names.index(rest) + 2) if rest in names else None
        )
    if word == "byte" and rest.isdecimal():
        return _rest_of_line(reply.body, int(rest))
    if word == "event":
        number, _, pointer = rest.partition(" ")
        return _in_event(view, reply.body, int(number), pointer) if number.isdecimal() else None
    return None


def _rest_of_line(body: bytes, offset: int) -> Place:
    end = next(_LINE_END.finditer(body, offset)).start()
    return Place("reply", min(offset, len(body)), min(max(end, offset + 1), len(body)))


def _in_event(view: View, body: bytes, number: int, pointer: str) -> Place | None:
    if number >= len(view.events):
        return None
    event = view.events[number]
    lines = body[event.offset : event.end].rstrip(b"\r\n")
    whole = Place("reply", event.offset, event.offset + len(lines))
    known = event.data in lines and pointer.strip("/")
    span = span_of(event.data, pointer) if known else None
    at = event.offset + lines.find(event.data)
    return Place("reply", at + span[0], at + span[1]) if span else whole


def _pointed(view: View, pointer: str) -> Place | None:
    body = view.reply.body if view.reply is not None else b""
    if (span := span_of(body, pointer)) is not None:
        return Place("reply", *span)
    span = span_of(view.exchange.request.body or b"", pointer, exactly=True)
    return Place("request", *span) if span is not None else None


def span_of(data: bytes, pointer: str, *, exactly: bool = False) -> tuple[int, int] | None:
    """Start and end, in bytes, of the value in a JSON text that a pointer leads to.

    Unless `exactly`, a pointer that leads to nothing means the innermost value on its way. None
    for the whole text, and for a text that cannot be read so far.
    """
    text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    shift = len(data) - len(_encoded(text))
    at = _behind_white(text, 0)
    deep = False
    try:
        for name in pointer.strip("/").split("/"):
            inner = _inner(text, at, name.replace("~1", "/").replace("~0", "~"))
            if inner is None:
                if exactly:
                    return None
                break
            at, deep = inner, True
        end = _DECODER.raw_decode(text, at)[1]
    except (ValueError, RecursionError):
        return None
    before = shift + len(_encoded(text[:at]))
    return (before, before + len(_encoded(text[at:end]))) if deep else None


def _inner(text: str, at: int, name: str) -> int | None:
    """Where the member or item `name` of the value at `at` begins. Of equal names the last."""
    bracket, at = text[at : at + 1], _behind_white(text, at + 1)
    if bracket not in ("{", "[") or text[at : at + 1] in ("}", "]"):
        return None
    found, number = None, 0
    while True:
        key: str = str(number)
        if bracket == "{":
            key, at = _DECODER.raw_decode(text, at)
            at = _behind_white(text, _behind_white(text, at) + 1)
        if key == name:
            found = at
        if found is not None and bracket == "[":
            return found
        at = _behind_white(text, _DECODER.raw_decode(text, at)[1])
        if text[at : at + 1] != ",":
            return found
        at, number = _behind_white(text, at + 1), number + 1


def _behind_white(text: str, at: int) -> int:
    return next(_WHITE.finditer(text, at)).end()


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
