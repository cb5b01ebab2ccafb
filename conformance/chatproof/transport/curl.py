"""The curl line that reproduces a request."""

from __future__ import annotations

import base64
import json
import shlex
from typing import TYPE_CHECKING, Final

from . import message
from .base_url import BaseUrl, parse_base_url
from .message import ACCEPT, WRONG_KEY, check_request

if TYPE_CHECKING:
    from ..wire.exchange import Request

KEY_VARIABLE: Final = "CHATPROOF_API_KEY"
_LONGEST_LITERAL: Final = 2000


def curl(request: Request, base_url: str | BaseUrl, *, has_key: bool = True) -> str:
    """A line for a POSIX shell that sends `request` again.

    The key is not in it: it is read from the environment variable CHATPROOF_API_KEY; `has_key`
    False says that none is configured, so that none is sent. A body that is long, or not
    printable text, goes through base64. Raises ValueError as :func:`parse_base_url` does, or for
    a request that cannot be sent.
    """
    check_request(request)
    base = parse_base_url(base_url) if isinstance(base_url, str) else base_url
    body = request.body
    literal = None if body is None else _literal(body)
    words = ["curl -sS -i", *_switches(request, base), *_headers(request, has_key)]
    if literal is not None:
        words.append(f"--data-raw {shlex.quote(literal)}")
    elif body is not None:
        words.append("--data-binary @-")
    line = " ".join([*words, shlex.quote(_url(request, base))])
    if body is None or literal is not None:
        return line
    return f"echo {base64.b64encode(body).decode()} | base64 -d | {line}"


def head(request: Request, base_url: str, user_agent: str, *, has_key: bool = True) -> list[str]:
    """The lines of the head with which `request` was sent; the variable's name stands for the key.

    Raises ValueError as :func:`curl` does.
    """
    check_request(request)
    base = parse_base_url(base_url)
    bearer = message.authorization(request.auth, f"${KEY_VARIABLE}" if has_key else None)
    return message.head(request, base, message.headers(request, base, user_agent, bearer))


def _url(request: Request, base: BaseUrl) -> str:
    return base.origin + (base.prefix + request.path or "/")


def _switches(request: Request, base: BaseUrl) -> list[str]:
    url = _url(request, base)
    words = []
    if base.scheme == "https":
        words.append("--http1.1")  # as the transport speaks; curl would choose HTTP/2
    if _streams(request):
        words.append("-N")
    if set("[]{}") & set(url):
        words.append("--globoff")
    if "/." in url:
        words.append("--path-as-is")
    if request.method == "HEAD" and request.body is None:
        words.append("--head")  # -X HEAD would wait for a body
    elif request.method != ("GET" if request.body is None else "POST"):
        words.append(f"-X {shlex.quote(request.method)}")
    return words


def _headers(request: Request, has_key: bool) -> list[str]:
    """The headers in which curl's own choice would differ from the transport's."""
    brought = {name.lower() for name, _ in request.headers}
    words = []
    if "authorization" not in brought:
        if request.auth == "wrong":
            words.append(f"-H 'Authorization: Bearer {WRONG_KEY}'")
        elif request.auth == "key" and has_key:
            words.append(f'-H "Authorization: Bearer ${KEY_VARIABLE}"')
    if request.body is not None and "content-type" not in brought:
        words.append("-H 'Content-Type: application/json'")
    if "accept" not in brought:
        words.append(f"-H 'Accept: {ACCEPT}'")
    for name, value in request.headers:
        # curl reads "Name:" as "leave it out" and "Name;" as "send it empty".
        words.append("-H " + shlex.quote(f"{name}: {value}" if value.strip() else f"{name};"))
    return words


def _streams(request: Request) -> bool:
    try:
        body = json.loads(request.body or b"null")
    except (ValueError, RecursionError):
        return False
    return isinstance(body, dict) and body.get("stream") is True


def _literal(body: bytes) -> str | None:
    """The body as text that may stand in a shell line and on a terminal, or None."""
    if len(body) > _LONGEST_LITERAL:
        return None
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return text if text.replace("\n", "").replace("\t", "").isprintable() else None
