"""Sampling, with any model: what has to be the likeliest text, and what must not always be.

Chance is no evidence. That answers differ where they should not is believed of a server that
repeats itself at temperature 0; that they do not differ where they should, only of an answer whose
own log probabilities make that all but impossible.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..checks import AsyncChecks, Check, check, experiment, inconclusive
from .asking import believed, first, greedy, unanswered

if TYPE_CHECKING:
    from ..contract.document import Json
    from ..session import Session

WORDS = "Invent a name for a ship, and tell its story."
LENGTH = 12
RUNS = 6
IMPOSSIBLE = -14.0
"""The natural logarithm of about one in a million."""


@experiment("sampling.top_p_zero")
async def no_mass_is_the_likeliest_token(session: Session) -> AsyncChecks:
    yield await _like_greedy(session, {"top_p": 0, "temperature": 1}, "with top_p 0")


@experiment("sampling.tiny_temperature")
async def nearly_zero_is_zero(session: Session) -> AsyncChecks:
    yield await _like_greedy(session, {"temperature": 1e-6}, "at temperature 0.000001")


async def _like_greedy(session: Session, settings: dict[str, Json], words: str) -> Check:
    """Whether answers with these settings are the answer of temperature 0."""
    made = await believed(partial(_likened, session, settings, words), alike=False)
    return made[0]


async def _likened(
    session: Session, settings: dict[str, Json], words: str, trial: int
) -> list[Check]:
    body = greedy(session, WORDS, max_completion_tokens=LENGTH)
    expected, reason = await _repeated(session, body, trial)
    if expected is None:
        return [inconclusive(reason)]
    body.pop("seed")
    texts = []
    for repeat in range(2):
        view = await session.chat({**body, **settings}, repeat=2 * trial + repeat)
        answer = first(view)
        if answer is None:
            return [unanswered(view)]
        texts.append(answer.content or "")
    made = check(
        expected in texts,
        f"the text {words} is not that of temperature 0",
        expected=expected,
        actual=texts,
        at="/choices/0/message/content",
        exchange=view.exchange.id,
    )
    return [made]


async def _repeated(session: Session, body: dict[str, Json], trial: int) -> tuple[str | None, str]:
    """The text that a request gets twice; or None, and why there is none."""
    views = [await session.chat(body, repeat=repeat) for repeat in (0, trial + 1)]
    texts = [answer.content if (answer := first(view)) else None for view in views]
    if texts[0] is None:
        return None, unanswered(views[0]).message
    if texts[0] != texts[1]:
        return None, "two answers at temperature 0 differ"
    return texts[0], ""


HOT = 2
"""A high temperature, where the dialect names no highest."""


@experiment("sampling.temperature", "seed.varies")
async def a_high_temperature_makes_a_difference(session: Session) -> AsyncChecks:
    """Answers without a seed; where they are all the same, answers with different seeds."""
    schema = session.contract.judge("request").root.properties["temperature"].schema
    body = session.body(
        messages=[{"role": "user", "content": WORDS}],
        temperature=schema.get("maximum", HOT),
        max_completion_tokens=LENGTH,
    )
    free = [await _text(session, body, repeat) for repeat in range(RUNS)]
    if len(set(free)) > 1 or free[0] is None:
        for name in ("sampling.temperature", "seed.varies"):
            yield _differ(free, name)
        return
    if not await _is_unlikely(session, body):
        for name in ("sampling.temperature", "seed.varies"):
            yield inconclusive("the model may be that sure of its answer", requirement=name)
        return
    seeded = [await _text(session, {**body, "seed": seed}) for seed in range(RUNS)]
    yield _differ(seeded, "sampling.temperature")
    if len(set(seeded)) > 1:
        yield _differ(free, "seed.varies")


async def _text(session: Session, body: dict[str, Json], repeat: int = 0) -> str | None:
    answer = first(await session.chat(body, repeat=repeat))
    return answer.content if answer is not None else None


def _differ(texts: list[str | None], requirement: str) -> Check:
    if None in texts:
        return inconclusive("some requests were not answered", requirement=requirement)
    return check(
        len(set(texts)) > 1,
        f"{len(texts)} answers at a high temperature are the same",
        expected="answers that differ",
        actual=texts[0],
        at="/choices/0/message/content",
        requirement=requirement,
    )


async def _is_unlikely(session: Session, body: dict[str, Json]) -> bool:
    """Whether that many equal answers would be a miracle, by the server's own numbers.

    Reported log probabilities are those of temperature 1 or of the one asked for, at which every
    text is less likely still.
    """
    answer = first(await session.chat({**body, "temperature": 1, "logprobs": True}))
    entries = answer.logprobs if answer is not None else []
    values = [entry.get("logprob") for entry in entries if isinstance(entry, dict)]
    numbers = [value for value in values if isinstance(value, int | float)]
    return (RUNS - 1) * sum(numbers) < IMPOSSIBLE
