"""The sans-IO reader: every reply whole, and one byte at a time."""

from __future__ import annotations

import gzip
import time
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatproof.transport import Limits
from chatproof.transport.reader import ReplyReader
from chatproof.wire.exchange import Segment

LIMITS = Limits(head=2000, body=10_000, informational=3)
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def read(data: bytes, *, step: int, method: str = "POST", clean: bool = True) -> ReplyReader:
    reader = ReplyReader(method, LIMITS)
    for start in range(0, len(data), step):
        if reader.done:
            break
        reader.feed(float(start), data[start : start + step])
    if not reader.done:
        reader.end(clean=clean)
    assert reader.done
    return reader


def with_length(body: bytes, *fields: bytes) -> bytes:
    head = b"".join(field + b"\r\n" for field in fields)
    return OK + head + b"Content-Length: %d\r\n\r\n" % len(body) + body


RAW_DEFLATE = zlib.compressobj(wbits=-15)
RAW = RAW_DEFLATE.compress(b"hello") + RAW_DEFLATE.flush()

WHOLE = {
    "length": (with_length(b"hello"), b"hello", True),
    "empty": (with_length(b""), b"", True),
    "chunked": (CHUNKED + b"2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n", b"hello", True),
    "trailer": (CHUNKED + b"5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n", b"hello", True),
    "until close": (OK + b"\r\nhello", b"hello", False),
    "http/1.0": (b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", b"hello", False),
    "connection close": (with_length(b"hello", b"Connection: close"), b"hello", False),
    "no reason": (b"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello", b"hello", True),
    "line feeds only": (b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", b"hello", True),
    "same length twice": (with_length(b"hello", b"Content-Length: 5"), b"hello", True),
    "100 before": (b"HTTP/1.1 100 Continue\r\n\r\n" + with_length(b"hello"), b"hello", True),
    "103 before": (b"HTTP/1.1 103 X\r\nLink: <a>\r\n\r\n" * 3 + with_length(b"hi"), b"hi", True),
    "long 103 before": (
        b"HTTP/1.1 103 X\r\nLink: <" + b"a" * 80 + b">\r\n\r\n" + with_length(b"hi"),
        b"hi",
        True,
    ),
    "nul bytes": (with_length(b"\0\0"), b"\0\0", True),
    "not utf-8": (with_length(b"\xff\xfe"), b"\xff\xfe", True),
    "gzip": (with_length(gzip.compress(b"hello"), b"Content-Encoding: GZIP"), b"hello", True),
    "deflate": (with_length(zlib.compress(b"hello"), b"Content-Encoding: deflate"), b"hello", True),
    "raw deflate": (with_length(RAW, b"Content-Encoding: deflate"), b"hello", True),
    "identity": (with_length(b"hello", b"Content-Encoding: identity"), b"hello", True),
    "coded, no body": (with_length(b"", b"Content-Encoding: gzip"), b"", True),
    "unknown coding, no body": (with_length(b"", b"Content-Encoding: br"), b"", True),
    "at the limit": (with_length(b"x" * LIMITS.body), b"x" * LIMITS.body, True),
}


@pytest.mark.parametrize("step", [1, 7, 1 << 20])
@pytest.mark.parametrize("name", WHOLE)
def test_whole_replies(name, step):
    data, body, reusable = WHOLE[name]
    reader = read(data, step=step)
    assert reader.failure is None
    reply = reader.reply()
    assert reply is not None
    assert (reply.status, reply.body, reader.reusable) == (200, body, reusable)
    assert all(segment.data for segment in reply.segments)


@pytest.mark.parametrize("name", [name for name in WHOLE if len(WHOLE[name][0]) < 500])
def test_whole_replies_cut_in_two_anywhere(name):
    data, body, _ = WHOLE[name]
    for cut in range(1, len(data)):
        reader = ReplyReader("POST", LIMITS)
        reader.feed(0.0, data[:cut])
        reader.feed(1.0, data[cut:])
        reader.end(clean=True)
        reply = reader.reply()
        assert (reader.failure, reply and reply.body) == (None, body)


BROKEN = {
    "nothing": (b"", "reset", None),
    "within the status line": (b"HTTP/1.", "truncated", None),
    "within the head": (OK + b"Content-Le", "truncated", None),
    "only 100": (b"HTTP/1.1 100 Continue\r\n\r\n", "truncated", None),
    "short of its length": (OK + b"Content-Length: 9\r\n\r\nhello", "truncated", b"hello"),
    "no last chunk": (CHUNKED + b"5\r\nhello\r\n", "truncated", b"hello"),
    "within a chunk": (CHUNKED + b"9\r\nhello", "truncated", b"hello"),
    "last chunk without end": (CHUNKED + b"5\r\nhello\r\n0\r\n", "truncated", b"hello"),
    "bad chunk size": (CHUNKED + b"5\r\nhello\r\nzz\r\n", "not-http", b"hello"),
    "negative chunk size": (CHUNKED + b"5\r\nhello\r\n-1\r\n", "not-http", b"hello"),
    "bad chunk end": (CHUNKED + b"5\r\nhelloXX", "not-http", b"hello"),
    "http/0.9": (b"<html>hello</html>", "not-http", None),
    "http/2": (b"HTTP/2.0 200 OK\r\n\r\n", "not-http", None),
    "wrong first line": (b"HTTP/1.1 OK\r\n\r\n", "not-http", None),
    "tls alert": (b"\x15\x03\x01\x00\x02\x02\x16", "not-http", None),
    "blank line first": (b"\r\n" + with_length(b"hello"), "not-http", None),
    "two lengths": (with_length(b"hello", b"Content-Length: 6"), "not-http", None),
    "negative length": (OK + b"Content-Length: -1\r\n\r\n", "not-http", None),
    "nul in a header": (OK + b"X: a\0b\r\n\r\n", "not-http", None),
    "header without colon": (OK + b"hello\r\n\r\n", "not-http", None),
    "unknown transfer": (OK + b"Transfer-Encoding: gzip\r\n\r\n", "not-http", None),
    "switch": (b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\n\r\n", "not-http", None),
    "large head": (OK + b"X: y\r\n" * 400, "too-large", None),
    "large finished head": (OK + b"X: y\r\n" * 400 + b"\r\n", "too-large", None),
    "many 1xx": (b"HTTP/1.1 103 X\r\n\r\n" * 4, "too-large", None),
    "large 1xx": ((b"HTTP/1.1 103 X\r\nA: " + b"b" * 900 + b"\r\n\r\n") * 3, "too-large", None),
    "large body": (OK + b"\r\n" + b"x" * 10_001, "too-large", b"x" * 10_000),
    "endless trailer": (CHUNKED + b"1\r\nx\r\n0\r\n" + b"X: y\r\n" * 2000, "too-large", b"x"),
    "endless chunk line": (CHUNKED + b"1\r\nx\r\n1;" + b"y" * 9000, "too-large", b"x"),
    "unknown coding": (with_length(b"hello", b"Content-Encoding: br"), "encoding", b"hello"),
    "two codings": (
        with_length(b"hello", b"Content-Encoding: gzip", b"Content-Encoding: gzip"),
        "encoding",
        b"hello",
    ),
    "cut gzip": (
        with_length(gzip.compress(b"hello")[:-1], b"Content-Encoding: gzip"),
        "encoding",
        b"hello",
    ),
    "cut gzip header": (with_length(b"\x1f\x8b", b"Content-Encoding: gzip"), "encoding", b""),
    "one byte of deflate": (with_length(b"\x78", b"Content-Encoding: deflate"), "encoding", b""),
    "no gzip": (with_length(b"hello", b"Content-Encoding: gzip"), "encoding", b""),
    "gzip and more": (
        with_length(gzip.compress(b"hello") + b"more", b"Content-Encoding: gzip"),
        "encoding",
        b"hello",
    ),
    "bomb": (
        with_length(gzip.compress(bytes(1 << 20)), b"Content-Encoding: gzip"),
        "too-large",
        bytes(10_000),
    ),
}


@pytest.mark.parametrize("step", [1, 7, 1 << 20])
@pytest.mark.parametrize("name", BROKEN)
def test_broken_replies(name, step):
    data, kind, body = BROKEN[name]
    reader = read(data, step=step)
    reply = reader.reply()
    assert reader.failure is not None
    assert reader.failure.kind == kind
    assert (None if reply is None else reply.body) == body
    assert not reader.reusable
    assert data.startswith(reader.failure.evidence)
    assert len(reader.failure.evidence) <= 200


def test_evidence_is_the_first_200_bytes():
    data = b"SSH-2.0-" + b"x" * 500
    failure = read(data, step=1 << 20).failure
    assert failure is not None
    assert failure.evidence == data[:200]


@pytest.mark.parametrize("method", ["HEAD", "POST"])
@pytest.mark.parametrize("status", [b"200 OK", b"204 No Content", b"304 Not Modified"])
def test_replies_without_body(method, status):
    reader = read(b"HTTP/1.1 " + status + b"\r\nContent-Length: 5\r\n\r\n", step=9, method=method)
    bodiless = method == "HEAD" or not status.startswith(b"200")
    assert (reader.failure is None) == bodiless
    assert reader.reusable == bodiless


def test_connect_does_not_wait_for_ever():
    failure = read(OK + b"\r\nhello", step=1 << 20, method="CONNECT").failure
    assert failure is not None
    assert failure.kind == "not-http"


def test_one_segment_for_each_read():
    reader = ReplyReader("POST", LIMITS)
    reader.feed(0.5, CHUNKED[:20])
    reader.feed(1.0, CHUNKED[20:] + b"2\r\nhe\r\n1\r\nl\r\n")
    reader.feed(2.0, b"2\r\n")
    reader.feed(3.0, b"lo\r\n0\r\n\r\n")
    reply = reader.reply()
    assert reply is not None
    assert reply.segments == (Segment(1.0, b"hel"), Segment(3.0, b"lo"))


def test_times_are_kept_through_gzip():
    squeeze = zlib.compressobj(wbits=31)
    first = squeeze.compress(b"hel") + squeeze.flush(zlib.Z_SYNC_FLUSH)
    second = squeeze.compress(b"lo") + squeeze.flush()
    reader = ReplyReader("POST", LIMITS)
    reader.feed(1.0, OK + b"Content-Encoding: gzip\r\n\r\n" + first)
    reader.feed(2.0, second)
    reader.end(clean=True)
    reply = reader.reply()
    assert reader.failure is None
    assert reply is not None
    assert reply.segments == (Segment(1.0, b"hel"), Segment(2.0, b"lo"))


def test_headers_in_order_lower_case_and_latin_1():
    reader = read(OK + b"B: 1\r\nA: \xe9\r\nB: 2\r\nContent-Length: 0\r\n\r\n", step=5)
    reply = reader.reply()
    assert reply is not None
    assert reply.headers == (("b", "1"), ("a", "é"), ("b", "2"), ("content-length", "0"))


@pytest.mark.parametrize("surplus", [b"x", b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 5000])
@pytest.mark.parametrize(
    "reply",
    [
        WHOLE["length"][0],
        WHOLE["chunked"][0],
        CHUNKED + b"7f4\r\n" + b"x" * 0x7F4 + b"\r\n0\r\n\r\n",  # as long as one slice
    ],
)
def test_bytes_after_the_reply_bar_reuse(reply, surplus):
    reader = read(reply + surplus, step=1 << 20)
    assert reader.failure is None
    assert not reader.reusable


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (OK + b"\r\nhello", "truncated"),
        (OK + b"Content-Length: 9\r\n\r\nhello", "truncated"),
        (OK, "truncated"),
        (b"", "reset"),
    ],
)
def test_a_reset_is_never_a_whole_reply(data, kind):
    failure = read(data, step=1 << 20, clean=False).failure
    assert failure is not None
    assert failure.kind == kind


@pytest.mark.parametrize(
    "data",
    [
        OK + b"X:" + b" " * 65_000 + b"\0\r\n\r\n",
        CHUNKED + b"5;" + b" " * 65_000 + b"\n\r\n",
        CHUNKED + b"0\r\nX:" + b"\t" * 65_000 + b"\0\r\n\r\n",
        CHUNKED + b"1\r\nx\r\n" * 10_000,
        OK + b"X: y\r\n" * 10_000 + b"\r\n",
        OK + b"X: y\r\n" + b" z\r\n" * 10_000 + b"\r\n",
    ],
)
def test_no_reply_takes_long_to_read(data):
    reader = ReplyReader("POST", Limits())
    begun = time.process_time()
    reader.feed(0.0, data)
    assert time.process_time() - begun < 2.0


PIECES = [
    *(data[:end] for data, *_ in [*WHOLE.values(), *BROKEN.values()] for end in (17, 60, 500)),
    *(b"\r\n", b"\r\n\r\n", b"\n\n", b"\r", b":", b" ", b";", b"0", b"\0", b"5\r\nhello\r\n"),
    *(b"HTTP/1.1 ", b"200", b"Content-Length: ", b"Transfer-Encoding: chunked\r\n"),
]


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(PIECES) | st.binary(max_size=5), max_size=8).map(b"".join),
    st.integers(1, 50),
    st.booleans(),
)
def test_any_bytes_in_any_pieces(data, step, clean):
    whole = read(data, step=max(1, len(data)), clean=clean)
    pieces = read(data, step=step, clean=clean)
    assert outcome(pieces) == outcome(whole)


def outcome(reader: ReplyReader) -> tuple[object, ...]:
    reply, failure = reader.reply(), reader.failure
    assert reply is not None or failure is not None
    body = reply and reply.body
    if failure is not None and failure.kind == "encoding":
        body = None  # what zlib yields before a fault depends on the pieces it gets
    return failure and failure.kind, reply and (reply.status, reply.headers), body
