"""Requests against the document, and what the server makes of those that a fault lets through."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING

import ormsgpack

from ..wire.jsontext import too_deep
from .refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..contract import Breach, Contract
    from ..contract.document import Json

UNKNOWN_MODEL = "request.model.unknown"
GZIP, MSGPACK = "request.body.gzip", "request.body.msgpack"
MSGPACK_TYPES = ("application/vnd.msgpack", "application/msgpack", "application/x-msgpack")
LARGEST = 64 * 2**20
"""Bytes of a body that was compressed."""


def unpacked(data: bytes, headers: Mapping[str, str], contract: Contract) -> bytes:
    """The JSON text of a request body, out of the forms that the dialect may take.

    Raises:
        Refusal: it is not what its headers say, or larger than is sensible.
    """
    try:
        if GZIP in contract.requirements and headers.get("content-encoding") == "gzip":
            unzip = zlib.decompressobj(wbits=31)
            data = unzip.decompress(data, LARGEST)
            if not unzip.eof:
                raise ValueError("it is too long, or broken off")
        kind = headers.get("content-type", "").partition(";")[0].strip()
        if MSGPACK in contract.requirements and kind in MSGPACK_TYPES:
            data = json.dumps(ormsgpack.unpackb(data)).encode()
    except (ValueError, TypeError, zlib.error) as error:
        raise Refusal(f": Invalid body: {error}", status=400, when="validation") from None
    return data


def parse(data: bytes) -> Json:
    """The JSON object of a request body, read strictly. Half surrogate pairs are replaced.

    Raises:
        Refusal: it is no JSON object in UTF-8.
    """

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    try:
        body = json.loads(data.decode("utf-8"), parse_constant=refuse)
        if rb"\ud" in data.lower():
            body = json.loads(json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise Refusal(f": Invalid JSON: {error}", status=400, when="validation") from None
    if too_deep(body):  # what reads it further could not; where that ends depends on the process
        raise Refusal(": Invalid JSON: too deep", status=400, when="validation")
    if not isinstance(body, dict):
        raise Refusal(": Input should be an object", status=400, when="validation")
    return body


def checked(body: Json, breaches: list[Breach], contract: Contract) -> Json:
    """The request as it is carried out, without what only a fault let through.

    `breaches` are those that the server has noticed. What it has overlooked it cannot use, and
    ignores, as a careless server does.

    Raises:
        Refusal: it noticed one. An unknown model is another matter, and looked at later.
    """
    noticed = [breach for breach in breaches if breach.requirement != UNKNOWN_MODEL]
    if noticed:
        raise _refusal(noticed, "validation" if contract.breaks_keyword(noticed) else "")
    overlooked = contract.breaches(body)
    if not overlooked:
        return body
    broken = {b.location.split("/")[1] for b in overlooked if b.location} - {"model"}
    usable = {key: value for key, value in body.items() if key not in broken}
    usable.setdefault("messages", [{"role": "user", "content": "Hello."}])
    if not isinstance(usable.get("model"), str):
        usable["model"] = "unnamed"
    return usable


def _refusal(breaches: list[Breach], when: str) -> Refusal:
    """One line for each breach; the parameter at fault is that of the first."""
    lines = [f"{_path(b) or 'body'}: {b.message}" for b in breaches]
    return Refusal("\n".join(lines), when=when, param=_param(breaches[0]))


def _path(breach: Breach) -> str:
    return breach.location.strip("/").replace("/", ".")


def _param(breach: Breach) -> str:
    path = _path(breach)
    if breach.keyword == "required":
        missing = str(breach.expected).removeprefix("the property ").strip("'")
        return f"{path}.{missing}" if path else missing
    return path
