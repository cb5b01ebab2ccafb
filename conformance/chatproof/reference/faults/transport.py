"""Replies that break off, never end, or cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .registry import Situation, fault

if TYPE_CHECKING:
    from ..replying import Reply


@fault("transport.broken", stage="reply", breaks="transport.connection")
def break_off(reply: Reply, situation: Situation) -> Reply:
    """The connection is closed within a plain reply."""
    if situation.singled_out and not situation.streaming:
        reply.headers["content-length"] = str(len(reply.body))
        reply.parts, reply.ending = [reply.body[:-10]], "broken"
    return reply


@fault("transport.stalled", stage="reply", breaks="transport.reply")
def stall(reply: Reply, situation: Situation) -> Reply:
    """A plain reply begins and does not go on."""
    if situation.singled_out and not situation.streaming:
        reply.parts, reply.ending = [reply.body[:10]], "stalled"
    return reply


@fault("transport.huge", stage="reply", breaks="transport.size")
def send_too_much(reply: Reply, situation: Situation) -> Reply:
    """A reply to a few tokens has many megabytes."""
    if situation.singled_out and not situation.streaming:
        reply.parts = [reply.body, *([b" " * 2**20] * 64)]
    return reply


@fault("transport.bad_encoding", stage="reply", breaks="transport.http")
def claim_an_encoding(reply: Reply, situation: Situation) -> Reply:
    """A plain reply claims to be compressed, and is not."""
    if situation.singled_out and not situation.streaming:
        reply.headers["content-encoding"] = "gzip"
    return reply


@fault(
    "transport.deaf",
    stage="reply",
    breaks="transport.disconnect",
    seen_in="oobabooga/textgen#4521",
)
def go_on_for_nobody(reply: Reply, situation: Situation) -> Reply:
    """An answer goes on when the client has hung up, and keeps others waiting."""
    if reply.pace is not None:
        reply.pace.deaf = True
    return reply


@fault(
    "transport.resets_as_durations",
    stage="reply",
    breaks="transport.rate_limit",
    dialects=("cerebras", "cerebras-v2"),
)
def write_durations(reply: Reply, situation: Situation) -> Reply:
    """When a rate limit resets is written as OpenAI does, as a duration with units."""
    reply.headers["x-ratelimit-reset-tokens-minute"] = "6m0s"
    return reply
