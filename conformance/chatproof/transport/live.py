"""A live server over HTTP/1.1."""

from __future__ import annotations

import asyncio
import ssl
import time
from importlib import metadata
from typing import TYPE_CHECKING, Self

from ..wire.exchange import Exchange, Request
from . import message as http
from .base_url import BaseUrl, parse_base_url
from .connection import Connection
from .limits import Limits
from .reader import ReplyReader
from .secret import Secret

if TYPE_CHECKING:
    from types import TracebackType


class Live:
    """Sends requests to one server and returns what came back, whatever that is.

    Connections are kept alive and reused; how many there are at once is the caller's choice, by
    how many sends it has under way. Redirects are not followed, so the key goes nowhere else.

    `base_url` may be text, which :func:`parse_base_url` takes (ValueError). `key` is the API key,
    None for a server that wants none (ValueError for one that no header can carry). `timeout` is
    in seconds, for each exchange from its connection to the reply's last byte. `version` stands
    in the User-Agent, by default that of the installed package.
    """

    def __init__(
        self,
        base_url: str | BaseUrl,
        *,
        key: str | None = None,
        timeout: float = 30.0,
        limits: Limits = Limits(),  # noqa: B008  (an immutable value)
        version: str | None = None,
    ) -> None:
        if key is not None:
            http.check_key(key)
        self.base_url = parse_base_url(base_url) if isinstance(base_url, str) else base_url
        self._key = key
        self._secret = Secret(key)
        self._timeout = timeout
        self._limits = limits
        self._user_agent = f"chatproof/{version or _version()}"
        self._ssl = ssl.create_default_context() if self.base_url.scheme == "https" else None
        self._idle: list[Connection] = []
        self._open = False

    def __repr__(self) -> str:
        return f"<Live {self.base_url}>"

    async def __aenter__(self) -> Self:
        self._open = True
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open = False
        while self._idle:
            self._idle.pop().close()
        # One turn of the event loop, in which the sockets are closed.
        await asyncio.sleep(0)

    async def send(
        self,
        request: Request,
        *,
        id: str,
        timeout: float | None = None,
        hang_up_after: int | None = None,
    ) -> Exchange:
        """Sends `request` and returns the exchange under the name `id`.

        With `hang_up_after` the connection is closed as soon as so many segments of the body are
        there, as somebody does who presses a stop button.

        What the server or the network does never raises: it is the exchange's failure. Raises
        ValueError for a request that cannot be written as an HTTP message, RuntimeError outside
        of ``async with``.
        """
        if not self._open:
            raise RuntimeError("a Live transport sends within its 'async with' block only")
        http.check_request(request)
        limit = self._timeout if timeout is None else timeout
        attempt = _Attempt(self, request, hang_up_after)
        started, begun = round(time.time(), 6), time.perf_counter()
        try:
            async with asyncio.timeout(limit):
                await attempt.run()
        except TimeoutError:
            attempt.reader.fail("timeout", f"{attempt.stage} within {limit:g} s")
        seconds = round(time.perf_counter() - begun, 6)
        reply, failure = self._secret.hide(attempt.reader.reply(), attempt.reader.failure)
        return Exchange(id, request, reply, failure, started, seconds)

    def _write(self, request: Request) -> bytes:
        bearer = http.authorization(request.auth, self._key)
        fields = http.headers(request, self.base_url, self._user_agent, bearer)
        return http.serialise(request, self.base_url, fields)

    def _take_idle(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.idle:
                return connection
            connection.close()
        return None

    def _give_back(self, connection: Connection, *, reusable: bool) -> None:
        if reusable and self._open and connection.idle:
            connection.park()
            self._idle.append(connection)
        else:
            connection.close()

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        base = self.base_url
        _, connection = await loop.create_connection(
            Connection, base.host, base.port, ssl=self._ssl
        )
        return connection


class _Attempt:
    """One request on its way. Outlives a deadline, so that what came until then is kept."""

    __slots__ = ("_connected", "_hang_up_after", "_request", "_transport", "reader")

    def __init__(self, transport: Live, request: Request, hang_up_after: int | None) -> None:
        self.reader = ReplyReader(request.method, transport._limits)
        self._transport = transport
        self._request = request
        self._hang_up_after = hang_up_after
        self._connected = False

    @property
    def stage(self) -> str:
        """What had not happened yet."""
        if not self._connected:
            return "no connection was made"
        if not self.reader.started:
            return "no reply began"
        if not self.reader.has_head:
            return "the reply's head did not end"
        return "the reply's body did not end"

    async def run(self) -> None:
        """Asks until the reader is done."""
        transport = self._transport
        data = transport._write(self._request)
        idle = transport._take_idle()
        if idle is not None:
            await self._ask(idle, data)
            if self.reader.started:
                self.reader.end(clean=idle.clean)
                return
            # The server closed an idle connection while the request was on its way (RFC 9112,
            # 9.3.1): a fresh connection tells whether it does answer.
            self._connected = False
        try:
            fresh = await transport._connect()
        except OSError as error:
            reason = error.strerror or str(error) or type(error).__name__
            message = f"cannot connect to {transport.base_url.origin}: {reason}"
            self.reader.fail("unreachable", message)
            return
        await self._ask(fresh, data)
        self.reader.end(clean=fresh.clean)

    async def _ask(self, connection: Connection, data: bytes) -> None:
        """Sends and reads until the reply, or the connection, ends."""
        self._connected = True
        reader = self.reader
        reusable = False
        try:
            connection.send(data)
            while not reader.done:
                at, piece = await connection.receive()
                if not piece:
                    break
                reader.feed(at, piece)
                if self._hang_up_after is not None and reader.segments >= self._hang_up_after:
                    reader.fail("hung-up", "we closed the connection")
            reusable = reader.reusable and not http.frames_itself(self._request)
        finally:
            self._transport._give_back(connection, reusable=reusable)


def _version() -> str:
    try:
        return metadata.version("chatproof")
    except metadata.PackageNotFoundError:  # run from a source tree
        return "0"
