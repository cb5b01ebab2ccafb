"""What the types of an SDK promise: a reply is held against them strictly, as the SDK does not."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import pydantic

if TYPE_CHECKING:
    from tools.judges.opinions import Opinion
    from tools.judges.recorded import Recorded


@dataclass(frozen=True)
class Promise:
    """The types of an SDK for what comes back, each as module and name."""

    completion: tuple[str, str]
    chunk: tuple[str, str]

    def opinion(self, recorded: Recorded) -> Opinion | None:
        """Where an answer or a chunk is not what the type says; None for other replies."""
        seen = recorded.view
        if seen.kind == "completion" and not seen.asked_for_stream:
            return frozenset(_broken(self._completion, seen.json.value))
        if seen.kind == "stream" and seen.asked_for_stream:
            chunks = [p.value for _, p in seen.chunks if not _is_error(p.value)]
            return frozenset(words for chunk in chunks for words in _broken(self._chunk, chunk))
        return None

    @cached_property
    def _completion(self) -> pydantic.TypeAdapter[Any]:
        return _adapter(*self.completion)

    @cached_property
    def _chunk(self) -> pydantic.TypeAdapter[Any]:
        return _adapter(*self.chunk)


OPENAI: Final = Promise(
    ("openai.types.chat", "ChatCompletion"), ("openai.types.chat", "ChatCompletionChunk")
)
CEREBRAS: Final = Promise(
    ("cerebras.cloud.sdk.types.chat.chat_completion", "ChatCompletionResponse"),
    ("cerebras.cloud.sdk.types.chat.chat_completion", "ChatChunkResponse"),
)


def _adapter(module: str, name: str) -> pydantic.TypeAdapter[Any]:
    return pydantic.TypeAdapter(getattr(importlib.import_module(module), name))


def _broken(adapter: pydantic.TypeAdapter[Any], value: Any) -> list[str]:
    """The places where a value is not as promised, without the positions in lists."""
    try:
        adapter.validate_python(value, strict=True)
    except pydantic.ValidationError as error:
        return [f"{_place(one['loc'])} {one['type']}" for one in error.errors()]
    return []


def _place(steps: tuple[int | str, ...]) -> str:
    return "".join("/*" if isinstance(step, int) else f"/{step}" for step in steps) or "/"


def _is_error(value: Any) -> bool:
    return isinstance(value, dict) and bool(value.get("error"))
