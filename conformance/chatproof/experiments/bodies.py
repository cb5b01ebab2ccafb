"""Bodies of requests that are written in another way, and mean the same."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import ormsgpack

from ..checks import AsyncChecks, Check, check, experiment, inconclusive
from .asking import encoded, prompt_tokens, unanswered

if TYPE_CHECKING:
    from ..session import Session
    from ..wire import View


@experiment("request.body.chunked")
async def a_body_may_come_in_chunks(session: Session) -> AsyncChecks:
    plain = encoded(session)
    half = len(plain) // 2
    parts = (plain[:half], plain[half:], b"")
    data = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    chunked = await session.post(data, headers=(("Transfer-Encoding", "chunked"),))
    yield await _like_plain(session, chunked, "in two chunks")


@experiment("request.body.spelling")
async def white_space_and_escapes_mean_nothing(session: Session) -> AsyncChecks:
    """The same JSON value, spelt in another way: indented, and with escaped letters."""
    plain = encoded(session)
    body = json.loads(plain)
    indented = json.dumps(body, indent="\t").encode().replace(b"\n", b"\r\n")
    yield await _like_plain(session, await session.post(indented), "with white space")
    escaped = plain.replace(b'"Say hello."', rb'"\u0053ay h\u0065llo."')
    yield await _like_plain(session, await session.post(escaped), "with escapes")


@experiment("request.body.gzip")
async def a_body_may_be_compressed(session: Session) -> AsyncChecks:
    data = gzip.compress(encoded(session), mtime=0)
    view = await session.post(data, headers=(("Content-Encoding", "gzip"),))
    yield await _like_plain(session, view, "in gzip")


@experiment("request.body.msgpack")
async def a_body_may_be_messagepack(session: Session) -> AsyncChecks:
    data = ormsgpack.packb(json.loads(encoded(session)))
    view = await session.post(data, headers=(("Content-Type", "application/vnd.msgpack"),))
    yield await _like_plain(session, view, "in MessagePack")


@experiment("request.content_type.charset")
async def a_charset_makes_no_difference(session: Session) -> AsyncChecks:
    headers = (("Content-Type", "application/json; charset=utf-8"),)
    view = await session.post(encoded(session), headers=headers)
    yield await _like_plain(session, view, "with a charset")


async def _like_plain(session: Session, view: View, words: str) -> Check:
    """Whether a request is answered like the plain one that means the same."""
    other = await session.post(encoded(session))
    if view.failure is not None or not other.accepted:
        return unanswered(view if view.failure is not None else other)
    if view.rejected:
        return check(
            False,
            f"a body {words} was refused with status {view.status}",
            expected="an answer, as to the plain body",
            actual=f"status {view.status}",
            at="status",
            exchange=view.exchange.id,
        )
    counts = prompt_tokens(other), prompt_tokens(view)
    if None in counts:
        return inconclusive("the answers have no usage", exchange=view.exchange.id)
    return check(
        counts[0] == counts[1],
        f"the prompt has {counts[1]} tokens {words}, and {counts[0]} without",
        expected=counts[0],
        actual=counts[1],
        at="/usage/prompt_tokens",
        exchange=view.exchange.id,
    )
