"""What the model does: it need follow no instruction, and need not be the same twice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zlib import crc32

from ...contract.lenience import arguable
from ..refusal import Refusal
from .registry import variation

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...contract import Breach
    from ...contract.document import Json
    from ..faults.registry import Situation
    from ..model import GeneratedChoice, Generation


def _instead(body: Json, words: str) -> Json:
    """The request with other words of the user; with those of tools and formats as they were."""
    messages = [dict(message) for message in body["messages"]]
    last = next((m for m in reversed(messages) if m["role"] == "user"), None)
    if last is None or body.get("tools"):
        return body
    last["content"] = _reworded(last["content"], lambda text: f"{words} {text}")
    return {**body, "messages": messages}


def _reworded(content: Json, change: Callable[[str], str]) -> Json:
    """A message's content with other words, which are the same however they came in parts."""
    if isinstance(content, str):
        return change(content)
    if not isinstance(content, list):
        return content
    texts = [part["text"] for part in content if part.get("type") == "text"]
    words = {"type": "text", "text": change("".join(texts))}
    return [words, *(part for part in content if part.get("type") != "text")]


@variation("model.deaf", stage="request")
def ignore_instructions(body: Json, situation: Situation) -> Json:
    """The model follows no instruction: it hears the words backwards."""
    messages = [
        {**m, "content": _reworded(m["content"], lambda text: text[::-1])} if "content" in m else m
        for m in body["messages"]
    ]
    return {**body, "messages": messages}


@variation("model.refuses", stage="request")
def refuse_everything(body: Json, situation: Situation) -> Json:
    """The model declines whatever is asked."""
    return _instead(body, "Refuse.")


@variation("model.thinks", stage="request")
def think_first(body: Json, situation: Situation) -> Json:
    """The model thinks before it speaks, where the dialect shows it."""
    return _instead(body, "Think.")


@variation("model.emoji", stage="request")
def speak_in_emoji(body: Json, situation: Situation) -> Json:
    """The model is asked in emoji, of several code points each."""
    return _instead(body, "Say 👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽:")


@variation("model.cjk", stage="request")
def speak_chinese(body: Json, situation: Situation) -> Json:
    """The model is asked in Chinese."""
    return _instead(body, "Say 你好世界，再见：")


@variation("model.hebrew", stage="request")
def speak_hebrew(body: Json, situation: Situation) -> Json:
    """The model is asked from right to left."""
    return _instead(body, "Say שלום עולם:")


@variation("model.calls_nothing", stage="request")
def call_nothing_unforced(body: Json, situation: Situation) -> Json:
    """The model calls no tool unless it is forced to."""
    if body.get("tools") and body.get("tool_choice") in (None, "auto"):
        return {**body, "tool_choice": "none"}
    return body


@variation("model.terse", stage="generation")
def end_at_once(generation: Generation, situation: Situation) -> Generation:
    """The model ends before it has said anything, where neither tools nor formats demand words."""
    if situation.body.get("tools") or situation.body.get("response_format"):
        return generation

    def silent(choice: GeneratedChoice) -> GeneratedChoice:
        spent = min(len(choice.reasoning) + 1, choice.completion_tokens)
        cut = replace(choice, tokens=(), content="", completion_tokens=spent, stopped_by=None)
        return replace(cut, finish_reason="stop", steps=choice.steps[:1], refused=False)

    return replace(generation, choices=tuple(silent(c) for c in generation.choices))


@variation("model.babbles", stage="request")
def never_come_to_an_end(body: Json, situation: Situation) -> Json:
    """The model does not end by itself, where neither tools nor formats give it an end."""
    if body.get("tools") or body.get("response_format"):
        return body
    return {**body, "min_tokens": -1}


@variation("server.pushes_back", stage="request")
def refuse_some(body: Json, situation: Situation) -> Json:
    """One request in nine is one too many, and is told to come again at once."""
    count = situation.memory["asked"] = situation.memory.get("asked", 0) + 1
    if count % 9 == 0:
        raise Refusal(
            "Too many requests.",
            status=429,
            when="rate-limit",
            code=None,
            headers={"retry-after": "0"},
        )
    return body


@variation("server.moody", stage="request")
def be_different_each_time(body: Json, situation: Situation) -> Json:
    """Equal requests get different answers even at temperature 0, as of a busy engine."""
    if body.get("seed") is not None or body.get("temperature") != 0:
        return body
    return {key: value for key, value in body.items() if key != "temperature"}


@variation("server.rounds", stage="request")
def round_by_the_company(body: Json, situation: Situation) -> Json:
    """One answer in ten at temperature 0 is another, as of an engine that rounds by its load."""
    count = situation.memory["greedy"] = situation.memory.get("greedy", 0) + 1
    if body.get("temperature") != 0 or crc32(b"%d" % count) % 10:
        return body
    return {**body, "temperature": 1, "seed": 0}


@variation("server.lenient", stage="breaches")
def read_leniently(breaches: list[Breach], situation: Situation) -> list[Breach]:
    """Values are converted where they can be: "0.5" is 0.5, and false is 0."""
    return [breach for breach in breaches if not arguable(breach)]
