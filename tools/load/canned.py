"""A server that does nothing but send the same bytes again: as fast as the client can be answered.

    python -m tools.load.canned

prints its base URL.
"""

from __future__ import annotations

import asyncio
import json
from typing import Final

ANSWER: Final = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1700000000,
        "model": "canned",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Hello."},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }
).encode()
CHUNK: Final = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1700000000,
        "model": "canned",
        "choices": [{"index": 0, "delta": {"content": "Hello"}, "finish_reason": None}],
    }
).encode()
EVENTS: Final = 32


def _plain() -> bytes:
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(ANSWER)}"
    return head.encode() + b"\r\n\r\n" + ANSWER


def _stream() -> list[bytes]:
    head = (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    events = [b"data: " + CHUNK + b"\n\n"] * EVENTS + [b"data: [DONE]\n\n"]
    chunks = [b"%x\r\n%b\r\n" % (len(event), event) for event in events]
    return [head, *chunks, b"0\r\n\r\n"]


class Canned(asyncio.Protocol):
    """One connection. A request is whole when its body, a JSON object, has come."""

    plain, stream = _plain(), _stream()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if not data.endswith(b"}"):
            return
        if b'"stream": true' in data:
            for part in self.stream:
                self.transport.write(part)
        else:
            self.transport.write(self.plain)


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Canned, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(f"http://127.0.0.1:{port}/v1", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
