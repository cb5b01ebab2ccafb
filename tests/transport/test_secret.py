"""A server that repeats the API key does not bring it into an exchange."""

from __future__ import annotations

import pytest

from chatproof.transport.secret import Secret
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
