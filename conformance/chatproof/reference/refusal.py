"""Why a request is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Refusal(Exception):
    """A request is refused. Without a `status` it is the dialect's for a schema violation."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        kind: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = "wrong_api_format",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.headers = dict(headers or {})
        self.status, self.kind, self.param, self.code = status, kind, param, code
