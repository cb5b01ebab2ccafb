"""Traffic that others recorded: a browser's developer tools, a proxy, any tool that writes HAR.

Of such a file little is certain. Chrome leaves out bodies that it no longer has and marks what was
broken off with ``_error``; Firefox writes version 1.1, cuts long bodies, and an empty request body
where it dropped it; mitmproxy has null for what it passed through unread, and timings of null;
HTTP/2 brings names as ``:authority``. What is not certain to be whole is passed over and counted,
so that no server is blamed for what a tool left out.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from ..options import BadOption, Options
from ..transport import message as http
from ..transport.base_url import parse_base_url
from ..transport.secret import Secret, is_secret
from ..wire.answer import mapping, mappings, text
from ..wire.exchange import Exchange, Headers, Reply, Request, Segment
from ..wire.jsontext import parse
from .entry import HIDDEN, Sent, bytes_of
from .recording import NO_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..contract.document import Json

CHAT: Final = "/chat/completions"
MODELS: Final = "/models"
KEPT: Final = frozenset({"accept", "content-type", "content-encoding"})
"""Of a request's headers, those that a server decides by, and that say nothing of who sent it."""
SHOWN: Final = 10
"""So many servers are listed where one is to be chosen."""
_SECRET_VALUES = re.compile(r"(?i)([?&][^=&]*(?:key|token|secret|sig|password)[^=&]*=)[^&]*")


