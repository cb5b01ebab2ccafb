"""Servers that never end, flood, lie or hang up: a failure each, within its bounds."""

from __future__ import annotations

import gzip
import socket
import time
import tracemalloc

import pytest

from chatproof.transport import Limits, Live
from chatproof.transport.reader import KEPT_OF_A_FLOOD, KEPT_OF_A_TRICKLE
from chatproof.wire.exchange import Request

pytestmark = pytest.mark.anyio

POST = Request("POST", "/chat/completions", (), b'{"model":"m"}')
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
DEADLINE = 0.25


async def ask(serve, handler, *, timeout=10.0, limits=None):
    limits = limits or Limits()
    async with serve(handler) as server, Live(server.url, timeout=timeout, limits=limits) as live:
        exchange = await live.send(POST, id="x1")
        assert server.connections == 1
        return exchange


# Deadlines.


async def stall_before_the_head(peer):
    await peer.request()
    await peer.until_hangup()


async def stall_within_the_head(peer):
    await peer.request()
    await peer.send(OK + b"Content-Type: te")
    await peer.until_hangup()


async def stall_after_the_head(peer):
    await peer.request()
    await peer.send(CHUNKED)
    await peer.until_hangup()


async def stall_within_the_body(peer):
    await peer.request()
    await peer.send(OK + b"Content-Length: 10\r\n\r\nhello")
    await peer.until_hangup()


@pytest.mark.parametrize(
    ("handler", "body", "says"),
    [
        (stall_before_the_head, None, "no reply began within 0.25 s"),
        (stall_within_the_head, None, "head did not end"),
        (stall_after_the_head, b"", "body did not end"),
        (stall_within_the_body, b"hello", "body did not end"),
    ],
)
async def test_a_stall_ends_at_the_deadline(serve, handler, body, says):
    exchange = await ask(serve, handler, timeout=DEADLINE)
    assert exchange.failure.kind == "timeout"
    assert says in exchange.failure.message
    assert (exchange.reply and exchange.reply.body) == body
    assert DEADLINE <= exchange.seconds < 10 * DEADLINE


async def test_the_deadline_of_one_exchange(serve):
    async with serve(stall_before_the_head) as server, Live(server.url) as transport:
        exchange = await transport.send(POST, id="x1", timeout=DEADLINE)
    assert exchange.failure.kind == "timeout"


async def test_a_trickle_ends_at_the_deadline(serve):
    async def trickle(peer):
        await peer.request()
        await peer.send(CHUNKED)
        while True:
            # The client's reads set the pace: one piece is under way at a time.
            await peer.send(b"1\r\nx\r\n")

    exchange = await ask(serve, trickle, timeout=DEADLINE, limits=Limits(body=1 << 40))
    assert exchange.failure.kind == "timeout"
    assert set(exchange.reply.body) == set(b"x")
    assert exchange.seconds < 10 * DEADLINE


async def test_an_endless_stream_ends_at_the_deadline(serve):
    async def events(peer):
        await peer.request()
        await peer.send(OK + b"Content-Type: text/event-stream\r\n\r\n")
        while True:
            await peer.send(b'data: {"choices": []}\n\n')

    exchange = await ask(serve, events, timeout=DEADLINE, limits=Limits(body=1 << 40))
    assert exchange.failure.kind == "timeout"
    assert exchange.reply.body.startswith(b'data: {"choices": []}\n\n')


async def test_little_is_kept_of_what_did_not_end(serve):
    async def much(peer):
        await peer.request()
        await peer.send(OK + b"Content-Length: %d\r\n\r\n" % (1 << 21))
        await peer.send(bytes(1 << 20))
        await peer.until_hangup()

    exchange = await ask(serve, much, timeout=4 * DEADLINE)
    assert exchange.failure.kind == "timeout"
    assert exchange.reply.body == bytes(KEPT_OF_A_TRICKLE)


# Sizes.


async def test_a_gigabyte_stops_at_the_limit_with_little_memory(serve):
    block, count = bytes(1 << 16), 1 << 14
    sent = 0

    async def gigabyte(peer):
        nonlocal sent
        await peer.request()
        await peer.send(OK + b"Content-Length: %d\r\n\r\n" % (count * len(block)))
        for _ in range(count):
            await peer.send(block)
            sent += len(block)

    limit = 1 << 20
    tracemalloc.start()
    try:
        exchange = await ask(serve, gigabyte, limits=Limits(body=limit))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert exchange.failure.kind == "too-large"
    assert len(exchange.reply.body) == KEPT_OF_A_FLOOD
    assert sent < 32 * limit  # what fits into the sockets' buffers, and no more
    assert peak < 8 * limit


async def test_an_endless_head_stops_at_the_limit(serve):
    async def headers(peer):
        await peer.request()
        await peer.send(OK)
        while True:
            await peer.send(b"X-More: and more\r\n" * 100)

    exchange = await ask(serve, headers)
    assert (exchange.reply, exchange.failure.kind) == (None, "too-large")


async def test_endless_informational_replies_stop(serve):
    async def wait(peer):
        await peer.request()
        while True:
            await peer.send(b"HTTP/1.1 102 Processing\r\n\r\n")

    exchange = await ask(serve, wait)
    assert (exchange.reply, exchange.failure.kind) == (None, "too-large")


