"""Models: the list, a single one, and those that do not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from ..checks import AsyncChecks, check, experiment, inconclusive
from ..meeting import listed_models
from .asking import unanswered

if TYPE_CHECKING:
    from ..session import Session

NOWHERE = "chatproof-no-such-model"


@experiment("request.model.unknown")
async def an_unknown_model_is_not_found(session: Session) -> AsyncChecks:
    allowed = sorted(session.contract.statuses("unknown-model"))
    view = await session.chat(session.body(model=NOWHERE, max_completion_tokens=1))
    if view.failure is not None:
        yield unanswered(view)
        return
    yield check(
        view.rejected and (view.status in allowed or (view.status or 0) >= 500),
        f"a request for a model that does not exist got status {view.status}",
        expected=allowed,
        actual=view.status,
        at="status",
        exchange=view.exchange.id,
    )


@experiment("models.contains")
async def the_model_is_listed(session: Session) -> AsyncChecks:
    view = await session.get("/models")
    listed = listed_models(view)
    if not listed:
        yield inconclusive("there is no list of models", exchange=view.exchange.id)
        return
    yield check(
        session.model in listed,
        f"{session.model!r} answers, but is not in the list of models",
        expected=session.model,
        actual=listed[:10],
        at="/data",
        exchange=view.exchange.id,
    )


@experiment("response.model.known")
async def the_answer_names_a_model_that_exists(session: Session) -> AsyncChecks:
    listed = listed_models(await session.get("/models"))
    view = await session.chat(session.body())
    value = view.json.value if view.kind == "completion" else {}
    name = value.get("model")
    if not isinstance(name, str):
        yield inconclusive("the answer names no model", exchange=view.exchange.id)
        return
    if name != session.model and not listed:
        yield inconclusive("there is no list of models", exchange=view.exchange.id)
        return
    yield check(
        name == session.model or name in listed,
        f"{session.model!r} was asked, {name!r} answers, which is not in the list",
        expected=[session.model, *listed[:10]],
        actual=name,
        at="/model",
        exchange=view.exchange.id,
    )


@experiment("models.retrieve")
async def a_listed_model_can_be_asked_for(session: Session) -> AsyncChecks:
    listed = listed_models(await session.get("/models"))
    if not listed:
        yield inconclusive("there is no list of models")
        return
    name = session.model if session.model in listed else listed[0]
    view = await session.get(f"/models/{quote(name, safe='')}")
    if view.failure is not None:
        yield unanswered(view)
        return
    value = view.json.value if isinstance(view.json.value, dict) else {}
    yield check(
        view.status == 200 and value.get("id") == name,
        f"asking for {name!r} got status {view.status} and the id {value.get('id')!r}",
        expected=name,
        actual=value.get("id"),
        at="/id",
        exchange=view.exchange.id,
    )


@experiment("models.unknown")
async def a_model_that_does_not_exist_is_not_found(session: Session) -> AsyncChecks:
    view = await session.get(f"/models/{NOWHERE}")
    if view.failure is not None:
        yield unanswered(view)
        return
    yield check(
        view.status == 404,
        f"asking for a model that does not exist got status {view.status}",
        expected=404,
        actual=view.status,
        at="status",
        exchange=view.exchange.id,
    )
