"""Keys: none, a wrong one, and the right one (which every other experiment uses)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..checks import AsyncChecks, Check, check, experiment
from .asking import unanswered

if TYPE_CHECKING:
    from ..session import Session
    from ..wire import View


@experiment("auth.missing", turn="first")
async def a_key_is_needed(session: Session) -> AsyncChecks:
    yield _refused(await session.chat(session.body(max_completion_tokens=1), auth="none"))


@experiment("auth.wrong")
async def a_wrong_key_is_refused(session: Session) -> AsyncChecks:
    yield _refused(await session.chat(session.body(max_completion_tokens=1), auth="wrong"))


@experiment("auth.before_validation")
async def the_key_comes_first(session: Session) -> AsyncChecks:
    body = json.dumps({"model": 7}).encode()
    yield _refused(await session.post(body, auth="none"))


@experiment("auth.models")
async def the_list_of_models_needs_a_key(session: Session) -> AsyncChecks:
    yield _refused(await session.get("/models", auth="wrong"))


def _refused(view: View) -> Check:
    if view.failure is not None:
        return unanswered(view)
    return check(
        view.status == 401,
        f"a request without a good key got status {view.status}",
        expected=401,
        actual=view.status,
        at="status",
        exchange=view.exchange.id,
    )
