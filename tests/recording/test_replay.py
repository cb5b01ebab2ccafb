"""A run that is judged again gives the same report, without a server and without waiting."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tools.proof.trials import TIMED

from chatproof import pushback
from chatproof.checks import RULES, spoken_for
from chatproof.contract import load_contract
from chatproof.meeting import CannotRun
from chatproof.options import Options
from chatproof.recording import NOT_RECORDED, Playback, Recording, read
from chatproof.reference import serving
from chatproof.replay import replay
from chatproof.reports.json_report import value_of
from chatproof.runner import NotWritten, run
from chatproof.session import NotAsked, Session, exchange_id
from chatproof.wire.exchange import Exchange, Reply, Request
from tests.conftest import DIALECTS, KEY, failed, run_reference
from tests.hostile.server import Asked, Hostile
from tests.test_run import UNMASKED

if TYPE_CHECKING:
    from chatproof.report import Report

UNLIKE = {
    "answer.no_id": {},
    "error.flat": {},
    "error.retry_after_soon": {},
    "stream.cut": {},
    "stream.split_character": {},
    "transport.broken": {},
    "transport.bad_encoding": {},
    "transport.huge": {},
    "survival.lost": {},
    "auth.any_key": {},
    "stream.all_stall": {"timeout": 0.5},
    "transport.stalled": {"timeout": 0.5},
    "stream.held_back": {"skip": ()},
    "transport.deaf": {"skip": ()},
    "refused.combination": {"examples": 20},
    "unchecked.mistakes": {"examples": 20},
}
"""Faults that show in unlike ways, and what a run needs to see them."""


def recorded(path: Path, dialect: str, *faults: str, **options: Any) -> tuple[Report, Recording]:
    """A run, and its recording as it was read from the file."""
    report = run_reference(dialect, *faults, record=path, **{"skip": tuple(TIMED), **options})
    recording = read(path)
    assert isinstance(recording, Recording)
    return report, recording


def again(recording: Recording, **options: Any) -> Report:
    return replay(recording, recording.options(**options))


@pytest.mark.parametrize("fault", UNLIKE)
def test_the_report_is_the_same(fault: str, tmp_path: Path) -> None:
    dialect = DIALECTS[list(UNLIKE).index(fault) % 2]
    report, recording = recorded(tmp_path / "r.har", dialect, fault, **UNLIKE[fault])
    assert failed(report)
    assert value_of(again(recording), strict=True) == value_of(report, strict=True)


@pytest.mark.parametrize("variation", ["server.pushes_back", "model.thinks", "transfer.pairs"])
def test_so_it_is_of_a_server_that_is_different_and_right(variation: str, tmp_path: Path) -> None:
    path = tmp_path / "r.har"
    report, recording = recorded(path, "openai", variations=[variation])
    assert value_of(again(recording), strict=True) == value_of(report, strict=True)


def test_what_the_budget_left_out_is_left_out_again(tmp_path: Path) -> None:
    report, recording = recorded(tmp_path / "r.har", "openai", quick=True)
    assert recording.about.declined
    assert value_of(again(recording), strict=True) == value_of(report, strict=True)


def test_what_was_not_asked_for_is_not_judged(tmp_path: Path) -> None:
    report, recording = recorded(tmp_path / "r.har", "openai", "answer.no_id", only=("stop.*",))
    assert value_of(again(recording), strict=True) == value_of(report, strict=True)
    wider = again(recording, only=("stop.*", "response.id.*"))
    assert failed(wider) == {"response.id.required"}  # the rules have read all there is


def test_times_are_those_of_the_recording(tmp_path: Path) -> None:
    """That it was held back to the last moment is what the file says three times, and no clock."""
    path = tmp_path / "r.har"
    report, recording = recorded(path, "openai", only=("stream.incremental",), skip=())
    assert not failed(report)
    *others, story = recording.sent
    request = story.exchange.request
    assert request.body
    assert b"Slowly" in request.body
    late = _late(story.exchange)
    trials = (replace(story, exchange=replace(late, id=exchange_id(request, n))) for n in range(3))
    changed = replace(recording, sent=(*others, *trials))
    assert failed(again(changed)) == {"stream.incremental"}


def _late(exchange: Exchange) -> Exchange:
    """The same with all segments at the end."""
    assert exchange.reply is not None
    segments = tuple(replace(s, at=exchange.seconds) for s in exchange.reply.segments)
    return replace(exchange, reply=replace(exchange.reply, segments=segments))


def test_nobody_waits_for_a_server_that_pushed_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, recording = recorded(tmp_path / "r.har", "openai", only=("stop.*",))
    request = Request("GET", "/x")
    name = exchange_id(request)
    busy = Exchange(name, request, Reply(429, "", (("retry-after", "50"),), ()), None, 0.0, 0.0)
    free = Exchange(f"{name}.1", request, Reply(404, "", (), ()), None, 50.0, 0.0)
    template = recording.sent[0]
    sent = tuple(replace(template, exchange=one) for one in (busy, free))

    async def ask() -> int | None:
        session = Session(
            Playback(replace(recording, sent=sent)),
            load_contract(),
            Options(url="http://x/v1"),
            lambda _: (),
            bounded=False,
        )
        return (await session.send(request)).status

    def no_sleep(_: float) -> None:
        raise AssertionError("it waits")

    monkeypatch.setattr(pushback.asyncio, "sleep", no_sleep)
    assert asyncio.run(ask()) == 404


def test_another_dialect_says_of_it_what_a_run_would_say(tmp_path: Path) -> None:
    """As far as it goes: what is not recorded is undecided, never passed or failed by guess."""
    path = tmp_path / "r.har"
    _, recording = recorded(path, "openai", "answer.no_id", "usage.wrong_total")
    live = run_reference(
        "cerebras", "answer.no_id", "usage.wrong_total", served="openai", skip=tuple(TIMED)
    )
    judged = again(recording, dialect="cerebras")
    verdicts = {j.requirement.id: j.verdict for j in live.judgements}
    assert {"response.id.required", "usage.total"} <= failed(judged) <= failed(live)
    ruled = {name for rule in RULES for name in spoken_for(rule.speaks_for, verdicts)}
    for judgement in judged.judgements:
        name, verdict = judgement.requirement.id, judgement.verdict
        if verdict not in (verdicts[name], "inconclusive"):
            # Rules have read less than they would in a run, and nothing was wrong with that.
            assert (verdict, name in ruled) == ("pass", True)
    assert any(NOT_RECORDED in j.reason for j in judged.judgements)


def test_what_is_not_recorded_is_not_answered(tmp_path: Path) -> None:
    _, recording = recorded(tmp_path / "r.har", "openai", only=("stop.*",))
    playback = Playback(recording)
    with pytest.raises(NotAsked, match=NOT_RECORDED):
        asyncio.run(playback.send(Request("GET", "/never"), id="never"))


def test_no_key_comes_into_the_file(tmp_path: Path) -> None:
    """Not out of the URL, nor where a server repeats it in its answers."""
    path = tmp_path / "r.har"
    with serving("openai", key=KEY) as url:
        options = Options(url=url, dialect="openai", key=KEY, model=f"{KEY}-model", examples=0)
        with pytest.raises(CannotRun):
            run(options, record=path)
    text = path.read_text(encoding="ascii")
    assert "-model" in text
    assert KEY not in text


def test_a_run_that_could_not_begin_is_recorded_too(tmp_path: Path) -> None:
    path = tmp_path / "r.har"
    with pytest.raises(CannotRun) as live:
        recorded(path, "openai", model="no-such-model")
    recording = read(path)
    assert isinstance(recording, Recording)
    with pytest.raises(CannotRun) as late:
        again(recording)
    assert str(late.value) == str(live.value)


def test_a_recording_of_nothing_says_so(tmp_path: Path) -> None:
    _, recording = recorded(tmp_path / "r.har", "openai", only=("stop.*",))
    with pytest.raises(CannotRun, match=NOT_RECORDED):
        again(replace(recording, sent=()))


def test_a_full_disk_costs_the_recording_and_not_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r.har"
    path.write_text("an older one")

    def full(_: object, __: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(NotWritten, match=r"r\.har could not be written \(No space left") as error:
        recorded(path, "openai", "answer.no_id", only=("response.id.*",))
    assert failed(error.value.report) == {"response.id.required"}
    assert path.read_text() == "an older one"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupted_run_is_written_as_far_as_it_came(tmp_path: Path) -> None:
    started: list[subprocess.Popen[str]] = []

    def interrupts(asked: Asked) -> None:
        if asked.number == 5:
            started[0].send_signal(signal.SIGINT)
        asked.wait()

    path = tmp_path / "r.har"
    with Hostile(interrupts, polite=5) as server:
        command = [sys.executable, "-c", UNMASKED, "run", server.url, "--record", str(path)]
        command += ["--concurrency", "1"]  # then all replies but the last have been read
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            started.append(process)
            printed, _ = process.communicate(timeout=60)
    assert f"wrote {path}" in printed
    assert [file.name for file in tmp_path.iterdir()] == ["r.har"]
    recording = read(path)
    assert isinstance(recording, Recording)
    assert len(recording.sent) >= 4
    report = again(recording)
    assert not report.complete
    assert failed(report)
    assert re.search(rf"\b{report.summary['fail']} MUST requirements? do(es)? not hold\.", printed)
