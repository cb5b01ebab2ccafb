"""Choices and tool calls while they are put together from the deltas of a stream."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .answer import Answer, ToolCall, text
from .states import CallState, ChoiceState

if TYPE_CHECKING:
    from .jsontext import Json


@dataclass(slots=True)
class GrowingCall:
    """A tool call that is being put together."""

    state: CallState = CallState.NEW
    id: str | None = None
    type: str | None = None
    name: str | None = None
    arguments: list[str] = field(default_factory=list)

    def add(self, call: dict[str, Json], function: dict[str, Json]) -> None:
        self.id = self.id or text(call.get("id"))
        self.type = text(call.get("type")) or self.type
        self.name = self.name or text(function.get("name"))
        arguments = text(function.get("arguments"))
        if arguments is not None:
            self.arguments.append(arguments)

    def made(self) -> ToolCall:
        arguments = "".join(self.arguments) if self.arguments else None
        return ToolCall(self.id, self.type, self.name, arguments)


@dataclass(slots=True)
class GrowingChoice:
    """A choice that is being put together. Texts are kept in pieces and joined once."""

    index: int
    state: ChoiceState = ChoiceState.NEW
    role: str | None = None
    finish_reason: str | None = None
    texts: dict[str, list[str]] = field(default_factory=dict)
    calls: dict[int, GrowingCall] = field(default_factory=dict)
    logprobs: list[Json] = field(default_factory=list)

    def text(self, name: str) -> str | None:
        return "".join(self.texts[name]) if name in self.texts else None

    def made(self) -> Answer:
        return Answer(
            self.index,
            self.role,
            self.text("content"),
            self.text("reasoning"),
            self.text("refusal"),
            [call.made() for call in self.calls.values()],
            self.finish_reason,
            list(self.logprobs),
            tuple(piece for piece in self.texts.get("content", ()) if piece),
        )
