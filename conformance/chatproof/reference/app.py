"""The reference server: an ASGI app that answers as the document says, or wrong on purpose.

A request goes one way: key, JSON, schema, model, generation, reply. Faults and variations act
between those stages, in the order in which they were named.
"""

from __future__ import annotations

import asyncio
import hmac
import itertools
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.routing import Route

from . import replies
from .faults.registry import Fault, Situation, Stage
from .model import Unanswerable, generate
from .refusal import Refusal
from .replying import Pace, Reply
from .style import style_of
from .validation import checked, parse, unpacked
from .wishes import SLOW, wish_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from starlette.requests import Request

    from ..contract import Contract
    from ..contract.document import Json
    from .variations.registry import Variation

DEFAULT_MODEL = "chatproof-reference"


@dataclass(frozen=True, slots=True)
class Server:
    """One server: its contract, its faults, its key, and what it remembers."""

    contract: Contract
    changes: tuple[Fault | Variation, ...]
    key: str | None
    models: tuple[str, ...]
    memory: dict[str, Any]
    numbers: itertools.count[int]
    slot: asyncio.Lock
    pace: float = 0.0
    """Seconds that each token takes."""

    def act(
        self,
        stage: Stage,
        value: Any,
        body: Json = None,
        path: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """`value` after all faults and variations of a stage."""
        for change in self.changes:
            if change.stage == stage:
                situation = Situation(self.contract, body, self.memory, headers=headers or {})
                if path:
                    situation.path = path
                value = change.action(value, situation)
        return value

    def answer(self, headers: Any, data: bytes) -> Reply:
        """The reply to a chat request."""
        style = style_of(self.contract)
        body: Json = None
        try:
            self._check_key(headers)
            data = self.act("body", data, headers=headers)
            body = parse(unpacked(data, headers, self.contract))
            given = body
            breaches = self.act("breaches", self.contract.breaches(body), body)
            body = checked(body, breaches, self.contract)
            self._check_model(given)
            request = self.act("request", body, given, headers=headers)
            reply = self._carry_out(request, style, given)
        except Refusal as refusal:
            reply = self.refused(refusal, body)
        if style.rate_limits:
            reply.headers |= replies.rate_limits(time.time())
        return self.act("reply", reply, body, headers=headers)  # type: ignore[no-any-return]

    def refused(self, refusal: Refusal, body: Json = None, path: str = "") -> Reply:
        style = style_of(self.contract)
        status = refusal.status or style.validation_status
        code = refusal.code if refusal.code != "" else style.wrong_format
        told = self.contract.told(refusal.when)
        envelope = replies.error(
            style,
            str(refusal),
            kind=told.get("type", refusal.kind),
            param=told.get("param", refusal.param),
            code=told.get("code", code),
        )
        made = Reply.json(status, envelope)
        made.headers.update(refusal.headers)
        return self.act("error", made, body, path)  # type: ignore[no-any-return]

    def list_models(self, headers: Any) -> Reply:
        """The reply to a request for the list of models."""
        try:
            self._check_key(headers)
        except Refusal as refusal:
            return self.refused(refusal, path="/models")
        entries = [replies.model(name) for name in self.models]
        reply = Reply.json(200, {"object": "list", "data": entries})
        return self.act("models", reply, path="/models")  # type: ignore[no-any-return]

    def one_model(self, headers: Any, name: str) -> Reply:
        """The reply to a request for one model."""
        try:
            self._check_key(headers)
            if name not in self.models:
                raise Refusal(
                    f"There is no model {name!r}.",
                    status=404,
                    when="unknown-model",
                    param="model",
                    code="model_not_found",
                )
        except Refusal as refusal:
            return self.refused(refusal, path="/models/")
        reply = Reply.json(200, replies.model(name))
        return self.act("models", reply, path="/models/")  # type: ignore[no-any-return]

    def preflight(self) -> Reply:
        """The reply to a browser that asks whether a page may use the server."""
        allowed = {"origin": "*", "methods": "GET, POST", "headers": "authorization, content-type"}
        headers = {f"access-control-allow-{name}": value for name, value in allowed.items()}
        return self.act("preflight", Reply(204, headers, []))  # type: ignore[no-any-return]

    def _carry_out(self, body: Json, style: Any, given: Json) -> Reply:
        wish = wish_of(body)
        if wish == "overload":
            raise Refusal(
                "Too many requests.",
                status=429,
                when="rate-limit",
                kind="rate_limit_error",
                code=None,
                headers={"retry-after": "1"},
            )
        try:
            generation = self.act("generation", generate(body), given)
        except Unanswerable as error:
            raise Refusal(str(error), status=400, param=error.param) from None
        head = replies.new_head(
            body.get("model") or self.models[0], next(self.numbers), time.time()
        )
        if body.get("stream"):
            made = list(replies.chunks(generation, body, head, style))
            events = list(replies.events(iter(self.act("chunks", made, given)), style))
            if wish == "fail":
                events = replies.broken_off(events, style)
            reply = Reply.stream(self.act("events", events, given))
            reply.pace = self._pace(wish, between=1)
            return reply
        if wish == "fail":
            raise Refusal("The engine failed.", status=500, kind="server_error", code=None)
        plain = replies.completion(generation, body, head, style)
        reply = Reply.json(200, self.act("completion", plain, given))
        if style.inference_id and "id" in reply.value:
            reply.headers["inference-id"] = str(reply.value["id"])
        steps = sum(choice.completion_tokens for choice in generation.choices)
        reply.pace = self._pace(wish, before=steps)
        return reply

    def _pace(self, wish: str, *, before: int = 0, between: int = 0) -> Pace | None:
        """How fast a reply is sent that waits for so many tokens first, or before each part."""
        if wish == "slowly":
            return Pace(self.slot, SLOW * before, SLOW * between)
        if self.pace:
            return Pace(None, self.pace * before, self.pace * between)
        return None

    def _check_key(self, headers: Any) -> None:
        if self.key is None:
            return
        scheme, _, given = headers.get("authorization", "").partition(" ")
        good = scheme.lower() == "bearer" and hmac.compare_digest(given, self.key)
        if not self.act("key", good, headers.get("authorization")):
            raise Refusal(
                "Wrong API Key" if given else "No API key was given",
                status=401,
                when="authentication" if given else "",
                code=None,
            )

    def _check_model(self, body: Json) -> None:
        name = body.get("model") if isinstance(body, dict) else None
        if isinstance(name, str) and not self.act("model", name in self.models, body):
            raise Refusal(
                "Model does not exist or you do not have access to it.",
                status=404,
                when="unknown-model",
                param="model",
                code="model_not_found",
            )


def reference_app(
    contract: Contract,
    changes: Sequence[Fault | Variation] = (),
    key: str | None = None,
    pace: float = 0.0,
) -> Starlette:
    """The reference server as an ASGI app. Each token takes `pace` seconds."""
    server = new_server(contract, changes, key, pace)

    async def chat(request: Request) -> Any:
        if request.method == "OPTIONS":
            return server.preflight()
        return server.answer(request.headers, await request.body())

    async def models(request: Request) -> Any:
        return server.list_models(request.headers)

    async def model(request: Request) -> Any:
        return server.one_model(request.headers, request.path_params["model"])

    def refusing(status: int, message: str) -> Callable[..., Any]:
        async def refuse(request: Request, error: Any) -> Any:
            allowed = {name.lower(): value for name, value in (error.headers or {}).items()}
            refusal = Refusal(message, status=status, code=None, headers=allowed)
            return server.refused(refusal, path=request.url.path)

        return refuse

    return Starlette(
        routes=[
            Route("/v1/chat/completions", chat, methods=["POST", "OPTIONS"]),
            Route("/v1/models", models, methods=["GET"]),
            Route("/v1/models/{model:path}", model, methods=["GET"]),
        ],
        exception_handlers={
            404: refusing(404, "There is nothing at this path."),
            405: refusing(405, "This method is not allowed here."),
        },
    )


def new_server(
    contract: Contract, changes: Sequence[Fault | Variation], key: str | None, pace: float = 0.0
) -> Server:
    """A server that serves the models which the document lists, or one of its own."""
    listed = contract.judge("request").root.properties["model"].schema.get("enum")
    return Server(
        contract=contract,
        changes=tuple(changes),
        key=key,
        models=tuple(listed or [DEFAULT_MODEL]),
        memory={},
        numbers=itertools.count(1),
        slot=asyncio.Lock(),
        pace=pace,
    )
