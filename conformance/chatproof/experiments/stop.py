"""Stop sequences with any model: cut one out of what the model said before, and ask again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..checks import AsyncChecks, Check, check, experiment, inconclusive
from .asking import believed, first, greedy, unanswered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..contract.document import Json
    from ..session import Session
    from ..wire import View

WORDS = "Tell me something about the sea, the wind and the sand."
LENGTH = 32
IDS = ("stop.exact", "stop.finish_reason", "stop.stream")


@experiment(*IDS)
async def a_known_text_is_cut_where_it_should_be(session: Session) -> AsyncChecks:
    """The text without a stop is the oracle for the text with one, in both modes.

    The sequences are cut from within words, so that most of them span several tokens; a text
    that is not repeatable proves nothing.
    """
    body = greedy(session, WORDS, max_completion_tokens=LENGTH)
    text, reason, exchange = await _text(session, body)
    if reason:
        for name in IDS:
            yield inconclusive(reason, exchange=exchange, requirement=name)
        return
    found: set[str] = set()
    for stop in _cuts(text):
        for stream in (False, True):
            for made in await believed(partial(_cut, session, body, stop, stream), found):
                yield made


async def _cut(
    session: Session, body: dict[str, Json], stop: str, stream: bool, trial: int
) -> list[Check]:
    """Ask with the stop sequence; in a later trial also whether the text without is still it."""
    requirement = "stop.stream" if stream else "stop.exact"
    text, reason, _ = await _text(session, body, trial)
    if reason:
        return [inconclusive(reason, requirement=requirement)]
    view = await session.chat({**body, "stop": [stop], "stream": stream}, repeat=trial)
    return list(_judge(view, stop, text[: text.index(stop)], requirement))


@experiment("stop.first")
async def an_answer_may_end_before_it_begins(session: Session) -> AsyncChecks:
    """Its first character is the stop sequence."""
    for made in await believed(partial(_cut_at_once, session)):
        yield made


async def _cut_at_once(session: Session, trial: int) -> list[Check]:
    body = greedy(session, WORDS, max_completion_tokens=LENGTH)
    text, reason, _ = await _text(session, body, trial)
    letter = text[:1]
    if reason or not letter.strip() or letter == "\ufffd":
        return [inconclusive(reason or "the text begins with no plain character")]
    view = await session.chat({**body, "stop": [letter]}, repeat=trial)
    answer = first(view)
    if view.failure is not None:
        return [unanswered(view)]
    if answer is not None and answer.content and letter in answer.content:
        return [inconclusive("the stop sequence was not honoured", exchange=view.exchange.id)]
    made = check(
        answer is not None and not answer.content,
        f"an answer that {letter!r} ends before it begins got status {view.status}",
        expected="an answer without content",
        actual=answer.as_message() if answer is not None else view.status,
        at="/choices/0",
        exchange=view.exchange.id,
    )
    return [made]


async def _text(session: Session, body: dict[str, Json], trial: int = 0) -> tuple[str, str, str]:
    """What is said without a stop, or why it is of no use, and the exchange that shows it."""
    views = [await session.chat(body, repeat=repeat) for repeat in (0, trial + 1)]
    exchange = views[0].exchange.id
    texts = [answer.content if (answer := first(view)) else None for view in views]
    if texts[0] is None:
        return "", unanswered(views[0]).message, exchange
    if texts[0] != texts[1]:
        return "", "two answers at temperature 0 differ", exchange
    if len(texts[0]) < 12:
        return "", "the model says too little to cut a stop sequence out of it", exchange
    return texts[0], "", exchange


def _cuts(text: str) -> Iterator[str]:
    """Sequences that occur in `text`: one early and short, two long ones from within words."""
    for start, length in ((4, 1), (len(text) // 3, 6), (len(text) // 2, 9)):
        stop = text[start : start + length]
        if stop.strip() and "\ufffd" not in stop and not stop[0].isspace():
            yield stop


def _judge(view: View, stop: str, expected: str, requirement: str) -> Iterator[Check]:
    answer = first(view)
    if answer is None:
        yield inconclusive(unanswered(view).message, requirement=requirement)
        return
    content = answer.content or ""
    if stop in content:
        # stop.absent speaks of that; the cut is not missing in two ways.
        yield inconclusive("the stop sequence was not honoured", requirement=requirement)
        return
    # Servers may strip white space at the border.
    yield check(
        content.rstrip() == expected.rstrip(),
        f"the text was not cut directly before {stop!r}",
        expected=expected,
        actual=content,
        at="/choices/0/message/content",
        exchange=view.exchange.id,
        requirement=requirement,
    )
    if content.rstrip() == expected.rstrip():
        yield check(
            answer.finish_reason == "stop",
            f"an answer ended by {stop!r} has the finish reason {answer.finish_reason!r}",
            expected="stop",
            actual=answer.finish_reason,
            at="/choices/0/finish_reason",
            exchange=view.exchange.id,
            requirement="stop.finish_reason",
        )
