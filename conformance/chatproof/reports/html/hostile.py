"""What a server said, as HTML that shows it and does nothing else.

Whatever acts on a reader (controls, direction overrides, halves of surrogate pairs, bytes that
are no UTF-8) is written as an escape that can be seen; what a finding points to is marked.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from markupsafe import Markup, escape

from ...transcript import character
from ...untrusted import dumped, runs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ...contract.document import Json
    from ...transcript import Body
    from ...wire.places import Place

VALUE: Final = 4000
"""Characters of a value, or of a message, that are shown."""
AROUND: Final = 160
"""Bytes that an excerpt shows before and behind what it is about."""
ABOUT: Final = 600
"""Bytes that an excerpt shows of what it is about."""

_ESCAPE: Final = Markup('<span class="esc">{}</span>')
_MARK: Final = Markup('<mark data-places="{}">{}</mark>')
_GAP: Final = Markup('<span class="gap">… {} bytes left out …</span>')
_MORE: Final = Markup('<span class="gap"> … {} more characters</span>')
_BYTE: Final = re.compile(r"\\udc([89a-f][0-9a-f])")
"""How a byte that is no UTF-8 is escaped, since it is decoded as a surrogate."""


def said(text: str, limit: int = VALUE) -> Markup:
    """Text that a server may have had a hand in, at most `limit` characters of it."""
    more = len(text) - limit
    shown = _said(text[:limit])
    return shown + _MORE.format(f"{more:,}") if more > 0 else shown


def value(value: Json) -> Markup:
    """A JSON value, over several lines where it has parts."""
    return said(value if isinstance(value, str) else dumped(value, indent=2))


def raw(body: Body, places: Mapping[Place, int], start: int = 0, end: int | None = None) -> Markup:
    """The bytes of a body from `start` up to `end`, as far as they were kept.

    The bytes of each place are marked, with the numbers of the places that they belong to.
    """
    end = body.size if end is None else end
    out: list[Markup] = []
    at = start
    for offset, data in body.pieces:
        begin, finish = max(offset, start), min(offset + len(data), end)
        if begin >= finish:
            continue
        if begin > at:
            out.append(_GAP.format(f"{begin - at:,}"))
        out += _marked(data[begin - offset : finish - offset], begin, places)
        at = finish
    if at < end:
        out.append(_GAP.format(f"{end - at:,}"))
    return Markup().join(out)


def excerpt(body: Body, place: Place) -> Markup | None:
    """What is at a place of a body, marked, with a little before and behind it."""
    for offset, data in body.pieces:
        if offset <= place.start < offset + len(data):
            begin = character(data, place.start - offset - AROUND)
            shown = min(place.end, place.start + ABOUT)
            end = character(data, shown - offset + AROUND)
            before = "…" if offset + begin > 0 else ""
            behind = "…" if offset + end < body.size or shown < place.end else ""
            marked = _marked(data[begin:end], offset + begin, {place._replace(end=shown): 0})
            return Markup().join((before, *marked, behind))
    return None


def _marked(data: bytes, offset: int, places: Mapping[Place, int]) -> Iterator[Markup]:
    """Bytes that stand at `offset` of their body, cut where a place begins or ends."""
    edges = {edge - offset for place in places for edge in (place.start, place.end)}
    cuts = [0, *sorted(edge for edge in edges if 0 < edge < len(data)), len(data)]
    for begin, end in pairwise(cuts):
        text = data[begin:end].decode("utf-8", "surrogateescape")
        shown = Markup().join(
            _piece(plain, said if plain else _BYTE.sub(r"\\x\1", said))
            for plain, said in runs(text)
        )
        covering = [
            str(number)
            for place, number in places.items()
            if place.start <= offset + begin and offset + end <= place.end
        ]
        yield _MARK.format(" ".join(covering), shown) if covering else shown


def _said(text: str) -> Markup:
    return Markup().join(_piece(plain, piece) for plain, piece in runs(text))


def _piece(plain: bool, text: str) -> Markup:
    return escape(text) if plain else _ESCAPE.format(text)
