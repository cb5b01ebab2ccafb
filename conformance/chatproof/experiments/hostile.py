"""Hostile bodies, and that the server outlives them.

Three tables: what is no JSON object and has to be refused; what some parsers take and others do
not, which is theirs to decide; and what is valid, but seldom seen. Nothing of it may end in a 5xx,
and after each table the server answers a plain request.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import TYPE_CHECKING

from ..checks import AsyncChecks, Check, check, experiment
from ..wire.exchange import Headers
from .asking import encoded, unanswered

if TYPE_CHECKING:
    from ..contract.document import Json
    from ..session import Session
    from ..wire import View

Hostile = dict[str, tuple[bytes, Headers]]
"""Words for a body, its bytes, and headers that come with it."""
LONG = 2**20
"""Bytes of a long text: more than some servers let in at all."""
DEEP, DEEPER = 1000, 100_000
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
"""One sign that people see, of seven characters."""

NO_OBJECTS: Hostile = {
    words: (data, ())
    for words, data in {
        "an empty body": b"",
        "an open brace": b"{",
        "a text": b"not json",
        "a list": b"[]",
        "a number": b"42",
        "null": b"null",
        "a body that breaks off": b'{"model":"m","messages":[{"role":"user","con',
        "invalid UTF-8": b'{"model":"\xff\xfe"}',
    }.items()
}


def no_agreement(session: Session) -> Hostile:
    """What is no JSON, or no plain one, and is taken by some parsers (RFC 8259, 8.1 and 9)."""
    plain = encoded(session)
    bare = {
        "NaN": _with(plain, '"temperature":NaN'),
        "Infinity": _with(plain, '"temperature":-Infinity'),
        "a comma too many": plain[:-1] + b",}",
        "a comment": plain[:-1] + b"/* and so on */}",
        "single quotes": plain.replace(b'"', b"'"),
        "something behind the object": plain + b" {}",
        "a byte order mark": b"\xef\xbb\xbf" + plain,
        "UTF-16": plain.decode().encode("utf-16"),
        "UTF-16 without a mark": plain.decode().encode("utf-16-le"),
        "a NUL byte in a text": _saying(session, b"a\x00b"),
        "a line break in a text": _saying(session, b"a\nb"),
        "a surrogate in UTF-8": _saying(session, b"\xed\xa0\xbd"),
        "an overlong character": _saying(session, b"\xc0\xaf"),
        "an integer of 5000 digits": _with(plain, '"seed":' + "9" * 5000),
        "brackets without end": _with(plain, '"stop":' + "[" * DEEPER),
        "lists 100000 deep": _with(plain, '"stop":' + "[" * DEEPER + "]" * DEEPER),
        "gzip that nobody announced": gzip.compress(plain, mtime=0),
    }
    table: Hostile = {words: (data, ()) for words, data in bare.items()}
    announced = (("Content-Encoding", "gzip"),)
    table["a body in gzip"] = (gzip.compress(plain, mtime=0), announced)
    table["gzip that is none"] = (plain, announced)
    return table


def valid_but_odd(session: Session) -> Hostile:
    """JSON objects as RFC 8259 has them, which a server may take or refuse."""
    plain = encoded(session)
    bare = {
        "a name that stands twice": _with(plain, '"temperature":0,"temperature":1'),
        "half a surrogate pair": _saying(session, rb"\ud83d"),
        "a surrogate pair in reverse": _saying(session, rb"\ude00\ud83d"),
        "NUL in a text": _saying(session, rb"a\u0000b"),
        "control characters": _saying(session, rb"\u0001\u001b[31m\u007f\u0085"),
        "signs of many characters": _saying(session, (FAMILY * 8).encode()),
        "many combining marks": _saying(session, ("e" + "\u0301" * 64).encode()),
        "text from right to left": _saying(session, "\u202e\u05e9\u05dc\u05d5\u05dd".encode()),
        "characters that are none": _saying(session, "\uffff\U0010ffff\ufeff".encode()),
        "a number beyond doubles": _with(plain, '"temperature":1e400'),
        "the largest number": _with(plain, '"temperature":1e308'),
        "the smallest number": _with(plain, '"temperature":5e-324'),
        "minus zero": _with(plain, '"temperature":-0.0'),
        "an integer beyond 64 bits": _with(plain, '"seed":18446744073709551616'),
        "an integer beyond a double": _with(plain, '"seed":' + "9" * 400),
        "an integer with a point": _with(plain, '"top_logprobs":0.0,"logprobs":true'),
        "a choice with a point": _with(plain, '"n":1.0'),
        "lists 1000 deep": _with(plain, '"stop":' + "[" * DEEP + "]" * DEEP),
        "objects 1000 deep": _with(plain, '"tools":' + '{"a":' * DEEP + "1" + "}" * DEEP),
        "a stop sequence of a MiB": _with(plain, f'"stop":["{"x" * LONG}"]'),
        "a user of a MiB": _with(plain, f'"user":"{"x" * LONG}"'),
        "a name of 64 KiB": _with(plain, f'"{"x" * 2**16}":1'),
        "an empty name": _with(plain, '"":1'),
        "names of prototypes": _with(plain, '"__proto__":{"a":1},"constructor":{"prototype":1}'),
        "1000 empty messages": _with(plain, '"messages":[' + ",".join(["{}"] * 1000) + "]"),
        "2000 stop sequences": _with(plain, '"stop":' + json.dumps([f"x{n}" for n in range(2000)])),
        "a pattern that explodes": _with(plain, _schema({"type": "string", "pattern": "^(a+)+0$"})),
        "white space of a MiB": plain[:-1] + b" " * LONG + b"}",
    }
    table: Hostile = {words: (data, ()) for words, data in bare.items()}
    for words, value in _CONTENT_TYPES.items():
        table[f"the content type {words}"] = (plain, (("Content-Type", value),))
    return table


_CONTENT_TYPES = {
    "of text": "text/plain",
    "of a form": "application/x-www-form-urlencoded",
    "of a form with parts": "multipart/form-data; boundary=x",
    "of nothing": "",
    "that is none": "json",
    "with another charset": "application/json; charset=utf-16",
}


def _with(plain: bytes, members: str) -> bytes:
    """The JSON object `plain` with members as they are written."""
    return plain[:-1] + b"," + members.encode() + b"}"


def _saying(session: Session, raw: bytes) -> bytes:
    """A request in which the user says these bytes, within quotes."""
    body = encoded(session, messages=[{"role": "user", "content": "%"}])
    return body.replace(b'"%"', b'"Say ' + raw + b'"')


def _schema(schema: Json) -> str:
    closed = {
        "type": "object",
        "properties": {"a": schema},
        "required": ["a"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "a", "strict": True, "schema": closed}}
    return f'"response_format":{json.dumps(form)}'


@experiment("request.syntax", "error.survival", turn="last")
async def what_is_no_object_is_refused_and_survived(session: Session) -> AsyncChecks:
    for words, view in (await _all(session, NO_OBJECTS)).items():
        if view.failure is not None:
            yield unanswered(view)
        else:
            yield check(
                view.rejected,
                f"{words} was answered with status {view.status}",
                expected="a client error",
                actual=view.status,
                at="status",
                exchange=view.exchange.id,
            )
    yield await _lives(session, NO_OBJECTS, 100)


@experiment("error.survival", turn="last")
async def what_parsers_disagree_about_is_survived(session: Session) -> AsyncChecks:
    """A rule sees to it that none of it ends in a 5xx."""
    table = no_agreement(session)
    await _all(session, table)
    yield await _lives(session, table, 101)


@experiment("error.hostile", "error.survival", turn="last")
async def what_is_odd_is_answered_or_refused(session: Session) -> AsyncChecks:
    table = valid_but_odd(session)
    for words, view in (await _all(session, table)).items():
        if view.failure is not None:
            yield unanswered(view)
        elif session.contract.valid(view.request_json):  # else error.status.client_fault speaks
            yield check(
                (view.status or 0) < 500,
                f"{words} was answered with status {view.status}",
                expected="an answer, or a status from 400 to 499",
                actual=view.status,
                at="status",
                exchange=view.exchange.id,
            )
    yield await _lives(session, table, 102)


async def _all(session: Session, table: Hostile) -> dict[str, View]:
    posts = [session.post(data, headers=headers) for data, headers in table.values()]
    return dict(zip(table, await asyncio.gather(*posts), strict=True))


async def _lives(session: Session, table: Hostile, repeat: int) -> Check:
    """Whether a plain request is answered after those of a table."""
    health = await session.chat(session.body(max_completion_tokens=1), repeat=repeat)
    outcome = health.failure.message if health.failure else f"status {health.status}"
    first, *_, last = table
    return check(
        health.accepted,
        f"after {len(table)} hostile bodies ({first} to {last}) a valid request got {outcome}",
        expected="an answer",
        actual=outcome,
        exchange=health.exchange.id,
        requirement="error.survival",
    )
