"""Streams as both vendors write them, and ways to make one of them slightly wrong."""

from __future__ import annotations

import json

from chatproof.wire import Exchange, Reply, Request, Segment, SseDecoder, StreamMachine, parse
from chatproof.wire.stream import is_terminator

_HEAD = '{"id":"chatcmpl-07ac2555-5f70-4250-bf47-c33cb5e4e22f","choices":[%s],'
_TAIL = (
    '"created":1761231233,"model":"qwen-3-coder-480b",'
    '"system_fingerprint":"fp_386b539e7b02ce3613b7","object":"chat.completion.chunk"%s}'
)
_USAGE = (
    ',"usage":{"prompt_tokens":22,"completion_tokens":3,"total_tokens":25,'
    '"prompt_tokens_details":{"cached_tokens":0}},"time_info":{"queue_time":0.000533844,'
    '"prompt_time":0.00128098,"completion_time":0.003694258,"total_time":0.007519960403442383,'
    '"created":1761231233.440385}'
)


def _cerebras(*choices: str) -> bytes:
    last = len(choices) - 1
    lines = [
        "data: " + _HEAD % choice + _TAIL % (_USAGE if number == last else "")
        for number, choice in enumerate(choices)
    ]
    return ("\n\n".join(lines) + "\n\n").encode()


CEREBRAS_TEXT = _cerebras(
    '{"delta":{"role":"assistant"},"index":0}',
    '{"delta":{"content":"Oi"},"index":0}',
    '{"delta":{"content":"!"},"index":0}',
    '{"delta":{},"index":0}',
    '{"delta":{},"finish_reason":"stop","index":0}',
)
"""Recorded on 2025-10-23, whole."""

CEREBRAS_TOOLS = _cerebras(
    '{"delta":{"role":"assistant"},"index":0}',
    '{"delta":{"tool_calls":['
    '{"function":{"name":"add","arguments":"{\\"a\\": 2, \\"b\\": 3}"},'
    '"type":"function","id":"ab8048658","index":0},'
    '{"function":{"name":"multiply","arguments":"{\\"a\\": 2, \\"b\\": 3}"},'
    '"type":"function","id":"b249e0b3f","index":1}]},"index":0}',
    '{"delta":{},"finish_reason":"tool_calls","index":0}',
)
"""Two calls, each whole in one chunk."""

USAGE = {"prompt_tokens": 20, "completion_tokens": 10, "total_tokens": 30}
DONE = "[DONE]"


def chunk(*choices, **fields):
    """A chunk in OpenAI's manner."""
    head = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1760000000,
        "model": "gpt-4o-mini-2024-07-18",
        "system_fingerprint": "fp_1",
    }
    return {**head, "choices": list(choices), **fields}


def part(delta, index=0, finish=None, **fields):
    """A choice of a chunk in OpenAI's manner."""
    return {
        "index": index,
        "delta": dict(delta),
        "logprobs": None,
        "finish_reason": finish,
        **fields,
    }


ROLE = {"role": "assistant", "content": "", "refusal": None}


def text_stream():
    """Role, two pieces, the finish, usage in a chunk of its own, the terminator."""
    return [
        chunk(part(ROLE), usage=None),
        chunk(part({"content": "Hel"}), usage=None),
        chunk(part({"content": "lo"}), usage=None),
        chunk(part({}, finish="stop"), usage=None),
        chunk(usage=USAGE),
        DONE,
    ]


def fragment(index, arguments, id=None, name=None):
    """One fragment of a tool call."""
    function = {"arguments": arguments} | ({"name": name} if name is not None else {})
    begin = {"id": id, "type": "function"} if id is not None else {}
    return {"index": index, **begin, "function": function}


def call_stream():
    """Two tool calls in fragments."""
    calls = [
        fragment(0, "", "call_a", "add"),
        fragment(0, '{"a"'),
        fragment(0, ":1}"),
        fragment(1, "", "call_b", "multiply"),
        fragment(1, "{}"),
    ]
    return [
        chunk(part({"role": "assistant", "content": None})),
        *(chunk(part({"tool_calls": [call]})) for call in calls),
        chunk(part({}, finish="tool_calls")),
        DONE,
    ]


def two_choices():
    """n=2, interleaved."""
    return [
        chunk(part(ROLE, 0)),
        chunk(part({"content": "a"}, 0)),
        chunk(part(ROLE, 1)),
        chunk(part({"content": "x"}, 1), part({"content": "b"}, 0)),
        chunk(part({}, 0, "stop")),
        chunk(part({"content": "y"}, 1)),
        chunk(part({}, 1, "length")),
        DONE,
    ]


def events_of(values) -> bytes:
    """The event stream of these chunks; a text stands for itself."""
    texts = [value if isinstance(value, str) else json.dumps(value) for value in values]
    return "".join(f"data: {text}\n\n" for text in texts).encode()


def run(body: bytes | list, *, choices: int = 1, end: bool = True) -> StreamMachine:
    """The machine behind a stream."""
    decoder = SseDecoder()
    machine = StreamMachine(choices=choices)
    for event in decoder.feed(body if isinstance(body, bytes) else events_of(body)):
        machine.event(event, parse(b"" if is_terminator(event) else event.data))
    if end:
        machine.end()
    return machine


def exchange(
    body=b"",
    *,
    status=200,
    media="application/json",
    request=None,
    method="POST",
    path="/chat/completions",
    failure=None,
    segments=None,
) -> Exchange:
    """An exchange whose reply has this body, in one segment unless told otherwise."""
    data = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
    pieces = segments if segments is not None else (Segment(0.5, data),)
    headers = (("content-type", media),) if media else ()
    asked = None if request is None else json.dumps(request).encode()
    return Exchange(
        "x",
        Request(method, path, (), asked),
        Reply(status, "", headers, tuple(pieces)),
        failure,
        0.0,
        1.0,
    )
