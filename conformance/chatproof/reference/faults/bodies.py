"""Request bodies: how they are framed, spelt and declared, and what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..refusal import Refusal
from .registry import Situation, fault

if TYPE_CHECKING:
    from ..model import Generation


@fault("body.chunked_unread", stage="body", breaks="request.body.chunked")
def overlook_chunks(data: bytes, situation: Situation) -> bytes:
    """A body without a length is taken for an empty one."""
    return data if "content-length" in situation.headers else b""


@fault("body.escapes_kept", stage="body", breaks="request.body.spelling")
def keep_escapes(data: bytes, situation: Situation) -> bytes:
    """Escaped characters in a request stay as they are written."""
    return data.replace(rb"\u", rb"\\u")


@fault("body.charset_refused", stage="body", breaks="request.content_type.charset")
def refuse_a_charset(data: bytes, situation: Situation) -> bytes:
    """The content type has to be application/json to the letter."""
    if "charset" in situation.headers.get("content-type", ""):
        raise Refusal("Unsupported content type.", status=415, code=None)
    return data


@fault("body.gzip_unread", stage="body", breaks="request.body.gzip", dialects=("cerebras-v2",))
def refuse_gzip(data: bytes, situation: Situation) -> bytes:
    """A body in gzip is an unsupported one."""
    if "content-encoding" in situation.headers:
        raise Refusal("Unsupported content coding.", status=415, code=None)
    return data


@fault(
    "body.msgpack_unread", stage="body", breaks="request.body.msgpack", dialects=("cerebras-v2",)
)
def refuse_messagepack(data: bytes, situation: Situation) -> bytes:
    """A body in MessagePack is an unsupported one."""
    if "msgpack" in situation.headers.get("content-type", ""):
        raise Refusal("Unsupported content type.", status=415, code=None)
    return data


@fault("body.nul", stage="generation", breaks="error.hostile")
def choke_on_nul(generation: Generation, situation: Situation) -> Generation:
    """A NUL character in a message brings the request down, as in a text column of a database."""
    if any("\0" in str(message.get("content")) for message in situation.body["messages"]):
        raise Refusal("Internal Server Error", status=500, kind="server_error", code=None)
    return generation
