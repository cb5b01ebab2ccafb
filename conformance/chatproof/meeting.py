"""The first words with a server: is it there, which model does it serve, does it answer at all?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .limiting import BOTH, INSTEAD, limited
from .session import NotAsked
from .wire.answer import mapping

if TYPE_CHECKING:
    from .session import Session
    from .wire import View


UNKNOWN_NAME = (400, 422)
"""Statuses with which a request is refused for what it names."""


class CannotRun(Exception):
    """Nothing can be tested: no server, a refused key, no such model. It says what to do."""


async def meet(session: Session) -> None:
    """Settle the model to ask, and see that the plainest request is answered.

    A server that is there but gives no readable reply to it is not asked anything else: what
    came back so far is its report.

    Raises:
        CannotRun: no server answers, it refuses the key, or it has no such model.
    """
    try:
        await _meet(session)
    except NotAsked as reason:
        advice = "wait until it has room, and run again" if session.gate.refusals else "raise it"
        raise CannotRun(f"{reason}; {advice}") from None


async def _meet(session: Session) -> None:
    models = await session.get("/models")
    if models.failure is not None and models.failure.kind == "unreachable":
        raise CannotRun(
            f"no server answers at {session.options.url} ({models.failure.message}); "
            "start it, or correct the host and port"
        )
    listed = listed_models(models)
    session.model = session.options.model or _first(listed, models)
    session.contract = session.contract.for_model(session.model)
    await _ask_plainly(session, listed)


async def _ask_plainly(session: Session, listed: list[str]) -> None:
    for attempt in range(2):
        answer = await session.chat(session.body(), repeat=attempt)
        if answer.accepted:
            await _see_that_it_keeps_to_limits(session, answer)
            return
    if answer.failure is None and answer.rejected:
        if answer.status in UNKNOWN_NAME and await _knows_the_older_name(session):
            return
        _refuse(answer, session, listed)
    reason = answer.failure.message if answer.failure else "its reply cannot be read"
    session.stopped = f"the plainest request was not answered: {reason}"


async def _see_that_it_keeps_to_limits(session: Session, answer: View) -> None:
    """Else with the older name too, if that helps; what is asked here is asked anyway later."""
    shortest = session.body(max_completion_tokens=1)
    views = (answer, await session.chat(shortest))
    if all("usage.limit" not in session.broken(view) for view in views):
        return
    both = await session.as_it_is(limited(shortest, BOTH))
    if both.accepted and mapping(both.usage).get("completion_tokens") == 1:
        session.limit = BOTH


async def _knows_the_older_name(session: Session) -> bool:
    """Whether the plainest request is answered when it has its limit by the older name."""
    body = limited(session.body(), INSTEAD)
    if not session.contract.valid(body):
        return False
    answer = await session.as_it_is(body)
    if answer.accepted:
        session.limit = INSTEAD
    return answer.accepted


def _refuse(answer: View, session: Session, listed: list[str]) -> None:
    status = answer.status
    if status in (401, 403):
        raise CannotRun(
            f"the server refuses the key (status {status}); name the variable that holds a good "
            "one with --api-key-env"
        )
    if status == 404 and (session.model not in listed or not listed):
        known = f"; it lists {', '.join(listed[:10])}" if listed else ""
        raise CannotRun(
            f"the server has no model {session.model!r}{known}; name one with --model, "
            "and see that the URL ends where /chat/completions begins (usually in /v1)"
        )
    body = answer.reply.body[:300].decode("utf-8", "replace") if answer.reply else ""
    raise CannotRun(
        f"the server refuses the plainest request with status {status}: {body!r}; "
        "nothing can be tested before that is mended"
    )


def listed_models(models: View) -> list[str]:
    """The ids in a list of models, whatever else is wrong with it."""
    value = models.json.value if models.json is not None else None
    data = value.get("data") if isinstance(value, dict) else None
    entries = data if isinstance(data, list) else []
    ids = [entry.get("id") for entry in entries if isinstance(entry, dict)]
    return [name for name in ids if isinstance(name, str)]


def _first(listed: list[str], models: View) -> str:
    if listed:
        return listed[0]
    if models.status in (401, 403):
        raise CannotRun(
            f"the server refuses the key (status {models.status}); name the variable that holds "
            "a good one with --api-key-env"
        )
    said = models.failure.message if models.failure else f"status {models.status}"
    raise CannotRun(
        f"the server lists no models ({said}); see that the URL ends where /models begins "
        "(usually in /v1), or name the model to test with --model"
    )
