"""The vocabulary: words, punctuation, and a token for every byte.

A character that has no token of its own (an accent, a Chinese character, an emoji) is spelt in
bytes, so that tokens need not be whole characters; many faults of real servers begin there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

WORDS = """a about after again air all always and any at autumn away bell bird blue boat book bread
bridge bright by city clear cloud cold colour come day deep door down dream each early earth east
eye far field fire fish flower forest four friend garden glass go gold good grass green grey hand
harbour hear hello here hill home hour house ice in island joy king kind lake lamp land large late
leaf letter light like line little long look low many map market meadow milk moon morning mountain
name near new night north not now of old on one open orange other our over paper park path people
place rain red ring river road rock roof room root rose round sail salt sand sea season second see
seven shadow ship shore short silver sky slow small snow soft some song sound south spring square
star stone storm story street sugar summer sun sweet table tall tea ten the there they thing three
time to town tree two under up valley village voice wall warm water way we west white wide wild wind
window winter with wood word world yellow young""".split()
SPELT_IN_BYTES = (" é", " Übung", " weiß", " 漢字", " 🙂", " café")
PUNCTUATION = (",", ".", "!", "?", ";", ":", "\n", '"', "{", "}", "[", "]", '":"', '","')
VOCABULARY: tuple[bytes, ...] = (
    *(f" {word}".encode() for word in WORDS),
    *(word.encode() for word in WORDS if len(word) > 1),
    *(mark.encode() for mark in PUNCTUATION),
    *(bytes([number]) for number in range(256)),
)
IDS = {token: number for number, token in reversed(list(enumerate(VOCABULARY)))}
SPACED = tuple(f" {word}".encode() for word in WORDS)
_LONGEST_FIRST = sorted(IDS, key=len, reverse=True)
_PATTERN = re.compile(b"|".join(re.escape(token) for token in _LONGEST_FIRST), re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """A generated token: its bytes, its log probability, and the likeliest ones at its place."""

    bytes: bytes
    logprob: float
    top: tuple[tuple[bytes, float], ...] = ()


def encode(text: str) -> list[bytes]:
    """The tokens of a text; at each place the longest that fits."""
    return _PATTERN.findall(text.encode("utf-8", "surrogatepass"))


@lru_cache(maxsize=4096)
def count(text: str) -> int:
    """How many tokens a text has."""
    return len(encode(text))
