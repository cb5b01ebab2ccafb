"""What an SDK gives its user, in a form in which it can be held against what was sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from chatproof.wire.answer import integer, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatproof.wire import View

COUNTS: Final = ("prompt_tokens", "completion_tokens", "total_tokens")


@dataclass(slots=True)
class Said:
    """One choice. What is missing or of the wrong type is None, or an empty text."""

    role: str = ""
    content: str = ""
    reasoning: str = ""
    finish_reason: str | None = None
    calls: dict[int, list[str]] = field(default_factory=dict)
    """By index: id, name, arguments."""


@dataclass(slots=True)
class Delivered:
    """An answer: its choices by index, and its token counts."""

    choices: dict[int, Said] = field(default_factory=dict)
    usage: tuple[int | None, ...] = (None,) * len(COUNTS)


def differing(one: Delivered, other: Delivered) -> frozenset[str]:
    """In what the two differ, as objections."""
    if one.choices.keys() != other.choices.keys():
        names = ["choices"]
    else:
        pairs = [(said, other.choices[index]) for index, said in one.choices.items()]
        fields = ("role", "content", "reasoning", "finish_reason", "calls")
        names = [f for f in fields if any(getattr(a, f) != getattr(b, f) for a, b in pairs)]
    if one.usage != other.usage:
        names.append("usage")
    return frozenset(f"delivers other {name}" for name in names)


def sent(seen: View) -> Delivered:
    """What the wire layer reads in an exchange."""
    made = Delivered(usage=_counts(seen.usage or {}))
    for choice in seen.choices:
        calls = {
            number: [call.id or "", call.name or "", text(call.arguments) or ""]
            for number, call in enumerate(choice.tool_calls)
        }
        made.choices[choice.index] = Said(
            choice.role or "",
            choice.content or "",
            choice.reasoning or "",
            choice.finish_reason,
            calls,
        )
    return made


def delivered(answer: Any) -> Delivered:
    """What a user finds in the answer that an SDK returned."""
    made = Delivered(usage=_counts(answer.usage))
    for choice in answer.choices:
        message = choice.message
        said = Said(
            text(message.role) or "",
            text(message.content) or "",
            _reasoning(message),
            text(choice.finish_reason),
        )
        for number, call in enumerate(message.tool_calls or ()):
            said.calls[number] = [
                text(part) or "" for part in (call.id, call.function.name, call.function.arguments)
            ]
        made.choices[choice.index] = said
    return made


def delivered_in_pieces(chunks: Iterable[Any]) -> Delivered:
    """What a user puts together from the chunks of a stream, as the SDKs' guides show it."""
    made = Delivered()
    for chunk in chunks:
        if chunk.usage:
            made.usage = _counts(chunk.usage)
        for choice in chunk.choices:
            said = made.choices.setdefault(choice.index, Said())
            said.role = said.role or text(choice.delta.role) or ""
            said.content += text(choice.delta.content) or ""
            said.reasoning += _reasoning(choice.delta)
            said.finish_reason = choice.finish_reason or said.finish_reason
            for call in choice.delta.tool_calls or ():
                _add_call(said, call)
    return made


def _add_call(said: Said, piece: Any) -> None:
    call = said.calls.setdefault(piece.index, ["", "", ""])
    call[0] = call[0] or text(piece.id) or ""
    if piece.function:
        call[1] = call[1] or text(piece.function.name) or ""
        call[2] += text(piece.function.arguments) or ""


def _reasoning(holder: Any) -> str:
    """No SDK but Cerebras' has a name for it; others keep it as a further field."""
    for name in ("reasoning", "reasoning_content"):
        found = text(getattr(holder, name, None))
        if found is not None:
            return found
    return ""


def _counts(usage: Any) -> tuple[int | None, ...]:
    if isinstance(usage, dict):
        return tuple(integer(usage.get(name)) for name in COUNTS)
    return tuple(integer(getattr(usage, name, None)) for name in COUNTS)
