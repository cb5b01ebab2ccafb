"""Chat Completions API: a client for programs that wait, and one for programs that do not."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import time
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar
from urllib.parse import quote

import httpx2
import pydantic

from . import models
from .errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    InvalidRequestError,
    MidStreamError,
    UnexpectedReplyError,
    status_error,
)
from .retries import delay, may_be_repeated
from .sse import EventDecoder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping
    from types import TracebackType
    from typing import Unpack

    from . import params

BASE_URL = "http://127.0.0.1:8000/v1"
KEY_VARIABLE = "CHATPROOF_API_KEY"
TERMINATORS = frozenset(['[DONE]'])
Model = TypeVar("Model", bound=pydantic.BaseModel)


class _Settings:
    """Where to ask, with which key, how long, and how often."""

    def __init__(
        self, base_url: str | None, api_key: str | None, timeout: float, max_retries: int
    ) -> None:
        self.base_url = (base_url or BASE_URL).rstrip("/")
        self.max_retries = max_retries
        self.timeout = timeout
        key = api_key or os.environ.get(KEY_VARIABLE)
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}

    def request(
        self, client: Any, method: str, path: str, body: Mapping[str, Any] | None
    ) -> httpx2.Request:
        made: httpx2.Request = client.build_request(
            method, self.base_url + path, json=body, headers=self.headers, timeout=self.timeout
        )
        return made

    def wait(self, attempt: int, response: httpx2.Response | None) -> float | None:
        """Seconds until the next attempt; None where there is none. No reply is no response."""
        if attempt >= self.max_retries:
            return None
        if response is None:
            return delay(attempt, {})
        if not may_be_repeated(response.status_code, response.headers):
            return None
        return delay(attempt, response.headers)


def _body(model: type[pydantic.BaseModel], fields: Mapping[str, Any]) -> dict[str, Any]:
    """A request as JSON, seen to fit its schema."""
    try:
        made = model.model_validate(fields)
    except pydantic.ValidationError as error:
        raise InvalidRequestError(str(error)) from error
    return made.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _read(model: type[Model], text: str, event: int | None = None) -> Model:
    """What a server said, as a model."""
    try:
        value = json.loads(text)
        return model.model_validate(value)
    except pydantic.ValidationError as error:
        place = "the answer" if event is None else f"event {event}"
        raise UnexpectedReplyError(f"{place} does not fit: {error}", value, event) from error
    except ValueError as error:
        place = "the answer" if event is None else f"event {event}"
        raise UnexpectedReplyError(f"{place} is no JSON: {error}", text, event) from error


def _refused(response: httpx2.Response) -> APIStatusError:
    try:
        body = response.json()
    except ValueError:
        body = None
    return status_error(response.status_code, response.text, body, response.headers)


def _failed(error: httpx2.RequestError) -> APIConnectionError:
    if isinstance(error, httpx2.TimeoutException):
        return APITimeoutError("no reply in time")
    return APIConnectionError(str(error) or type(error).__name__)


class _Events:
    """The data of a stream's events, until the terminator; raises what the server reports."""

    def __init__(self) -> None:
        self._decoder = EventDecoder()
        self._count = 0
        self.ended = False

    def feed(self, data: bytes, model: type[Model]) -> Iterator[Model]:
        for event in self._decoder.feed(data):
            if event.data in TERMINATORS:
                self.ended = True
                return
            number, self._count = self._count, self._count + 1
            self._check(event.data)
            yield _read(model, event.data, number)

    @staticmethod
    def _check(data: str) -> None:
        try:
            value = json.loads(data)
        except ValueError:
            return  # the reader says where
        error = value.get("error") if isinstance(value, dict) else None
        if error:
            message = error.get("message") if isinstance(error, dict) else error
            raise MidStreamError(str(message), value)


