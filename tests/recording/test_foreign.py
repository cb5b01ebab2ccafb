"""What browsers and proxies recorded: rules speak of it, no server is blamed for what a tool lost.

The samples imitate Chrome, Firefox and mitmproxy, each with what is peculiar to it.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chatproof.options import BadOption
from chatproof.recording import Foreign, read
from chatproof.replay import NOT_SHOWN, PASSIVE, replay
from chatproof.reports.json_report import write
from tests.conftest import failed

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproof.report import Report

SAMPLES = Path(__file__).parent / "samples"
GATEWAY = "https://gateway.example.net:8443/llm/v1"
SECRETS = (
    "sk-live-0123456789abcdef",
    "cookie-secret-1",
    "cookie-secret-2",
    "azure-secret-key-1",
    "sk-proxy-0123456789",
)


def sample(name: str, base: str | None = None) -> Foreign:
    recording = read(SAMPLES / f"{name}.har", base)
    assert isinstance(recording, Foreign)
    return recording


def judged(recording: Foreign) -> Report:
    return replay(recording, recording.options(dialect="openai"))


def test_chrome() -> None:
    recording = sample("chrome")
    assert recording.url == "https://api.example.com/v1"
    assert [s.exchange.id for s in recording.sent] == ["entry-4", "entry-5", "entry-6", "entry-10"]
    assert recording.note == (
        "passed over: exchanges that were broken off (1), without a reply (1), "
        "without their reply's body (1)"
    )
    report = judged(recording)
    assert failed(report) == set()
    verdicts = {j.requirement.id: j.verdict for j in report.judgements}
    for name in ("response.id.required", "stream.terminator", "usage.total", "error.envelope"):
        assert verdicts[name] == "pass"
    assert report.model == "gpt-x"
    assert report.cost.requests == 4
    assert report.latency is not None
    assert report.latency.median == 0.4005


def test_firefox() -> None:
    recording = sample("firefox")
    assert recording.url == "https://llm.example.org/openai/deployments/x"
    assert recording.note == (
        "passed over: exchanges with a cut reply (1), without their request's body (1)"
    )
    assert failed(judged(recording)) == {"stream.terminator"}


def test_mitmproxy() -> None:
    assert failed(judged(sample("mitmproxy", "http://127.0.0.1:8080/v1"))) == set()
    recording = sample("mitmproxy", GATEWAY + "/")
    assert [s.exchange.request.path for s in recording.sent] == [
        "/chat/completions",
        "/models",
        "/models/gpt-x",
    ]
    assert failed(judged(recording)) == {"usage.total"}


def test_several_servers_are_listed() -> None:
    with pytest.raises(BadOption, match="several servers; choose one with --base") as error:
        sample("mitmproxy")
    assert f"http://127.0.0.1:8080/v1, {GATEWAY}" in str(error.value)
    with pytest.raises(BadOption, match="it has no traffic of http://x/v1; choose of"):
        sample("mitmproxy", "http://x/v1")
    with pytest.raises(BadOption, match="has no scheme"):
        sample("mitmproxy", "x/v1")


def test_of_what_no_rule_speaks_the_verdict_is_skip() -> None:
    reasons = {j.requirement.id: (j.verdict, j.reason) for j in judged(sample("chrome")).judgements}
    for name in ("request.temperature.maximum", "auth.missing", "stream.incremental"):
        assert reasons[name] == ("skip", PASSIVE)
    for name in ("transport.connection", "stream.grammar.utf8"):
        assert reasons[name] == ("skip", NOT_SHOWN)


@pytest.mark.parametrize("name", ["chrome", "firefox"])
def test_no_secret_comes_into_a_report(name: str) -> None:
    """Here of exchanges that all have findings, so that all are shown."""
    recording = sample(name)
    report = replay(recording, recording.options(dialect="cerebras"))
    assert report.exchanges
    text = write(report, False) + repr(recording)
    assert not [secret for secret in SECRETS if secret in text]


CHROME = json.loads((SAMPLES / "chrome.har").read_text())


def changed(tmp_path: Path, change: Callable[[Any], object]) -> Foreign:
    """Chrome's sample with the answer in entry 5 alone, which is changed."""
    archive = copy.deepcopy(CHROME)
    (entry,) = archive["log"]["entries"] = archive["log"]["entries"][4:5]
    change(entry)
    path = tmp_path / "c.har"
    path.write_text(json.dumps(archive))
    recording = read(path)
    assert isinstance(recording, Foreign)
    return recording


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda e: e.pop("response"), "without a reply"),
        (lambda e: e["response"].update(status="200"), "without a reply"),
        (lambda e: e["response"].update(content=None), "without their reply's body"),
        (lambda e: e["response"]["content"].update(text=None), "without their reply's body"),
        (lambda e: e["response"]["content"].update(encoding="base64"), "not the base64 it says"),
        (lambda e: e["response"]["content"].update(size=10**6), "with a cut reply"),
        (lambda e: e["request"].pop("postData"), "without their request's body"),
        (lambda e: e["request"]["headers"].append({"name": "accept", "value": "\u20ac"}), "carry"),
    ],
)
def test_what_is_not_whole_is_passed_over(
    tmp_path: Path, change: Callable[[Any], object], words: str
) -> None:
    with pytest.raises(BadOption, match=words):
        changed(tmp_path, change)


@pytest.mark.parametrize(
    "change",
    [
        lambda e: e.pop("timings"),
        lambda e: e.update(time=None, startedDateTime="some day"),
        lambda e: e["request"].update(headers=None, cookies=None, queryString="x"),
        lambda e: e["response"]["headers"].append("x"),
        lambda e: e["response"]["content"].pop("size"),
        lambda e: e["response"].update(statusText=None, httpVersion=None),
        lambda e: e.pop("cache"),
    ],
)
def test_what_does_not_matter_may_be_missing_or_odd(
    tmp_path: Path, change: Callable[[Any], object]
) -> None:
    recording = changed(tmp_path, change)
    assert len(recording.sent) == 1
    assert failed(judged(recording)) == set()


def write_log(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "x.har"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no JSON, line 1, so no HAR file, or a part of one"),
        ((SAMPLES / "chrome.har").read_text()[:5000], "is no JSON, line"),
        ("[" * 100_000, "is no JSON"),
        ("[]", "is no HAR file: it has no log with entries"),
        ('{"log":{"version":"1.2"}}', "is no HAR file"),
        ('{"log":{"entries":[]}}', "has no POST …/chat/completions and no GET …/models"),
        ('{"log":{"entries":[1,{"request":{"url":7}}]}}', "has no POST"),
        ('{"log":{"entries":[],"_chatproof":{"format":99}}}', "another version of chatproof"),
        ('{"log":{"entries":[],"_chatproof":{"format":1}}}', "cannot be used \\(url: "),
    ],
)
def test_what_is_no_recording_is_one_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BadOption, match=words) as error:
        read(write_log(tmp_path, text))
    assert "\n" not in str(error.value)
    assert "x.har" in str(error.value)
