"""Starting and ending peers: nothing is left running, whatever happens."""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tools.peers import installing, peer, serving
from tools.peers.peer import Install, Peer

if TYPE_CHECKING:
    from pathlib import Path

SERVER = """
import http.server, json, os, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"ids": [os.getpid(), child.pid], "word": os.environ["WORD"]}).encode()
        self.send_response(404)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


@pytest.fixture
def stub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Peer:
    """A server with a process of its own beside it, which counts as installed."""
    monkeypatch.setattr(peer, "HOMES", tmp_path)
    (tmp_path / "stub").mkdir()
    (tmp_path / "stub" / "server.py").write_text(SERVER, encoding="utf-8")
    made = Peer(
        name="stub",
        title="A stub",
        about="",
        home="owner/name",
        version="1",
        install=Install(),
        start=(sys.executable, "{home}/server.py", "{port}"),
        ready="/",
        seconds=30,
        model="m",
        dialects=("openai",),
        known=(),
        base="/v1",
        environment={"WORD": "on {port}"},
    )
    (made.folder / ".installed").write_text(installing._wanted(made), encoding="utf-8")
    return made


def asked(url: str) -> dict[str, object]:
    try:
        urllib.request.urlopen(url, timeout=5)
    except urllib.error.HTTPError as error:
        return dict(json.loads(error.read()))
    raise AssertionError("it answers 404 to everything")


def alive(number: int) -> bool:
    """Whether a process runs; one that nobody has asked about its end does not."""
    try:
        with open(f"/proc/{number}/stat", encoding="utf-8") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("failure", [None, RuntimeError, KeyboardInterrupt])
def test_all_of_its_processes_end(stub: Peer, failure: type[BaseException] | None) -> None:
    ids: list[int] = []

    def serve() -> None:
        with serving.serving(stub) as url:
            said = asked(url)
            port = url.split(":")[2].removesuffix("/v1")
            assert said["word"] == f"on {port}"
            ids.extend(said["ids"])  # type: ignore[call-overload]
            assert all(map(alive, ids))
            if failure is not None:
                raise failure

    if failure is None:
        serve()
    else:
        with pytest.raises(failure):
            serve()
    assert len(ids) == 2
    assert not any(map(alive, ids))


def test_one_that_ends_at_once_is_named_with_its_log(stub: Peer) -> None:
    broken = replace(stub, start=(sys.executable, "-c", "raise SystemExit(7)"))
    with (
        pytest.raises(serving.CannotStart, match=r"stub ended with code 7; read .*server\.log"),
        serving.serving(broken),
    ):
        pass


def test_one_that_never_answers_is_ended(stub: Peer) -> None:
    write = "import os, pathlib, time; pathlib.Path('pid').write_text(str(os.getpid()))"
    code = f"{write}; time.sleep(600)"
    silent = replace(stub, start=(sys.executable, "-c", code), seconds=1)
    with (
        pytest.raises(serving.CannotStart, match="stub does not answer within 1 s"),
        serving.serving(silent),
    ):
        pass
    assert not alive(int((stub.folder / "pid").read_text()))


def test_one_that_is_not_installed_says_how(stub: Peer) -> None:
    os.remove(stub.folder / ".installed")
    with pytest.raises(serving.CannotStart, match="is not installed"), serving.serving(stub):
        pass


def test_an_installation_that_fails_is_named_with_its_log(stub: Peer) -> None:
    wanted = Install(then=((sys.executable, "-c", "raise SystemExit(3)"),))
    with pytest.raises(installing.CannotInstall, match=r"ended with code 3; read .*install\.log"):
        installing.install(replace(stub, install=wanted))
    absent = Install(then=(("no-such-program",),))
    with pytest.raises(installing.CannotInstall, match="no-such-program cannot be started"):
        installing.install(replace(stub, install=absent))


def test_what_its_file_says_otherwise_is_installed_anew(stub: Peer) -> None:
    command = (sys.executable, "-c", "open('made', 'w').close()")
    changed = replace(stub, install=Install(then=(command,)))
    assert not installing.installed(changed)
    installing.install(changed)
    assert installing.installed(changed)
    assert (stub.folder / "made").is_file()
    assert not (stub.folder / "server.py").exists()
