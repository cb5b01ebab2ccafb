"""Requests as they reach a server, and replies as they come back."""

from __future__ import annotations

import asyncio
import ssl
import time

import pytest
import trustme

from chatproof.transport import Live
from chatproof.wire.exchange import Request

pytestmark = pytest.mark.anyio

KEY = "sk-secret-0123456789"
REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
POST = Request("POST", "/chat/completions", (), b'{"model":"m"}')


async def answer(peer):
    while await peer.request():
        await peer.send(REPLY)


async def sent(serve, request, **options):
    async with serve(answer) as server, Live(server.url, **options) as transport:
        exchange = await transport.send(request, id="x1")
        assert exchange.failure is None
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    first, *fields = head.decode("latin-1").split("\r\n")
    return first, dict(field.split(": ", 1) for field in fields), body


async def test_an_exchange(serve):
    before = time.time()
    async with serve(answer) as server, Live(server.url) as transport:
        exchange = await transport.send(POST, id="x1")
    assert (exchange.id, exchange.request, exchange.failure) == ("x1", POST, None)
    assert (exchange.reply.status, exchange.reply.reason) == (200, "OK")
    assert exchange.reply.media_type == "application/json"
    assert exchange.reply.body == b"{}"
    assert before <= exchange.started <= time.time()
    assert 0 <= exchange.reply.segments[0].at <= exchange.seconds


async def test_what_is_sent(serve):
    first, fields, body = await sent(serve, POST, key=KEY, version="1.2")
    assert first == "POST /v1/chat/completions HTTP/1.1"
    assert fields.pop("Host").startswith("127.0.0.1:")
    assert fields == {
        "User-Agent": "chatproof/1.2",
        "Accept": "application/json, text/event-stream",
        "Accept-Encoding": "identity",
        "Authorization": f"Bearer {KEY}",
        "Content-Type": "application/json",
        "Content-Length": "13",
    }
    assert body == POST.body


async def test_no_body_no_content_headers(serve):
    first, fields, _ = await sent(serve, Request("GET", "/models"))
    assert first == "GET /v1/models HTTP/1.1"
    assert not {"Content-Type", "Content-Length", "Authorization"} & fields.keys()


async def test_an_empty_body_has_a_length(serve):
    _, fields, _ = await sent(serve, Request("POST", "/x", (), b""))
    assert fields["Content-Length"] == "0"


async def test_headers_are_overridden_whatever_their_case(serve):
    brought = (("content-type", "text/plain"), ("ACCEPT", "*/*"), ("Authorization", "Basic eDp5"))
    _, fields, _ = await sent(serve, Request("POST", "/x", brought, b"hi"), key=KEY)
    assert fields["content-type"] == "text/plain"
    assert fields["ACCEPT"] == "*/*"
    assert fields["Authorization"] == "Basic eDp5"
    assert not {"Content-Type", "Accept"} & fields.keys()


@pytest.mark.parametrize(
    ("auth", "key", "expected"),
    [
        ("key", KEY, f"Bearer {KEY}"),
        ("key", None, None),
        ("none", KEY, None),
        ("wrong", KEY, "Bearer chatproof-wrong-key"),
        ("wrong", None, "Bearer chatproof-wrong-key"),
    ],
)
async def test_authorization(serve, auth, key, expected):
    _, fields, _ = await sent(serve, Request("GET", "/models", auth=auth), key=key)
    assert fields.get("Authorization") == expected


async def test_a_server_that_repeats_the_key(serve):
    async def echo(peer):
        request = await peer.request()
        await peer.send(b"HTTP/1.1 401 No\r\nX-Echo: " + KEY.encode() + b"\r\n\r\n" + request)

    async with serve(echo) as server, Live(server.url, key=KEY) as transport:
        exchange = await transport.send(POST, id="x1")
        assert KEY not in repr(transport)
    assert KEY.encode() in server.requests[0]
    assert exchange.reply.body == server.requests[0].replace(KEY.encode(), b"*" * len(KEY))
    assert KEY not in repr(exchange)


@pytest.mark.parametrize("key", ["", "a b", "abc\n", "schlüssel"])
async def test_a_key_that_no_header_carries(key):
    with pytest.raises(ValueError, match="the API key is empty or has") as caught:
        Live("http://127.0.0.1:1/v1", key=key)
    assert not key or key not in str(caught.value)


