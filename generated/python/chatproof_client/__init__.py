"""Chat Completions API: typed bindings, generated from the OpenAPI document of chatproof.

    from chatproof_client import Client

    with Client(base_url="http://127.0.0.1:8000/v1", api_key="...") as client:
        print(client.list_models())
"""

from .client import AsyncClient, AsyncStream, Client, Stream
from .errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    ClientError,
    InvalidRequestError,
    MidStreamError,
    UnexpectedReplyError,
    InvalidError,
    UnauthorizedError,
    NotFoundError,
    UnprocessableError,
    TooManyRequestsError,
    ServerFailedError,
    UnavailableError,
)
from .sse import EventDecoder, ServerSentEvent

__version__ = "0.1.0"
__all__ = [
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "AsyncClient",
    "AsyncStream",
    "Client",
    "ClientError",
    "EventDecoder",
    "InvalidError",
    "InvalidRequestError",
    "MidStreamError",
    "NotFoundError",
    "ServerFailedError",
    "ServerSentEvent",
    "Stream",
    "TooManyRequestsError",
    "UnauthorizedError",
    "UnavailableError",
    "UnexpectedReplyError",
    "UnprocessableError",
]
