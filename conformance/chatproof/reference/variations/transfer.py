"""How bodies are spelt, how they are cut, and what headers say of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .registry import variation

if TYPE_CHECKING:
    from ..faults.registry import Situation
    from ..replying import Reply


@variation("transfer.indented", stage="reply")
def indent(reply: Reply, situation: Situation) -> Reply:
    """A plain body is indented, and ends with a line end."""
    return _spelt(reply, situation, indent=2)


@variation("transfer.escaped", stage="reply")
def escape(reply: Reply, situation: Situation) -> Reply:
    """Everything beyond ASCII is escaped in a plain body."""
    return _spelt(reply, situation, ensure_ascii=True)


def _spelt(reply: Reply, situation: Situation, **how: int) -> Reply:
    if reply.value is None or situation.streaming:
        return reply
    spelt = json.dumps(reply.value, **{"ensure_ascii": False, **how})  # type: ignore[arg-type]
    reply.parts = [spelt.encode("utf-8", "replace") + b"\n"]
    return reply


@variation("transfer.key_order", stage="reply")
def reverse_keys(reply: Reply, situation: Situation) -> Reply:
    """The members of every object are in another order."""
    if reply.value is not None and not situation.streaming:
        reply.parts = [json.dumps(_reversed(reply.value), ensure_ascii=False).encode()]
    return reply


def _reversed(value: object) -> object:
    if isinstance(value, dict):
        return {key: _reversed(value[key]) for key in reversed(value)}
    return [_reversed(item) for item in value] if isinstance(value, list) else value


def _cut(reply: Reply, size: int) -> Reply:
    """The body in pieces of that size; slow replies keep the pace of their parts."""
    if reply.pace is None:
        body = reply.body
        reply.parts = [body[at : at + size] for at in range(0, len(body), size)]
    return reply


@variation("transfer.byte_by_byte", stage="reply")
def send_single_bytes(reply: Reply, situation: Situation) -> Reply:
    """Every byte of a stream travels alone."""
    return _cut(reply, 1) if situation.streaming else reply


@variation("transfer.seven_bytes", stage="reply")
def send_seven_bytes(reply: Reply, situation: Situation) -> Reply:
    """A body comes in pieces of seven bytes, which cut lines and characters."""
    return _cut(reply, 7)


@variation("transfer.at_once", stage="reply")
def send_at_once(reply: Reply, situation: Situation) -> Reply:
    """What is there at the same time travels in one piece."""
    return _cut(reply, 1 << 20)


@variation("transfer.late", stage="reply")
def take_time(reply: Reply, situation: Situation) -> Reply:
    """Every reply takes a hundredth of a second before it begins."""
    reply.late = 0.01
    return reply


@variation("transfer.pairs", stage="reply")
def send_pairs(reply: Reply, situation: Situation) -> Reply:
    """Two events travel together."""
    if reply.pace is None:
        parts = reply.parts
        reply.parts = [b"".join(parts[at : at + 2]) for at in range(0, len(parts), 2)]
    return reply


@variation("transfer.sized", stage="reply")
def tell_the_length(reply: Reply, situation: Situation) -> Reply:
    """A plain body has its length instead of chunks."""
    if not situation.streaming:
        reply.headers["content-length"] = str(len(reply.body))
    return reply


@variation("transfer.sized_stream", stage="reply")
def tell_the_length_of_a_stream(reply: Reply, situation: Situation) -> Reply:
    """A stream has a length, as a cache or a proxy that knows all of it would send."""
    if reply.ending == "clean":
        reply.headers["content-length"] = str(len(reply.body))
    return reply


@variation("transfer.last_words", stage="reply")
def close_the_connection(reply: Reply, situation: Situation) -> Reply:
    """The connection is closed after every reply."""
    reply.headers["connection"] = "close"
    return reply


@variation("transfer.more_headers", stage="reply")
def add_headers(reply: Reply, situation: Situation) -> Reply:
    """There are the headers of a gateway."""
    reply.headers |= {
        "x-request-id": "req_0123456789",
        "x-ratelimit-remaining-requests": "99",
        "openai-processing-ms": "12",
        "server": "gateway",
        "set-cookie": "__cf_bm=abc; path=/; HttpOnly",
        "strict-transport-security": "max-age=31536000",
    }
    return reply


@variation("transfer.no_charset", stage="reply")
def leave_out_the_charset(reply: Reply, situation: Situation) -> Reply:
    """A stream is declared without its charset."""
    reply.headers["content-type"] = reply.headers["content-type"].partition(";")[0]
    return reply


@variation("transfer.charset", stage="reply", warns="response.content_type.space")
def name_the_charset(reply: Reply, situation: Situation) -> Reply:
    """The charset is declared, in capitals and quotes."""
    reply.headers["content-type"] = (
        reply.headers["content-type"].partition(";")[0] + ' ;Charset="UTF-8"'
    )
    return reply


@variation("transfer.header_case", stage="reply")
def write_headers_in_capitals(reply: Reply, situation: Situation) -> Reply:
    """Names of headers are written in capitals."""
    reply.headers = {name.upper(): value for name, value in reply.headers.items()}
    return reply
