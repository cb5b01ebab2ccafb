"""The base URL of a server, taken apart once and checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

PORTS = {"http": 80, "https": 443}
_VISIBLE = re.compile(r"[\x21-\x7e]*")


@dataclass(frozen=True, slots=True)
class BaseUrl:
    """Where requests go. `prefix` is the path that precedes each request's, without end slash.

    `host` is what a connection is made to: a name in its ASCII form or an address, the latter
    without brackets.
    """

    scheme: str
    host: str
    port: int
    prefix: str

    @property
    def authority(self) -> str:
        """Host and, where it is not the scheme's own, port: the Host header's value."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.authority}"

    def __str__(self) -> str:
        return self.origin + self.prefix


def parse_base_url(text: str) -> BaseUrl:
    """Takes a base URL such as ``http://127.0.0.1:8000/v1`` apart.

    Raises ValueError, with one line that says what to write instead. The line never repeats a
    part that may hold a secret (user information, query).
    """
    text = text.strip()
    scheme, separator, rest = text.partition("://")
    if not separator:
        raise ValueError(_no_scheme(text))
    if scheme.lower() not in PORTS:
        raise ValueError(f"the base URL has the scheme {scheme!r}: use http or https")
    # Looked for in the raw text: urlsplit would drop line breaks and empty queries in silence.
    if "?" in rest or "#" in rest:
        raise ValueError("the base URL has a query or a fragment: leave out '?', '#' and the rest")
    if "@" in rest.partition("/")[0]:
        raise ValueError(
            "the base URL has a user name or password: leave it out and give the API key apart"
        )
    if not all(character.isprintable() and character != " " for character in rest):
        raise ValueError("the base URL has a space or control character: leave it out")
    try:
        parts = urlsplit(text)
        host, port = _host(parts), parts.port
    except ValueError:
        raise ValueError(f"the base URL has no valid host and port: {_EXAMPLE}") from None
    if not host or port == 0:
        raise ValueError(f"the base URL has no valid host and port: {_EXAMPLE}")
    if not _VISIBLE.fullmatch(parts.path):
        raise ValueError("the base URL's path is not ASCII: percent-encode it")
    scheme = parts.scheme
    return BaseUrl(scheme, host, port or PORTS[scheme], parts.path.rstrip("/"))


_EXAMPLE = "write it like http://127.0.0.1:8000/v1"


def _no_scheme(text: str) -> str:
    if not text:
        return f"the base URL is empty: {_EXAMPLE}"
    if text.lower().startswith(("http:", "https:")):
        return f"the base URL has no '//' after its scheme: {_EXAMPLE}"
    if set("@?#") & set(text) or not text.isprintable():
        return f"the base URL has no scheme: {_EXAMPLE}"
    return f"the base URL {text!r} has no scheme: write http://{text} or https://{text}"


def _host(parts: SplitResult) -> str:
    """The host in ASCII; raises ValueError (UnicodeError included) where it has no such form."""
    host = parts.hostname or ""
    if ":" in host:
        return host
    ascii_host = host.encode("idna").decode("ascii")
    if not re.fullmatch(r"[a-z0-9._-]*", ascii_host):
        raise ValueError("not a host name")
    return ascii_host
