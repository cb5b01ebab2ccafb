"""Replies on the wire: completions, chunks, errors and model lists in a dialect's style."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .model import chunks as pieces_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..contract.document import Json
    from .model import GeneratedChoice, GeneratedToolCall, Generation
    from .style import Style
    from .tokens import Token

FINGERPRINT = "fp_2f1a9c4b7d6e8053a1c4"
OBFUSCATION = "aK3vQz9xT1mRw7Lb"
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
"""What fills chunks up, so that their sizes do not tell the text."""


@dataclass(frozen=True, slots=True)
class Head:
    """What all chunks of an answer, and its plain form, have in common."""

    id: str
    created: int
    model: str

    def object(self, kind: str) -> dict[str, Json]:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "system_fingerprint": FINGERPRINT,
            "service_tier": "default",
        }


def new_head(model: str, number: int, now: float) -> Head:
    digest = hashlib.blake2s(f"{number} {now}".encode(), digest_size=12).hexdigest()
    return Head(f"chatcmpl-{digest}", int(now), model)


def completion(
    generation: Generation, body: dict[str, Json], head: Head, style: Style
) -> dict[str, Json]:
    """The plain answer."""
    answer = head.object("chat.completion")
    answer["choices"] = [_choice(choice, body, style) for choice in generation.choices]
    answer["usage"] = usage(generation)
    if style.time_info:
        answer["time_info"] = time_info(head)
    return answer


def _choice(choice: GeneratedChoice, body: dict[str, Json], style: Style) -> dict[str, Json]:
    message: dict[str, Json] = {"role": "assistant"}
    refused = choice.refused and style.refusals
    if style.nulls or not choice.tool_calls:
        message["content"] = None if choice.tool_calls or refused else choice.content
    if style.refusals:
        message["refusal"] = choice.content if refused else None
    if choice.reasoning:
        message["reasoning"] = b"".join(token.bytes for token in choice.reasoning).decode()
    if choice.tool_calls:
        message["tool_calls"] = [_call(call) for call in choice.tool_calls]
    made = {"index": choice.index, "message": message, "finish_reason": choice.finish_reason}
    if body.get("logprobs"):
        made["logprobs"] = logprobs(choice.tokens, refused=refused)
        if style.reasoning_logprobs and choice.reasoning:
            made["reasoning_logprobs"] = logprobs(choice.reasoning)
    elif style.nulls:
        made["logprobs"] = None
    return made


def _call(call: GeneratedToolCall) -> dict[str, Json]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}


def logprobs(tokens: tuple[Token, ...], *, refused: bool = False) -> dict[str, Json]:
    entries = [_logprob(token) for token in tokens]
    return (
        {"content": None, "refusal": entries} if refused else {"content": entries, "refusal": None}
    )


def _logprob(token: Token) -> dict[str, Json]:
    return {
        **_token(token.bytes, token.logprob),
        "top_logprobs": [_token(data, logprob) for data, logprob in token.top],
    }


def _token(data: bytes, logprob: float) -> dict[str, Json]:
    text = data.decode("utf-8", "replace")
    return {"token": text, "logprob": logprob, "bytes": list(data)}


def usage(generation: Generation) -> dict[str, Json]:
    completion_tokens = sum(choice.completion_tokens for choice in generation.choices)
    return {
        "prompt_tokens": generation.prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": generation.prompt_tokens + completion_tokens,
        "prompt_tokens_details": {"cached_tokens": generation.cached_tokens},
        "completion_tokens_details": {
            "reasoning_tokens": sum(len(choice.reasoning) for choice in generation.choices),
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def time_info(head: Head) -> dict[str, Json]:
    return {
        "queue_time": 0.0001,
        "prompt_time": 0.0002,
        "completion_time": 0.0004,
        "total_time": 0.0008,
        "created": head.created,
    }


def chunks(
    generation: Generation, body: dict[str, Json], head: Head, style: Style
) -> Iterator[dict[str, Json]]:
    """The chunks of a streamed answer; several choices take turns."""
    options = body.get("stream_options") or {}
    own_usage = style.usage_chunk and bool(options.get("include_usage"))

    def chunk(choice: dict[str, Json]) -> dict[str, Json]:
        made = {**head.object("chat.completion.chunk"), "choices": [choice]}
        if style.obfuscation and options.get("include_obfuscation") is not False:
            made["obfuscation"] = OBFUSCATION[: len(str(choice)) % len(OBFUSCATION)]
        return {**made, "usage": None} if own_usage else made

    streams = [_deltas(choice, body, style) for choice in generation.choices]
    while streams:
        for stream in list(streams):
            delta = next(stream, None)
            if delta is None:
                streams.remove(stream)
            else:
                yield chunk(delta)
    for number, choice in enumerate(generation.choices, start=1):
        final = chunk(_delta(choice.index, {}, style, finish=choice.finish_reason))
        if not style.usage_chunk and number == len(generation.choices):
            final |= {"usage": usage(generation), "time_info": time_info(head)}
        yield final
    if own_usage:
        last = {**head.object("chat.completion.chunk"), "choices": []}
        yield {**last, "usage": usage(generation)}


def _deltas(
    choice: GeneratedChoice, body: dict[str, Json], style: Style
) -> Iterator[dict[str, Json]]:
    opening: dict[str, Json] = {"role": "assistant"}
    if style.nulls:
        opening |= {"content": None if choice.tool_calls else ""}
    if style.refusals:
        opening |= {"refusal": None}
    yield _delta(choice.index, opening, style)
    if choice.tool_calls:
        for calls in _call_deltas(choice, style):
            yield _delta(choice.index, {"tool_calls": calls}, style)
        return
    refused = choice.refused and style.refusals
    for piece in pieces_of(choice):
        kind = "reasoning" if piece.thought else "refusal" if refused else "content"
        made = _delta(choice.index, {kind: piece.text}, style)
        if body.get("logprobs") and not piece.thought:
            made["logprobs"] = logprobs(piece.tokens, refused=refused)
        elif body.get("logprobs") and style.reasoning_logprobs:
            made["reasoning_logprobs"] = logprobs(piece.tokens)
        yield made


def _call_deltas(choice: GeneratedChoice, style: Style) -> Iterator[list[dict[str, Json]]]:
    if style.whole_calls:
        yield [{**_call(call), "index": n} for n, call in enumerate(choice.tool_calls)]
        return
    for number, call in enumerate(choice.tool_calls):
        opening = {**_call(call), "index": number}
        opening["function"] = {"name": call.name, "arguments": ""}
        yield [opening]
        for start in range(0, len(call.arguments), 7):
            fragment = call.arguments[start : start + 7]
            yield [{"index": number, "function": {"arguments": fragment}}]


def _delta(
    index: int, delta: dict[str, Json], style: Style, *, finish: str | None = None
) -> dict[str, Json]:
    made: dict[str, Json] = {"index": index, "delta": delta}
    if style.nulls:
        made |= {"logprobs": None, "finish_reason": finish}
    elif finish is not None:
        made["finish_reason"] = finish
    return made


def events(made: Iterator[dict[str, Json]], style: Style) -> Iterator[bytes]:
    """Chunks as server-sent events."""
    for chunk in made:
        yield b"data: " + dump(chunk) + b"\n\n"
    if style.terminator:
        yield b"data: [DONE]\n\n"


def broken_off(events: list[bytes], style: Style) -> list[bytes]:
    """A stream that an error ends after its first event."""
    inner = {"message": "The engine failed.", "type": "server_error", "param": "", "code": ""}
    error = {"error": {**inner, "id": ""}, "status_code": 500}
    return [
        events[0],
        b"data: " + dump(error) + b"\n\n",
        *(events[-1:] if style.terminator else []),
    ]


def error(
    style: Style, message: str, *, kind: str, param: str | None, code: str | None
) -> dict[str, Json]:
    """The envelope of a client's error."""
    if style.nested_errors:
        return {"error": {"message": message, "type": kind, "param": param, "code": code}}
    return {"message": message, "type": kind, "param": param or "", "code": code or ""}


def rate_limits(now: float) -> dict[str, str]:
    """Headers of a server whose limits nobody reaches; `now` in seconds since 1970."""
    told = {}
    for name, limit, seconds in (("requests-day", 14_400, 86_400), ("tokens-minute", 60_000, 60)):
        told[f"x-ratelimit-limit-{name}"] = told[f"x-ratelimit-remaining-{name}"] = str(limit)
        told[f"x-ratelimit-reset-{name}"] = f"{seconds - now % seconds:.3f}"
    return told


def model(name: str) -> dict[str, Json]:
    return {"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "chatproof"}


def dump(value: Any) -> bytes:
    return _JSON.encode(value).encode()
