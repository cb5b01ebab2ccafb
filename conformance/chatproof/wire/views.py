"""Views: one exchange, seen as what it is in the protocol.

A view reads the bytes only when it is asked to, once, and never raises, whatever they are. Plain
and streamed answers have the same accessors, so that one can be compared with the other.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from .answer import Answer, integer, mapping, mappings, plain_answer
from .jsontext import Json, Parsed, parse
from .sse import Event, Note, SseDecoder
from .stream import StreamMachine, is_terminator

if TYPE_CHECKING:
    from .exchange import Exchange, Failure, Reply

ViewKind = Literal["completion", "stream", "error", "models", "model", "other", "none"]
"""What came back: an answer in one of two forms, an error, a list of models or one of them,
anything else, nothing."""

_FIELDS: Final = (b"data:", b":", b"event:", b"id:", b"retry:")
_SHORT: Final = frozenset({"exchange", "kind", "accepted"})
"""What a view keeps that is to forget: no more than a word each."""


class _Decoded(NamedTuple):
    events: list[Event]
    notes: list[Note]
    times: list[float]


class View:
    """One exchange. Use :func:`view` to make one."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange

    def forget(self) -> None:
        """Keep the bytes and the short of them; the rest is read again when somebody asks."""
        self.__dict__ = {name: value for name, value in self.__dict__.items() if name in _SHORT}

    # The exchange -------------------------------------------------------------------------------

    @property
    def reply(self) -> Reply | None:
        return self.exchange.reply

    @property
    def failure(self) -> Failure | None:
        return self.exchange.failure

    @property
    def status(self) -> int | None:
        return self.reply.status if self.reply else None

    @property
    def media_type(self) -> str:
        """The content type of the reply without its parameters; empty when there is none."""
        return self.reply.media_type if self.reply else ""

    def header(self, name: str) -> str | None:
        """The first value of a header of the reply (`name` in lower case), or None."""
        return self.reply.header(name) if self.reply else None

    @cached_property
    def request_json(self) -> Json:
        """The value of the request's body; None when it is no JSON."""
        return parse(self.exchange.request.body or b"").value

    @property
    def asked_for_stream(self) -> bool:
        return mapping(self.request_json).get("stream") is True

    @cached_property
    def kind(self) -> ViewKind:
        reply, request = self.reply, self.exchange.request
        if reply is None:
            return "none"
        if not 200 <= reply.status < 300:
            return "error" if reply.status >= 400 else "other"
        path = request.path.partition("?")[0]
        if (request.method, path) == ("POST", "/chat/completions") and self._looks_like_events:
            return "stream"
        body = self.json.value
        if isinstance(body, dict) and body.get("error") and "choices" not in body:
            return "error"
        if request.method == "GET" and path == "/models":
            return "models"
        if request.method == "GET" and path.startswith("/models/"):
            return "model"
        if (request.method, path) == ("POST", "/chat/completions") and isinstance(body, dict):
            return "completion"
        return "other"

    @property
    def _looks_like_events(self) -> bool:
        """Whether the reply is declared to be an event stream, or is one undeclared."""
        if self.reply is None or self.reply.media_type == "text/event-stream":
            return self.reply is not None
        start = self.reply.body[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
        return start.startswith(_FIELDS)

    @cached_property
    def json(self) -> Parsed:
        """The reply's body as one JSON text."""
        return parse(self.reply.body if self.reply else b"")

    # Streams ------------------------------------------------------------------------------------

    @cached_property
    def _decoded(self) -> _Decoded:
        decoder = SseDecoder()
        decoded = _Decoded([], decoder.notes, [])
        for segment in self.reply.segments if self.reply else ():
            made = decoder.feed(segment.data)
            decoded.events.extend(made)
            decoded.times.extend([segment.at] * len(made))
        if self.failure is None:
            decoder.close()
        return decoded

    @property
    def events(self) -> list[Event]:
        return self._decoded.events

    @property
    def notes(self) -> list[Note]:
        """How the stream was written, where that is worth a note.

        Of a stream that broke off it is not noted that its end is missing.
        """
        return self._decoded.notes

    @property
    def times(self) -> list[float]:
        """When the last byte of each event came, in seconds after the request was sent."""
        return self._decoded.times

    @cached_property
    def _parsed(self) -> list[tuple[Event, Parsed]]:
        return [(event, parse(event.data)) for event in self.events]

    @cached_property
    def chunks(self) -> list[tuple[Event, Parsed]]:
        """The events that are no terminator, with their data as JSON."""
        return [(event, parsed) for event, parsed in self._parsed if not is_terminator(event)]

    @cached_property
    def stream(self) -> StreamMachine:
        """The state machine behind the last event, and behind the end if that came."""
        machine = StreamMachine(choices=integer(mapping(self.request_json).get("n")) or 1)
        for event, parsed in self._parsed:
            machine.event(event, parsed)
        if self.failure is None or machine.terminated:
            machine.end()
        return machine

    # Answers of both forms ----------------------------------------------------------------------

    @cached_property
    def choices(self) -> list[Answer]:
        """The choices of an answer: of a stream by their index, else in the order of the reply."""
        if self.kind == "stream":
            return sorted(self.stream.answers.values(), key=lambda answer: answer.index)
        return [plain_answer(choice, number) for number, choice in self._plain_choices]

    def message(self, index: int = 0) -> dict[str, Json] | None:
        """The message of the choice with that index: as it came, or put together from a stream."""
        if self.kind == "stream":
            return next((a.as_message() for a in self.choices if a.index == index), None)
        for number, choice in self._plain_choices:
            message = choice.get("message")
            if plain_answer(choice, number).index == index and isinstance(message, dict):
                return message
        return None

    @property
    def _plain_choices(self) -> list[tuple[int, dict[str, Json]]]:
        body = self.json.value if self.kind == "completion" else None
        return list(enumerate(mappings(mapping(body).get("choices"))))

    @cached_property
    def usage(self) -> dict[str, Json] | None:
        if self.kind == "stream":
            return self.stream.usage
        usage = mapping(self.json.value).get("usage") if self.kind == "completion" else None
        return usage if isinstance(usage, dict) else None

    @cached_property
    def accepted(self) -> bool:
        """Whether the request was answered, and the answer can be read to its end.

        A stream ends with its terminator, even if the connection breaks or stalls after it.
        """
        if self.kind == "completion":
            return self.failure is None
        if self.kind != "stream" or self.stream.error is not None:
            return False
        return bool(self.events) and (self.failure is None or self.stream.terminated)

    @property
    def rejected(self) -> bool:
        """Whether an error came in place of an answer."""
        return self.kind == "error"


def view(exchange: Exchange) -> View:
    """The view of an exchange."""
    return View(exchange)
