"""Exchanges with a real server that are kept in the repository, so that anybody can judge them.

    python -m tools.judges --peer

records them anew with llama.cpp's own server, which `python -m tools.peers llama-cpp` installs.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from chatproof.options import Options
from chatproof.runner import run
from chatproof.wire import view
from chatproof.wire.exchange import Exchange, Reply, Request, Segment
from tools.judges.recorded import recorded, unlike
from tools.peers.peer import load_peer
from tools.peers.serving import serving
from tools.vectors import octets

if TYPE_CHECKING:
    from chatproof.wire import View
    from tools.judges.recorded import Recorded

KEPT: Final = Path(__file__).with_name("llama-cpp.json")
SOURCE: Final = "llama.cpp"
DIALECT: Final = "openai"
LARGEST: Final = 12_000
"""Bytes of a reply that is kept: there are enough small ones of every kind."""


def kept(path: Path = KEPT) -> list[Recorded]:
    """The exchanges in the file, judged anew by our rules."""
    values = json.loads(path.read_text(encoding="utf-8"))
    return [recorded(SOURCE, DIALECT, _read(value, str(n))) for n, value in enumerate(values)]


def keep(path: Path = KEPT) -> None:
    """Record a quick run, and keep what is unlike.

    Raises:
        CannotStart: the server is not installed, or does not start.
        CannotRun: it cannot be reached.
    """
    seen: list[View] = []
    with serving(load_peer("llama-cpp")) as url:
        options = Options(url=url, dialect=DIALECT, quick=True, concurrency=2, timeout=120)
        run(options, on_exchange=seen.append)
    small = [one for one in seen if one.reply and len(one.reply.body) <= LARGEST]
    chosen = unlike(recorded(SOURCE, DIALECT, one) for one in small)
    values = [_written(each.view) for each in chosen]
    path.write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _written(seen: View) -> dict[str, Any]:
    request, reply = seen.exchange.request, seen.reply
    assert reply is not None
    return {
        "request": {"method": request.method, "path": request.path, **_bytes(request.body or b"")},
        "reply": {"status": reply.status, "headers": dict(reply.headers), **_bytes(reply.body)},
    }


def _bytes(data: bytes) -> dict[str, str]:
    """Bytes as the vectors of spec/vectors write them."""
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def _read(value: dict[str, Any], id: str) -> View:
    asked, answered = value["request"], value["reply"]
    request = Request(asked["method"], asked["path"], (), octets(asked) or None)
    headers = tuple(answered["headers"].items())
    reply = Reply(answered["status"], "", headers, (Segment(0.0, octets(answered)),))
    return view(Exchange(id, request, reply, None, 0.0, 0.0))
