"""Requests against the document, and what the server makes of those that a fault lets through."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..wire.jsontext import too_deep
from .refusal import Refusal

if TYPE_CHECKING:
    from ..contract import Breach, Contract
    from ..contract.document import Json

UNKNOWN_MODEL = "request.model.unknown"


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
        raise Refusal(f": Invalid JSON: {error}", status=400, param="validation_error") from None
    if too_deep(body):  # what reads it further could not; where that ends depends on the process
        raise Refusal(": Invalid JSON: too deep", status=400, param="validation_error")
    if not isinstance(body, dict):
        raise Refusal(": Input should be an object", status=400, param="validation_error")
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
        raise _refusal(noticed)
    overlooked = contract.breaches(body)
    if not overlooked:
        return body
    broken = {b.location.split("/")[1] for b in overlooked if b.location} - {"model"}
    usable = {key: value for key, value in body.items() if key not in broken}
    usable.setdefault("messages", [{"role": "user", "content": "Hello."}])
    if not isinstance(usable.get("model"), str):
        usable["model"] = "unnamed"
    return usable


def _refusal(breaches: list[Breach]) -> Refusal:
    """One line for each breach; the parameter at fault is that of the first."""
    lines = [f"{_path(b) or 'body'}: {b.message}" for b in breaches]
    return Refusal("\n".join(lines), param=_param(breaches[0]))


def _path(breach: Breach) -> str:
    return breach.location.strip("/").replace("/", ".")


def _param(breach: Breach) -> str:
    path = _path(breach)
    if breach.keyword == "required":
        missing = str(breach.expected).removeprefix("the property ").strip("'")
        return f"{path}.{missing}" if path else missing
    return path
