"""Both clients, and both flavours of the Python one, pass the same script of calls."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import re
import shutil
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chatproof.contract.document import resolve
from chatproof.reference import serving
from chatproof_client import APIStatusError, AsyncClient, Client, ClientError
from tests.conftest import DIALECTS, KEY, MODELS
from tests.hostile.server import Asked, Hostile, ok

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).parent / "script.json"
STEPS = json.loads(SCRIPT.read_text(encoding="utf-8"))
MODELS_OK = (
    b'{"object":"list","data":[{"id":"third time lucky","object":"model",'
    b'"created":1700000000,"owned_by":"nobody"}]}'
)
TSC = ROOT / "tools" / "node_modules" / "typescript" / "bin" / "tsc"
without_node = pytest.mark.skipif(
    shutil.which("node") is None or not TSC.is_file(),
    reason="Node or its packages are missing; `make check` brings them",
)

Outcome = dict[str, Any]
"""What a step gave: a `value`, or the `kinds` and the `status` of an error."""


def busy(seconds: str) -> bytes:
    head = f"HTTP/1.1 429 Too Many Requests\r\nRetry-After: {seconds}\r\nContent-Length: 2\r\n"
    return head.encode() + b"Connection: close\r\n\r\n{}"


@contextlib.contextmanager
def answering(*replies: bytes) -> Iterator[str]:
    """A server that gives these replies in turn, the last one again and again."""
    turns = itertools.chain(replies, itertools.repeat(replies[-1]))
    with behaving(lambda asked: asked.send(next(turns))) as url:
        yield url


@contextlib.contextmanager
def behaving(handler: Callable[[Asked], None]) -> Iterator[str]:
    """A server that behaves like this whatever it is asked."""
    with Hostile(handler, polite=0, models=handler) as server:
        yield server.url


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def servers(dialect: str) -> Iterator[dict[str, dict[str, str]]]:
    """The servers that the steps are made on, each with the key to use."""
    with contextlib.ExitStack() as stack:
        enter = stack.enter_context
        good = enter(serving(dialect, key=KEY))
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
        urls = {
            "good": good,
            "wrong-key": good,
            "failing": enter(serving(dialect, faults=["stream.after_error"], key=KEY)),
            "flaky": enter(answering(busy("0.01"), busy("0.02"), ok(MODELS_OK))),
            "busy": enter(answering(busy("3600"))),
            "silent": enter(behaving(Asked.wait)),
            "nobody": f"http://127.0.0.1:{port}/v1",
            "html": enter(answering(ok(b"<html>", kind="text/html"))),
        }
        yield {
            name: {"url": url, "key": "wrong" if name == "wrong-key" else KEY}
            for name, url in urls.items()
        }


def snake(name: str) -> str:
    return re.sub(r"(?=[A-Z])", "_", name).lower()


def failure(error: Exception) -> Outcome:
    status = error.status if isinstance(error, APIStatusError) else None
    return {"kinds": [kind.__name__ for kind in type(error).__mro__], "status": status}


def settings(step: Any, servers: Any) -> dict[str, Any]:
    server = servers[step.get("on", "good")]
    patience = {"timeout": 0.3, "max_retries": 0} if step.get("on") == "silent" else {}
    return {"base_url": server["url"], "api_key": server["key"], **patience}


def arguments(step: Any, model: str) -> tuple[list[str], dict[str, Any]]:
    path = [model if name == "$model" else name for name in step.get("path", ())]
    return path, {"model": model, **step["body"]} if "body" in step else {}


def waiting(step: Any, servers: Any, model: str) -> Outcome:
    path, fields = arguments(step, model)
    try:
        with Client(**settings(step, servers)) as client:
            if "stream" not in step:
                made = getattr(client, snake(step["call"]))(*path, **fields)
                return {"value": made.model_dump(mode="json")}
            with client.stream_chat_completion(**fields) as stream:
                chunks = itertools.islice(stream, step.get("take"))
                return {"value": [chunk.model_dump(mode="json") for chunk in chunks]}
    except ClientError as error:
        return failure(error)


async def not_waiting(step: Any, servers: Any, model: str) -> Outcome:
    path, fields = arguments(step, model)
    try:
        async with AsyncClient(**settings(step, servers)) as client:
            if "stream" not in step:
                made = await getattr(client, snake(step["call"]))(*path, **fields)
                return {"value": made.model_dump(mode="json")}
            chunks = []
            async with await client.stream_chat_completion(**fields) as stream:
                async for chunk in stream:
                    chunks.append(chunk.model_dump(mode="json"))
                    if len(chunks) == step.get("take"):
                        break
            return {"value": chunks}
    except ClientError as error:
        return failure(error)


def judge(outcomes: list[Outcome], dialect: str, model: str) -> None:
    """Every step gave what the script says."""
    assert len(outcomes) == len(STEPS)
    texts: dict[str, str] = {}
    for step, outcome in zip(STEPS, outcomes, strict=True):
        if "throws" in step:
            assert step["throws"] in outcome.get("kinds", ()), (step["step"], outcome)
            assert outcome["status"] == step.get("status", {}).get(dialect), step["step"]
            continue
        assert "value" in outcome, (step["step"], outcome)
        for pointer, expected in step.get("gives", {}).items():
            found = resolve(outcome["value"], pointer)
            assert found == (model if expected == "$model" else expected), step["step"]
        if "call" in step and "choices" in outcome["value"]:
            texts[step["step"]] = outcome["value"]["choices"][0]["message"].get("content")
        if "joins" in step:
            deltas = [c["choices"][0]["delta"] for c in outcome["value"] if c["choices"]]
            assert "".join(d.get("content") or "" for d in deltas) == texts[step["joins"]]
        if "take" in step:
            assert len(outcome["value"]) == step["take"]


def test_the_client_that_waits(dialect: str, servers: Any) -> None:
    model = MODELS[dialect]
    judge([waiting(step, servers, model) for step in STEPS], dialect, model)


def test_the_client_that_does_not_wait(dialect: str, servers: Any) -> None:
    model = MODELS[dialect]

    async def all_steps() -> list[Outcome]:
        return [await not_waiting(step, servers, model) for step in STEPS]

    judge(asyncio.run(all_steps()), dialect, model)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The TypeScript sources, type-checked and compiled."""
    out = tmp_path_factory.mktemp("typescript")
    (out / "package.json").write_text('{"type": "module"}')
    project = Path(__file__).parent / "tsconfig.json"
    command = ["node", str(TSC), "--project", str(project), "--outDir", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return out


@without_node
def test_the_typescript_client(dialect: str, servers: Any, compiled: Path) -> None:
    model = MODELS[dialect]
    environment = json.dumps({"model": model, "servers": servers})
    program = compiled / "tests" / "bindings" / "perform.js"
    done = subprocess.run(
        ["node", str(program), str(SCRIPT), environment],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    judge([json.loads(line) for line in done.stdout.splitlines()], dialect, model)
