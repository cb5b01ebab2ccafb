"""One exchange as an entry of an HTTP Archive, and back again without loss.

HAR 1.2 has no place for some of what an exchange is; that stands in the entry's ``_chatproof``.
Of a request, headers that let somebody in are left out; of a reply, their values.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Annotated, Final, Literal
from urllib.parse import parse_qsl

from pydantic import Base64Bytes, ConfigDict, Field, TypeAdapter, with_config

from ..transport import message as http
from ..transport.secret import Secret, is_secret
from ..wire.exchange import (
    Auth,
    Exchange,
    Failure,
    FailureKind,
    Headers,
    Reply,
    Request,
    Segment,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..contract.document import Json
    from ..transport import BaseUrl

MEMBER: Final = "_chatproof"
HIDDEN: Final = "***"
"""In place of a cookie."""
STRICT: Final = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Sent:
    """An exchange, and how it was asked for: after how many segments we hung up, for what class."""

    exchange: Exchange
    hang_up_after: int | None = None
    cls: str = "core"


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class _Broken:
    kind: FailureKind
    message: str
    evidence: Base64Bytes


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class _Beyond:
    """What HAR has no place for; bytes are base64 in the file.

    `headers` are those that the request brought itself, `body` is the request's where it is no
    text, `segments` are the size of each and the milliseconds after which it came.
    """

    id: str
    path: str
    auth: Auth
    headers: Headers
    body: Base64Bytes | None
    segments: tuple[tuple[int, float], ...]
    failure: _Broken | None
    hang_up_after: int | None
    asked_for: str


@dataclass(frozen=True, slots=True)
class _Pair:
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class _Body:
    text: str
    encoding: Literal["base64"] | None = None


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    body: Annotated[_Body | None, Field(alias="postData")] = None


@dataclass(frozen=True, slots=True)
class _Response:
    status: int
    reason: Annotated[str, Field(alias="statusText")]
    version: Annotated[str, Field(alias="httpVersion")]
    headers: tuple[_Pair, ...]
    content: _Body


@dataclass(frozen=True, slots=True)
class _Entry:
    """Of what HAR has a place for, as much as an exchange is made of."""

    started: Annotated[datetime, Field(alias="startedDateTime")]
    time: float
    request: _Request
    response: _Response
    beyond: Annotated[_Beyond, Field(alias=MEMBER)]


_BEYOND: Final = TypeAdapter(_Beyond)
_ENTRY: Final = TypeAdapter(_Entry)


def entry_of(sent: Sent, base: BaseUrl, secret: Secret, user_agent: str) -> dict[str, Json]:
    """The entry for an exchange, without the key, wherever it stands.

    `base` and `user_agent` are those with which it was sent.
    """
    sent = replace(sent, exchange=_safe(sent.exchange, secret))
    exchange = sent.exchange
    first = exchange.reply.segments[0].at if exchange.reply and exchange.reply.segments else None
    wait = exchange.seconds if first is None else min(first, exchange.seconds)
    entry = {
        "startedDateTime": datetime.fromtimestamp(exchange.started, UTC).isoformat(
            timespec="microseconds"
        ),
        "time": _milliseconds(exchange.seconds),
        "request": _request(exchange.request, base, user_agent),
        "response": _response(exchange.reply),
        "cache": {},
        "timings": {
            "send": 0,
            "wait": _milliseconds(wait),
            "receive": _milliseconds(exchange.seconds - wait),
        },
        MEMBER: _BEYOND.dump_python(_beyond(sent), mode="json"),
    }
    safe: dict[str, Json] = secret.hide_in(entry)
    return safe


def sent_of(entry: Json) -> Sent:
    """The exchange of an entry that :func:`entry_of` made.

    Raises:
        ValueError: it is not such an entry.
    """
    read = _ENTRY.validate_python(entry)
    beyond, failure = read.beyond, read.beyond.failure
    body = beyond.body
    if body is None and read.request.body is not None:
        body = read.request.body.text.encode()
    exchange = Exchange(
        beyond.id,
        Request(read.request.method, beyond.path, beyond.headers, body, beyond.auth),
        _reply(read.response, beyond.segments),
        Failure(failure.kind, failure.message, failure.evidence) if failure else None,
        read.started.timestamp(),
        _seconds(read.time),
    )
    return Sent(exchange, beyond.hang_up_after, beyond.asked_for)


def bytes_of(text: str, encoding: Json) -> bytes:
    """The bytes of a body, from the text and encoding that a HAR ``content`` has.

    Raises:
        ValueError: it is no base64, though it says so.
    """
    if encoding == "base64":
        return base64.b64decode(text, validate=True)
    return text.encode("utf-8", "surrogatepass")


# Into the archive --------------------------------------------------------------------------------


def _safe(exchange: Exchange, secret: Secret) -> Exchange:
    """The exchange without what lets somebody in."""
    request, reply = exchange.request, exchange.reply
    headers = tuple(pair for pair in request.headers if not is_secret(pair[0].lower()))
    body = secret.hide_in(request.body)
    if reply is not None:
        fields = ((k, HIDDEN if is_secret(k.lower()) else v) for k, v in reply.headers)
        reply = replace(reply, headers=tuple(fields))
    reply, failure = secret.hide(reply, exchange.failure)
    request = replace(request, headers=headers, body=body)
    return replace(exchange, request=request, reply=reply, failure=failure)


def _request(request: Request, base: BaseUrl, user_agent: str) -> dict[str, Json]:
    fields = http.headers(request, base, user_agent, None)
    made = {
        "method": request.method,
        "url": f"{base}{request.path}".replace("#", "%23"),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(fields),
        "queryString": _pairs(parse_qsl(request.path.partition("?")[2], keep_blank_values=True)),
        "headersSize": -1,
        "bodySize": len(request.body or b""),
    }
    if request.body is not None:
        media = next((value for name, value in fields if name.lower() == "content-type"), "")
        made["postData"] = {"mimeType": media, "text": request.body.decode("utf-8", "replace")}
    return made


def _response(reply: Reply | None) -> dict[str, Json]:
    """Without a reply the status is 0, as browsers have it."""
    if reply is None:
        reply = Reply(0, "", (), (), "")
    body = reply.body
    content: dict[str, Json] = {
        "size": len(body),
        "mimeType": reply.header("content-type") or "x-unknown",
    }
    if (text := _text(body)) is not None:
        content["text"] = text
    else:
        content |= {"text": base64.b64encode(body).decode(), "encoding": "base64"}
    return {
        "status": reply.status,
        "statusText": reply.reason,
        "httpVersion": reply.version,
        "cookies": [],
        "headers": _pairs(reply.headers),
        "content": content,
        "redirectURL": reply.header("location") or "",
        "headersSize": -1,
        "bodySize": -1 if reply.header("content-encoding") else len(body),
    }


def _beyond(sent: Sent) -> _Beyond:
    exchange = sent.exchange
    request, reply, failure = exchange.request, exchange.reply, exchange.failure
    return _Beyond(
        id=exchange.id,
        path=request.path,
        auth=request.auth,
        headers=request.headers,
        body=request.body if _text(request.body or b"") is None else None,
        segments=tuple((len(s.data), _milliseconds(s.at)) for s in reply.segments) if reply else (),
        failure=_Broken(failure.kind, failure.message, failure.evidence) if failure else None,
        hang_up_after=sent.hang_up_after,
        asked_for=sent.cls,
    )


def _pairs(fields: Iterable[tuple[str, str]]) -> list[Json]:
    return [{"name": name, "value": value} for name, value in fields]


def _text(data: bytes) -> str | None:
    """The bytes as text, None where they are none."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)


# Out of the archive ------------------------------------------------------------------------------


def _reply(read: _Response, sizes: tuple[tuple[int, float], ...]) -> Reply | None:
    if not read.status:
        return None
    body = bytes_of(read.content.text, read.content.encoding)
    ends = list(accumulate((size for size, _ in sizes), initial=0))
    if ends[-1] != len(body):
        raise ValueError(f"its segments have {ends[-1]} bytes, its body {len(body)}")
    segments = tuple(
        Segment(_seconds(at), body[start:end])
        for (_, at), (start, end) in zip(sizes, pairwise(ends), strict=True)
    )
    fields = tuple((field.name, field.value) for field in read.headers)
    return Reply(read.status, read.reason, fields, segments, read.version)


def _seconds(milliseconds: float) -> float:
    return round(milliseconds / 1000, 6)
