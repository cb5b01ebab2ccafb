"""A wire on which everything that is sent to a server takes a while to arrive.

    python -m tools.far URL SECONDS

Prints the URL at which the server can be had that far away, and serves until it is terminated.
"""

from __future__ import annotations

import asyncio
import sys
from urllib.parse import urlsplit


async def serve(url: str, seconds: float) -> None:
    target = urlsplit(url)

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(target.hostname, target.port)

        async def later() -> None:
            while data := await reader.read(65536):
                asyncio.get_running_loop().call_later(seconds, back.write, data)
            asyncio.get_running_loop().call_later(seconds, back.close)

        async def at_once() -> None:
            while data := await there.read(65536):
                writer.write(data)
            writer.close()

        await asyncio.gather(later(), at_once(), return_exceptions=True)

    server = await asyncio.start_server(carry, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(f"http://127.0.0.1:{port}{target.path}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], float(sys.argv[2])))
