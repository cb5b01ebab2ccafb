"""Undoing a content encoding piece by piece, within a bound.

The suite asks for ``identity``; servers and proxies compress nevertheless.
"""

from __future__ import annotations

import zlib
from typing import Protocol


class ContentError(Exception):
    """The content encoding cannot be undone, or only beyond the bound.

    `partial` is what was decoded out of the last piece before the fault.
    """

    def __init__(self, message: str, partial: bytes = b"") -> None:
        super().__init__(message)
        self.partial = partial


class ContentTooLarge(ContentError):
    """The body is larger than the bound after its content encoding is undone."""


class Decoder(Protocol):
    def feed(self, data: bytes) -> bytes:
        """What `data` adds to the decoded body. Raises ContentError."""

    def finish(self) -> None:
        """Raises ContentError if the encoded data are not whole."""


def decoder(content_encoding: str, limit: int) -> Decoder:
    """The decoder for a Content-Encoding header's value. `limit`: decoded bytes in all."""
    codings = [name.strip().lower() for name in content_encoding.split(",")]
    codings = [name for name in codings if name not in ("", "identity")]
    if not codings:
        return Identity()
    if codings in (["gzip"], ["x-gzip"], ["deflate"]):
        return Inflate(gzip=codings != ["deflate"], limit=limit)
    return Unknown(content_encoding)


class Identity:
    def feed(self, data: bytes) -> bytes:
        return data

    def finish(self) -> None:
        return


class Unknown:
    """Keeps the bytes as they came and tells at the end that they mean nothing to us."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._any = False

    def feed(self, data: bytes) -> bytes:
        self._any = True
        return data

    def finish(self) -> None:
        if self._any:
            raise ContentError(f"the content encoding {self._name[:100]!r} was not asked for")


class Inflate:
    """gzip, and deflate with the zlib wrapper of RFC 9110 or, as many servers send it, without."""

    def __init__(self, *, gzip: bool, limit: int) -> None:
        self._room = limit
        self._limit = limit
        self._gzip = gzip
        self._first = b""  # a lone first byte: two tell the wrappers of deflate apart
        self._any = False
        self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 16) if gzip else None

    def feed(self, data: bytes) -> bytes:
        self._any = self._any or bool(data)
        if self._inflate is None:
            data = self._first + data
            if len(data) < 2:
                self._first = data
                return b""
            self._inflate = zlib.decompressobj(_deflate_wbits(data))
        # One byte more than there is room for tells a body that fits from one that does not.
        try:
            out = self._inflate.decompress(data, self._room + 1)
        except zlib.error as error:
            raise ContentError(f"the {self._name} data are corrupt: {error}") from None
        if len(out) > self._room:
            raise ContentTooLarge(
                f"the {self._name} data decode to more than {self._limit:,} bytes",
                out[: self._room],
            )
        self._room -= len(out)
        if self._inflate.unused_data:
            raise ContentError(f"there are bytes after the end of the {self._name} data", out)
        return out

    def finish(self) -> None:
        if self._any and not (self._inflate is not None and self._inflate.eof):
            raise ContentError(f"the {self._name} data end too early")

    @property
    def _name(self) -> str:
        return "gzip" if self._gzip else "deflate"


def _deflate_wbits(start: bytes) -> int:
    """The zlib header is CM 8 with a check sum (RFC 1950, 2.2); anything else is raw deflate."""
    wrapped = start[0] & 0x0F == 8 and (start[0] << 8 | start[1]) % 31 == 0
    return zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS
