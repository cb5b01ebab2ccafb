"""The reference server on a socket: in the background for tests and runs, or by itself."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Any

import uvicorn

from ..contract import load_contract
from .app import reference_app
from .faults import find as find_fault
from .variations import in_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from starlette.applications import Starlette

    from .faults.registry import Fault
    from .variations.registry import Variation


def _app(
    dialect: str,
    faults: Sequence[str],
    variations: Sequence[str],
    key: str | None,
    others: Sequence[Fault] = (),
    pace: float = 0.0,
) -> Starlette:
    contract = load_contract(dialect)
    changes: list[Fault | Variation]
    changes = [*(find_fault(name, contract) for name in faults), *in_order(variations), *others]
    return reference_app(contract, changes, key, pace)


def _server(app: Starlette, host: str, port: int) -> tuple[uvicorn.Server, socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is named.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    config = uvicorn.Config(
        app,
        log_level="critical",
        lifespan="off",
        access_log=False,
        timeout_graceful_shutdown=1,
        server_header=False,
    )
    return uvicorn.Server(config), listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/v1"


@contextlib.contextmanager
def serving(
    dialect: str,
    *,
    faults: Sequence[str] = (),
    variations: Sequence[str] = (),
    key: str | None = None,
    others: Sequence[Fault] = (),
) -> Iterator[str]:
    """A reference server in a thread of its own, on a port that the system chooses.

    Gives its base URL, which ends in ``/v1``. `others` are faults of your own making, which act
    last.

    Raises:
        SpecError: there is no such dialect.
        KeyError: there is no such fault or variation.
    """
    with listening(_app(dialect, faults, variations, key, others)) as url:
        yield url


@contextlib.contextmanager
def listening(app: Starlette) -> Iterator[str]:
    """Any app in a thread of its own, as `serving` runs it; gives the base URL."""
    server, listener = _server(app, "127.0.0.1", 0)
    thread = threading.Thread(target=_run, args=(server, listener), daemon=True)
    thread.start()
    try:
        yield _url(listener)
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def _run(server: Any, listener: socket.socket) -> None:
    with asyncio.Runner() as runner:
        runner.run(server._serve([listener]))  # serve() wants the main thread


def serve(
    dialect: str,
    faults: Sequence[str],
    variations: Sequence[str],
    key: str | None,
    host: str,
    port: int,
    pace: float = 0.0,
) -> None:
    """Serve until interrupted; prints the base URL on one line first."""
    app = _app(dialect, faults, variations, key, pace=pace)
    server, listener = _server(app, host, port)
    print(_url(listener), flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(server.serve([listener]))
