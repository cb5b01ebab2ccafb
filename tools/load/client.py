"""A client that asks as fast as it can, and looks at as little as it can.

Each of several processes has some connections; on each, one request follows the reply to the one
before. Of a reply only its end is looked for, and how many events it has.

    python -m tools.load.client URL CONNECTIONS SECONDS < BODY

prints the replies and the events of one process.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

PROCESSES: Final = 2
_LENGTH: Final = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
_EVENT: Final = re.compile(rb"data:")
_LAST_CHUNK: Final = b"\r\n0\r\n\r\n"


class LoadFailed(Exception):
    """A server gave no reply, or none that counts. The message says what came."""


@dataclass(frozen=True, slots=True)
class Count:
    """What came in so many seconds."""

    replies: int
    events: int
    seconds: float

    @property
    def replies_per_second(self) -> float:
        return self.replies / self.seconds

    @property
    def events_per_second(self) -> float:
        return self.events / self.seconds


def whole_request(url: str, body: bytes) -> bytes:
    """A request, as it goes over the wire."""
    parts = urlsplit(url)
    lines = (
        f"POST {parts.path} HTTP/1.1",
        f"host: {parts.netloc}",
        "content-type: application/json",
        "accept-encoding: identity",
        "authorization: Bearer key",
        f"content-length: {len(body)}",
    )
    return "\r\n".join((*lines, "", "")).encode() + body


class Asker(asyncio.Protocol):
    """One connection: asks again as soon as a reply is whole."""

    def __init__(self, request: bytes, ended: asyncio.Future[None]) -> None:
        self.request, self.ended = request, ended
        self.replies = self.events = 0
        self.received = b""
        self.transport: asyncio.WriteTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.received += data
        body = _whole(self.received)
        if body is None:
            return
        if not self.received.startswith(b"HTTP/1.1 200"):
            self._fail(self.received[:300].decode("utf-8", "replace"))
            return
        self.replies += 1
        self.events += len(_EVENT.findall(body))
        self.received = b""
        self.transport.write(self.request)

    def connection_lost(self, error: Exception | None) -> None:
        self._fail(f"the connection was closed: {error or 'without an error'}")

    def _fail(self, words: str) -> None:
        if not self.ended.done():
            self.ended.set_exception(LoadFailed(words))


def _whole(received: bytes) -> bytes | None:
    """The body of a reply, or nothing while there is more to come."""
    at = received.find(b"\r\n\r\n")
    if at < 0:
        return None
    sized = _LENGTH.search(received, 0, at)
    if sized is None:
        return received[at:] if received.endswith(_LAST_CHUNK) else None
    return received[at:] if len(received) - at - 4 >= int(sized[1]) else None


async def _ask(url: str, body: bytes, connections: int, seconds: float) -> tuple[int, int]:
    loop = asyncio.get_running_loop()
    server = urlsplit(url)
    ended: asyncio.Future[None] = loop.create_future()
    request = whole_request(url, body)
    askers = []
    for _ in range(connections):
        _, asker = await loop.create_connection(
            lambda: Asker(request, ended), server.hostname or "", server.port or 80
        )
        askers.append(asker)
    done, _ = await asyncio.wait([ended], timeout=seconds)
    for each in done:
        each.result()
    return sum(each.replies for each in askers), sum(each.events for each in askers)


def load(url: str, body: bytes, connections: int, seconds: float) -> Count:
    """What a server gives to several processes.

    Raises:
        LoadFailed: it gave anything but replies with status 200.
    """
    command = [
        sys.executable,
        "-m",
        "tools.load.client",
        url,
        str(connections // PROCESSES),
        str(seconds),
    ]
    pipe = subprocess.PIPE
    replies = events = 0
    with contextlib.ExitStack() as stack:
        running = [
            stack.enter_context(subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe))
            for _ in range(PROCESSES)
        ]
        for process in running:
            assert process.stdin is not None
            process.stdin.write(body)
            process.stdin.close()
            process.stdin = None  # or communicate() would close it again
        for process in running:
            said, failed = process.communicate()
            if process.returncode:
                raise LoadFailed(failed.decode("utf-8", "replace"))
            counted = said.split()
            replies += int(counted[0])
            events += int(counted[1])
    return Count(replies, events, seconds)


def main(url: str, connections: str, seconds: str) -> int:
    try:
        found = asyncio.run(_ask(url, sys.stdin.buffer.read(), int(connections), float(seconds)))
    except (LoadFailed, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(*found)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
