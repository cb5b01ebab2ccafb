"""What a server does only now and then, and this one does on request.

A conforming server fails in the middle of a stream, pushes back, or is slow, when it happens. The
suite cannot wait for that, so the reference server does it where the first word asks for it. That
it thinks or refuses on request is the model's part, see :mod:`chatproof.reference.model`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from .model import last_words

if TYPE_CHECKING:
    from ..contract.document import Json

Wish = Literal["slowly", "fail", "overload", ""]
WISHES: tuple[Wish, ...] = ("slowly", "fail", "overload")
SLOW = 0.012
"""Seconds that each token takes, where slowness was asked for."""


def wish_of(body: Json) -> Wish:
    """What the user's first word asks for."""
    word = last_words(body["messages"]).partition(" ")[0].strip(",.:").lower()
    return next((wish for wish in WISHES if wish == word), "")
