"""Answers: one choice in the same form, whether it came whole or in pieces."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .jsontext import Json


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool call put together from its fragments, or taken from a plain message.

    What is missing or of the wrong type is None, except that `arguments` of a plain message are
    kept as they came: they should be text, and a report shows what they were instead.
    """

    id: str | None = None
    type: str | None = None
    name: str | None = None
    arguments: Json = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One choice. What is missing or of the wrong type is None; the schema speaks of that.

    `reasoning` is the text under `reasoning` or `reasoning_content`. `logprobs` are the entries
    of `logprobs.content`, unread. `pieces` are the deltas of the content that were not empty, in
    a stream; of a plain message there are none.
    """

    index: int
    role: str | None = None
    content: str | None = None
    reasoning: str | None = None
    refusal: str | None = None
    tool_calls: list[ToolCall] = field(default_factory=list)
    finish_reason: str | None = None
    logprobs: list[Json] = field(default_factory=list)
    pieces: tuple[str, ...] = ()

    def as_message(self) -> dict[str, Json]:
        """The answer as the message of a plain reply; what is None is left out."""
        message: dict[str, Json] = {"role": self.role or "assistant", "content": self.content}
        message |= {"reasoning": self.reasoning, "refusal": self.refusal}
        message["tool_calls"] = [
            {
                "id": call.id,
                "type": call.type or "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in self.tool_calls
        ] or None
        return {name: value for name, value in message.items() if value is not None}


def plain_answer(choice: dict[str, Json], position: int) -> Answer:
    """The answer in one choice of a plain reply; its index is `position` when it has none."""
    message = mapping(choice.get("message"))
    index = integer(choice.get("index"))
    return Answer(
        index=position if index is None else index,
        role=text(message.get("role")),
        content=text(message.get("content")),
        reasoning=reasoning(message),
        refusal=text(message.get("refusal")),
        tool_calls=[_plain_call(call) for call in mappings(message.get("tool_calls"))],
        finish_reason=text(choice.get("finish_reason")),
        logprobs=items(mapping(choice.get("logprobs")).get("content")),
    )


def _plain_call(call: dict[str, Json]) -> ToolCall:
    function = mapping(call.get("function"))
    return ToolCall(
        text(call.get("id")),
        text(call.get("type")),
        text(function.get("name")),
        function.get("arguments"),
    )


def reasoning(holder: dict[str, Json]) -> str | None:
    """The reasoning in a message or delta, under either of its names."""
    first = text(holder.get("reasoning"))
    return first if first is not None else text(holder.get("reasoning_content"))


def integer(value: Json) -> int | None:
    """A JSON integer, which may be written 1.0; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) else None


def text(value: Json) -> str | None:
    return value if isinstance(value, str) else None


def mapping(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def items(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def mappings(value: Json) -> list[dict[str, Json]]:
    return [item for item in items(value) if isinstance(item, dict)]
