"""What may come next, how likely it is, and how one token is drawn.

The model knows nothing: each step hashes all that was said so far into a ranking of forty tokens,
which get the probabilities of one of a few fixed curves. Every other token of the vocabulary
shares a small rest. So the distribution is a true one, the same for the same prefix, and costs one
hash to make. A light grammar (capitals after full stops, whole characters) makes it look like text.
"""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from .tokens import END, VOCABULARY, encode, ids_of, openers, words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

CANDIDATES = 40
"""Tokens with a probability of their own."""
_REST = 1e-4
"""The probability that all other tokens share."""
TAIL = math.log(_REST / (len(VOCABULARY) - CANDIDATES))
"""The log probability of each token that is no candidate."""


def _curve(best: float) -> tuple[float, ...]:
    """Log probabilities by rank: `best` for the first, the others fall like 1/rank."""
    weights = [1 / (rank + 2) for rank in range(CANDIDATES - 1)]
    others = (weight / sum(weights) * (1 - best) for weight in weights)
    return tuple(math.log(p * (1 - _REST)) for p in (best, *others))


_SURE = _curve(0.97)
_CURVES = tuple(_curve(best) for best in (0.25, 0.32, 0.4, 0.5))

_CHARACTERS = {ids[0]: ids[1:] for ids in map(encode, "éλя€漢字🙂")}
"""Characters of several tokens, by the first, which no two have in common."""
_STOPS = ids_of(". ! ?")
_FULL_STOP, _NEWLINE = encode(".")[0], encode("\n")[0]
_SPICE = (*_STOPS, *ids_of(", , . . ; s ed ing ly 10 25"), _NEWLINE, *_CHARACTERS)
"""What comes between words: punctuation, endings, numbers, characters."""


