"""The behaviours, by the layer that they offend. Each is a function with one line of a title.

`finds` is the requirement that has to fail, and `polite` how many chat requests are answered well
before: where it is 0, even the plainest request meets the behaviour. A behaviour that is strange
but within the rules finds nothing at all.
"""

from __future__ import annotations

import contextlib
import gzip
import itertools
import socket
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .server import COMPLETION, Asked, head, ok

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MIB = 2**20
EVENTS = "text/event-stream"
JSON = "Content-Type: application/json"


@dataclass(frozen=True)
class Behaviour:
    name: str
    title: str
    handler: Callable[[Asked], None]
    finds: str
    polite: int


BEHAVIOURS: dict[str, Behaviour] = {}


def behaviour(
    *, finds: str = "", polite: int = 1
) -> Callable[[Callable[[Asked], None]], Callable[[Asked], None]]:
    """Register a behaviour under the name of its function."""

    def register(handler: Callable[[Asked], None]) -> Callable[[Asked], None]:
        name, title = handler.__name__, (handler.__doc__ or "").splitlines()[0]
        BEHAVIOURS[name] = Behaviour(name, title, handler, finds, polite)
        return handler

    return register


def for_ever(asked: Asked, pieces: Iterable[bytes]) -> None:
    """Send until the client has had enough."""
    for piece in pieces:
        if asked.over.is_set():
            return
        asked.send(piece)


# Silence -----------------------------------------------------------------------------------------


@behaviour(finds="transport.reply")
def says_nothing(asked: Asked) -> None:
    """The connection stays open and silent."""
    asked.wait()


@behaviour(finds="transport.reply")
def slow_loris(asked: Asked) -> None:
    """A head comes byte by byte, for ever."""
    for byte in itertools.chain(b"HTTP/1.1 200 OK\r\nX: ", itertools.repeat(97)):
        asked.send(bytes([byte]))
        if asked.over.wait(0.05):
            return


@behaviour(finds="transport.reply")
def body_falls_silent(asked: Asked) -> None:
    """Half of a body comes, then nothing."""
    asked.send(ok(COMPLETION)[:-40])
    asked.wait()


@behaviour(finds="transport.reply")
def only_comments(asked: Asked) -> None:
    """A stream keeps itself alive with comments, and never says anything."""
    asked.send(head(f"Content-Type: {EVENTS}"))
    while not asked.over.wait(0.01):
        asked.send(b": still here\n\n")


@behaviour(finds="transport.reply")
def reads_nothing(asked: Asked) -> None:
    """The window of the connection is closed as soon as there is something to read."""
    asked.peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    asked.over.wait(20)


# Floods ------------------------------------------------------------------------------------------


@behaviour(finds="transport.size")
def endless_headers(asked: Asked) -> None:
    """The head has no end."""
    asked.send(b"HTTP/1.1 200 OK\r\n")
    for_ever(asked, (b"X-%d: %s\r\n" % (n, b"x" * 1000) for n in itertools.count()))


@behaviour(finds="transport.size")
def one_endless_header(asked: Asked) -> None:
    """One field of the head has no end."""
    asked.send(b"HTTP/1.1 200 OK\r\nX: ")
    for_ever(asked, itertools.repeat(b"x" * 65536))


