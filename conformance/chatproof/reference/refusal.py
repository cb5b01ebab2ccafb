"""Why a request is refused."""

from __future__ import annotations


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
    ) -> None:
        super().__init__(message)
        self.status, self.kind, self.param, self.code = status, kind, param, code
