"""Whole runs: a conforming server passes, a hostile one is survived, nothing depends on luck."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from chatproof.contract import load_contract
from chatproof.meeting import CannotRun
from chatproof.options import MOST_COMPLETION_TOKENS, BadOption, Options
from chatproof.reference import serving
from chatproof.runner import run
from tests.conftest import ALL_DIALECTS, DIALECTS, KEY, MODELS, failed, run_reference
from tests.hostile.server import Asked, Hostile

if TYPE_CHECKING:
    from pathlib import Path

UNMASKED = """
import signal, sys
from chatproof.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(main())
"""
"""The command line as from a terminal: what runs in the background inherits a deaf ear."""


@pytest.mark.parametrize("dialect", ALL_DIALECTS)
def test_the_reference_server_conforms(dialect: str) -> None:
    report = run_reference(dialect, examples=20)
    assert failed(report) == set()
    assert report.failed(strict=True) == ()
    assert report.cost.capped <= MOST_COMPLETION_TOKENS  # even if the model never stops by itself
    demanded = {j.requirement.cls for j in report.judgements if j.requirement.level == "MUST"}
    assert {report.classes[name] for name in demanded} == {"pass"}
    undecided = [j for j in report.judgements if j.verdict == "inconclusive"]
    assert {j.reason for j in undecided} <= {"no exchange put it to the test"}
    # What a server never sends: the other of two envelopes, and log probabilities of refusals
    # and thoughts where a dialect knows of none.
    areas = ("stream.error.", "error.body.")
    rest = [j.requirement.id for j in undecided if not j.requirement.id.startswith(areas)]
    assert all(".logprobs.refusal." in name or ".reasoning_logprobs." in name for name in rest)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_verdicts_do_not_depend_on_concurrency(dialect: str) -> None:
    fault = "stream.id_varies"
    reports = [run_reference(dialect, fault, concurrency=n) for n in (1, 32)]
    verdicts = [{j.requirement.id: j.verdict for j in report.judgements} for report in reports]
    assert verdicts[0] == verdicts[1]
    assert reports[0].cost.requests == reports[1].cost.requests


def test_the_search_is_repeatable() -> None:
    reports = [run_reference("openai", "refused.combination", examples=20) for _ in range(2)]
    curls = [
        next(j for j in r.judgements if j.requirement.id == "request.accepted").findings[0].exchange
        for r in reports
    ]
    assert curls[0] == curls[1]


def test_the_smallest_combination_is_shown() -> None:
    report = run_reference("openai", "refused.combination", examples=20)
    judgement = next(j for j in report.judgements if j.requirement.id == "request.accepted")
    plain = {"model", "messages", "max_completion_tokens"}
    assert set(judgement.findings[0].actual) - plain == {"temperature", "top_p"}


STOP = {r for r in load_contract().requirements if r.startswith("stop.")}


def test_only_and_skip_and_classes_leave_out_the_rest() -> None:
    report = run_reference("cerebras", only=("stop.*",), skip=("stop.stream",))
    decided = {j.requirement.id for j in report.judgements if j.verdict != "skip"}
    assert decided == {name for name in STOP if name != "stop.stream"}
    report = run_reference("cerebras", classes=("logprobs",))
    decided = {j.requirement.cls for j in report.judgements if j.verdict != "skip"}
    assert decided == {"logprobs"}


def test_a_glob_that_matches_nothing_is_refused() -> None:
    with pytest.raises(BadOption, match="matches no requirement"):
        run_reference("cerebras", only=("request.temprature.*",))


def test_the_key_is_in_no_exchange() -> None:
    report = run_reference("openai", "error.no_type")
    assert KEY not in repr(report)
    assert all("$CHATPROOF_API_KEY" in e.curl for e in report.exchanges if "wrong" not in e.curl)


# Servers that nothing can be asked of ------------------------------------------------------------


def test_no_server() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(CannotRun, match="no server answers at"):
        run(Options(url=f"http://127.0.0.1:{port}/v1"))


def test_a_wrong_key() -> None:
    with serving("cerebras", key=KEY) as url, pytest.raises(CannotRun, match="refuses the key"):
        run(Options(url=url, key="another-key-for-tests", model=MODELS["cerebras"]))


def test_no_such_model() -> None:
    with (
        serving("openai") as url,
        pytest.raises(CannotRun, match="has no model 'nobody'; it lists"),
    ):
        run(Options(url=url, dialect="openai", model="nobody"))


# Servers that fall silent ------------------------------------------------------------------------


def test_what_was_learnt_before_an_interrupt_is_reported(tmp_path: Path) -> None:
    """The server answers a few requests, then sends the run a Ctrl-C and falls silent."""
    started: list[subprocess.Popen[str]] = []

    def interrupts(asked: Asked) -> None:
        if asked.number == 5:
            started[0].send_signal(signal.SIGINT)
        asked.wait()

    path = tmp_path / "report.json"
    with Hostile(interrupts, polite=5) as server:
        command = [sys.executable, "-c", UNMASKED, "run", server.url, "--report", f"json={path}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            started.append(process)
            printed, _ = process.communicate(timeout=60)
    report = json.loads(path.read_text(encoding="utf-8"))
    assert process.returncode == 1
    assert "Interrupted." in printed
    assert not report["complete"]
    assert report["summary"]["fail"] > 0


def test_a_server_that_stalls_on_streams_is_still_asked_for_the_rest() -> None:
    """The breaker ends the asking for streams, not the run."""
    report = run_reference("cerebras", "stream.all_stall", timeout=2.0)
    assert "transport.reply" in failed(report)
    verdicts = {j.requirement.id: j.verdict for j in report.judgements}
    assert verdicts["request.temperature.maximum"] == "pass"
    assert verdicts["stream.equals.message"] == "inconclusive"
