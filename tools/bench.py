"""Speed, as ratios side by side in one run: absolute figures differ from machine to machine.

    python -m tools.bench

A reference server in a process of its own is asked by turns: by a full run of the suite, by a bare
loop that sends the same requests over the same HTTP client, and by the command line of
schemathesis on the same document. What measures time is left out of the runs that are compared: it
waits on purpose. The examples of the search are made in the first run and kept for those after it,
which is why both are measured. The decoder of event streams runs side by side with that of the
openai package.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from openai._streaming import SSEDecoder

from chatproof.checks import EXPERIMENTS
from chatproof.contract import load_document
from chatproof.options import DEPTH, Options
from chatproof.runner import run
from chatproof.transport import Live
from chatproof.wire import SseDecoder
from tools.measured import measured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatproof.report import Report
    from chatproof.wire.exchange import Request

TURNS = 3
LATENCY = 0.2
"""Seconds that a request is under way to the far server."""
EVENTS = 3000
WAITING = tuple(name for made in EXPERIMENTS if made.turn == "alone" for name in made.speaks_for)
"""The requirements about time."""
SCRIPTS = Path(sys.executable).parent
SUITE = str(SCRIPTS / "chatproof")


@contextlib.contextmanager
def serving(*command: str) -> Iterator[str]:
    """A server in a process of its own, which prints its base URL."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def full_run(url: str, examples: int, **options: object) -> tuple[Report, list[Request]]:
    """A run without what waits on purpose, and its requests."""
    requests: list[Request] = []
    given: dict[str, object] = {"examples": examples, "skip": WAITING, "database": None, **options}
    report = run(
        Options(url=url, **given),  # type: ignore[arg-type]
        on_exchange=lambda view: requests.append(view.exchange.request),
    )
    return report, requests


def rate_of(report: Report) -> float:
    return report.cost.requests / report.seconds


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


def decode(segments: list[bytes]) -> tuple[float, float]:
    """Events per second: of our decoder, and of the one in the openai package."""
    began = time.perf_counter()
    decoder = SseDecoder()
    ours = sum(1 for _ in chain.from_iterable(map(decoder.feed, segments)))
    between = time.perf_counter()
    theirs = sum(1 for _ in SSEDecoder().iter_bytes(iter(segments)))
    ended = time.perf_counter()
    assert ours == theirs
    return ours / (between - began), theirs / (ended - between)


def decoders(size: int) -> tuple[float, float]:
    """Medians, on a stream in segments of `size` bytes."""
    chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1700000000}
    chunk["choices"] = [{"index": 0, "delta": {"content": " word"}, "finish_reason": None}]
    stream = (b"data: " + json.dumps(chunk).encode() + b"\n\n") * (EVENTS if size > 1 else 300)
    segments = [stream[at : at + size] for at in range(0, len(stream), size)]
    rates = [decode(segments) for _ in range(TURNS)]
    return statistics.median(r[0] for r in rates), statistics.median(r[1] for r in rates)


def seconds_of(*command: str) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def print_row(what: str, value: float, other: str, base: float) -> None:
    print(f"{what:<36}{value:>10.3g}   {other:<32}{base:>10.3g}   ratio {value / base:>6.2f}")


def runs() -> None:
    """The suite against a bare loop, against schemathesis, and over a slow wire."""
    planned, first, again = [], [], []
    bare_planned, bare = [], []
    with serving(SUITE, "serve") as url, tempfile.TemporaryDirectory() as folder:
        kept = Path(folder)
        full_run(url, DEPTH, database=kept)  # warms both sides up
        for _ in range(TURNS):
            report, requests = full_run(url, 0)
            planned.append(rate_of(report))
            bare_planned.append(asyncio.run(bare_loop(url, requests)))
            first.append(rate_of(full_run(url, DEPTH)[0]))
            report, requests = full_run(url, DEPTH, database=kept)
            again.append(rate_of(report))
            bare.append(asyncio.run(bare_loop(url, requests)))
        theirs = schemathesis_run(url)
        with serving(sys.executable, "-m", "tools.far", url, str(LATENCY)) as distant:
            slow, _ = full_run(distant, DEPTH, database=kept, concurrency=16)
        run_whole = (SUITE, "run", url, "--database", folder)
        whole = [measured(*run_whole) for _ in range(2)]
    middle = statistics.median
    loop, command = "bare loop, same requests", "schemathesis command line"
    print_row("run without the search", middle(planned), loop, middle(bare_planned))
    print_row("first full run", middle(first), loop, middle(bare))
    print_row("full run after it", middle(again), loop, middle(bare))
    print_row("first full run", middle(first), command, theirs)
    print_row("full run after it", middle(again), command, theirs)
    ideal = slow.cost.requests * LATENCY / 16
    words = f"{LATENCY * 1000:.0f} ms away, 16 at a time, seconds"
    print_row(words, slow.seconds, "requests x latency / 16", ideal)
    seconds = " and ".join(f"{run.seconds:.1f} s" for run in whole)
    memory = " and ".join(f"{run.memory:.0f} MiB" for run in whole)
    print(f"a whole run, and the one after it: {seconds}, peak memory {memory}")
    costs = report.cost_by_class.items()
    spent = ", ".join(f"{name} {cost.completion_tokens}" for name, cost in costs)
    print(f"completion tokens by class: {spent}; in all {report.cost.completion_tokens}")


def main() -> None:
    python = sys.executable
    helps = [seconds_of(SUITE, "--help") for _ in range(TURNS * 3)]
    passes = [seconds_of(python, "-c", "pass") for _ in range(TURNS * 3)]
    middle = statistics.median
    print("medians; requests/s, events/s, or seconds")
    runs()
    for size, words in ((1, "1 byte"), (1024, "1 KiB"), (65536, "64 KiB")):
        ours, openais = decoders(size)
        print_row(f"event decoder, segments of {words}", ours, "the openai package's", openais)
    print_row("chatproof --help, seconds", middle(helps), "python -c pass, seconds", middle(passes))


if __name__ == "__main__":
    main()
