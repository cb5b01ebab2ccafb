"""What a run may cost, and what it has cost so far.

Each request sets aside the most that it may cost before it is sent, and gives back what it did
not use when its reply is there. So the bounds hold also while several requests are under way.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeGuard

from .limiting import SOON

if TYPE_CHECKING:
    from .wire import View

UNCAPPED, ENDING = 128, 16
"""Completion tokens that a request without a limit is expected to cost at most, and one of those
that have stop sequences in a limit's place."""


@dataclass(slots=True)
class Cost:
    """Requests, and tokens as the server counted them.

    `capped` is how many completion tokens the requests allowed, whatever the model made of it.
    """

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    capped: int = 0

    def plus(self, other: Cost) -> Cost:
        return Cost(
            self.requests + other.requests,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.capped + other.capped,
        )


class Bounds(NamedTuple):
    """What a run may cost at most; None is no bound. `tokens` are those of prompts too."""

    tokens: int | None = None
    completion_tokens: int | None = None
    requests: int | None = None


_BOUNDED = ("tokens", "completion tokens", "requests")


class OverBudget(Exception):
    """A request would go over the budget. The message says over which bound."""


@dataclass(slots=True)
class Budget:
    """Keeps a run within its bounds.

    `spent` is what the server counted, `by_class` the same by the conformance class for which
    it was asked; `refused` says why requests were left out, if any were.
    """

    bounds: Bounds
    spent: Cost = field(default_factory=Cost)
    by_class: dict[str, Cost] = field(default_factory=dict)
    refused: str = ""
    share: float = 1.0
    """How much of the bounds may be used for now."""
    _charged: Cost = field(default_factory=Cost)
    _under_way: int = 0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _settled: asyncio.Event = field(default_factory=asyncio.Event)

    async def afford(self, body: bytes | None) -> Cost:
        """Set aside what a request may cost at most, when what is under way has left room for it.

        Each in its turn: what is asked does not depend on how fast the replies come.

        Raises:
            OverBudget: there is not that much left.
        """
        async with self._turn:
            while True:
                try:
                    return self.reserve(body)
                except OverBudget as reason:
                    if not self._under_way:
                        self.refused = str(reason)
                        raise
                self._settled.clear()
                await self._settled.wait()

    def reserve(self, body: bytes | None) -> Cost:
        """Set aside what a request may cost at most, at once.

        Raises:
            OverBudget: there is not that much left for now.
        """
        most = most_expensive(body)
        total = self._charged.plus(most)
        tokens = total.prompt_tokens + total.completion_tokens
        values = (tokens, total.completion_tokens, total.requests)
        for name, bound, value in zip(_BOUNDED, self.bounds, values, strict=True):
            if bound is None or value <= bound * self.share:
                continue
            words = f"the budget of {bound} {name if bound > 1 else name.removesuffix('s')}"
            if not self._charged.prompt_tokens:
                raise OverBudget(f"{words} is too small for one request, which may take {value}")
            raise OverBudget(f"{words} is spent")
        self._charged = total
        self._under_way += 1
        return most

    def settle(self, most: Cost, seen: View, cls: str) -> None:
        """Give back what was set aside and not used, and note what the server counted."""
        prompt, completion = counted(seen)
        allowed = 0 if seen.rejected else most.completion_tokens
        actual = Cost(1, prompt or 0, completion or 0, allowed)
        self.spent = self.spent.plus(actual)
        self.by_class[cls] = self.by_class.get(cls, Cost()).plus(actual)
        if prompt is not None:
            self._charged.prompt_tokens += prompt - most.prompt_tokens
        if completion is not None:
            self._charged.completion_tokens += completion - most.completion_tokens
        self._under_way -= 1
        self._settled.set()


def most_expensive(body: bytes | None) -> Cost:
    """An upper bound of what a request costs.

    No tokeniser makes more tokens than there are bytes; what a chat template adds is less than
    the JSON around the messages. A body that cannot be read here may be read there; such bodies
    ask for one token.
    """
    if not body:
        return Cost(1)
    try:
        request = json.loads(body)
    except (ValueError, RecursionError):
        return Cost(1, len(body), 1)
    if not isinstance(request, dict):
        return Cost(1)
    caps = [request.get("max_completion_tokens"), request.get("max_tokens")]
    ends_soon = request.items() >= SOON.items()
    cap = min([ENDING if ends_soon else UNCAPPED, *filter(_is_count, caps)])
    choices = request.get("n")
    return Cost(1, len(body), cap * (choices if _is_count(choices) else 1))


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def counted(seen: View) -> tuple[int | None, int | None]:
    """Prompt and completion tokens as the server counted them, None where it does not say.

    What was refused cost nothing.
    """
    if seen.rejected and seen.failure is None:
        return 0, 0
    usage = seen.usage if seen.accepted else None
    counts = [(usage or {}).get(name) for name in ("prompt_tokens", "completion_tokens")]
    prompt, completion = (count if _is_count(count) else None for count in counts)
    return prompt, completion
