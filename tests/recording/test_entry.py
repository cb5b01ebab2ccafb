"""Exchanges as entries of an HTTP Archive: valid, nothing is lost, and no secret is in it."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproof.recording.entry import Sent, entry_of, sent_of
from chatproof.transport import parse_base_url
from chatproof.transport.secret import Secret, is_secret
from chatproof.wire.exchange import Exchange, Failure, Reply, Request, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

BASE = parse_base_url("http://127.0.0.1:8000/v1")
SCHEMA = json.loads((Path(__file__).parent / "har-1.2.schema.json").read_text())
HAR = jsonschema_rs.validator_for(SCHEMA)
KEY = 'sk-"a/b\\c=0123456789'
"""One that JSON and URLs spell otherwise."""

times = st.integers(0, 10**9).map(lambda n: round(n / 10**6, 6))
moments = st.integers(0, 4 * 10**15).map(lambda n: round(n / 10**6, 6))
visible = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=20)
latin = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=20)
tokens = st.from_regex(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}", fullmatch=True)
fields = st.lists(
    st.tuples(tokens.filter(lambda name: not is_secret(name.lower())), latin), max_size=4
).map(tuple)
bodies = st.binary(max_size=60) | st.text(max_size=60).map(
    lambda text: text.encode("utf-8", "surrogatepass")
)
requests = st.builds(
    Request,
    method=st.sampled_from(["GET", "POST", "OPTIONS", "M-SEARCH"]),
    path=visible.map(lambda text: "/" + text),
    headers=fields,
    body=st.none() | bodies,
    auth=st.sampled_from(["key", "none", "wrong"]),
)
replies = st.builds(
    Reply,
    status=st.integers(100, 999),
    reason=latin,
    headers=fields,
    segments=st.lists(st.builds(Segment, times, bodies), max_size=4).map(tuple),
    version=st.sampled_from(["HTTP/1.0", "HTTP/1.1"]),
)
kinds = ["unreachable", "timeout", "reset", "truncated", "too-large", "not-http", "encoding"]
failures = st.builds(Failure, st.sampled_from(kinds), st.text(max_size=20), st.binary(max_size=20))
exchanges = st.builds(
    Exchange, visible, requests, st.none() | replies, st.none() | failures, moments, times
)
everything_sent = st.builds(Sent, exchanges, st.none() | st.integers(0, 9), visible)


def through_the_file(sent: Sent, key: str | None = None) -> Any:
    """The entry as it stands in a file, read again."""
    entry = json.loads(json.dumps(entry_of(sent, BASE, Secret(key), "chatproof/1")))
    log = {"version": "1.2", "creator": {"name": "c", "version": "1"}, "entries": [entry]}
    HAR.validate({"log": log})
    return entry


@given(everything_sent)
def test_nothing_is_lost_and_it_is_har(sent: Sent) -> None:
    assert sent_of(through_the_file(sent)) == sent


def test_a_viewer_finds_what_it_shows() -> None:
    body = b'{"stream":true}'
    request = Request("POST", "/chat/completions?a=b%20c", (("X-Mine", "1"),), body)
    segments = (Segment(0.25, b"data: 1\n\n"), Segment(0.5, b"data: 2\n\n"))
    reply = Reply(200, "OK", (("content-type", "text/event-stream"),), segments)
    entry = through_the_file(Sent(Exchange("x", request, reply, None, 1.5, 0.625)))
    assert entry["startedDateTime"] == "1970-01-01T00:00:01.500000+00:00"
    assert entry["time"] == 625.0
    assert entry["timings"] == {"send": 0, "wait": 250.0, "receive": 375.0}
    asked, answered = entry["request"], entry["response"]
    assert asked["url"] == "http://127.0.0.1:8000/v1/chat/completions?a=b%20c"
    assert asked["queryString"] == [{"name": "a", "value": "b c"}]
    assert asked["postData"] == {"mimeType": "application/json", "text": '{"stream":true}'}
    assert {"name": "User-Agent", "value": "chatproof/1"} in asked["headers"]
    assert {"name": "X-Mine", "value": "1"} in asked["headers"]
    assert answered["content"] == {
        "size": 18,
        "mimeType": "text/event-stream",
        "text": "data: 1\n\ndata: 2\n\n",
    }


SPELLINGS = [KEY, quote(KEY, safe=""), quote(KEY), json.dumps(KEY)[1:-1]]


@pytest.mark.parametrize("spelt", SPELLINGS)
def test_the_key_stands_nowhere(spelt: str) -> None:
    """Not in text, and not in what is base64 since it is no text."""
    request = Request(
        "POST",
        f"/chat/completions?key={spelt}".replace('"', "%22"),
        (
            ("Authorization", f"Bearer {KEY}"),
            ("Cookie", f"session={KEY}"),
            ("X-Api-Key", KEY),
            ("X-Note", f"mine is {KEY}"),
        ),
        f"key {spelt}".encode() + b"\xff",
    )
    reply = Reply(
        401,
        f"no {KEY}",
        (("set-cookie", f"id={KEY}; Path=/"), ("x-echo", KEY)),
        (Segment(0.1, f"key {spelt}".encode() + b"\xff"),),
    )
    failure = Failure("truncated", f"no {KEY}", f"{spelt}".encode())
    entry = through_the_file(Sent(Exchange("x", request, reply, failure, 0.0, 1.0)), KEY)
    for text in decoded_strings(entry):
        assert not any(spelling in text for spelling in SPELLINGS)
    names = {field["name"].lower() for field in entry["request"]["headers"]}
    assert not names & {"authorization", "cookie", "x-api-key"}
    assert {"name": "set-cookie", "value": "***"} in entry["response"]["headers"]
    assert "***" in entry["response"]["statusText"]


def decoded_strings(value: Any) -> Iterator[str]:
    """All texts in a JSON value, and what they are if they are base64."""
    if isinstance(value, str):
        yield value
        if re.fullmatch(r"[A-Za-z0-9+/]+=*", value) and len(value) % 4 == 0:
            yield base64.b64decode(value).decode("latin-1")
    elif isinstance(value, (dict, list)):
        for member in value.values() if isinstance(value, dict) else value:
            yield from decoded_strings(member)


def test_cookies_are_hidden_also_where_there_is_no_key() -> None:
    reply = Reply(200, "OK", (("set-cookie", "id=1; Path=/"),), ())
    entry = through_the_file(Sent(Exchange("x", Request("GET", "/models"), reply, None, 0.0, 1.0)))
    assert "id=1" not in json.dumps(entry)


def damaged(path: str, value: object) -> Any:
    """A good entry, in which another value stands at that path."""
    reply = Reply(200, "OK", (), (Segment(0.1, b"{}"),))
    exchange = Exchange("x", Request("POST", "/chat/completions", body=b"{}"), reply, None, 0, 1)
    entry = through_the_file(Sent(exchange))
    *holders, last = path.split("/")
    holder = entry
    for name in holders:
        holder = holder[name]
    holder[last] = value
    return entry


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("_chatproof/path", None, "path"),
        ("_chatproof/segments", [[9, 1]], "its segments have 9 bytes, its body 2"),
        ("_chatproof/more", 1, "more"),
        ("response/status", "fine", "status"),
        ("response/content", {"encoding": "base64", "text": "~"}, "base64"),
        ("request/postData", "x", "postData"),
        ("startedDateTime", "yesterday", "startedDateTime"),
    ],
)
def test_what_is_damaged_is_a_value_error(path: str, value: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        sent_of(damaged(path, value))
