"""The lines of Python that reproduce a request: run, they send that very request."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatproof.reference import serving
from chatproof.transport.snippet import snippet
from chatproof.wire.exchange import Request
from tests.conftest import KEY

URL = "http://127.0.0.1:8000/v1"
SAID = [{"role": "user", "content": "Say \"hé\" \U0001f600\u202e\n'''\\"}]


def request(**body: Any) -> Request:
    fields = {"model": "chatproof-reference", "messages": SAID, "max_completion_tokens": 2, **body}
    return Request("POST", "/chat/completions", body=json.dumps(fields).encode())


def said_by(code: str) -> str:
    import contextlib
    import io

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "snippet", "exec"), {})
    return out.getvalue()


def test_a_plain_answer_a_stream_and_the_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATPROOF_API_KEY", KEY)
    with serving("openai", key=KEY) as url:
        answer = json.loads(said_by(snippet(request(), url)))
        assert answer["choices"][0]["message"]["role"] == "assistant"
        chunks = said_by(snippet(request(stream=True), url)).splitlines()
        assert len(chunks) > 2
        assert "chat.completion.chunk" in chunks[0]
        models = json.loads(said_by(snippet(Request("GET", "/models"), url)))
        assert models["object"] == "list"


def test_a_wrong_key_is_wrong_here_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from chatproof_client import UnauthorizedError

    monkeypatch.setenv("CHATPROOF_API_KEY", KEY)
    with serving("openai", key=KEY) as url:
        made = snippet(Request("GET", "/models", auth="wrong"), url)
        with pytest.raises(UnauthorizedError):
            said_by(made)


def test_it_is_ascii_and_says_what_was_asked() -> None:
    made = snippet(request(), URL)
    assert made.isascii()
    fields: dict[str, Any] = {}
    asked = made.split("**")[1].split("\n    )\n")[0]
    exec(f"fields = {asked}", fields)
    assert fields["fields"]["messages"] == SAID


@pytest.mark.parametrize(
    "other",
    [
        Request("POST", "/chat/completions", body=b"{}", auth="none"),
        Request("POST", "/chat/completions", (("Accept", "x"),), b"{}"),
        Request("POST", "/chat/completions", body=b"[]"),
        Request("POST", "/chat/completions", body=b"\xff"),
        Request("POST", "/chat/completions", body=b'{"a": NaN}'),
        Request("POST", "/chat/completions", body=b"[" * 16000),
        Request("POST", "/chat/completions", body=b'{"a": ' * 2000 + b"1" + b"}" * 2000),
        Request("POST", "/chat/completions", body=b'{"a": "' + b"x" * 20_000 + b'"}'),
        Request("GET", "/chat/completions"),
        Request("POST", "/models"),
        Request("GET", "/nothing"),
    ],
)
def test_what_the_client_would_not_send_has_no_lines(other: Request) -> None:
    assert snippet(other, URL) == ""
