"""A reply before it is sent: what a fault may still change, down to how the connection ends."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from .replies import dump

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

Ending = Literal["clean", "broken", "stalled"]


class BrokenOff(Exception):
    """Raised inside the server to make it close the connection in the middle of a reply."""


@dataclass(slots=True)
class Reply:
    """Status, headers and body; `parts` are sent one by one.

    `ending` says what happens after them: the reply ends cleanly, the connection is closed
    within it, or nothing more comes until the client hangs up.
    """

    status: int
    headers: dict[str, str]
    parts: list[bytes]
    ending: Ending = "clean"
    value: Any = field(default=None)

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
        headers = dict(self.headers)
        if self.ending == "clean" and len(self.parts) == 1:
            headers.setdefault("content-length", str(len(self.parts[0])))
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": raw})
        for part in self.parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
            await asyncio.sleep(0)  # a client that has hung up is noticed here
        if self.ending == "broken":
            raise BrokenOff
        if self.ending == "stalled":
            while (await receive())["type"] != "http.disconnect":
                await asyncio.sleep(0)
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})
