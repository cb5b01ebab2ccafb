"""A run survives every behaviour: it ends in time, says what was wrong, and its reports hold."""

from __future__ import annotations

import io
import json
import ssl
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import jsonschema_rs
import pytest
import trustme
from rich.console import Console

from chatproof.contract.document import spec_folder
from chatproof.meeting import CannotRun
from chatproof.options import Options
from chatproof.reports import WRITERS
from chatproof.reports.terminal import print_report
from chatproof.runner import run
from tests.conftest import failed

from .behaviours import BEHAVIOURS
from .server import COMPLETION, MODEL, Asked, Hostile, head, ok

if TYPE_CHECKING:
    from pathlib import Path

    from chatproof.report import Report

    from .behaviours import Behaviour

TIMEOUT = 0.3
"""Seconds, for servers that are silent: they cost so much, again and again."""
PATIENCE = 20.0
"""For those that are not: a busy machine is no behaviour of theirs."""
SCHEMA = jsonschema_rs.validator_for(
    json.loads((spec_folder() / "report.schema.json").read_text("utf-8"))
)


def ask(server: Hostile, **options: object) -> Report:
    given: dict[str, object] = {"timeout": TIMEOUT, "examples": 0, "quick": True, **options}
    return run(Options(url=server.url, key="sesame", **given))  # type: ignore[arg-type]


def hold(report: Report) -> None:
    """Every form of a report is whole, and none has anything that a terminal or browser obeys."""
    SCHEMA.validate(json.loads(WRITERS["json"](report, False)))
    ElementTree.fromstring(WRITERS["junit"](report, False))
    out = io.StringIO()
    print_report(report, strict=False, console=Console(file=out, width=100))
    assert not [c for c in out.getvalue() if ord(c) < 32 and c != "\n"]


def patience(behaviour: Behaviour) -> float:
    return TIMEOUT if behaviour.finds == "transport.reply" else PATIENCE


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_it_is_a_finding_and_no_more(name: str) -> None:
    behaviour = BEHAVIOURS[name]
    with Hostile(behaviour.handler, behaviour.polite) as server:
        report = ask(server, timeout=patience(behaviour))
    assert report.complete
    hold(report)
    if behaviour.finds:
        assert behaviour.finds in failed(report)
    else:
        assert not [name for name in failed(report) if name.startswith("transport.")]
    assert not [seen for seen in server.seen if b"\r\ncookie:" in seen.lower()]


@pytest.mark.parametrize("name", [b.name for b in BEHAVIOURS.values() if b.finds and b.polite == 1])
def test_where_nothing_else_is_said_little_is_asked(name: str) -> None:
    behaviour = BEHAVIOURS[name]
    with Hostile(behaviour.handler, polite=0) as server:
        report = ask(server, timeout=patience(behaviour))
    hold(report)
    if name.startswith(
        ("no_number", "names_twice", "a_number", "no_utf_8", "markup", "stream_of_r")
    ):
        return  # those can be read, and are
    assert report.note
    assert report.cost.requests <= 4


def test_there_are_many() -> None:
    assert len(BEHAVIOURS) >= 40


# Before anything can be asked --------------------------------------------------------------------


def every_name(asked: Asked) -> None:
    entries = ",".join(f'{{"id":"m{n}\\u001b[2J"}}' for n in range(50_000))
    asked.send(ok(f'{{"object":"list","data":[{entries}]}}'.encode()))


@pytest.mark.parametrize(
    "name",
    ["says_nothing", "endless_json", "resets", "nests_deeply", "another_protocol", "no_utf_8"],
)
def test_a_hostile_list_of_models_does_not_matter_to_who_names_one(name: str) -> None:
    chat = BEHAVIOURS["cookies"].handler
    with Hostile(chat, models=BEHAVIOURS[name].handler) as server:
        hold(ask(server, model=MODEL, only=("response.*",)))


def test_a_list_of_models_without_measure() -> None:
    with Hostile(lambda asked: asked.send(ok(COMPLETION)), models=every_name) as server:
        report = ask(server, only=("response.*",))
    assert report.model.startswith("m0")
    hold(report)


def test_the_key_does_not_follow_a_redirect() -> None:
    def elsewhere(asked: Asked) -> None:
        asked.send(head(f"Location: {other.url}/chat/completions", status="307 Elsewhere"))

    with Hostile(lambda asked: asked.send(ok(COMPLETION))) as other, Hostile(elsewhere) as server:
        report = ask(server)
    assert report.complete
    assert not other.seen
    assert any(b"sesame" in seen for seen in server.seen)


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's, of a trusted authority, for another host."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("elsewhere.example").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return context


def test_a_certificate_of_another_name(certificate: ssl.SSLContext) -> None:
    with (
        Hostile(lambda asked: asked.send(ok(COMPLETION)), tls=certificate) as server,
        pytest.raises(CannotRun, match="certificate"),
    ):
        ask(server)
    assert not server.seen


def test_https_of_a_server_that_speaks_http() -> None:
    with Hostile(lambda asked: asked.send(ok(COMPLETION))) as server:
        url = server.url.replace("http:", "https:")
        with pytest.raises(CannotRun, match="no server answers at https"):
            run(Options(url=url, timeout=TIMEOUT, examples=0))


def test_http_of_a_server_that_speaks_https(certificate: ssl.SSLContext) -> None:
    with Hostile(lambda asked: asked.send(ok(COMPLETION)), tls=certificate) as server:
        url = server.url.replace("https:", "http:")
        with pytest.raises(CannotRun, match="lists no models"):
            run(Options(url=url, timeout=TIMEOUT, examples=0))
