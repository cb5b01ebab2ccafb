"""Log probabilities, asked for in all their sizes and in both modes."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from ..checks import AsyncChecks, Check, check, experiment, inconclusive
from ..session import ABSENT
from ..wire.answer import mapping, mappings
from .asking import believed, first, greedy, unanswered

if TYPE_CHECKING:
    from ..contract.document import Json
    from ..session import Session
    from ..wire import View

WORDS = "Describe a small café in Münster."
THOUGHT = "Think first. How many legs has a spider?"
REFUSED = "Refuse to answer, and say why."
LENGTH, SHORT = 12, 6


@experiment("logprobs.present", "logprobs.top.count", "logprobs.negative", "logprobs.bytes")
async def every_size_is_given(session: Session) -> AsyncChecks:
    """The rules judge each entry; here it is seen that entries come at all."""
    sizes = [(WORDS, top) for top in (ABSENT, 0, 1, 5, 20)]
    asked = {"logprobs": True, "max_completion_tokens": LENGTH}
    bodies = [
        greedy(session, words, top_logprobs=top, stream=stream, **asked)
        for words, top in [*sizes, (REFUSED, 1)]
        for stream in (False, True)
    ]
    for view in await asyncio.gather(*map(session.chat, bodies)):
        answer = first(view)
        if answer is None:
            yield unanswered(view)
        elif not answer.content:
            yield inconclusive("the model said nothing", exchange=view.exchange.id)
        else:
            yield check(
                len(answer.logprobs) > 0,
                "the answer has no log probabilities though they were asked for",
                expected="one entry for each token",
                actual=None,
                at="/choices/0/logprobs/content",
                exchange=view.exchange.id,
            )


@experiment("logprobs.stream")
async def a_stream_has_those_of_the_plain_answer(session: Session) -> AsyncChecks:
    """Tokens are compared, and their number; probabilities may differ in the last digits."""
    for made in await believed(partial(_streamed_as_plain, session)):
        yield made


async def _streamed_as_plain(session: Session, trial: int) -> list[Check]:
    body = greedy(session, WORDS, logprobs=True, top_logprobs=1, max_completion_tokens=LENGTH)
    plain, again = await session.chat(body), await session.chat(body, repeat=trial + 1)
    streamed = await session.chat({**body, "stream": True}, repeat=trial)
    one, two, three = first(plain), first(again), first(streamed)
    if one is None or two is None or three is None:
        return [unanswered(next(v for v in (plain, again, streamed) if first(v) is None))]
    if not one.logprobs or _tokens(one.logprobs) != _tokens(two.logprobs):
        return [inconclusive("the plain answer has no log probabilities, or they do not repeat")]
    made = check(
        _tokens(one.logprobs) == _tokens(three.logprobs),
        "the stream's log probabilities are for other tokens than the plain answer's",
        expected=_tokens(one.logprobs),
        actual=_tokens(three.logprobs),
        at="/choices/0/logprobs/content",
        exchange=streamed.exchange.id,
    )
    return [made]


@experiment("logprobs.reasoning")
async def thoughts_have_their_own(session: Session) -> AsyncChecks:
    body = greedy(session, THOUGHT, logprobs=True, top_logprobs=1, max_completion_tokens=SHORT)
    for view in [await session.chat({**body, "stream": stream}) for stream in (False, True)]:
        answer = first(view)
        if answer is None:
            yield unanswered(view)
        elif not answer.reasoning:
            yield inconclusive("the model did not think", exchange=view.exchange.id)
        else:
            yield check(
                _thoughts(view),
                "what was thought has no log probabilities though they were asked for",
                expected="one entry for each token",
                actual=None,
                at="/choices/0/reasoning_logprobs/content",
                exchange=view.exchange.id,
            )


def _thoughts(view: View) -> bool:
    """Whether an answer, or any chunk of it, has log probabilities of thoughts."""
    parts = view.chunks if view.kind == "stream" else [(None, view.json)]
    return any(
        mapping(choice.get("reasoning_logprobs")).get("content")
        for _, part in parts
        for choice in mappings(mapping(part.value).get("choices"))
    )


def _tokens(entries: list[Json]) -> list[Json]:
    return [entry.get("token") for entry in entries if isinstance(entry, dict)]
