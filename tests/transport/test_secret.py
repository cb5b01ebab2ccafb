"""A server that repeats the API key does not bring it into an exchange."""

from __future__ import annotations

import pytest

from chatproof.transport.secret import Secret, is_secret
from chatproof.wire.exchange import Failure, Reply, Segment

KEY = "sk-0123456789"
STARS = "*" * len(KEY)


def reply(*pieces: bytes) -> Reply:
    segments = tuple(Segment(float(i), piece) for i, piece in enumerate(pieces))
    return Reply(401, f"no {KEY}", (("x-echo", f"Bearer {KEY}"),), segments)


def test_hidden_everywhere_and_nothing_moves():
    data = f"wrong key {KEY}, {KEY}!".encode()
    pieces = data[:12], data[12:15], data[15:40], data[40:]
    hidden, failure = Secret(KEY).hide(reply(*pieces), Failure("reset", f"a {KEY}", data))
    assert hidden is not None
    assert hidden.body == f"wrong key {STARS}, {STARS}!".encode()
    assert [(s.at, len(s.data)) for s in hidden.segments] == [
        (float(i), len(piece)) for i, piece in enumerate(pieces)
    ]
    assert KEY not in repr((hidden, failure))


@pytest.mark.parametrize("length", range(8, len(KEY)))
def test_a_key_cut_off_at_the_end_is_hidden_too(length):
    data = b"key: " + KEY[:length].encode()
    failure = Failure("truncated", "cut", data)
    hidden, hidden_failure = Secret(KEY).hide(reply(data), failure)
    assert hidden is not None
    assert hidden_failure is not None
    assert hidden.body == hidden_failure.evidence == b"key: " + b"*" * length


def test_a_placeholder_changes_nothing():
    said = Reply(200, "OK", (), (Segment(0.0, b'{"object": "test"}'),))
    assert Secret("test").hide(said, None) == (said, None)
    assert Secret(None).hide(said, None) == (said, None)


def test_not_in_the_repr():
    assert KEY not in repr(Secret(KEY))


LET_IN = """
authorization proxy-authorization cookie set-cookie api-key x-api-key x-goog-api-key
x-amz-security-token x-auth-token x-auth-user x-client-secret
"""
DO_NOT = """
content-type x-request-id x-ratelimit-remaining-tokens www-authenticate retry-after etag
access-control-allow-headers openai-organization
"""


@pytest.mark.parametrize("name", LET_IN.split())
def test_headers_that_let_somebody_in(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", DO_NOT.split())
def test_headers_that_do_not(name: str) -> None:
    assert not is_secret(name)


def test_also_as_a_json_text_or_a_url_spells_it() -> None:
    secret = Secret('sk-"1/2"-345')
    spelt = (r"sk-\"1/2\"-345", r"sk-\"1\/2\"-345", "sk-%221%2F2%22-345", "sk-%221/2%22-345")
    for text in spelt:
        assert secret.hide_in({"a": [text, text.encode(), 1]}) == {
            "a": ["*" * len(text), b"*" * len(text), 1]
        }
