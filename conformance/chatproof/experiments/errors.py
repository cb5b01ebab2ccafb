"""Errors: the ways in which a request can be wrong, and what is said of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..checks import AsyncChecks, check, experiment, inconclusive
from ..session import ABSENT
from .asking import unanswered

if TYPE_CHECKING:
    from ..contract.document import Json
    from ..session import Session
    from ..wire import View


def broken_bodies(session: Session) -> dict[str, Json]:
    """One request of each invalid class, and the parameter that is at fault."""
    return {
        "messages": session.body(messages=ABSENT),
        "model": session.body(model=ABSENT),
        "temperature": session.body(temperature="hot"),
        "top_p": session.body(top_p=[1]),
        "max_completion_tokens": session.body(max_completion_tokens="many"),
        "stop": session.body(stop={"a": 1}),
        "tools": session.body(tools="all"),
        "response_format": session.body(response_format={"type": "json_schema"}),
        "stream": session.body(stream="yes please"),
    }


@experiment("error.status.validation")
async def validation_has_its_status(session: Session) -> AsyncChecks:
    """5xx and 2xx are spoken of by requirements of their own."""
    allowed = sorted(session.contract.statuses("validation"))
    bodies = broken_bodies(session).values()
    for view in await asyncio.gather(*(session.chat(body) for body in bodies)):
        if view.failure is not None:
            yield unanswered(view)
        elif view.rejected and 400 <= (view.status or 0) < 500:
            yield check(
                view.status in allowed,
                f"an invalid request got status {view.status}",
                expected=allowed,
                actual=view.status,
                at="status",
                exchange=view.exchange.id,
            )


@experiment("error.param")
async def the_parameter_is_named(session: Session) -> AsyncChecks:
    """As `temperature`, or with a path behind it as `messages[0].content`.

    A server that failed says nothing about the request; that it failed is spoken of elsewhere.
    """
    for name, body in broken_bodies(session).items():
        view = await session.chat(body)
        error = _error(view)
        if error is None or (view.status or 0) >= 500:
            continue
        param = error.get("param")
        yield check(
            isinstance(param, str) and param.removeprefix("body.").startswith(name),
            f"the error about {name} has the param {param!r}",
            expected=name,
            actual=param,
            at="/error/param",
            exchange=view.exchange.id,
        )


@experiment("error.stream")
async def errors_come_before_the_stream(session: Session) -> AsyncChecks:
    """Only requests that are refused without streaming can say anything."""
    broken = {name: body for name, body in broken_bodies(session).items() if name != "stream"}
    plains = await asyncio.gather(*map(session.chat, broken.values()))
    streams = [session.chat({**body, "stream": True}) for body in broken.values()]
    views = zip(broken, plains, await asyncio.gather(*streams), strict=True)
    for name, plain, streamed in views:
        if plain.status is None or plain.status < 400 or streamed.failure is not None:
            yield inconclusive("the invalid request was not refused without streaming either")
            continue
        yield check(
            streamed.kind == "error" and streamed.status == plain.status,
            f"with `stream` the error about {name} got status {streamed.status}",
            expected=plain.status,
            actual=streamed.status,
            at="status",
            exchange=streamed.exchange.id,
        )


@experiment("error.retry_after")
async def a_server_may_push_back(session: Session) -> AsyncChecks:
    """Most servers take the words for words; the reference server pushes back."""
    messages = [{"role": "user", "content": "Overload, please."}]
    await session.once(session.body(messages=messages, max_completion_tokens=1))
    return
    yield


@experiment("error.path")
async def an_unknown_path_is_not_found(session: Session) -> AsyncChecks:
    view = await session.get("/chatproof/no/such/path")
    if view.failure is not None:
        yield unanswered(view)
        return
    error = _error(view) or {}
    yield check(
        view.status == 404 and isinstance(error.get("message"), str),
        f"an unknown path got status {view.status} and {_start(view)!r}",
        expected="status 404 and an error with a message",
        actual=_start(view),
        at="status",
        exchange=view.exchange.id,
    )


@experiment("error.method")
async def a_wrong_method_is_refused(session: Session) -> AsyncChecks:
    view = await session.get("/chat/completions")
    if view.failure is not None:
        yield unanswered(view)
        return
    yield check(
        view.status in (404, 405),
        f"GET on the chat endpoint got status {view.status}",
        expected=[404, 405],
        actual=view.status,
        at="status",
        exchange=view.exchange.id,
    )


def _error(view: View) -> dict[str, Json] | None:
    value = view.json.value if view.json is not None and view.kind == "error" else None
    if not isinstance(value, dict):
        return None
    error = value.get("error", value)
    return error if isinstance(error, dict) else None


def _start(view: View) -> str:
    return view.reply.body[:120].decode("utf-8", "replace") if view.reply else ""
