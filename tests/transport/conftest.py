"""Servers that misbehave, each a coroutine on one raw connection, on a port the system chooses."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

Handler = Callable[["Peer"], Awaitable[None]]


@dataclass
class Peer:
    """The server's side of one connection."""

    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    log: list[bytes]

    async def request(self) -> bytes:
        """Reads one request whole; empty when the client closed instead."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return b""
        lines = head.lower().split(b"\r\n")
        length = next((int(x[15:]) for x in lines if x.startswith(b"content-length:")), 0)
        request = head + await self.reader.readexactly(length)
        self.log.append(request)
        return request

    async def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            # drain alone does not let the client, on the same loop, have its turn
            await asyncio.sleep(0)

    async def until_hangup(self) -> None:
        """Waits for the client to close: a stall without a clock."""
        await self.reader.read()

    def reset(self) -> None:
        """Closes with RST instead of FIN."""
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


@dataclass
class Server:
    port: int
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"


@asynccontextmanager
async def serving(handler: Handler, ssl=None) -> AsyncIterator[Server]:
    server = Server(0)
    tasks = set()

    async def talk(number, reader, writer):
        try:
            await handler(Peer(number, reader, writer, server.requests))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client hung up, as it should on most of these servers
        finally:
            writer.close()

    def accept(reader, writer):
        server.connections += 1
        tasks.add(asyncio.create_task(talk(server.connections, reader, writer)))

    listener = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=ssl)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def serve():
    """`async with serve(handler) as server`; a handler of bytes sends them once and closes."""

    def start(handler: Handler | bytes, **options):
        if isinstance(handler, bytes):
            reply = handler

            async def send_once(peer: Peer) -> None:
                await peer.request()
                await peer.send(reply)

            return serving(send_once, **options)
        return serving(handler, **options)

    return start


@pytest.fixture
def unused_url():
    """A loopback address at which nothing listens, held so that nobody else takes it."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}/v1"