@behaviour(finds="transport.size")
def endless_interim_replies(asked: Asked) -> None:
    """103 Early Hints, again and again."""
    for_ever(asked, itertools.repeat(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"))


@behaviour(finds="transport.size")
def endless_json(asked: Asked) -> None:
    """A list in JSON has no end."""
    asked.send(head(JSON) + b"[")
    for_ever(asked, itertools.repeat(b"[]," * 20_000))


@behaviour(finds="transport.size")
def endless_events(asked: Asked) -> None:
    """A stream of chunks has no end."""
    asked.send(head(f"Content-Type: {EVENTS}"))
    chunk = COMPLETION.replace(b"chat.completion", b"chat.completion.chunk", 1)
    for_ever(asked, itertools.repeat(b"data: " + chunk.replace(b"message", b"delta") + b"\n\n"))


@behaviour(finds="transport.size")
def endless_empty_events(asked: Asked) -> None:
    """A stream of the smallest events has no end."""
    asked.send(head(f"Content-Type: {EVENTS}"))
    for_ever(asked, itertools.repeat(b"data:1\n\n" * 8000))


@behaviour(finds="transport.size")
def one_endless_line(asked: Asked) -> None:
    """A line of a stream has no end."""
    asked.send(head(f"Content-Type: {EVENTS}") + b"data: ")
    for_ever(asked, itertools.repeat(b"x" * 65536))


@behaviour(finds="transport.size")
def a_gibibyte(asked: Asked) -> None:
    """A reply of 1 GiB is announced, and sent."""
    asked.send(head(JSON, f"Content-Length: {2**30}"))
    for_ever(asked, itertools.repeat(b" " * MIB, 1024))


@behaviour(finds="transport.size")
def endless_chunk_extension(asked: Asked) -> None:
    """A chunk's extension has no end."""
    asked.send(head(JSON, "Transfer-Encoding: chunked") + b"5;x=")
    for_ever(asked, itertools.repeat(b"x" * 65536))


@behaviour(finds="transport.size")
def endless_trailers(asked: Asked) -> None:
    """The trailers of a chunked body have no end."""
    asked.send(head(JSON, "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n")
    for_ever(asked, (b"X-%d: x\r\n" % n for n in itertools.count()))


BOMB = gzip.compress(b" " * (64 * MIB))


@behaviour(finds="transport.size")
def gzip_bomb(asked: Asked) -> None:
    """64 KiB of gzip are 64 MiB of blanks."""
    asked.send(ok(BOMB, "Content-Encoding: gzip"))


@behaviour(finds="response.json")
def just_under_the_limit(asked: Asked) -> None:
    """Every reply is as large as may be, and made of what is costly to keep."""
    asked.send(ok(b"[" + b"{}," * (MIB // 2)))


# HTTP that is none -------------------------------------------------------------------------------


@behaviour(finds="transport.http")
def another_protocol(asked: Asked) -> None:
    """A mail server answers."""
    asked.send(b"220 mail.example ESMTP\r\n\x00\xff\xfe\x1b[2J")


@behaviour(finds="transport.http")
def http_0_9(asked: Asked) -> None:
    """A body comes without a head."""
    asked.send(COMPLETION)


@behaviour(finds="transport.http")
def http_2(asked: Asked) -> None:
    """A settings frame of HTTP/2 comes."""
    asked.send(b"\x00\x00\x00\x04\x00\x00\x00\x00\x00")


@behaviour()
def http_1_0(asked: Asked) -> None:
    """HTTP/1.0 ends a body by closing the connection, which is allowed."""
    asked.send(f"HTTP/1.0 200 OK\r\n{JSON}\r\n\r\n".encode() + COMPLETION)


@behaviour(finds="transport.http")
def two_lengths(asked: Asked) -> None:
    """Two lengths that differ: a way to smuggle a reply past a gateway."""
    asked.send(head(JSON, "Content-Length: 5", f"Content-Length: {len(COMPLETION)}") + COMPLETION)


@behaviour(finds="transport.http")
def length_is_no_number(asked: Asked) -> None:
    """The length is minus one."""
    asked.send(head(JSON, "Content-Length: -1") + COMPLETION)


@behaviour(finds="transport.connection")
def length_too_long(asked: Asked) -> None:
    """Fewer bytes come than were announced."""
    asked.send(head(JSON, f"Content-Length: {len(COMPLETION) + 9}") + COMPLETION)


@behaviour(finds="response.json")
def length_too_short(asked: Asked) -> None:
    """More bytes come than were announced."""
    asked.send(head(JSON, f"Content-Length: {len(COMPLETION) - 9}") + COMPLETION)


@behaviour(finds="transport.http")
def bad_chunk_size(asked: Asked) -> None:
    """The size of a chunk is no number."""
    asked.send(head(JSON, "Transfer-Encoding: chunked") + b"zz\r\n" + COMPLETION)


@behaviour(finds="transport.http")
def header_injection(asked: Asked) -> None:
    """A field has a bare carriage return, behind which another field begins."""
    asked.send(ok(COMPLETION, "X-Name: evil\rSet-Cookie: a=b"))


@behaviour(finds="transport.http")
def switches_protocol(asked: Asked) -> None:
    """101 Switching Protocols, for which nobody asked."""
    asked.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x05Hello")


@behaviour()
def interim_replies(asked: Asked) -> None:
    """100 Continue and 103 Early Hints come before the reply, which is allowed."""
    asked.send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
    asked.send(ok(COMPLETION))


@behaviour()
def a_thousand_headers(asked: Asked) -> None:
    """A thousand short fields, which is allowed."""
    asked.send(ok(COMPLETION, *(f"X-{n}: y" for n in range(1000))))


@behaviour()
def cookies(asked: Asked) -> None:
    """Cookies come, which a client of an API does not send back."""
    asked.send(ok(COMPLETION, "Set-Cookie: session=1; Path=/"))


# Connections that break --------------------------------------------------------------------------


@behaviour(finds="transport.connection")
def closes_at_once(asked: Asked) -> None:
    """The connection is closed instead of a reply."""


@behaviour(finds="transport.connection")
def closes_in_the_head(asked: Asked) -> None:
    """The connection is closed within the head."""
    asked.send(b"HTTP/1.1 200 OK\r\nContent-Ty")


@behaviour(finds="transport.connection")
def closes_in_a_chunk(asked: Asked) -> None:
    """The connection is closed within a chunk."""
    asked.send(head(JSON, "Transfer-Encoding: chunked") + b"ff\r\n" + COMPLETION[:20])


@behaviour(finds="transport.connection")
def resets(asked: Asked) -> None:
    """The connection is reset instead of a reply."""
    asked.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


@behaviour(finds="transport.connection", polite=20)
def goes_away_for_a_while(asked: Asked) -> None:
    """The server dies in the middle of a run, and comes back after thirty requests."""
    if asked.number < 50:
        asked.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    else:
        asked.send(ok(COMPLETION))


@behaviour(finds="transport.connection", polite=20)
def dies(asked: Asked) -> None:
    """The server dies in the middle of a run, and does not come back."""
    asked.server.stop_listening()


# Statuses that mean something else ---------------------------------------------------------------


@behaviour()
def redirects_for_ever(asked: Asked) -> None:
    """Every request is sent to where it went."""
    asked.send(head(f"Location: {asked.server.url}/chat/completions", status="307 Again"))


@behaviour()
def no_content(asked: Asked) -> None:
    """204 with a body, which no reader looks for."""
    asked.send(ok(COMPLETION, status="204 No Content"))


@behaviour()
def not_modified(asked: Asked) -> None:
    """304 to a POST."""
    asked.send(head(status="304 Not Modified"))


@behaviour()
def no_such_status(asked: Asked) -> None:
    """The status is 999."""
    asked.send(ok(COMPLETION, status="999 Go Away"))


# Codings -----------------------------------------------------------------------------------------


@behaviour(finds="transport.http")
def gzip_that_is_none(asked: Asked) -> None:
    """The body is said to be gzip, and is plain."""
    asked.send(ok(COMPLETION, "Content-Encoding: gzip"))


@behaviour(finds="transport.http")
def gzip_breaks_off(asked: Asked) -> None:
    """A gzip body ends in the middle."""
    asked.send(ok(gzip.compress(COMPLETION)[:-12], "Content-Encoding: gzip"))


@behaviour(finds="transport.http")
def unasked_brotli(asked: Asked) -> None:
    """The body is said to be Brotli, which nobody accepts here."""
    asked.send(ok(COMPLETION, "Content-Encoding: br"))


@behaviour(finds="transport.http")
def coded_a_hundred_times(asked: Asked) -> None:
    """The body is said to be compressed a hundred times over."""
    coded = ok(zlib.compress(COMPLETION), "Content-Encoding: " + ", ".join(["deflate"] * 100))
    asked.send(coded)


# JSON and events that are none -------------------------------------------------------------------


@behaviour(finds="response.json")
def nests_deeply(asked: Asked) -> None:
    """JSON opens two hundred thousand lists."""
    asked.send(ok(b"[" * 200_000))


@behaviour(finds="response.json")
def nests_deeply_and_closes(asked: Asked) -> None:
    """JSON opens a hundred thousand lists, and closes them."""
    asked.send(ok(b'{"choices":' + b"[" * 100_000 + b"]" * 100_000 + b"}"))


def completion(old: bytes, new: bytes) -> bytes:
    assert old in COMPLETION
    return COMPLETION.replace(old, new, 1)


@behaviour(finds="response.created.type")
def a_number_of_five_thousand_digits(asked: Asked) -> None:
    """A number is too long for Python's own reader."""
    asked.send(ok(completion(b"1700000000", b"-" + b"9" * 5000)))


@behaviour(finds="response.json")
def no_number(asked: Asked) -> None:
    """A number is NaN."""
    asked.send(ok(completion(b"1700000000", b"NaN")))


@behaviour(finds="response.json.unique_names")
def names_twice(asked: Asked) -> None:
    """An object has a name twice."""
    asked.send(ok(completion(b'"index":0', b'"index":0,"index":1')))


@behaviour()
def a_lone_surrogate(asked: Asked) -> None:
    """The content is half of an emoji, escaped, which JSON allows."""
    asked.send(ok(completion(b'"Hello"', b'"\\ud83d"')))


@behaviour(finds="response.json")
def no_utf_8(asked: Asked) -> None:
    """The content is in Latin-1."""
    asked.send(ok(completion(b'"Hello"', b'"Gr\xfc\xdfe"')))


@behaviour(finds="response.json")
def nul(asked: Asked) -> None:
    """The content has NUL bytes."""
    asked.send(ok(completion(b'"Hello"', b'"\0\0"')))


EVIL = r"\u001b[2J\u001b]0;owned\u0007</script><script>alert(1)</script>]]>&\u202e\u0000 [red]"


@behaviour(finds="response.object.const")
def markup_everywhere(asked: Asked) -> None:
    """Terminal escapes and markup stand in every text of the reply."""
    body = COMPLETION
    for text in (b"chatcmpl-1", b"chat.completion", b"llama3.1-8b", b"assistant", b"Hello"):
        body = body.replace(b'"' + text + b'"', b'"' + EVIL.encode() + b'"')
    asked.send(ok(body, "X-Evil: \x1b]0;owned\x07<script>"))


@behaviour(finds="stream.ends")
def stream_of_nothing(asked: Asked) -> None:
    """A stream ends before it began, and so does the body of a plain answer."""
    asked.send(head(f"Content-Type: {EVENTS}"))


@behaviour(finds="stream.event.json")
def stream_of_rubbish(asked: Asked) -> None:
    """The data of every event is another kind of rubbish."""
    rubbish = (b"", b"{", b"\xff\xfe", b"null", b"[]", b"{}", b'{"choices":[1]}', b"[DONE", b"\0")
    asked.send(ok(b"".join(b"data: " + each + b"\n\n" for each in rubbish), kind=EVENTS))


# All of them -------------------------------------------------------------------------------------


@behaviour(finds="transport.connection")
def each_in_turn(asked: Asked) -> None:
    """Every request meets another one of those that come to an end."""
    ending = [b for b in BEHAVIOURS.values() if b.name not in ENDLESS]
    chosen = ending[asked.number % len(ending)]
    with contextlib.suppress(OSError):
        chosen.handler(asked)


ENDLESS = {
    *("each_in_turn", "says_nothing", "slow_loris", "body_falls_silent", "only_comments", "dies"),
    *("reads_nothing", "just_under_the_limit", "gzip_bomb", "goes_away_for_a_while"),
    *(name for name in BEHAVIOURS if "endless" in name or name == "a_gibibyte"),
}
"""Those that have the suite give up early, and that one which takes turns."""
