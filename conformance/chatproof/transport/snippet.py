"""The lines of Python that reproduce a request with the generated client."""

from __future__ import annotations

import json
import pprint
from typing import TYPE_CHECKING, Final

from .message import WRONG_KEY

if TYPE_CHECKING:
    from ..wire.exchange import Request

_LONGEST: Final = 16 * 2**10
"""Bytes of a body that lines to read may have."""
_OPEN = """\
from chatproof_client import Client

with Client({settings}) as client:
"""
_ANSWER = """\
    answer = client.create_chat_completion(
        **{body}
    )
    print(answer.model_dump_json(indent=2))
"""
_STREAM = """\
    with client.stream_chat_completion(
        **{body}
    ) as stream:
        for chunk in stream:
            print(chunk.model_dump_json())
"""


def snippet(request: Request, base_url: str) -> str:
    """Lines that send `request` again with chatproof_client; empty where that cannot be done.

    The client reads its key from the environment variable CHATPROOF_API_KEY. It checks what it
    sends, so this is for requests that are valid; and it chooses its own headers.
    """
    if request.headers or request.auth == "none" or len(request.body or b"") > _LONGEST:
        return ""
    asked = _asked(request)
    if not asked:
        return ""
    settings = f"base_url={base_url!a}, max_retries=0"
    if request.auth == "wrong":
        settings += f", api_key={WRONG_KEY!r}"
    return _OPEN.format(settings=settings) + asked


def _asked(request: Request) -> str:
    if request.method == "GET" and request.path == "/models":
        return "    print(client.list_models().model_dump_json(indent=2))\n"
    if request.method != "POST" or request.path != "/chat/completions":
        return ""
    try:
        body = json.loads(request.body or b"")
        json.dumps(body, allow_nan=False)
        if not isinstance(body, dict):
            return ""
        lines = _STREAM if body.pop("stream", None) is True else _ANSWER
        written = pprint.pformat(body, width=80, sort_dicts=False)
    except (ValueError, RecursionError):
        return ""
    return lines.format(body=_ascii(written).replace("\n", "\n          "))


def _ascii(code: str) -> str:
    """Python code without characters beyond ASCII, which all stand within its strings."""
    return code.encode("ascii", "backslashreplace").decode("ascii")
