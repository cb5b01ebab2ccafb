"""What goes on the wire for a request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ..wire.exchange import Auth, Headers, Request
    from .base_url import BaseUrl

WRONG_KEY: Final = "chatproof-wrong-key"
ACCEPT: Final = "application/json, text/event-stream"

# Headers that say where a message or a connection ends. A request that brings its own may
# mean to be wrong about it, so nothing else is sent over its connection afterwards.
FRAMING: Final = frozenset(
    {"connection", "content-length", "expect", "transfer-encoding", "upgrade"}
)

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_TARGET = re.compile(r"(/[\x21-\x7e]*)?")
_KEY = re.compile(r"[\x21-\x7e]+")


def authorization(auth: Auth, key: str | None) -> str | None:
    """The Authorization header's value, None for no such header."""
    if auth == "wrong":
        return f"Bearer {WRONG_KEY}"
    if auth == "none" or key is None:
        return None
    return f"Bearer {key}"


def check_key(key: str) -> None:
    """Raises ValueError, without the key in it, for a key that a header cannot carry."""
    if not _KEY.fullmatch(key):
        raise ValueError(
            "the API key is empty or has a space, line break or non-ASCII character in it: "
            "check how the variable was set"
        )


def check_request(request: Request) -> None:
    """Raises ValueError for a request that no HTTP/1.1 message can carry as it is meant.

    Values are not repeated: they may be secret.
    """
    if not _TOKEN.fullmatch(request.method):
        raise ValueError(f"not an HTTP method: {request.method!r}")
    if not _TARGET.fullmatch(request.path):
        raise ValueError(f"a path begins with '/' and is visible ASCII: {request.path!r}")
    for name, value in request.headers:
        if not _TOKEN.fullmatch(name):
            raise ValueError(f"not a header name: {name!r}")
        if not _VALUE.fullmatch(value):
            raise ValueError(f"header {name}: the value has a character that ends or breaks it")


def headers(request: Request, base_url: BaseUrl, user_agent: str, bearer: str | None) -> Headers:
    """All headers of a request: the transport's own, except those that the request brings."""
    own = [
        ("Host", base_url.authority),
        ("User-Agent", user_agent),
        ("Accept", ACCEPT),
        ("Accept-Encoding", "identity"),
    ]
    if bearer is not None:
        own.append(("Authorization", bearer))
    brought = {name.lower() for name, _ in request.headers}
    if request.body is not None:
        own.append(("Content-Type", "application/json"))
        if "transfer-encoding" not in brought:
            own.append(("Content-Length", str(len(request.body))))
    if not brought:
        return tuple(own)
    return (*(pair for pair in own if pair[0].lower() not in brought), *request.headers)


def head(request: Request, base_url: BaseUrl, fields: Headers) -> list[str]:
    """The request line and the header lines."""
    target = base_url.prefix + request.path or "/"
    return [f"{request.method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields)]


def serialise(request: Request, base_url: BaseUrl, fields: Headers) -> bytes:
    """Head and body as one piece of bytes."""
    text = "\r\n".join(head(request, base_url, fields)) + "\r\n\r\n"
    return text.encode("latin-1") + (request.body or b"")


def frames_itself(request: Request) -> bool:
    """Whether the request brings headers that decide where it, or its connection, ends."""
    return any(name.lower() in FRAMING for name, _ in request.headers)
