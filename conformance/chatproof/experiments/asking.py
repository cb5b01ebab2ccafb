"""What many experiments need: a repeatable request, and words for replies that say nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..checks import inconclusive

if TYPE_CHECKING:
    from ..checks import Check
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
