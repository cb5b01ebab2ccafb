"""The curl line sends what the transport sends."""

from __future__ import annotations

import asyncio
import json
import os
import shutil

import pytest

from chatproof.transport import Live
from chatproof.transport.curl import curl
from chatproof.wire.exchange import Request

KEY = "sk-secret-0123456789"
BASE = "http://127.0.0.1:8000/v1"

BODIES = {
    "none": None,
    "empty": b"",
    "json": json.dumps({"model": "m", "text": 'it\'s "$HOME" `id` \\ !x ü 🦆'}).encode(),
    "streaming": b'{"model": "m", "stream": true}',
    "lines": b"one\n\ttwo\n",
    "at sign": b"@/etc/hostname",
    "not utf-8": b"\xff\xfe\x00",
    "escape sequence": b"\x1b[2J",
    "carriage return": b"a\r\nb",
    "huge": b'{"text": "' + b"x" * 100_000 + b'"}',
}


def fields(raw: bytes) -> tuple[bytes, dict[bytes, bytes], bytes]:
    """First line, headers in which curl and the transport should agree, and body."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    pairs = (line.split(b":", 1) for line in lines)
    found = {name.lower(): value.strip() for name, value in pairs}
    for own_choice in (b"user-agent", b"accept-encoding", b"connection"):
        found.pop(own_choice, None)
    return first, found, body


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not on this machine")
@pytest.mark.parametrize(
    "request_",
    [
        *(Request("POST", "/chat/completions", (), body) for body in BODIES.values()),
        Request("GET", "/models"),
        Request("GET", "/models/{a}[1-3]/../b?x='y'&z=$HOME"),
        Request("GET", "/models", auth="none"),
        Request("GET", "/models", auth="wrong"),
        Request("HEAD", "/models"),
        Request("PUT", "/x", (), b"{}"),
        Request("GET", "/x", (), b"{}"),
        Request("POST", "/x", (("Content-Type", "text/plain"), ("accept", "*/*")), b"hi"),
        Request("POST", "/x", (("X-Empty", ""), ("X-Quote", 'it\'s "$HOME"')), b"hi"),
        Request("POST", "/x", (("Authorization", "Basic eDp5"),), b"hi"),
        Request("POST", "/x", (("User-Agent", "mine/1"),), b"hi"),
    ],
    ids=lambda request: f"{request.method} {request.path[:12]} {(request.body or b'')[:12]!r}",
)
@pytest.mark.anyio
async def test_the_same_request_arrives(serve, tmp_path, request_):
    async def answer(peer):
        while await peer.request():
            await peer.send(b"HTTP/1.1 204 No Content\r\n\r\n")

    async with serve(answer) as server:
        async with Live(server.url, key=KEY) as transport:
            assert (await transport.send(request_, id="x1")).failure is None
        line = curl(request_, server.url)
        assert KEY not in line
        script = tmp_path / "line.sh"
        script.write_text(line)
        process = await asyncio.create_subprocess_exec(
            "sh",
            str(script),
            env={"PATH": os.environ["PATH"], "CHATPROOF_API_KEY": KEY, "HOME": str(tmp_path)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        assert (process.returncode, err) == (0, b"")
        assert out.startswith(b"HTTP/1.1 204")
    ours, theirs = server.requests
    assert fields(theirs) == fields(ours)


def test_a_plain_line():
    request = Request("POST", "/chat/completions", (), b'{"model": "m"}')
    assert curl(request, BASE) == (
        'curl -sS -i -H "Authorization: Bearer $CHATPROOF_API_KEY"'
        " -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream'"
        ' --data-raw \'{"model": "m"}\' http://127.0.0.1:8000/v1/chat/completions'
    )


def test_no_key_configured():
    assert "Authorization" not in curl(Request("GET", "/models"), BASE, has_key=False)


@pytest.mark.parametrize(
    ("body", "streams"),
    [
        (b'{"stream": true}', True),
        (b'{"stream": false}', False),
        (b'{"stream": 1}', False),
        (b'["stream"]', False),
        (b"[" * 100_000, False),
        (b"{", False),
        (None, False),
    ],
)
def test_no_buffering_for_streams(body, streams):
    assert (" -N " in curl(Request("POST", "/x", (), body), BASE)) == streams


@pytest.mark.parametrize("name", ["not utf-8", "escape sequence", "carriage return", "huge"])
def test_bodies_that_a_terminal_should_not_see(name):
    line = curl(Request("POST", "/x", (), BODIES[name]), BASE)
    assert line.startswith("echo ")
    assert "| base64 -d | curl" in line
    assert line.isprintable()


def test_http_1_over_tls():
    assert " --http1.1 " in curl(Request("GET", "/models"), "https://example.com/v1")