async def test_a_bomb_stops_at_the_limit(serve):
    bomb = gzip.compress(bytes(64 << 20))
    reply = OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb
    tracemalloc.start()
    try:
        exchange = await ask(serve, reply, limits=Limits(body=1 << 20))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert exchange.failure.kind == "too-large"
    assert exchange.reply.body == bytes(KEPT_OF_A_FLOOD)
    assert peak < 8 << 20


async def test_a_coding_that_was_not_asked_for(serve):
    exchange = await ask(serve, OK + b"Content-Encoding: br\r\n\r\n\x0b\x02\x80hello\x03")
    assert exchange.failure.kind == "encoding"
    assert exchange.reply.body == b"\x0b\x02\x80hello\x03"


# Hang-ups.


async def test_nobody_there(unused_url):
    async with Live(unused_url, key="sk-0123456789") as transport:
        exchange = await transport.send(POST, id="x1")
    assert (exchange.reply, exchange.failure.kind) == (None, "unreachable")
    assert unused_url.removesuffix("/v1") in exchange.failure.message
    assert "sk-" not in repr(exchange)


async def test_no_such_host(monkeypatch):
    def unknown(*args, **options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    async with Live("http://chatproof.invalid/v1") as transport:
        exchange = await transport.send(POST, id="x1")
    assert exchange.failure.kind == "unreachable"
    assert "Name or service not known" in exchange.failure.message


async def test_a_tls_handshake_that_stalls_ends_at_the_deadline(serve):
    async def stall(peer):
        await peer.until_hangup()

    async with serve(stall) as server, Live(server.url.replace("http", "https")) as transport:
        exchange = await transport.send(POST, id="x1", timeout=DEADLINE)
    assert exchange.failure.kind == "timeout"
    assert exchange.failure.message == "no connection was made within 0.25 s"


async def test_tls_to_a_server_without_tls(serve):
    async def answer_in_clear(peer):
        await peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with (
        serve(answer_in_clear) as server,
        Live(server.url.replace("http", "https")) as transport,
    ):
        exchange = await transport.send(POST, id="x1")
    assert (exchange.reply, exchange.failure.kind) == (None, "unreachable")


async def close_at_once(peer):
    await peer.reader.readuntil(b"\r\n\r\n")


async def reset_at_once(peer):
    await peer.request()
    peer.reset()


async def reset_before_the_request(peer):
    peer.reset()


@pytest.mark.parametrize("handler", [close_at_once, reset_at_once, reset_before_the_request])
async def test_a_hang_up_before_the_reply(serve, handler):
    exchange = await ask(serve, handler)
    assert (exchange.reply, exchange.failure.kind) == (None, "reset")


@pytest.mark.parametrize(
    "head", [OK + b"Content-Length: 10\r\n\r\n", CHUNKED + b"a\r\n", OK + b"\r\n"]
)
async def test_a_reset_within_the_body(serve, head):
    async def reset(peer):
        await peer.request()
        await peer.send(head + b"hello")
        peer.reset()

    exchange = await ask(serve, reset)
    assert exchange.failure.kind == "truncated"
    assert exchange.reply.body == b"hello"


@pytest.mark.parametrize(
    ("reply", "kind", "body"),
    [
        (OK + b"Content-Length: 10\r\n\r\nhello", "truncated", b"hello"),
        (CHUNKED + b"5\r\nhello\r\n", "truncated", b"hello"),
        (CHUNKED + b"5\r\nhello\r\nzz\r\n", "not-http", b"hello"),
        (b"<html>hello</html>\n", "not-http", None),
        (b"HTTP/1.1 hello\r\n\r\n", "not-http", None),
        (b"\0\0\0\0", "not-http", None),
        (OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "not-http", None),
    ],
)
async def test_bytes_that_are_no_whole_reply(serve, reply, kind, body):
    exchange = await ask(serve, reply)
    assert exchange.failure.kind == kind
    assert (exchange.reply and exchange.reply.body) == body
    assert reply.startswith(exchange.failure.evidence)
    assert exchange.failure.evidence


async def test_the_loop_stays_free_for_the_deadline(serve):
    """A head of blanks would hold h11 for twenty seconds, and the deadline with it."""
    begun = time.monotonic()
    exchange = await ask(serve, OK + b"X:" + b" " * 65_000 + b"\0\r\n\r\n")
    assert exchange.failure.kind == "not-http"
    assert time.monotonic() - begun < 5


async def test_bytes_are_kept_as_they_are(serve):
    body = b"\0\xff\xfe{\x80"
    exchange = await ask(serve, OK + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert exchange.failure is None
    assert exchange.reply.body == body


async def test_every_hostile_server_leaves_the_transport_usable(serve):
    replies = [b"junk", CHUNKED + b"zz\r\n", b"", OK + b"Content-Length: 0\r\n\r\n"]

    async def next_reply(peer):
        await peer.request()
        await peer.send(replies[peer.number - 1])

    async with serve(next_reply) as server, Live(server.url) as transport:
        outcomes = [(await transport.send(POST, id="x")).failure for _ in replies]
    assert [failure and failure.kind for failure in outcomes] == [
        "not-http",
        "not-http",
        "reset",
        None,
    ]