def _orders(pool: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """Some fixed shuffles of a pool, each written twice so that a window may run over its end."""

    def shuffled(salt: int) -> tuple[int, ...]:
        key = {number: hashlib.blake2b(b"%d %d" % (salt, number)).digest() for number in pool}
        return tuple(sorted(pool, key=key.__getitem__)) * 2

    return tuple(shuffled(salt) for salt in range(16))


_WITHIN, _FIRST, _AFTER_STOP = map(_orders, (words(), openers(space=False), openers(space=True)))


class Distribution(NamedTuple):
    """The likeliest next tokens, best first, and their natural-log probabilities."""

    tokens: tuple[int, ...]
    logprobs: tuple[float, ...]
    forced: bool = False
    """Whether nothing but the first may be drawn, since a character or a schema demands it."""

    def logprob(self, token: int) -> float:
        return self.logprobs[self.tokens.index(token)] if token in self.tokens else TAIL


class Speaker:
    """The model in the course of one text: tell it what was drawn, ask it what may follow.

    Without a `script` it talks for about `length` tokens and then wants to end. With one it says
    those tokens and ends; each is all but certain.
    """

    def __init__(self, digest: bytes, length: int, script: Sequence[int] | None = None) -> None:
        self._state = digest
        self._length = length
        self._said = 0
        self._last = _NEWLINE
        self._due = [] if script is None else [END, *reversed(script)]

    def next(self) -> Distribution:
        """What may follow all that was taken."""
        state = self._state
        orders = _WITHIN
        if self._last in _STOPS:
            orders = _AFTER_STOP
        elif self._last == _NEWLINE:
            orders = _FIRST
        order = orders[state[0] & 15]
        start = int.from_bytes(state[1:3]) % (len(order) // 2)
        others = order[start : start + CANDIDATES]
        if self._due:
            return Distribution(_ranked(self._due[-1], 0, others), _SURE, forced=True)
        if self._said >= self._length:
            wanted = END if self._last in _STOPS else _FULL_STOP
            return Distribution(_ranked(wanted, 0, others), _SURE)
        curve = _CURVES[state[3] & 3]
        if orders is not _WITHIN:
            return Distribution(others, curve)
        spice = _SPICE[state[4] % len(_SPICE)]
        return Distribution(_ranked(spice, state[5] % 6, others), curve)

    def take(self, token: int) -> None:
        """Go on after `token`."""
        if self._due:
            self._due.pop()
        elif token in _CHARACTERS:
            self._due = list(reversed(_CHARACTERS[token]))
        self._said += 1
        self._last = token
        seen = self._state + token.to_bytes(2)
        self._state = hashlib.blake2b(seen, digest_size=16).digest()


def _ranked(token: int, rank: int, others: tuple[int, ...]) -> tuple[int, ...]:
    """`token` at its rank among the others, which may have it already."""
    if token in others:
        others = tuple(other for other in others if other != token)
    return (*others[:rank], token, *others[rank : CANDIDATES - 1])


class Draws:
    """Random numbers that are the same for the same key, on any machine."""

    def __init__(self, *key: object) -> None:
        self._key = hashlib.blake2b(repr(key).encode(), digest_size=16).digest()
        self._drawn = 0

    def uniform(self) -> float:
        """The next number in [0, 1)."""
        return (self._bits() >> 11) / (1 << 53)

    def below(self, bound: int) -> int:
        """The next integer in 0..bound-1."""
        return self._bits() % bound

    def _bits(self) -> int:
        self._drawn += 1
        seen = self._key + self._drawn.to_bytes(8)
        return int.from_bytes(hashlib.blake2b(seen, digest_size=8).digest())


@dataclass(slots=True)
class Sampler:
    """Draws tokens as the parameters of a request demand.

    `temperature` 0 and `top_p` 0 take the likeliest token. `bias` is added to the log
    probability of a token; the penalties are subtracted for tokens drawn before: `frequency` for
    each time, `presence` once. The end is not drawn before `least` tokens are there.
    """

    draws: Draws
    temperature: float = 1.0
    top_p: float = 1.0
    bias: Mapping[int, float] = field(default_factory=dict)
    frequency: float = 0.0
    presence: float = 0.0
    least: int = 0
    _drawn: Counter[int] = field(default_factory=Counter)
    _count: int = 0

    def draw(self, distribution: Distribution) -> int:
        """The next token."""
        token = self._draw(distribution)
        self._count += 1
        if self.frequency or self.presence:
            self._drawn[token] += 1
        return token

    def _draw(self, distribution: Distribution) -> int:
        tokens, logprobs, forced = distribution
        if forced:
            return tokens[0]
        shares_of: Callable[[tuple[float, ...], float, float], tuple[float, ...]]
        shares_of = _shares_of_a_curve
        if self.bias or self._drawn:
            scores = self._scores(distribution)
            tokens = tuple(sorted(scores, key=scores.__getitem__, reverse=True))
            logprobs = tuple(scores[token] for token in tokens)
            shares_of = _shares
        if self.temperature == 0 or self.top_p == 0:
            return tokens[0]
        shares = shares_of(logprobs, self.temperature, self.top_p)
        return tokens[bisect_right(shares, self.draws.uniform() * shares[-1], hi=len(shares) - 1)]

    def _scores(self, distribution: Distribution) -> dict[int, float]:
        scores = dict(zip(distribution.tokens, distribution.logprobs, strict=True))
        for token, bias in self.bias.items():
            scores[token] = scores.get(token, TAIL) + bias
        for token, times in self._drawn.items():
            if token in scores:
                scores[token] -= self.frequency * times + self.presence
        if self._count + 1 < self.least:
            scores.pop(END, None)
        return scores


def _shares(logprobs: tuple[float, ...], temperature: float, top_p: float) -> tuple[float, ...]:
    """Running sums of the weights by rank at a temperature, as far as the nucleus goes."""
    weights = [math.exp((logprob - logprobs[0]) / temperature) for logprob in logprobs]
    goal = top_p * sum(weights)
    shares: list[float] = []
    total = 0.0
    for weight in weights:
        total += weight
        shares.append(total)
        if total >= goal:
            break
    return tuple(shares)


_shares_of_a_curve = lru_cache(maxsize=256)(_shares)


def usable_bias(asked: Mapping[str, float] | None) -> dict[int, float]:
    """The biases by token, from -100 to 100, of tokens that exist and may be said.

    A byte that is no character by itself may not, unless the model knows one that begins with it:
    what it says is UTF-8 whatever is asked for.
    """
    made: dict[int, float] = {}
    for key, bias in (asked or {}).items():
        token = int(key) if key.isascii() and key.isdecimal() and len(key) < 6 else -1
        if token in _SAYABLE and bias:
            made[token] = float(max(-100, min(100, bias)))
    return made


_SAYABLE = frozenset(
    number for number, data in enumerate(VOCABULARY) if data[0] < 0x80 or number in _CHARACTERS
)
