"""One text of the model: tokens until it ends, a stop sequence comes up, or a limit is reached."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from .tokens import END, VOCABULARY, Token

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..contract.document import Json
    from .sampling import Sampler, Speaker

LONGEST = 1024
"""No completion has more tokens, whatever is asked for."""


class Asked(NamedTuple):
    """How many tokens there may be, and the log probabilities that come with each."""

    limit: int
    logprobs: int

    @classmethod
    def of(cls, body: Mapping[str, Json]) -> Asked:
        limits = (given(body, name, -1) for name in ("max_completion_tokens", "max_tokens"))
        limit = min((int(limit) for limit in limits if limit >= 0), default=LONGEST)
        top = int(given(body, "top_logprobs", 0)) if body.get("logprobs") else 0
        return cls(min(limit, LONGEST), top)

    def less(self, tokens: int) -> Asked:
        """What is left when so many tokens are spent."""
        return self._replace(limit=self.limit - tokens)


def given(body: Mapping[str, Json], name: str, default: float) -> float:
    """A number of the request; null stands for the default."""
    value: float | None = body.get(name)
    return default if value is None else value


class Said(NamedTuple):
    steps: tuple[Token, ...]
    text: str
    ended: bool
    stopped_by: str | None = None


def utter(speaker: Speaker, sampler: Sampler, asked: Asked, stop: Sequence[str] = ()) -> Said:
    """Let the model talk until it ends, a stop sequence comes up, or the limit is reached."""
    steps: list[Token] = []
    said = bytearray()
    reach = max(map(len, stop), default=0) * 4  # bytes before a token in which a match may begin
    while len(steps) < asked.limit:
        distribution = speaker.next()
        number = sampler.draw(distribution)
        best = zip(distribution.tokens[: asked.logprobs], distribution.logprobs, strict=False)
        top = tuple((VOCABULARY[token], logprob) for token, logprob in best)
        steps.append(Token(number, VOCABULARY[number], distribution.logprob(number), top))
        if number == END:
            return Said(tuple(steps), said.decode(), ended=True)
        speaker.take(number)
        fresh = len(said)
        said += VOCABULARY[number]
        if stop and (found := _find(said, max(0, fresh - reach), stop)):
            return Said(tuple(steps), *found)
    return Said(tuple(steps), said.decode("utf-8", "ignore"), ended=False)


def _find(said: bytearray, start: int, stop: Sequence[str]) -> tuple[str, bool, str] | None:
    """The text before the first stop sequence that begins at byte `start` or later, if any."""
    found = [
        (at, sequence)
        for sequence in stop
        if (at := said.find(sequence.encode("utf-8", "surrogatepass"), start)) >= 0
    ]
    if not found:
        return None
    at, sequence = min(found)
    return said[:at].decode(), True, sequence


def spelling(steps: Sequence[Token], size: int) -> tuple[Token, ...]:
    """The tokens of the first `size` bytes; of the last one, what belongs to them."""
    made: list[Token] = []
    for token in steps:
        if size <= 0:
            break
        made.append(token if len(token.bytes) <= size else replace(token, bytes=token.bytes[:size]))
        size -= len(token.bytes)
    return tuple(made)