@pytest.mark.parametrize(
    "request_",
    [
        Request("GE T", "/"),
        Request("GET", "models"),
        Request("GET", "/a b"),
        Request("GET", "/a\r\nX: y"),
        Request("GET", "/", (("X Y", "z"),)),
        Request("GET", "/", (("X", "y\r\nZ: z"),)),
        Request("GET", "/", (("X", "\N{SNOWMAN}"),)),
    ],
)
async def test_a_request_that_is_no_message_raises(unused_url, request_):
    async with Live(unused_url) as transport:
        with pytest.raises(ValueError, match=r"header|path|method"):
            await transport.send(request_, id="x1")


async def test_outside_of_its_block(unused_url):
    transport = Live(unused_url)
    with pytest.raises(RuntimeError, match="async with"):
        await transport.send(POST, id="x1")


async def test_a_redirect_is_a_reply_like_others(serve):
    async with serve(answer) as elsewhere:
        target = elsewhere.url.encode()
        redirect = b"HTTP/1.1 307 Go\r\nLocation: " + target + b"\r\nContent-Length: 0\r\n\r\n"
        async with serve(redirect) as server, Live(server.url, key=KEY) as transport:
            exchange = await transport.send(POST, id="x1")
    assert exchange.reply.status == 307
    assert exchange.reply.header("location") == elsewhere.url
    assert elsewhere.connections == 0


async def test_connections_are_reused(serve):
    async with serve(answer) as server, Live(server.url) as transport:
        for _ in range(5):
            assert (await transport.send(POST, id="x")).failure is None
        assert server.connections == 1
        await asyncio.gather(*(transport.send(POST, id="x") for _ in range(4)))
        assert server.connections == 4
        await asyncio.gather(*(transport.send(POST, id="x") for _ in range(4)))
        assert server.connections == 4


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nsurplus",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx",
    ],
)
async def test_connections_that_are_not_reused(serve, reply):
    async def talk(peer):
        while await peer.request():
            await peer.send(reply)

    async with serve(talk) as server, Live(server.url) as transport:
        for _ in range(3):
            await transport.send(POST, id="x")
    assert server.connections == 3


