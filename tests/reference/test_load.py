"""The client that loads servers, and a server with a pace."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

import httpx2
import pytest
from tools.bench import serving as process
from tools.load import memory
from tools.load.canned import EVENTS
from tools.load.client import LoadFailed, load

from chatproof.contract import load_contract
from chatproof.reference.app import reference_app
from chatproof.reference.faults.registry import Fault
from chatproof.reference.serving import listening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatproof.reference.faults.registry import Situation
    from chatproof.reference.replying import Reply

PACE = 0.01


def question(**more: object) -> bytes:
    messages = [{"role": "user", "content": "What can you tell me of the sea?"}]
    asked = {"model": "chatproof-reference", "messages": messages, "max_completion_tokens": 8}
    return json.dumps({**asked, **more}).encode()


@pytest.fixture(scope="module")
def canned() -> Iterator[str]:
    with process(sys.executable, "-m", "tools.load.canned") as base:
        yield f"{base}/chat/completions"


def test_answers_are_counted(canned: str) -> None:
    count = load(canned, question(), 4, 0.2)
    assert count.replies > 0
    assert count.events == 0


def test_events_are_counted(canned: str) -> None:
    count = load(canned, question(stream=True), 4, 0.2)
    assert count.events == count.replies * (EVENTS + 1)
    assert count.events_per_second == count.events / 0.2


def test_a_refusal_is_no_answer() -> None:
    with listening(reference_app(load_contract("openai"))) as base, pytest.raises(LoadFailed) as no:
        load(f"{base}/chat/completions", question(temperature=7), 4, 5)
    assert "HTTP/1.1 400" in str(no.value)


def test_a_closed_port_is_a_failure() -> None:
    with listening(reference_app(load_contract("openai"))) as base:
        pass
    with pytest.raises(LoadFailed):
        load(f"{base}/chat/completions", question(), 4, 5)


def test_memory_is_measured_while_all_streams_are_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "OPEN", 20)
    slow = ("chatproof", "serve", "--dialect", "openai", "--pace", "1")
    with process(sys.executable, "-m", *slow) as base:
        held = memory.holding(f"{base}/chat/completions", question(stream=True))
    assert 0 < held.before <= held.open


def test_streams_that_have_ended_are_not_open(canned: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "OPEN", 5)
    with pytest.raises(LoadFailed, match="of 5 streams ended"):
        memory.holding(canned, question(stream=True))


@pytest.mark.parametrize("stream", [False, True])
def test_each_token_takes_its_time(stream: bool) -> None:
    with listening(reference_app(load_contract("openai"), pace=PACE)) as base:
        began = time.perf_counter()
        reply = httpx2.post(f"{base}/chat/completions", content=question(stream=stream))
        seconds = time.perf_counter() - began
    assert reply.status_code == 200
    tokens = reply.text.count("data:") - 1 if stream else reply.json()["usage"]["completion_tokens"]
    assert seconds >= PACE * tokens


def broken_off(reply: Reply, _: Situation) -> Reply:
    reply.ending = "broken"
    return reply


def test_a_slow_reply_breaks_off_as_a_fast_one() -> None:
    broken = Fault("broken", "The connection is closed.", "reply", broken_off, ())
    app = reference_app(load_contract("openai"), [broken], pace=PACE)
    with listening(app) as base, pytest.raises(httpx2.RemoteProtocolError):
        httpx2.post(f"{base}/chat/completions", content=question(stream=True))
