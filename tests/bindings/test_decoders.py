"""The decoders of the clients against the vectors of byte streams."""

from __future__ import annotations

import base64
import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from chatproof_client import EventDecoder
from tests.bindings.test_script import compiled, without_node
from tests.vectors.test_vectors import of, splittings

if TYPE_CHECKING:
    from pathlib import Path

    from tools.vectors import Vector

__all__ = ["compiled"]
STREAMS = [parameter.values[0] for parameter in of("stream")]


def expected(vector: Vector) -> dict[str, Any]:
    events = [{"event": "message", "id": "", **event} for event in vector.value["events"]]
    return {"events": events, "incomplete": vector.value.get("incomplete", False)}


def without_retry(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{n: v for n, v in event.items() if n != "retry"} for event in events]


@pytest.mark.parametrize("vector", of("stream"))
def test_the_python_decoder(vector: Vector) -> None:
    for pieces in splittings(vector):
        decoder = EventDecoder()
        events = [event for piece in pieces for event in decoder.feed(piece)]
        made = [{"data": e.data, "event": e.event, "id": e.id} for e in events]
        assert {"events": made, "incomplete": decoder.end()} == expected(vector)
        retries = [event.retry for event in events if event.retry is not None]
        assert retries[-1:] == ([vector.value["retry"]] if "retry" in vector.value else [])


@without_node
def test_the_typescript_decoder(compiled: Path, tmp_path: Path) -> None:
    cases = [(vector, pieces) for vector in STREAMS for pieces in splittings(vector)]
    encoded = [{"pieces": [base64.b64encode(p).decode() for p in pieces]} for _, pieces in cases]
    (tmp_path / "cases.json").write_text(json.dumps(encoded), encoding="utf-8")
    program = compiled / "tests" / "bindings" / "decode.js"
    command = ["node", str(program), str(tmp_path / "cases.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    lines = done.stdout.split("\n")[:-1]
    for (vector, _), line in zip(cases, lines, strict=True):
        made = json.loads(line)
        assert {**made, "events": without_retry(made["events"])} == expected(vector), vector.id
