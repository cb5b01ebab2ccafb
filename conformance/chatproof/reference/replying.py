"""A reply before it is sent: what a fault may still change, down to how the connection ends."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from .replies import dump

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import Message, Receive, Scope, Send

Ending = Literal["clean", "broken", "stalled"]


class BrokenOff(Exception):
    """Raised inside the server to make it close the connection in the middle of a reply."""


@dataclass(slots=True)
class Pace:
    """How a slow reply is sent: seconds `before` its first part, and `between` the parts.

    Where there is a `slot`, only one slow reply is on its way at a time. A client that hangs up
    ends it at once, unless it goes on for nobody (`deaf`).
    """

    slot: asyncio.Lock | None
    before: float = 0.0
    between: float = 0.0
    deaf: bool = False


@dataclass(slots=True)
class Reply:
    """Status, headers and body; `parts` are sent one by one.

    `ending` says what happens after them: the reply ends cleanly, the connection is closed
    within it, or nothing more comes until the client hangs up. It begins `late` by so many seconds.
    """

    status: int
    headers: dict[str, str]
    parts: list[bytes]
    ending: Ending = "clean"
    value: Any = field(default=None)
    pace: Pace | None = None
    late: float = 0.0

    @classmethod
    def json(cls, status: int, value: Any) -> Reply:
        return cls(status, {"content-type": "application/json"}, [dump(value)], value=value)

    @classmethod
    def stream(cls, events: list[bytes]) -> Reply:
        headers = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}
        return cls(200, headers, events)

    @property
    def body(self) -> bytes:
        return b"".join(self.parts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope
        if self.late:
            await asyncio.sleep(self.late)
        if self.pace is None:
            await self._send(send)
            await self._finish(send, lambda: _hung_up(receive))
            return
        gone = asyncio.ensure_future(_hung_up(receive))
        try:
            async with self.pace.slot or contextlib.nullcontext():
                if await self._sent_slowly(send, self.pace, gone):
                    await self._finish(send, lambda: gone)
        finally:
            gone.cancel()

    async def _send(self, send: Send) -> None:
        await send(self._head())
        for part in self.parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
            await asyncio.sleep(0)  # a client that has hung up is noticed here

    async def _sent_slowly(self, send: Send, pace: Pace, gone: asyncio.Future[None]) -> bool:
        """Whether the client stayed to the last part."""
        for number, part in enumerate(self.parts):
            pause = pace.before if number == 0 else pace.between
            if await _waited(gone, pause, deaf=pace.deaf):
                return False
            if number == 0:
                await send(self._head())
            await send({"type": "http.response.body", "body": part, "more_body": True})
        return True

    async def _finish(self, send: Send, hung_up: Callable[[], Awaitable[None]]) -> None:
        if self.ending == "broken":
            raise BrokenOff
        if self.ending == "stalled":
            await hung_up()
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _head(self) -> Message:
        headers = dict(self.headers)
        if self.ending == "clean" and len(self.parts) == 1:
            headers.setdefault("content-length", str(len(self.parts[0])))
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        return {"type": "http.response.start", "status": self.status, "headers": raw}


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        await asyncio.sleep(0)


async def _waited(gone: asyncio.Future[None], seconds: float, *, deaf: bool) -> bool:
    """Wait; whether the client has gone meanwhile, and the server noticed."""
    if deaf:
        await asyncio.sleep(seconds)
        return False
    await asyncio.wait([gone], timeout=seconds)
    return gone.done()
