"""Starts peers, on ports that the system chooses, and ends every process that it started."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from .installing import filled, installed
from .peer import load_peer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .peer import Peer

GRACE = 10
"""Seconds that a server has to end by itself when it is told to."""


class CannotStart(Exception):
    """A peer does not come up. The message says which, and what to do."""


@contextlib.contextmanager
def serving(peer: Peer) -> Iterator[str]:
    """The peer, and what it passes requests on to; its base URL.

    Raises:
        CannotStart: it is not installed, ends at once, or is not up in time.
    """
    if not installed(peer):
        raise CannotStart(f"{peer.name} is not installed; `python -m tools.peers {peer.name}`")
    with contextlib.ExitStack() as stack:
        behind = stack.enter_context(serving(load_peer(peer.behind))) if peer.behind else ""
        port = _free_port()
        stack.enter_context(_running(peer, port, behind))
        yield f"http://127.0.0.1:{port}{peer.base}"


@contextlib.contextmanager
def _running(peer: Peer, port: int, behind: str) -> Iterator[None]:
    """Its processes are a group of their own, which is ended as one."""
    log = peer.folder / "server.log"
    command = filled(peer, peer.start, port=str(port), behind=behind)
    places = {"port": str(port), "behind": behind, "home": str(peer.folder)}
    given = {name: value.format_map(places) for name, value in peer.environment.items()}
    path = f"{peer.folder / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command,
            cwd=peer.folder,
            env={**os.environ, "PATH": path, **given},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        ) as process,
    ):
        try:
            _wait(peer, process, f"http://127.0.0.1:{port}{peer.ready}")
            yield
        finally:
            _end(process)


def _wait(peer: Peer, process: subprocess.Popen[bytes], url: str) -> None:
    log = peer.folder / "server.log"
    until = time.monotonic() + peer.seconds
    while not _answers(url):
        if process.poll() is not None:
            raise CannotStart(f"{peer.name} ended with code {process.returncode}; read {log}")
        if time.monotonic() > until:
            raise CannotStart(f"{peer.name} does not answer within {peer.seconds} s; read {log}")
        time.sleep(0.2)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the whole group: politely, then for good what is left of it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(GRACE)
    until = time.monotonic() + GRACE
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
        while time.monotonic() < until:  # it is a moment until the last of them is gone
            os.killpg(process.pid, 0)
            time.sleep(0.01)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