async def test_bytes_that_nobody_asked_for_are_no_later_reply(serve):
    """The third request makes the server write to the connection that idles meanwhile."""
    peers = []

    async def talk(peer):
        peers.append(peer)
        while await peer.request():
            if len(server.requests) == 3:
                (other,) = (one for one in peers if one is not peer)
                await other.send(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
            await peer.send(REPLY)

    async with serve(talk) as server, Live(server.url) as transport:
        exchanges = await asyncio.gather(*(transport.send(POST, id="x") for _ in range(2)))
        exchanges += [await transport.send(POST, id="x")]
        exchanges += await asyncio.gather(*(transport.send(POST, id="x") for _ in range(2)))
    assert [exchange.reply.status for exchange in exchanges] == [200] * 5
    assert server.connections == 3


async def test_a_flood_into_an_idle_connection_closes_it(serve):
    idle, hung_up = asyncio.Event(), asyncio.Event()

    async def flood(peer):
        await peer.request()
        await peer.send(REPLY)
        await idle.wait()
        try:
            while True:
                await peer.send(bytes(1 << 16))
        finally:
            hung_up.set()

    async with serve(flood) as server, Live(server.url) as transport:
        assert (await transport.send(POST, id="x1")).failure is None
        idle.set()
        async with asyncio.timeout(5):
            await hung_up.wait()


async def test_a_request_that_frames_itself_leaves_no_connection_behind(serve):
    wrong_length = Request("POST", "/x", (("Content-Length", "3"),), b"abcdef")
    async with serve(answer) as server, Live(server.url) as transport:
        await transport.send(wrong_length, id="x1")
        exchange = await transport.send(POST, id="x2")
    assert exchange.failure is None
    assert server.connections == 2


async def test_an_idle_connection_that_died_is_replaced(serve):
    async def once_then_hang_up(peer):
        await peer.request()
        await peer.send(REPLY)
        await peer.request()
        if peer.number % 2:
            peer.reset()

    async with serve(once_then_hang_up) as server, Live(server.url) as transport:
        for _ in range(3):
            exchange = await transport.send(POST, id="x")
            assert exchange.failure is None
            assert exchange.reply.body == b"{}"
    assert server.connections == 3


async def test_only_one_retry_and_only_of_a_reused_connection(serve):
    async def first_reply_only(peer):
        await peer.request()
        if peer.number == 1:
            await peer.send(REPLY)
            await peer.request()

    async with serve(first_reply_only) as server, Live(server.url) as transport:
        assert (await transport.send(POST, id="x1")).failure is None
        exchange = await transport.send(POST, id="x2")
        assert (exchange.reply, exchange.failure.kind) == (None, "reset")
        assert server.connections == 2
        assert (await transport.send(POST, id="x3")).failure.kind == "reset"
        assert server.connections == 3


async def test_no_retry_once_the_reply_began(serve):
    async def begins_only(peer):
        await peer.request()
        await peer.send(REPLY)
        await peer.request()
        await peer.send(b"HTTP/1.1 2")

    async with serve(begins_only) as server, Live(server.url) as transport:
        await transport.send(POST, id="x1")
        exchange = await transport.send(POST, id="x2")
    assert exchange.failure.kind == "truncated"
    assert server.connections == 1


async def test_segments_are_the_reads_with_their_times(serve):
    async def two_pieces(peer):
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab")
        later = asyncio.Event()
        asyncio.get_running_loop().call_later(0.05, later.set)
        await later.wait()
        await peer.send(b"cd")

    async with serve(two_pieces) as server, Live(server.url) as transport:
        exchange = await transport.send(POST, id="x1")
    first, second = exchange.reply.segments
    assert (first.data, second.data) == (b"ab", b"cd")
    assert 0 <= first.at < second.at <= exchange.seconds
    assert second.at >= 0.045  # the event loop's clock is coarser than ours


async def test_a_reply_may_come_before_the_request_is_read(serve):
    hung_up = asyncio.Event()

    async def refuse_early(peer):
        await peer.reader.readuntil(b"\r\n\r\n")
        await peer.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\n{}")
        try:
            await peer.until_hangup()
        finally:
            hung_up.set()

    huge = Request("POST", "/x", (), bytes(32 << 20))
    async with serve(refuse_early) as server, Live(server.url) as transport:
        exchange = await transport.send(huge, id="x1")
        async with asyncio.timeout(5):
            await hung_up.wait()
    assert exchange.failure is None
    assert exchange.reply.status == 413
    assert [segment.at for segment in exchange.reply.segments] == [0.0]


async def test_times_begin_when_the_request_is_written(serve):
    begin = asyncio.Event()

    async def read_late(peer):
        await peer.reader.readuntil(b"\r\n\r\n")
        await begin.wait()
        await peer.reader.readexactly(len(huge.body))
        await peer.send(REPLY)

    huge = Request("POST", "/x", (), bytes(32 << 20))
    async with serve(read_late) as server, Live(server.url) as transport:
        asyncio.get_running_loop().call_later(0.2, begin.set)
        exchange = await transport.send(huge, id="x1")
    assert exchange.seconds > 0.2
    assert 0 < exchange.reply.segments[0].at < 0.2


async def test_a_long_request_arrives_whole(serve):
    body = bytes(range(256)) * (1 << 13)
    _, _, received = await sent(serve, Request("POST", "/x", (), body))
    assert received == body


async def test_cancelling_closes_the_connection(serve):
    asked, closed = asyncio.Event(), asyncio.Event()

    async def stall(peer):
        await peer.request()
        asked.set()
        await peer.until_hangup()
        closed.set()

    async with serve(stall) as server, Live(server.url) as transport:
        task = asyncio.create_task(transport.send(POST, id="x1"))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(5):
            await closed.wait()


@pytest.fixture
def certificate(tmp_path):
    """What a server needs to speak TLS, and the file of the authority that vouches for it."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return context, path


async def test_tls(serve, certificate, monkeypatch):
    context, path = certificate
    body = b"x" * 300_000

    async def large(peer):
        while await peer.request():
            await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n", body)

    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    async with serve(large, ssl=context) as server:
        url = server.url.replace("http:", "https:")
        async with Live(url, timeout=5) as transport:
            for _ in range(2):
                exchange = await transport.send(Request("POST", "/x", (), bytes(200_000)), id="x1")
                assert exchange.failure is None
                assert exchange.reply.body == body
    assert server.connections == 1


async def test_a_certificate_that_nobody_trusts(serve, certificate):
    context, _ = certificate
    async with (
        serve(answer, ssl=context) as server,
        Live(server.url.replace("http:", "https:"), key=KEY) as transport,
    ):
        exchange = await transport.send(POST, id="x1")
    assert exchange.failure.kind == "unreachable"
    assert "certificate" in exchange.failure.message
    assert server.requests == []
