"""What many experiments need: a repeatable request, and words for replies that say nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..checks import Check, check, inconclusive

if TYPE_CHECKING:
    from ..contract.document import Json
    from ..session import Session
    from ..wire import Answer, View

GREEDY: dict[str, Json] = {"temperature": 0, "seed": 7}
"""What makes a server say the same thing twice, as far as it can."""


def greedy(session: Session, words: str, **properties: Any) -> dict[str, Json]:
    """A valid request for the likeliest answer to `words`."""
    messages = [{"role": "user", "content": words}]
    return session.body(messages=messages, **GREEDY, **properties)


def first(view: View) -> Answer | None:
    """The first choice of an accepted reply; of a stream only where it came to its end."""
    if not view.accepted or not view.choices:
        return None
    if view.kind == "stream" and not view.stream.ended_well:
        return None
    return view.choices[0]


def unanswered(view: View, what: str = "the request") -> Check:
    """Why nothing can be said of a reply that is no answer; other requirements speak of it."""
    if view.failure is not None:
        reason = f"{what} got no whole reply ({view.failure.kind})"
    elif view.status is not None and view.status >= 400:
        reason = f"{what} was refused with status {view.status}"
    elif view.kind == "stream":
        reason = f"{what} got a stream that did not end as it should"
    else:
        reason = f"{what} got no answer that can be read"
    return inconclusive(reason, exchange=view.exchange.id)


Trial = Callable[[int], Awaitable[Sequence[Check]]]
"""Requests, and what they show; its number makes it ask anew."""
TRIALS = 4
"""How often a finding has to be made that could come from chance."""


async def believed(
    trial: Trial, found: set[str] | None = None, *, alike: bool = True
) -> Sequence[Check]:
    """What a trial finds, where every further one finds it too; other findings are undecided.

    An engine computes several requests together, and rounds by what else is there: at temperature
    0 too a request may get now one answer and now another, whatever was asked. What is wrong has
    to be `alike` each time, unless it is chance itself that is wrong. Of requirements that were
    `found` to be broken no more is said; those that this finds are added.
    """
    found = set() if found is None else found
    made = [
        each for each in await trial(0) if each.ok is not False or each.requirement not in found
    ]
    for number in range(1, TRIALS):
        if all(each.ok is not False for each in made):
            break
        again = [each for each in await trial(number) if each.ok is False]
        made = [
            each
            if each.ok is not False or any(_same(each, other, alike=alike) for other in again)
            else inconclusive("it was seen once, and not again", requirement=each.requirement)
            for each in made
        ]
    found.update(each.requirement for each in made if each.ok is False)
    return made


def _same(one: Check, other: Check, *, alike: bool) -> bool:
    return one.requirement == other.requirement and (not alike or one.actual == other.actual)


def accepted(view: View, what: str) -> Check:
    """That a request was answered; one that got no reply, or what is no answer, says nothing."""
    if not view.accepted and not view.rejected:
        return unanswered(view)
    return check(
        view.accepted,
        f"{what} was refused with status {view.status}",
        expected="an answer",
        actual=f"status {view.status}",
        at="status",
        exchange=view.exchange.id,
    )


def no_server_error(view: View, what: str) -> Check:
    """That the server did not fail, whatever it made of the request."""
    if view.failure is not None:
        return unanswered(view)
    return check(
        (view.status or 0) < 500,
        f"{what} got status {view.status}",
        expected="an answer, or a status from 400 to 499",
        actual=view.status,
        at="status",
        exchange=view.exchange.id,
    )


def prompt_tokens(view: View) -> int | None:
    """How many tokens an accepted request had, as the server counts."""
    usage = view.usage if view.accepted else None
    count = usage.get("prompt_tokens") if isinstance(usage, dict) else None
    return count if isinstance(count, int) and not isinstance(count, bool) else None


def encoded(session: Session, **members: Json) -> bytes:
    """A request for one token, as JSON."""
    return session.encoded(session.body(max_completion_tokens=1, **members))