class Stream(Generic[Model]):
    """The chunks of a streamed answer; closes the connection when it is left."""

    def __init__(self, response: httpx2.Response, model: type[Model]) -> None:
        self.response = response
        self._model = model

    def __iter__(self) -> Iterator[Model]:
        events = _Events()
        try:
            for data in self.response.iter_bytes():
                for chunk in events.feed(data, self._model):
                    yield chunk
                if events.ended:
                    return
        except httpx2.RequestError as error:
            raise _failed(error) from error

    def close(self) -> None:
        """Hang up."""
        self.response.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Client:
    """A client that waits for each answer.

    `api_key` is taken from the environment variable CHATPROOF_API_KEY where it is not given;
    `timeout` is in seconds. What may succeed another time is tried up to `max_retries` times
    more, after the delay that the server asks for; a stream only until it has begun.
    """

    def __init__(
        self,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        timeout: float = 60.0,
        max_retries: int = 2,
        http_client: httpx2.Client | None = None,
    ) -> None:
        self._settings = _Settings(base_url, api_key, timeout, max_retries)
        self._owns_http = http_client is None
        self._http = http_client or httpx2.Client()

    def create_chat_completion(self, **fields: Unpack[params.ChatCompletionRequest]) -> models.ChatCompletion:
        """Continue a conversation.

        Answers with a completion, or, where `stream` is true, with a stream of chunks that add up to the same answer.

        Raises:
            InvalidRequestError: the request breaks its schema.
            APIStatusError: the server refuses it, or fails.
            APIConnectionError: there is no reply.
            UnexpectedReplyError: the answer does not fit its schema.
        """
        body = _body(models.ChatCompletionRequest, fields) | {"stream": False}
        response = self._send("POST", "/chat/completions", body)
        return _read(models.ChatCompletion, response.text)

    def stream_chat_completion(
        self, **fields: Unpack[params.ChatCompletionRequest]
    ) -> Stream[models.ChatCompletionChunk]:
        """Continue a conversation, in pieces.

        Use the result in a `with` block and iterate over it.

        Raises:
            MidStreamError: while it is read, the server reports a failure.
        """
        body = _body(models.ChatCompletionRequest, fields) | {"stream": True}
        response = self._send("POST", "/chat/completions", body, stream=True)
        return Stream(response, models.ChatCompletionChunk)

    def list_models(self) -> models.ModelList:
        """List the models.

        Lists what can be named as `model`. There are no pages.

        Raises:
            InvalidRequestError: the request breaks its schema.
            APIStatusError: the server refuses it, or fails.
            APIConnectionError: there is no reply.
            UnexpectedReplyError: the answer does not fit its schema.
        """
        response = self._send("GET", "/models", None)
        return _read(models.ModelList, response.text)

    def retrieve_model(self, model: str) -> models.Model:
        """Describe one model.

        Describes one model of the list.

        Raises:
            InvalidRequestError: the request breaks its schema.
            APIStatusError: the server refuses it, or fails.
            APIConnectionError: there is no reply.
            UnexpectedReplyError: the answer does not fit its schema.
        """
        response = self._send("GET", f"/models/{quote(model, safe='')}", None)
        return _read(models.Model, response.text)

    def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None, *, stream: bool = False
    ) -> httpx2.Response:
        """Ask until there is a reply that counts."""
        for attempt in itertools.count():
            request = self._settings.request(self._http, method, path, body)
            try:
                response = self._http.send(request, stream=stream)
            except httpx2.RequestError as error:
                wait = self._settings.wait(attempt, None)
                if wait is None:
                    raise _failed(error) from error
            else:
                if response.is_success:
                    return response
                response.read()
                wait = self._settings.wait(attempt, response)
                if wait is None:
                    raise _refused(response)
            time.sleep(wait)
        raise AssertionError  # for type checkers: the loop has no end

    def close(self) -> None:
        """Close all connections; not those of an HTTP client that was given."""
        if self._owns_http:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class AsyncStream(Generic[Model]):
    """The chunks of a streamed answer; closes the connection when it is left."""

    def __init__(self, response: httpx2.Response, model: type[Model]) -> None:
        self.response = response
        self._model = model

    async def __aiter__(self) -> AsyncIterator[Model]:
        events = _Events()
        try:
            async for data in self.response.aiter_bytes():
                for chunk in events.feed(data, self._model):
                    yield chunk
                if events.ended:
                    return
        except httpx2.RequestError as error:
            raise _failed(error) from error

    async def aclose(self) -> None:
        """Hang up."""
        await self.response.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()


