"""Which token comes next: a distribution that depends on what was said, and a choice out of it.

There are no weights. The logits of a few dozen candidates are drawn from a generator seeded with
the conversation and the place in the answer: always the same for the same conversation, flat
enough that temperature matters, with one clear favourite.
"""

from __future__ import annotations

import hashlib
import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .tokens import IDS, SPACED, SPELT_IN_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

CANDIDATES = 24
"""More than the 20 alternatives that may be asked for."""
FAVOURITE = 1.5
"""How far the likeliest candidate is above the others, in logits."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The sampling parameters of a request, with their defaults filled in."""

    temperature: float
    top_p: float
    frequency_penalty: float
    presence_penalty: float
    bias: Mapping[str, float]

    @property
    def greedy(self) -> bool:
        return self.temperature < 1e-3 or self.top_p <= 0


def digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest())


def distribution(
    prompt: int, place: int, said: Mapping[bytes, int], settings: Settings
) -> list[tuple[bytes, float]]:
    """The candidates for a place with their log probabilities, likeliest first."""
    drawn = random.Random(prompt * 1_000_003 + place)  # noqa: S311 - repeatable on purpose
    words: list[bytes] = drawn.sample(SPACED, CANDIDATES)
    if place % 9 == 7:
        words[0] = SPELT_IN_BYTES[(prompt + place) % len(SPELT_IN_BYTES)].encode()
    logits = [drawn.random() * 2 for _ in words]
    logits[0] = 2 + FAVOURITE
    if said or settings.bias:
        logits = [
            logit + _pushed(word, said, settings) for word, logit in zip(words, logits, strict=True)
        ]
    total = math.log(sum(math.exp(logit) for logit in logits))
    ranked = zip(words, (logit - total for logit in logits), strict=True)
    return sorted(ranked, key=lambda pair: -pair[1])


def _pushed(word: bytes, said: Mapping[bytes, int], settings: Settings) -> float:
    times = said.get(word, 0)
    bias = settings.bias.get(str(IDS.get(word, -1)), 0)
    penalty = times * settings.frequency_penalty + bool(times) * settings.presence_penalty
    return bias - penalty


def choose(
    ranked: list[tuple[bytes, float]], settings: Settings, chance: random.Random
) -> tuple[bytes, float]:
    """One candidate: the likeliest, or one drawn at the temperature out of the nucleus."""
    if settings.greedy:
        return ranked[0]
    weights = [math.exp(logprob / settings.temperature) for _, logprob in ranked]
    nucleus, mass = 0, 0.0
    for weight in weights:
        nucleus += 1
        mass += weight
        if mass >= settings.top_p * sum(weights):
            break
    return chance.choices(ranked[:nucleus], weights[:nucleus])[0]
