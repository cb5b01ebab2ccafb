"""SDKs as judges: the recorded bytes are replayed to them, and they are used as anybody would.

An SDK objects by an exception, and without a word where it delivers something else than was sent,
as far as our own wire layer can tell.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from chatproof.wire.answer import mapping, text
from tools.judges.delivered import delivered, delivered_in_pieces, differing, sent

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatproof.wire import View
    from tools.judges.opinions import Opinion
    from tools.judges.recorded import Recorded

HOP: Final = frozenset({"content-length", "content-encoding", "transfer-encoding", "connection"})
"""Headers of how the bytes travelled; what is replayed are the bytes that arrived."""
PIECE: Final = 7
"""Bytes that arrive at once: no character, line end or name of a field is safe from being cut."""
FIELDS: Final = ("message", "type", "param", "code")
"""Of an error."""
QUESTION: Final = [{"role": "user", "content": "Say hello."}]


@dataclass(frozen=True)
class Sdk:
    """An SDK: its module, the class of its client, and the HTTP library that it is built on."""

    module: str
    client: str
    http: str
    options: dict[str, Any] = field(default_factory=dict)

    def opinion(self, recorded: Recorded) -> Opinion | None:
        """What the SDK makes of the exchange; None for a request that it does not send."""
        seen = recorded.view
        call = _call_of(seen)
        if call is None:
            return None
        sdk = importlib.import_module(self.module)
        with self._replaying(sdk, seen) as client:
            try:
                return call(client, seen)
            except sdk.APIStatusError as error:
                return _of_error(error, seen)
            except sdk.APIError as error:
                told = seen.kind == "stream" and seen.stream.error is not None
                return frozenset() if told else _raised(error)
            except Exception as error:  # noqa: BLE001  (whatever it is, the user gets it)
                return _raised(error)

    def _replaying(self, sdk: Any, seen: View) -> Any:
        """A client to which every request is answered with the recorded reply."""
        http = importlib.import_module(self.http)
        assert seen.reply is not None
        headers = [(name, value) for name, value in seen.reply.headers if name not in HOP]
        body = seen.reply.body
        pieces = [body[at : at + PIECE] for at in range(0, len(body), PIECE)]

        def answer(_: Any) -> Any:
            return http.Response(seen.status, headers=headers, content=iter(pieces))

        return getattr(sdk, self.client)(
            api_key="none",
            base_url="http://recorded",
            max_retries=0,
            http_client=http.Client(transport=http.MockTransport(answer)),
            **self.options,
        )


OPENAI: Final = Sdk("openai", "OpenAI", "httpx2")
CEREBRAS: Final = Sdk("cerebras.cloud.sdk", "Cerebras", "httpx", {"warm_tcp_connection": False})


def _call_of(seen: View) -> Callable[[Any, View], Opinion] | None:
    """How a user makes this request with an SDK."""
    request = seen.exchange.request
    if (request.method, request.path) == ("POST", "/chat/completions"):
        return _stream if seen.asked_for_stream else _create
    if request.method == "GET" and request.path == "/models":
        return _list
    if request.method == "GET" and request.path.startswith("/models/"):
        return _retrieve
    return None


def _create(client: Any, seen: View) -> Opinion:
    answer = client.chat.completions.create(model="m", messages=QUESTION)
    return _instead_of_error(seen) | differing(delivered(answer), sent(seen))


def _stream(client: Any, seen: View) -> Opinion:
    chunks = client.chat.completions.create(model="m", messages=QUESTION, stream=True)
    return _instead_of_error(seen) | differing(delivered_in_pieces(chunks), sent(seen))


def _list(client: Any, seen: View) -> Opinion:
    ids = [model.id for model in client.models.list().data]
    listed = mapping(seen.json.value).get("data")
    same = isinstance(listed, list) and ids == [mapping(model).get("id") for model in listed]
    return _instead_of_error(seen) | frozenset(() if same else ("delivers other models",))


def _retrieve(client: Any, seen: View) -> Opinion:
    same = client.models.retrieve("m").id == mapping(seen.json.value).get("id")
    return _instead_of_error(seen) | frozenset(() if same else ("delivers other models",))


def _instead_of_error(seen: View) -> Opinion:
    """An error came, and the SDK gives it as an answer."""
    told = seen.kind == "error" or (seen.kind == "stream" and seen.stream.error is not None)
    return frozenset(("delivers an error as an answer",) if told else ())


def _of_error(error: Any, seen: View) -> Opinion:
    """An error is what should come out where one was sent, with what was said in it."""
    if seen.kind == "stream" and seen.stream.error is not None:
        return frozenset()
    if seen.kind != "error":
        return _raised(error)
    got, told = _inner(error.body), _inner(seen.json.value)
    if text(told.get("message")) is None:
        return frozenset({"delivers an error without a message"})
    lost = [name for name in FIELDS if got.get(name) != told.get(name)]
    if error.status_code != seen.status:
        lost.append("status")
    return frozenset(f"delivers another {name} of the error" for name in lost)


def _inner(body: Any) -> dict[str, Any]:
    """What is said of an error, with or without an envelope around it."""
    fields = mapping(body)
    return mapping(fields.get("error", fields))


def _raised(error: Exception) -> Opinion:
    return frozenset({f"raises {type(error).__name__}"})
