"""Views: what an exchange is, read once and lazily, whatever bytes came."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from .jsontext import Parsed, parse
from .sse import Event, Note, SseDecoder
from .stream import Answer, StreamMachine, ToolCall

if TYPE_CHECKING:
    from .exchange import Exchange, Failure, Reply

ViewKind = Literal["completion", "stream", "error", "models", "model", "other", "none"]
CHAT = "/chat/completions"


class View:
    """One exchange, seen as what it is in the protocol. Nothing here raises."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange

    @property
    def reply(self) -> Reply | None:
        return self.exchange.reply

    @property
    def failure(self) -> Failure | None:
        return self.exchange.failure

    @property
    def status(self) -> int | None:
        return self.exchange.reply.status if self.exchange.reply else None

    @cached_property
    def request_json(self) -> Any:
        """The value of the request's body; None when it is no JSON."""
        return parse(self.exchange.request.body or b"").value

    @property
    def asked_for_stream(self) -> bool:
        return isinstance(self.request_json, dict) and self.request_json.get("stream") is True

    @cached_property
    def json(self) -> Parsed:
        """The reply's body as one JSON text."""
        return parse(self.reply.body if self.reply else b"")

    @cached_property
    def kind(self) -> ViewKind:
        """What came back: an answer in one of two forms, an error, models, or something else."""
        reply, request = self.reply, self.exchange.request
        if reply is None:
            return "none"
        if not 200 <= reply.status < 300:
            return "error" if reply.status >= 400 else "other"
        if request.method == "GET" and request.path == "/models":
            return "models"
        if request.method == "GET" and request.path.startswith("/models/"):
            return "model"
        if request.path != CHAT or request.method != "POST":
            return "other"
        return self._answer_kind(reply)

    def _answer_kind(self, reply: Reply) -> ViewKind:
        start = reply.body[:16].removeprefix(b"\xef\xbb\xbf").lstrip()
        looks_like_events = start.startswith((b"data:", b":", b"event:", b"id:", b"retry:"))
        if reply.media_type == "text/event-stream" or looks_like_events:
            return "stream"
        value = self.json.value
        if not isinstance(value, dict):
            return "other"
        if value.get("error") and "choices" not in value:
            return "error"
        return "completion"

    @cached_property
    def _decoded(self) -> tuple[list[Event], list[Note], list[float]]:
        decoder = SseDecoder()
        events: list[Event] = []
        times: list[float] = []
        for segment in self.reply.segments if self.reply else ():
            made = decoder.feed(segment.data)
            events += made
            times += [segment.at] * len(made)
        if self.failure is None:
            decoder.close()
        return events, decoder.notes, times

    @property
    def events(self) -> list[Event]:
        return self._decoded[0]

    @property
    def notes(self) -> list[Note]:
        """How the stream was written, where that is worth a note."""
        return self._decoded[1]

    @property
    def times(self) -> list[float]:
        """When each event was complete, in seconds after the request."""
        return self._decoded[2]

    @cached_property
    def chunks(self) -> list[tuple[Event, Parsed]]:
        """The events that are no terminator, with their data as JSON."""
        return [(e, parse(e.data)) for e in self.events if not e.data.startswith(b"[DONE]")]

    @cached_property
    def stream(self) -> StreamMachine:
        """The state machine after the whole stream."""
        body = self.request_json if isinstance(self.request_json, dict) else {}
        asked = body.get("n")
        count = asked if isinstance(asked, int) and not isinstance(asked, bool) else 1
        machine = StreamMachine(choices=count)
        parsed = iter(self.chunks)
        for event in self.events:
            terminator = event.data.startswith(b"[DONE]")
            machine.event(event.data, None if terminator else next(parsed)[1].value)
        if self.failure is None:
            machine.end()
        return machine

    @cached_property
    def choices(self) -> list[Answer]:
        """The choices of an answer, in the order of their indexes, from either form."""
        if self.kind == "stream":
            return [self.stream.answers[index] for index in sorted(self.stream.answers)]
        value = self.json.value if self.kind == "completion" else None
        listed = value.get("choices") if isinstance(value, dict) else None
        choices = [c for c in listed if isinstance(c, dict)] if isinstance(listed, list) else []
        return [_answer(choice) for choice in choices]

    @cached_property
    def usage(self) -> dict[str, Any] | None:
        if self.kind == "stream":
            return self.stream.usage
        value = self.json.value if self.kind == "completion" else None
        usage = value.get("usage") if isinstance(value, dict) else None
        return usage if isinstance(usage, dict) else None

    @property
    def accepted(self) -> bool:
        """Whether the request was answered, and the answer came whole."""
        if self.failure is not None or self.kind not in ("completion", "stream"):
            return False
        return self.kind == "completion" or (self.stream.error is None and bool(self.events))

    @property
    def rejected(self) -> bool:
        return self.kind == "error" or (self.kind == "stream" and self.stream.error is not None)


def view(exchange: Exchange) -> View:
    """The view of an exchange."""
    return View(exchange)


def _answer(choice: dict[str, Any]) -> Answer:
    message = choice.get("message")
    message = message if isinstance(message, dict) else {}
    logprobs = choice.get("logprobs")
    entries = logprobs.get("content") if isinstance(logprobs, dict) else None
    calls = message.get("tool_calls")
    return Answer(
        index=choice.get("index"),
        role=message.get("role"),
        content=_text(message.get("content")),
        reasoning=_text(message.get("reasoning") or message.get("reasoning_content")),
        refusal=_text(message.get("refusal")),
        tool_calls=[_call(c) for c in calls or () if isinstance(c, dict)]
        if isinstance(calls, list)
        else [],
        finish_reason=choice.get("finish_reason"),
        logprobs=entries if isinstance(entries, list) else [],
    )


def _call(call: dict[str, Any]) -> ToolCall:
    function = call.get("function")
    function = function if isinstance(function, dict) else {}
    return ToolCall(
        call.get("id"), call.get("type"), function.get("name"), function.get("arguments")
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
