"""Why a request is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Refusal(Exception):
    """A request is refused. Without a `status` it is the dialect's for a schema violation.

    `when` is what happened, by the document's `x-when`: what is documented of the error then goes
    before `kind`, `param` and `code`. An empty `code` is the dialect's for a request that is wrong.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        when: str = "",
        kind: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.headers = dict(headers or {})
        self.status, self.when = status, when
        self.kind, self.param, self.code = kind, param, code
