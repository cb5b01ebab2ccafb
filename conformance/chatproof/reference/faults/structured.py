"""Structured outputs that are not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .registry import Situation, fault

if TYPE_CHECKING:
    from ...contract.document import Json
    from ..model import Generation


def _format(body: Json) -> Json:
    return (body.get("response_format") or {}).get("type")


@fault(
    "structured.schema_ignored",
    stage="request",
    breaks=("structured.schema", "structured.stream", "structured.prefix"),
)
def ignore_the_schema(body: Json, situation: Situation) -> Json:
    """A JSON schema has no effect."""
    if _format(body) == "json_schema":
        return {**body, "response_format": None}
    return body


@fault("structured.any_json", stage="request", breaks=("structured.schema", "structured.stream"))
def give_any_json(body: Json, situation: Situation) -> Json:
    """A JSON schema gives JSON, but of another shape."""
    if _format(body) == "json_schema":
        other = {"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"]}
        return {
            **body,
            "response_format": {"type": "json_schema", "json_schema": {"schema": other}},
        }
    return body


@fault("structured.only_plain", stage="request", breaks="structured.stream")
def ignore_the_schema_in_streams(body: Json, situation: Situation) -> Json:
    """A JSON schema has no effect in a stream."""
    if _format(body) == "json_schema" and body.get("stream"):
        return {**body, "response_format": None}
    return body


@fault(
    "structured.fenced",
    stage="completion",
    breaks="structured.json_object",
    seen_in="ROCm/FastFlowLM#554",
)
def put_up_a_fence(answer: Json, situation: Situation) -> Json:
    """The JSON of json_object stands in a Markdown fence."""
    if _format(situation.body) == "json_object":
        for choice in answer["choices"]:
            choice["message"]["content"] = f"```json\n{choice['message']['content']}\n```"
    return answer


@fault(
    "structured.dawdles",
    stage="generation",
    breaks="structured.ends",
    seen_in="ollama/ollama#2577",
)
def go_on_with_white_space(generation: Generation, situation: Situation) -> Generation:
    """White space follows the JSON until the limit is reached."""
    form = situation.body.get("response_format") or {}
    if form.get("type") != "json_schema":
        return generation
    choices = (replace(c, finish_reason="length") for c in generation.choices)
    return replace(generation, choices=tuple(choices))
