"""One connection: bytes out, and bytes in with the times at which they came."""

from __future__ import annotations

import asyncio
from collections import deque
from time import perf_counter
from typing import Final, cast

_READ: Final = 64 * 1024


class Connection(asyncio.BufferedProtocol):
    """A protocol rather than a stream: a stream joins reads that come before its reader runs.

    Each read of the network stays apart here and carries the time at which the event loop
    delivered it. The reader runs in each turn of the loop, so that no more than a few reads ever
    wait for it; while nobody reads, the connection is parked. asyncio sets TCP_NODELAY.
    """

    def __init__(self) -> None:
        self.ended = False
        self.clean = True
        self.sent_at: float | None = None
        # A view, for asyncio's TLS writes into slices of what it gets.
        self._buffer = memoryview(bytearray(_READ))
        self._pieces: deque[tuple[float, bytes]] = deque()
        self._parked = False
        self._waiter: asyncio.Future[None] | None = None
        self._transport: asyncio.Transport

    @property
    def idle(self) -> bool:
        """Whether it is open, with everything sent and nothing received that nobody read."""
        return not self.ended and self.sent_at is not None and not self._pieces

    def send(self, data: bytes) -> None:
        """Sends without waiting: the reply is read while a long request is still on its way."""
        self._parked = False
        self.sent_at = perf_counter()
        self._transport.write(data)
        if self.sent_at is not None:  # else resume_writing will set it
            self.sent_at = perf_counter()

    async def receive(self) -> tuple[float, bytes]:
        """The next read: seconds since the request was written in full, and the bytes.

        No bytes mean the connection's end. A reply that comes before the request is written has
        the time 0.
        """
        if not self._pieces and not self.ended:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        if not self._pieces:
            return 0.0, b""
        at, data = self._pieces.popleft()
        return (max(0.0, round(at - self.sent_at, 6)) if self.sent_at is not None else 0.0), data

    def park(self) -> None:
        """Keeps the connection for the next request; bytes that come before it close it."""
        self._parked = True

    def close(self) -> None:
        """Closes at once; what is not yet sent is dropped."""
        self.ended = True
        self._transport.abort()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        # With no room in the write buffer, resume_writing means that all is written.
        self._transport.set_write_buffer_limits(high=1, low=0)

    def pause_writing(self) -> None:
        self.sent_at = None

    def resume_writing(self) -> None:
        self.sent_at = perf_counter()

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002  (asyncio's name)
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self._pieces.append((perf_counter(), bytes(self._buffer[:nbytes])))
        if self._parked:
            self.close()  # nobody asked for these bytes, and nobody would read on
        self._wake()

    def eof_received(self) -> None:
        self.ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self.clean = self.clean and (exc is None or self.ended)
        self.ended = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
