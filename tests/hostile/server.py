"""A server that hands the bare socket of each request to a behaviour."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator
    from types import TracebackType

MODEL = "llama3.1-8b"
MODEL_LIST = (
    b'{"object":"list","data":[{"id":"llama3.1-8b","object":"model","created":1721692800,'
    b'"owned_by":"Meta"}]}'
)
COMPLETION = (
    b'{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"llama3.1-8b",'
    b'"choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},'
    b'"finish_reason":"stop"}],"usage":{"prompt_tokens":4,"completion_tokens":1,"total_tokens":5}}'
)
"""What a polite server says to the plainest request."""


@dataclass
class Asked:
    """One request that came, and the socket to answer it on."""

    peer: socket.socket
    data: bytes
    number: int
    """How many requests came before this one, GET /models aside."""
    server: Hostile

    @property
    def over(self) -> threading.Event:
        """Set when the server is to end; what goes on for ever looks at it."""
        return self.server.over

    def send(self, data: bytes) -> None:
        self.peer.sendall(data)

    def wait(self) -> None:
        """Until the client hangs up, or the server ends."""
        self.peer.settimeout(0.05)
        while not self.over.is_set():
            with contextlib.suppress(TimeoutError):
                if not self.peer.recv(65536):
                    return


Handler = "Callable[[Asked], None]"


@dataclass
class Hostile:
    """Serves within `with`. `polite` is how many chat requests it answers well before it turns."""

    handler: Callable[[Asked], None]
    polite: int = 1
    tls: ssl.SSLContext | None = None
    models: Callable[[Asked], None] | None = None
    over: threading.Event = field(default_factory=threading.Event)
    seen: list[bytes] = field(default_factory=list)
    """The heads of the requests that came."""
    _count: Iterator[int] = field(default_factory=itertools.count)

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.over.set()
        self.stop_listening()
        self._thread.join()

    def stop_listening(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                peer, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        with contextlib.suppress(OSError), peer:
            if self.tls is not None:
                peer = self.tls.wrap_socket(peer, server_side=True)
            data = read_request(peer)
            self.seen.append(data.partition(b"\r\n\r\n")[0])
            if not data[:1].isalpha():
                peer.sendall(ok(b"what?", status="400 Bad Request"))
                return
            if data.startswith(b"GET /v1/models "):
                asked = Asked(peer, data, -1, self)
                (self.models or (lambda a: a.send(ok(MODEL_LIST))))(asked)
                return
            number = next(self._count)
            if number < self.polite:
                peer.sendall(ok(COMPLETION))
            else:
                self.handler(Asked(peer, data, number, self))


def read_request(peer: socket.socket) -> bytes:
    """A whole request: who answers and closes with bytes unread resets the connection."""
    peer.settimeout(5)
    data = b""
    while b"\r\n\r\n" not in data:
        piece = peer.recv(65536)
        data += piece
        if not piece or data[0] < 32:  # the client has hung up, or begins to speak TLS
            return data
    head, _, body = data.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    if fields.get(b"transfer-encoding") == b"chunked":
        while not data.endswith(b"0\r\n\r\n"):
            data += peer.recv(65536)
        return data
    left = int(fields.get(b"content-length", b"0")) - len(body)
    while left > 0:
        piece = peer.recv(65536)
        if not piece:
            break
        data += piece
        left -= len(piece)
    return data


def head(*fields: str, status: str = "200 OK") -> bytes:
    """The head of a reply, after which the connection is closed."""
    lines = [f"HTTP/1.1 {status}", *fields, "Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1")


def ok(body: bytes, *fields: str, kind: str = "application/json", status: str = "200 OK") -> bytes:
    """A whole reply with a length."""
    length = f"Content-Length: {len(body)}"
    return head(f"Content-Type: {kind}", length, *fields, status=status) + body
