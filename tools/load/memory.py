"""What a server holds in memory while many streams are open."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import psutil

from .client import LoadFailed, whole_request

OPEN: Final = 1000
SECONDS: Final = 60
"""In which all of them have begun."""
_MIB: Final = 2**20


@dataclass(frozen=True, slots=True)
class Held:
    """MiB of all processes of a server: before the streams, and while they are open."""

    before: float
    open: float


def holding(url: str, body: bytes) -> Held:
    """What the servers that this process has started hold, before and with `OPEN` streams.

    Raises:
        LoadFailed: a stream did not begin, or ended before the last of them had begun.
    """
    before = _resident()
    return Held(before, asyncio.run(_hold(url, body)))


def _resident() -> float:
    processes = psutil.Process().children(recursive=True)
    return sum(process.memory_info().rss for process in processes) / _MIB


class Listener(asyncio.Protocol):
    """One stream that is listened to, to know when it begins and that it has not ended."""

    def __init__(self, request: bytes, begun: asyncio.Future[None]) -> None:
        self.request, self.begun = request, begun
        self.ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        if b"data:" in data and not self.begun.done():
            self.begun.set_result(None)
        self.ended |= b"[DONE]" in data

    def connection_lost(self, error: Exception | None) -> None:
        self.ended = True
        if not self.begun.done():
            self.begun.set_exception(LoadFailed(f"a stream did not begin: {error or 'closed'}"))


async def _hold(url: str, body: bytes) -> float:
    loop, server = asyncio.get_running_loop(), urlsplit(url)
    request = whole_request(url, body)
    listeners: list[Listener] = []
    transports: list[asyncio.Transport] = []
    try:
        async with asyncio.timeout(SECONDS):
            for _ in range(OPEN):
                listeners.append(Listener(request, loop.create_future()))
                made = await loop.create_connection(
                    lambda: listeners[-1], server.hostname or "", server.port or 80
                )
                transports.append(made[0])
            await asyncio.gather(*(each.begun for each in listeners))
    except TimeoutError:
        raise LoadFailed(f"{OPEN} streams did not begin in {SECONDS} s") from None
    else:
        measured = _resident()
        ended = sum(each.ended for each in listeners)
    finally:
        for transport in transports:
            transport.close()
    if ended:
        raise LoadFailed(f"{ended} of {OPEN} streams ended before the last had begun")
    return measured