class _PassedOver(Exception):
    """An exchange is not judged. The message says what it is without."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """What others recorded of one server. `note` says what was passed over, if anything was."""

    url: str
    sent: tuple[Sent, ...]
    note: str

    @property
    def models(self) -> tuple[str, ...]:
        """The models that were asked, the one asked most first."""
        bodies = (mapping(parse(s.exchange.request.body or b"").value) for s in self.sent)
        named = Counter(name for body in bodies if (name := text(body.get("model"))))
        return tuple(name for name, _ in named.most_common())

    def options(self, **others: Any) -> Options:
        """Options under which it can be judged."""
        return Options(**{"url": self.url, "key": NO_KEY, "examples": 0, **others})


def foreign_of(log: Json, base: str | None) -> Foreign:
    """What a HAR ``log`` has of the server with that base URL; None where there is only one.

    Raises:
        BadOption: it has nothing of such a server, or of several.
    """
    entries = mappings(mapping(log).get("entries"))
    chosen = _choose([found for entry in entries if (found := _base(entry))], base)
    sent: list[Sent] = []
    without: Counter[str] = Counter()
    for number, entry in enumerate(entries, 1):
        path = _path(entry, chosen)
        if path is not None:
            try:
                sent.append(Sent(_exchange(f"entry-{number}", entry, path)))
            except _PassedOver as reason:
                without[str(reason)] += 1
    if not sent:
        raise BadOption(f"it has nothing of {chosen} that can be judged: {_words(without)}")
    return Foreign(chosen, tuple(sent), f"passed over: {_words(without)}" if without else "")


def _words(without: Counter[str]) -> str:
    return "exchanges " + ", ".join(f"{what} ({count})" for what, count in sorted(without.items()))


# Which server ------------------------------------------------------------------------------------


def _base(entry: dict[str, Json]) -> tuple[bool, str] | None:
    """Whether it is a chat, and the base URL that it went to."""
    request = mapping(entry.get("request"))
    url = (text(request.get("url")) or "").partition("#")[0].partition("?")[0]
    for method, end in (("POST", CHAT), ("GET", MODELS)):
        if request.get("method") == method and url.endswith(end):
            try:
                return end == CHAT, str(parse_base_url(url.removesuffix(end)))
            except ValueError:
                return None
    return None


def _choose(found: list[tuple[bool, str]], base: str | None) -> str:
    """Web applications have a path /models too: where there are chats, only their servers count."""
    chats = Counter(url for is_chat, url in found if is_chat)
    known = [url for url, _ in (chats or Counter(url for _, url in found)).most_common()]
    if not known:
        raise BadOption(
            f"it has no POST …{CHAT} and no GET …{MODELS}, so there is nothing to judge"
        )
    listed = ", ".join(known[:SHOWN]) + (" and others" if len(known) > SHOWN else "")
    if base is None:
        if len(known) > 1:
            raise BadOption(f"it has traffic of several servers; choose one with --base: {listed}")
        return known[0]
    try:
        wanted = str(parse_base_url(base))
    except ValueError as error:
        raise BadOption(str(error)) from None
    if wanted not in {url for _, url in found}:
        raise BadOption(f"it has no traffic of {wanted}; choose of {listed}")
    return wanted


def _path(entry: dict[str, Json], base: str) -> str | None:
    """The path behind the base URL, with its query but no secret; None for other traffic."""
    request = mapping(entry.get("request"))
    url, _, query = (text(request.get("url")) or "").partition("#")[0].partition("?")
    prefix = urlsplit(base).path
    try:
        other = parse_base_url(url)
    except ValueError:
        return None
    if other.origin != base.removesuffix(prefix) or not other.prefix.startswith(prefix):
        return None
    path = other.prefix.removeprefix(prefix)
    models = path == MODELS or path.startswith(MODELS + "/")
    if (request.get("method"), path) == ("POST", CHAT) or (
        request.get("method") == "GET" and models
    ):
        return path + (_SECRET_VALUES.sub(rf"\1{HIDDEN}", "?" + query) if query else "")
    return None


# One exchange ------------------------------------------------------------------------------------


def _exchange(name: str, entry: dict[str, Json], path: str) -> Exchange:
    asked, answered = mapping(entry.get("request")), mapping(entry.get("response"))
    fields = _fields(asked)
    status = answered.get("status")
    if not isinstance(status, int) or not 100 <= status <= 999:
        raise _PassedOver("without a reply")
    if answered.get("_error"):
        raise _PassedOver("that were broken off")
    request = _request(asked, fields, path)
    reply = _reply(status, answered, _at(entry))
    body = request.body
    for secret in _secrets(fields):
        reply, body = secret.hide_reply(reply), secret.hide_in(body)
    request = Request(request.method, request.path, request.headers, body)
    return Exchange(name, request, reply, None, _started(entry), _number(entry.get("time")))


def _request(asked: dict[str, Json], fields: Headers, path: str) -> Request:
    body: bytes | None = None
    if asked["method"] == "POST":
        body = _body(mapping(asked.get("postData")), "request's")
        if not body:
            raise _PassedOver("without their request's body")
    headers = tuple(pair for pair in fields if pair[0].lower() in KEPT)
    request = Request(asked["method"], path, headers, body)
    try:
        http.check_request(request)
    except ValueError:
        raise _PassedOver("that no HTTP/1.1 message can carry") from None
    return request


def _reply(status: int, answered: dict[str, Json], at: float) -> Reply:
    content = mapping(answered.get("content"))
    body = _body(content, "reply's")
    size = content.get("size")
    if body is None:
        raise _PassedOver("without their reply's body")
    if isinstance(size, int) and size > len(body):
        raise _PassedOver("with a cut reply")
    fields = tuple(
        (name.lower(), HIDDEN if is_secret(name.lower()) else value)
        for name, value in _fields(answered)
    )
    segments = (Segment(at, body),) if body else ()
    version = text(answered.get("httpVersion")) or ""
    return Reply(status, text(answered.get("statusText")) or "", fields, segments, version)


def _body(content: dict[str, Json], whose: str) -> bytes | None:
    written = content.get("text")
    if not isinstance(written, str):
        return None
    try:
        return bytes_of(written, content.get("encoding"))
    except ValueError:
        raise _PassedOver(f"with a {whose} body that is not the base64 it says") from None


def _fields(message: dict[str, Json]) -> Headers:
    """The header fields, without the names that begin with a colon, which are HTTP/2's own."""
    pairs = ((f.get("name"), f.get("value")) for f in mappings(message.get("headers")))
    return tuple(
        (name, value)
        for name, value in pairs
        if isinstance(name, str) and isinstance(value, str) and not name.startswith(":")
    )


def _secrets(fields: Headers) -> Iterator[Secret]:
    """What let somebody in, to be hidden wherever the server repeats it."""
    for name, value in fields:
        if is_secret(name.lower()):
            yield Secret(value.strip().rpartition(" ")[2])


def _at(entry: dict[str, Json]) -> float:
    """When the reply began, in seconds; its end where that is all there is."""
    wait = mapping(entry.get("timings")).get("wait")
    return _number(wait if isinstance(wait, (int, float)) and wait >= 0 else entry.get("time"))


def _number(milliseconds: Json) -> float:
    known = isinstance(milliseconds, (int, float)) and milliseconds >= 0
    return round(milliseconds / 1000, 6) if known else 0.0


def _started(entry: dict[str, Json]) -> float:
    try:
        return datetime.fromisoformat(text(entry.get("startedDateTime")) or "").timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0
