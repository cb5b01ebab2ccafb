"""What the reference server bears, beside mock servers that people use, in one run.

    python -m tools.load [--seconds S] [NAME ...]

Each server is started by itself, and asked for plain answers and for streams by a client of several
processes. The first is one that sends the same bytes again, which shows what the client can take.
A server that can be told to be slow is then asked for a thousand streams at a time, and what it
holds in memory is measured while all of them are open.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

from tools.bench import serving
from tools.peers import serving as peers
from tools.peers.installing import CannotInstall, install
from tools.peers.peer import load_peer

from .client import Count, LoadFailed, load
from .memory import OPEN, Held, holding

if TYPE_CHECKING:
    from collections.abc import Iterator

CONNECTIONS: Final = 16
WARM: Final = 1.0
"""Seconds before anything is counted."""
MODULES: Final = {
    "the same bytes again": ("tools.load.canned",),
    "chatproof serve": ("chatproof", "serve", "--dialect", "openai"),
}
MOCKS: Final = ("aimock", "llmock", "mock-llm", "mockllm", "prism")
SLOWLY: Final = {
    "chatproof serve": ("--pace", "1"),
    "aimock": ("--latency", "1000", "--chunk-size", "1"),
}
"""What makes a server take a second for each token."""
QUESTION: Final = "What can you tell me of the sea?"


@dataclass(frozen=True, slots=True)
class Row:
    """What a server gave, and what it held where it can be slow."""

    name: str
    plain: Count
    stream: Count
    held: Held | None


@contextlib.contextmanager
def started(name: str, *more: str) -> Iterator[tuple[str, str]]:
    """The URL of a server's chat completions, and its model."""
    if name in MODULES:
        with serving(sys.executable, "-m", *MODULES[name], *more) as base:
            yield f"{base}/chat/completions", "chatproof-reference"
        return
    peer = load_peer(name)
    install(peer)
    with peers.serving(replace(peer, start=(*peer.start, *more))) as base:
        yield f"{base}/chat/completions", peer.model


def request(model: str, **more: object) -> bytes:
    messages = [{"role": "user", "content": QUESTION}]
    return json.dumps({"model": model, "messages": messages, **more}).encode()


def measured(name: str, seconds: float) -> Row:
    with started(name) as (url, model):
        counts = []
        for body in (request(model), request(model, stream=True)):
            load(url, body, CONNECTIONS, WARM)
            counts.append(load(url, body, CONNECTIONS, seconds))
    held = None
    if name in SLOWLY:
        with started(name, *SLOWLY[name]) as (url, model):
            held = holding(url, request(model, stream=True))
    return Row(name, counts[0], counts[1], held)


def show(rows: list[Row]) -> None:
    table = Table("server", box=None)
    for column in ("answers/s", "streams/s", "events/s", "MiB", f"MiB, {OPEN} streams"):
        table.add_column(column, justify="right")
    for row in rows:
        held = [f"{row.held.before:.0f}", f"{row.held.open:.0f}"] if row.held else []
        rates = [row.plain.replies_per_second]
        if row.stream.events:  # or it does not stream
            rates += [row.stream.replies_per_second, row.stream.events_per_second]
        told = [f"{rate:,.0f}" for rate in rates] + [""] * (3 - len(rates))
        table.add_row(row.name, *told, *held)
    Console().print(table)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.load", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", default=MOCKS, help="peers to ask")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each count (%(default)s)")
    given = parser.parse_args()
    rows = []
    for name in (*MODULES, *given.names):
        try:
            rows.append(measured(name, given.seconds))
        except (CannotInstall, peers.CannotStart, LoadFailed) as error:
            print(f"{name}: {error}", file=sys.stderr)
    show(rows)
    return 0 if len(rows) == len(MODULES) + len(given.names) else 1


if __name__ == "__main__":
    sys.exit(main())
