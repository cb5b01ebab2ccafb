"""Speed, as ratios side by side in one run: absolute figures differ from machine to machine.

    python -m tools.bench

A reference server in a process of its own is asked by turns: by a full run of the suite, by a bare
loop that sends the same requests over the same HTTP client, and by the command line of
schemathesis on the same document.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from chatproof.contract import load_document
from chatproof.options import Options
from chatproof.runner import run
from chatproof.transport import Live

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatproof.wire.exchange import Request

TURNS = 3
SCRIPTS = Path(sys.executable).parent


@contextlib.contextmanager
def server() -> Iterator[str]:
    """A reference server in a process of its own; its base URL."""
    command = [str(SCRIPTS / "chatproof"), "serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def full_run(url: str, examples: int) -> tuple[float, list[Request]]:
    """Requests per second of the suite, and the requests."""
    requests: list[Request] = []
    report = run(
        Options(url=url, examples=examples),
        on_exchange=lambda view: requests.append(view.exchange.request),
    )
    return report.cost.requests / report.seconds, requests


async def bare_loop(url: str, requests: list[Request], concurrency: int = 8) -> float:
    """Requests per second when nothing is done but to send them."""
    waiting = iter(requests)

    async def send(transport: Live) -> None:
        for request in waiting:
            await transport.send(request, id="x")

    began = time.perf_counter()
    async with Live(url) as transport:
        await asyncio.gather(*(send(transport) for _ in range(concurrency)))
    return len(requests) / (time.perf_counter() - began)


def schemathesis_run(url: str) -> float:
    """Test cases per second of schemathesis' own command line, one worker, default settings."""
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "openapi.json"
        document.write_text(json.dumps(load_document()[0]), encoding="utf-8")
        command = [str(SCRIPTS / "schemathesis"), "run", str(document), "--seed", "1", "--no-color"]
        command += ["--url", url.removesuffix("/v1"), "--header", "Authorization: Bearer key"]
        began = time.perf_counter()
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - began
    generated = re.search(r"([\d,]+) generated", done.stdout)
    if generated is None:
        raise SystemExit(f"schemathesis said nothing of its test cases:\n{done.stdout[-2000:]}")
    return int(generated[1].replace(",", "")) / seconds


def seconds_of(*command: str) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def print_row(what: str, value: float, other: str, base: float) -> None:
    print(f"{what:<34}{value:>10.3g}   {other:<34}{base:>10.3g}   ratio {value / base:>6.2f}")


def main() -> None:
    python = sys.executable
    helps = [seconds_of(str(SCRIPTS / "chatproof"), "--help") for _ in range(TURNS * 3)]
    passes = [seconds_of(python, "-c", "pass") for _ in range(TURNS * 3)]
    plain, searched, bare = [], [], []
    with server() as url:
        full_run(url, 0)  # warms both sides up
        for _ in range(TURNS):
            rate, requests = full_run(url, 0)
            plain.append(rate)
            bare.append(asyncio.run(bare_loop(url, requests)))
            searched.append(full_run(url, 20)[0])
        theirs = schemathesis_run(url)
    middle = statistics.median
    print("medians; requests/s, or seconds")
    print_row("planned requests", middle(plain), "bare loop, same requests", middle(bare))
    print_row(
        "full run with its search", middle(searched), "bare loop, same requests", middle(bare)
    )
    print_row("full run with its search", middle(searched), "schemathesis command line", theirs)
    print_row("chatproof --help, seconds", middle(helps), "python -c pass, seconds", middle(passes))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process: {peak:.0f} MiB")


if __name__ == "__main__":
    main()
