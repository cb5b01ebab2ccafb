"""What a browser asks before it lets a page use the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..checks import AsyncChecks, check, experiment
from ..wire.exchange import Request
from .asking import unanswered

if TYPE_CHECKING:
    from ..session import Session

PREFLIGHT = (
    ("Origin", "https://chatproof.example"),
    ("Access-Control-Request-Method", "POST"),
    ("Access-Control-Request-Headers", "authorization,content-type"),
)


@experiment("transport.cors")
async def a_preflight_is_answered(session: Session) -> AsyncChecks:
    view = await session.send(Request("OPTIONS", "/chat/completions", PREFLIGHT, auth="none"))
    if view.reply is None:
        yield unanswered(view)
        return
    allowed = view.reply.header("access-control-allow-origin")
    yield check(
        200 <= view.reply.status < 300 and allowed is not None,
        f"a preflight request got status {view.status}",
        expected="a status from 200 to 299, and access-control-allow-origin",
        actual=allowed,
        at="status",
        exchange=view.exchange.id,
    )
