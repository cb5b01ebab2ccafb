"""What can go wrong. Everything that the client raises is a ClientError."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class ClientError(Exception):
    """The base of all errors."""


class InvalidRequestError(ClientError, ValueError):
    """The request breaks its schema. It was not sent."""


class APIConnectionError(ClientError):
    """No reply, or only half of one."""


class APITimeoutError(APIConnectionError):
    """No reply in time."""


class UnexpectedReplyError(ClientError):
    """The server answered something that does not fit its schema; `value` is what it said.

    `event` is the number of the event in a stream, from 0; None where the answer is plain.
    """

    def __init__(self, message: str, value: Any, event: int | None = None) -> None:
        super().__init__(message)
        self.value, self.event = value, event


class MidStreamError(ClientError):
    """The server reported a failure in the middle of a stream; `body` is the whole report."""

    def __init__(self, message: str, body: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.body = body


class APIStatusError(ClientError):
    """The server refused the request, or failed. `body` is JSON where it could be read."""

    def __init__(self, status: int, message: str, body: Any, headers: Mapping[str, str]) -> None:
        super().__init__(f"{status}: {message}")
        self.status, self.message, self.body, self.headers = status, message, body, headers

    @property
    def detail(self) -> Mapping[str, Any]:
        """The error object, whatever envelope it came in."""
        inner = self.body.get("error", self.body) if isinstance(self.body, dict) else {}
        return inner if isinstance(inner, dict) else {"message": inner}

    @property
    def param(self) -> str | None:
        """The parameter at fault, where the server names it."""
        return self.detail.get("param")

    @property
    def code(self) -> str | None:
        """What went wrong, for programs."""
        return self.detail.get("code")


class InvalidError(APIStatusError):
    """400: The request breaks the schema or asks for something that cannot be."""


class UnauthorizedError(APIStatusError):
    """401: There is no key, or it is not good; the code is that of a wrong one."""


class NotFoundError(APIStatusError):
    """404: The model does not exist, or may not be used with this key."""


class UnprocessableError(APIStatusError):
    """422: The request breaks the schema. Sources disagree about the status: 422 until 2026-04-24, 400 since; both are allowed."""


class TooManyRequestsError(APIStatusError):
    """429: More requests or tokens than the rate limit allows."""


class ServerFailedError(APIStatusError):
    """500: The server failed. The request may be sent again."""


class UnavailableError(APIStatusError):
    """503: The server has no room for the request now."""


BY_STATUS: dict[int, type[APIStatusError]] = {
    400: InvalidError,
    401: UnauthorizedError,
    404: NotFoundError,
    422: UnprocessableError,
    429: TooManyRequestsError,
    500: ServerFailedError,
    503: UnavailableError,
}


def status_error(status: int, text: str, body: Any, headers: Mapping[str, str]) -> APIStatusError:
    """The error for a reply; `text` is its body as text."""
    kind = BY_STATUS.get(status, APIStatusError)
    error = kind(status, text[:500], body, headers)
    message = error.detail.get("message")
    return kind(status, message, body, headers) if isinstance(message, str) else error
