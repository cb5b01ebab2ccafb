"""The session: how experiments ask the server.

Equal requests are sent once and share their exchange, so ten experiments on the same plain
answer cost one request. The session also keeps the bounds that protect the other side's money
and our time: the budget, a gate that narrows when the server pushes back, and a breaker for a
server that no longer answers.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
from collections import Counter
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from .budget import Bounds, Budget, OverBudget
from .limiting import NOTES, USUAL, YOUNGER, limited
from .pushback import Gate, NotNow
from .report import Load
from .wire import View, view
from .wire.exchange import Auth, Exchange, Headers, Request
from .wire.retry_after import pushes_back

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping

    from .budget import Cost
    from .contract import Contract
    from .contract.document import Json
    from .options import Options

REPLY_TOKENS = 8
"""How many tokens an answer may have unless an experiment needs more."""
BREAKER = 4
"""So many requests of one kind that time out, or flood us, end the asking for that kind."""
INTERRUPTED = "the run was interrupted"
MOST_RECEIVED = 32 * 2**20
"""So many bytes of replies end a run. A conforming server needs a tenth of it."""
LARGE = 64 * 2**10
"""From so many bytes on it costs less to read a reply again than to keep what it says."""
GIVING_UP = {"timeout": "time out", "too-large": "grow too large"}
ASKED_FOR: ContextVar[str] = ContextVar("ASKED_FOR", default="core")
"""The conformance class for which is being asked; a shared request counts for the first."""


class Transport(Protocol):
    """What carries a request: a live server, or a recording."""

    async def send(
        self, request: Request, *, id: str, hang_up_after: int | None = None
    ) -> Exchange: ...


class Hunting(Protocol):
    """What makes requests up: the hunting process, or what a recording has of it.

    `start` gets the contract with the model's name, and the request around which is hunted. `hunt`
    gives the smallest example of a kind for which `fails` is true, or None, and why there may be
    none; `coverage` gives bodies, each with the one requirement that it breaks.
    """

    @property
    def examples(self) -> int: ...

    async def start(self, contract: Contract, base: dict[str, Json]) -> None: ...

    async def hunt(self, kind: str, fails: Callable[[Any], Awaitable[bool]]) -> tuple[Any, str]: ...

    async def coverage(self) -> list[tuple[dict[str, Json], str]]: ...


class NotAsked(Exception):
    """The session declined to send a request. The message is the reason for the report."""


@dataclass(slots=True)
class Session:
    """Asks one server in one dialect.

    `on_exchange` is called once for each exchange, when it is complete; it gives the
    requirements that the exchange breaks. `hunter` finds requests beyond the planned ones; None
    when there is no search.
    """

    transport: Transport
    contract: Contract
    options: Options
    on_exchange: Callable[[View], Collection[str]]
    left_out: Mapping[str, str] = field(default_factory=dict)
    hunter: Hunting | None = None
    bounded: bool = True
    """Whether the bounds hold. They do not for a recording: what they left out is not in it."""
    model: str = ""
    limit: tuple[str, ...] = USUAL
    """The names under which the server is told how long an answer may be."""
    stopped: str = ""
    """Why no more requests are sent; empty while they are."""
    interrupted: bool = False
    declined: dict[str, str] = field(default_factory=dict)
    """Why requests were not sent, by the names that their exchanges would have had."""
    budget: Budget = field(init=False)
    gate: Gate = field(init=False)
    _asked: dict[tuple[Request, int], asyncio.Task[View]] = field(default_factory=dict)
    _given_up: Counter[tuple[str, str]] = field(default_factory=Counter)
    _received: int = 0
    _broken: dict[str, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.budget = Budget(self.options.bounds if self.bounded else Bounds())
        self.gate = Gate(self.options.concurrency, self.bounded)

    def broken(self, view: View) -> frozenset[str]:
        """The requirements that an exchange breaks by itself, as the rules have it."""
        return self._broken.get(view.exchange.id, frozenset())

    def wants(self, requirement: str) -> bool:
        """Whether the verdict on a requirement was asked for."""
        return requirement in self.contract.requirements and requirement not in self.left_out

    def body(self, **properties: Json) -> dict[str, Json]:
        """A short valid chat request with `properties` added; those that are ABSENT left out."""
        base: dict[str, Json] = {
            "model": self.model,
            "messages": [{"role": "user", "content": "Say hello."}],
            YOUNGER: REPLY_TOKENS,
        }
        merged = {**base, **properties}
        return {key: value for key, value in merged.items() if value is not ABSENT}

    def encoded(self, body: Json) -> bytes:
        """A chat request as it is sent, with its limit under the name that the server knows."""
        return _encoded(limited(body, self.limit))

    async def chat(
        self, body: Json, *, headers: Headers = (), repeat: int = 0, auth: Auth = "key"
    ) -> View:
        """POST a chat request. `repeat` tells apart requests that are equal on purpose."""
        return await self.post(self.encoded(body), headers=headers, repeat=repeat, auth=auth)

    async def as_it_is(self, body: Json) -> View:
        """POST a chat request with its limit under the name that it has there."""
        return await self.post(_encoded(body))

    async def post(
        self, data: bytes, *, headers: Headers = (), repeat: int = 0, auth: Auth = "key"
    ) -> View:
        """POST these very bytes to the chat endpoint."""
        request = Request("POST", "/chat/completions", headers, data, auth)
        return await self.send(request, repeat=repeat)

    async def hang_up(self, body: Json, *, after: int, repeat: int = 0) -> View:
        """POST a chat request, and close the connection after so many segments of the reply.

        No rule reads such an exchange: that it is not whole is our doing.
        """
        request = Request("POST", "/chat/completions", body=self.encoded(body))
        async with self.gate.slot():
            name = exchange_id(request, repeat) + ".hung-up"
            most = await self._reserve(request, name)
            exchange = await self.transport.send(request, id=name, hang_up_after=after)
            seen = view(exchange)
            self.budget.settle(most, seen, ASKED_FOR.get())
        return seen

    async def once(self, body: Json) -> View:
        """POST a chat request at once, past the gate: whatever comes back is the answer."""
        request = Request("POST", "/chat/completions", body=self.encoded(body))
        return await self._once(request, exchange_id(request) + ".once")

    async def get(self, path: str, *, auth: Auth = "key") -> View:
        return await self.send(Request("GET", path, auth=auth))

    async def send(self, request: Request, *, repeat: int = 0) -> View:
        """Send `request`, or wait for the exchange of an equal one.

        Raises:
            NotAsked: the budget is spent, or the server stopped answering this kind of request.
        """
        key = (request, repeat)
        if key not in self._asked:
            self._asked[key] = asyncio.ensure_future(self._exchange(request, repeat))
        asked = self._asked[key]
        try:
            return await asyncio.shield(asked)
        except asyncio.CancelledError:
            if self.interrupted and asked.cancelled():
                raise self._declines(exchange_id(request, repeat), INTERRUPTED) from None
            raise

    def interrupt(self) -> None:
        """From now on nothing is asked, and nothing that is under way is waited for.

        Who has a reply already can still make something of it.
        """
        self.interrupted = True
        for asked in self._asked.values():
            asked.cancel()

    async def _exchange(self, request: Request, repeat: int) -> View:
        """Send, and send again while the server pushes back."""
        name = exchange_id(request, repeat)
        for tries in itertools.count(1):
            async with self.gate.slot() as since:
                seen = await self._once(request, name)
            if seen.reply is None or not pushes_back(seen.reply):
                self.gate.let_through()
                break
            name = f"{exchange_id(request, repeat)}.{tries}"
            try:
                self.gate.pushed_back(seen.reply, since, tries)
            except NotNow as reason:
                if self.gate.hopeless:
                    self.stopped = str(reason)
                raise self._declines(name, str(reason)) from None
        return seen

    async def _once(self, request: Request, name: str) -> View:
        if self.interrupted or self.stopped:
            raise self._declines(name, self.stopped or INTERRUPTED)
        kind = "streams" if b'"stream":true' in (request.body or b"") else "plain requests"
        self._see_that_it_makes_sense(kind, name)
        most = await self._reserve(request, name)
        exchange = await self.transport.send(request, id=name)
        seen = view(exchange)
        if exchange.failure is not None and exchange.failure.kind in GIVING_UP:
            self._given_up[kind, exchange.failure.kind] += 1
        self.budget.settle(most, seen, ASKED_FOR.get())
        self._broken[seen.exchange.id] = frozenset(self.on_exchange(seen))
        self._weigh(seen)
        return seen

    def _declines(self, name: str, reason: str) -> NotAsked:
        """Take note of a request that is not sent."""
        self.declined[name] = reason
        return NotAsked(reason)

    def _see_that_it_makes_sense(self, kind: str, name: str) -> None:
        """Nothing is learnt from a fifth request that takes the whole time, or floods us."""
        for failure, words in GIVING_UP.items():
            if self.bounded and self._given_up[kind, failure] >= BREAKER:
                reason = f"the server let {BREAKER} {kind} {words}; no more were sent"
                raise self._declines(name, reason)

    def _weigh(self, seen: View) -> None:
        size = len(seen.reply.body) if seen.reply is not None else 0
        if size >= LARGE:
            seen.forget()
        self._received += size
        if self.bounded and self._received > MOST_RECEIVED and not self.stopped:
            self.stopped = f"the replies came to over {MOST_RECEIVED >> 20} MiB; no more were asked"

    async def _reserve(self, request: Request, name: str) -> Cost:
        try:
            return await self.budget.afford(request.body)
        except OverBudget as reason:
            raise self._declines(name, str(reason)) from None

    @property
    def note(self) -> str:
        """What a reader of the report has to know of how was asked, and why no more."""
        return "; ".join(filter(None, (NOTES[self.limit], self.stopped)))

    @property
    def load(self) -> Load:
        """How many requests were under way at a time."""
        return Load(self.gate.most, self.gate.limit, self.gate.refusals)

    async def pause(self, seconds: float) -> None:
        """Let time go by, where there is any."""
        await asyncio.sleep(seconds if self.bounded and not self.interrupted else 0)

    async def close(self) -> None:
        """End what is still under way."""
        pending = {key: task for key, task in self._asked.items() if not task.done()}
        # Who asked for them gave up, for the reason that was given last.
        reason = next(reversed(self.declined.values()), "the run ended before the reply was there")
        for (request, repeat), task in pending.items():
            self.declined.setdefault(exchange_id(request, repeat), reason)
            task.cancel()
        await asyncio.gather(*pending.values(), return_exceptions=True)


class _Absent:
    """Marks a property to be left out of a request; None stands for null."""


ABSENT: Any = _Absent()


def _encoded(body: Json) -> bytes:
    try:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # half a surrogate pair, which a server itself has said
        return json.dumps(body, separators=(",", ":")).encode()


def exchange_id(request: Request, repeat: int = 0) -> str:
    """A name for an exchange that depends on the request alone, not on when it was sent."""
    text = f"{request.method} {request.path} {request.headers} {request.auth} {repeat}\n"
    return hashlib.blake2s(text.encode() + (request.body or b""), digest_size=5).hexdigest()
