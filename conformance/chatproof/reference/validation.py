"""Requests against the document, and what the server makes of those that a fault lets through."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..contract import Judge
from .refusal import Refusal

if TYPE_CHECKING:
    from ..contract import Breach, Contract
    from ..contract.document import Json

UNKNOWN_MODEL = "request.model.unknown"


def parse(data: bytes) -> Json:
    """The JSON object of a request body, read strictly.

    Raises:
        Refusal: it is no JSON object in UTF-8.
    """

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    try:
        body = json.loads(data.decode("utf-8"), parse_constant=refuse)
        json.dumps(body, ensure_ascii=False).encode("utf-8")  # lone surrogates
    except (ValueError, RecursionError) as error:
        raise Refusal(f": Invalid JSON: {error}", status=400, param="validation_error") from None
    if not isinstance(body, dict):
        raise Refusal(": Input should be an object", status=400, param="validation_error")
    return body


class Validation:
    """Judges requests by the server's own copy of the document, which a fault may have changed."""

    def __init__(self, contract: Contract, document: Json) -> None:
        self._strict = contract.judge("request")
        self._own = self._strict
        if document is not contract.document:
            self._own = Judge(document, self._strict.name)

    def checked(self, body: Json) -> Json:
        """The request as it is carried out.

        Raises:
            Refusal: it breaks the document.
        """
        breaches = [b for b in self._own.breaches(body) if b.requirement != UNKNOWN_MODEL]
        if breaches:
            raise _refusal(breaches)
        return body if self._own is self._strict else self._usable(body)

    def _usable(self, body: Json) -> Json:
        """Without what only a fault let through: a careless server ignores what it cannot use."""
        broken = {b.location.split("/")[1] for b in self._strict.breaches(body) if b.location}
        usable = {key: value for key, value in body.items() if key not in broken}
        missing = {b.requirement for b in self._strict.breaches(usable)}
        if "request.messages.required" in missing:
            usable["messages"] = [{"role": "user", "content": "Hello."}]
        if "request.model.required" in missing or "model" not in usable:
            usable["model"] = body["model"] if isinstance(body.get("model"), str) else "unnamed"
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
