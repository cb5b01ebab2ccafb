"""Streams as bytes: how events are written, and how a stream ends."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from ..replies import dump
from .registry import Situation, fault

if TYPE_CHECKING:
    from ..replying import Reply

DONE = b"data: [DONE]\n\n"


# The event stream's grammar ------------------------------------------------------------------


@fault(
    "stream.declared_as_json",
    stage="reply",
    breaks="stream.content_type",
    seen_in="ollama/ollama#8991",
)
def declare_json(reply: Reply, situation: Situation) -> Reply:
    """A stream is declared to be application/json."""
    if situation.streaming and reply.status == 200:
        reply.headers["content-type"] = "application/json"
    return reply


@fault(
    "stream.crlf",
    stage="events",
    breaks="stream.grammar.line_ends",
    seen_in="farion1231/cc-switch#1787",
)
def end_lines_with_crlf(events: list[bytes], situation: Situation) -> list[bytes]:
    """Lines end with CR LF."""
    return [event.replace(b"\n", b"\r\n") for event in events]


@fault(
    "stream.no_space",
    stage="events",
    breaks="stream.grammar.space",
    seen_in="openai/openai-python#498",
)
def leave_out_the_space(events: list[bytes], situation: Situation) -> list[bytes]:
    """No space follows the colon."""
    return [event.replace(b"data: ", b"data:", 1) for event in events]


@fault("stream.named", stage="events", breaks="stream.grammar.name")
def name_chunks(events: list[bytes], situation: Situation) -> list[bytes]:
    """Events have a name of their own, as those of other APIs have."""
    return [b"event: chunk\n" + event for event in events]


@fault("stream.bom", stage="events", breaks="stream.grammar.bom")
def begin_with_a_bom(events: list[bytes], situation: Situation) -> list[bytes]:
    """The stream begins with a byte order mark."""
    return [b"\xef\xbb\xbf", *events]


@fault(
    "stream.id_only",
    stage="events",
    breaks="stream.grammar.data",
    seen_in="openai/openai-python#2722",
)
def send_an_id_alone(events: list[bytes], situation: Situation) -> list[bytes]:
    """An event has an id and no data."""
    return [events[0], b"id: 1\n\n", *events[1:]]


@fault(
    "stream.bare_line",
    stage="events",
    breaks="stream.grammar.fields",
    seen_in="lemonade-sdk/lemonade#2975",
)
def write_json_without_data(events: list[bytes], situation: Situation) -> list[bytes]:
    """A line of JSON stands in the stream without data: before it."""
    return [events[0], b'{"warning":"slow"}\n\n', *events[1:]]


@fault(
    "stream.split_character",
    stage="events",
    breaks="stream.grammar.utf8",
    seen_in="mlc-ai/mlc-llm#1142",
)
def break_a_character(events: list[bytes], situation: Situation) -> list[bytes]:
    """A comment has a byte that is no UTF-8."""
    return [events[0], b": \xff\n\n", *events[1:]]


@fault("stream.no_blank_line", stage="events", breaks="stream.grammar.terminated")
def leave_out_the_last_blank_line(events: list[bytes], situation: Situation) -> list[bytes]:
    """The last comment is not followed by a blank line, nor is the last event."""
    return [*events, b"data: "]


@fault("stream.no_json", stage="events", breaks="stream.event.json")
def write_python(events: list[bytes], situation: Situation) -> list[bytes]:
    """The data of an event is a ping in plain text."""
    return [events[0], b"data: ping\n\n", *events[1:]]


# When events come ------------------------------------------------------------------------------


@fault(
    "stream.held_back",
    stage="reply",
    breaks=("stream.incremental", "stream.incremental.compressed"),
    seen_in="vercel/ai#12691",
)
def hold_back(reply: Reply, situation: Situation) -> Reply:
    """All events of a stream come at its end."""
    if situation.streaming:
        _hold_back(reply)
    return reply


@fault(
    "stream.held_back_compressed",
    stage="reply",
    breaks="stream.incremental.compressed",
    seen_in="HKUDS/nanobot#3677",
)
def hold_back_to_compress(reply: Reply, situation: Situation) -> Reply:
    """A stream is compressed as a whole where the client takes gzip."""
    if situation.streaming and "gzip" in situation.headers.get("accept-encoding", ""):
        _hold_back(reply)
        reply.headers["content-encoding"] = "gzip"
        reply.parts = [gzip.compress(reply.body)]
    return reply


def _hold_back(reply: Reply) -> None:
    if reply.pace is not None:
        reply.pace.before = reply.pace.between * len(reply.parts)
        reply.pace.between = 0.0


# How a stream ends -----------------------------------------------------------------------------


@fault(
    "stream.no_terminator",
    stage="events",
    breaks="stream.terminator",
    dialects=("openai",),
    seen_in="huggingface/text-generation-inference#1896",
)
def leave_out_the_terminator(events: list[bytes], situation: Situation) -> list[bytes]:
    """The stream ends without [DONE]."""
    return [event for event in events if event != DONE]


@fault("stream.after_terminator", stage="events", breaks="stream.terminator.last")
def go_on_after_the_terminator(events: list[bytes], situation: Situation) -> list[bytes]:
    """[DONE] comes twice."""
    return [*(event for event in events if event != DONE), DONE, DONE]


@fault("stream.stalled", stage="reply", breaks="transport.reply")
def stop_sending(reply: Reply, situation: Situation) -> Reply:
    """A stream stops in the middle and stays open."""
    if situation.streaming and reply.status == 200 and situation.singled_out:
        reply.parts, reply.ending = reply.parts[:2], "stalled"
    return reply


@fault("stream.all_stall", stage="reply", breaks="transport.reply")
def stop_sending_always(reply: Reply, situation: Situation) -> Reply:
    """Every stream stops after its first event and stays open."""
    if situation.streaming and reply.status == 200:
        reply.parts, reply.ending = reply.parts[:1], "stalled"
    return reply


@fault("stream.error_event", stage="events", breaks="stream.error.error.message.required")
def fail_without_a_message(events: list[bytes], situation: Situation) -> list[bytes]:
    """An error in the middle of a stream has no message."""
    if not situation.singled_out:
        return events
    error = {
        "error": {"type": "server_error", "param": "", "code": "", "id": ""},
        "status_code": 500,
    }
    done = [DONE] if DONE in events else []
    return [events[0], b"data: " + dump(error) + b"\n\n", *done]


@fault("stream.after_error", stage="events", breaks="stream.error.last")
def go_on_after_an_error(events: list[bytes], situation: Situation) -> list[bytes]:
    """A stream goes on after an error event."""
    if not situation.singled_out:
        return events
    inner = {"message": "The engine failed.", "type": "server_error", "param": "", "code": ""}
    error = {"error": {**inner, "id": ""}, "status_code": 500}
    done = [DONE] if DONE in events else []
    return [events[0], b"data: " + dump(error) + b"\n\n", events[1], *done]