class AsyncClient:
    """A client for asyncio.

    `api_key` is taken from the environment variable CHATPROOF_API_KEY where it is not given;
    `timeout` is in seconds. What may succeed another time is tried up to `max_retries` times
    more, after the delay that the server asks for; a stream only until it has begun.
    """

    def __init__(
        self,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        timeout: float = 60.0,
        max_retries: int = 2,
        http_client: httpx2.AsyncClient | None = None,
    ) -> None:
        self._settings = _Settings(base_url, api_key, timeout, max_retries)
        self._owns_http = http_client is None
        self._http = http_client or httpx2.AsyncClient()

    async def create_chat_completion(self, **fields: Unpack[params.ChatCompletionRequest]) -> models.ChatCompletion:
        """Continue a conversation.

        Answers with a completion, or, where `stream` is true, with a stream of chunks that add up to the same answer.

        Raises:
            InvalidRequestError: the request breaks its schema.
            APIStatusError: the server refuses it, or fails.
            APIConnectionError: there is no reply.
            UnexpectedReplyError: the answer does not fit its schema.
        """
        body = _body(models.ChatCompletionRequest, fields) | {"stream": False}
        response = await self._send("POST", "/chat/completions", body)
        return _read(models.ChatCompletion, response.text)

    async def stream_chat_completion(
        self, **fields: Unpack[params.ChatCompletionRequest]
    ) -> AsyncStream[models.ChatCompletionChunk]:
        """Continue a conversation, in pieces.

        Use the result in a `async with` block and iterate over it.

        Raises:
            MidStreamError: while it is read, the server reports a failure.
        """
        body = _body(models.ChatCompletionRequest, fields) | {"stream": True}
        response = await self._send("POST", "/chat/completions", body, stream=True)
        return AsyncStream(response, models.ChatCompletionChunk)

    async def list_models(self) -> models.ModelList:
        """List the models.

        Lists what can be named as `model`. There are no pages.

        Raises:
            InvalidRequestError: the request breaks its schema.
            APIStatusError: the server refuses it, or fails.
            APIConnectionError: there is no reply.
            UnexpectedReplyError: the answer does not fit its schema.
        """
        response = await self._send("GET", "/models", None)
        return _read(models.ModelList, response.text)

    async def retrieve_model(self, model: str) -> models.Model:
        """Describe one model.

        Describes one model of the list.

        Raises:
            InvalidRequestError: the request breaks its schema.
            APIStatusError: the server refuses it, or fails.
            APIConnectionError: there is no reply.
            UnexpectedReplyError: the answer does not fit its schema.
        """
        response = await self._send("GET", f"/models/{quote(model, safe='')}", None)
        return _read(models.Model, response.text)

    async def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None, *, stream: bool = False
    ) -> httpx2.Response:
        """Ask until there is a reply that counts."""
        for attempt in itertools.count():
            request = self._settings.request(self._http, method, path, body)
            try:
                response = await self._http.send(request, stream=stream)
            except httpx2.RequestError as error:
                wait = self._settings.wait(attempt, None)
                if wait is None:
                    raise _failed(error) from error
            else:
                if response.is_success:
                    return response
                await response.aread()
                wait = self._settings.wait(attempt, response)
                if wait is None:
                    raise _refused(response)
            await asyncio.sleep(wait)
        raise AssertionError  # for type checkers: the loop has no end

    async def aclose(self) -> None:
        """Close all connections; not those of an HTTP client that was given."""
        if self._owns_http:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()


