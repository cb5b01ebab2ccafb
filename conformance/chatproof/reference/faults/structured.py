"""Structured outputs that are not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import jsonschema_rs

from ..refusal import Refusal
from .registry import Situation, fault

if TYPE_CHECKING:
    from ...contract.document import Json
    from ..model import Generation


ALL_STRICT = (
    "structured.schema",
    "structured.stream",
    "structured.feature.",
    "structured.unsupported",
    "structured.broken",
)
"""What says something of strict schemas."""


def _format(body: Json) -> Json:
    return (body.get("response_format") or {}).get("type")


@fault(
    "structured.schema_ignored",
    stage="request",
    breaks=("structured.prefix", *ALL_STRICT),
)
def ignore_the_schema(body: Json, situation: Situation) -> Json:
    """A JSON schema has no effect."""
    if _format(body) == "json_schema":
        return {**body, "response_format": None}
    return body


@fault("structured.any_json", stage="request", breaks=ALL_STRICT)
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


# Feature by feature ----------------------------------------------------------------------------

FEATURES = (
    "enum",
    "boolean",
    "integer",
    "number",
    "null",
    "array",
    "nested",
    "any_of",
    "nullable",
    "reference",
    "const",
    "recursive",
)
"""Those of spec/requirements/schemas.yaml."""
OTHER: Json = {"type": "object", "properties": {"a": {"enum": [1]}}, "required": ["a"]}


def _asked(body: Json) -> Json:
    """The strict schema of a request, if it has one."""
    form = body.get("response_format") or {}
    return (form.get("json_schema") or {}).get("schema") or {}


def _about(schema: Json, feature: str) -> bool:
    """Whether a schema has the one property that stands for a feature."""
    names = {"null": "nothing"}
    return list(schema.get("properties", ())) == [names.get(feature, feature)]


def _ignoring(feature: str) -> None:
    def ignore(body: Json, situation: Situation) -> Json:
        if not _about(_asked(body), feature):
            return body
        other = {"type": "json_schema", "json_schema": {"schema": OTHER}}
        return {**body, "response_format": other}

    ignore.__doc__ = f"A strict schema about {feature.replace('_', ' ')} is passed over."
    breaks = f"structured.feature.{feature}"
    fault(f"structured.no_{feature}", stage="request", breaks=breaks)(ignore)


for _feature in FEATURES:
    _ignoring(_feature)


@fault("structured.refuses_references", stage="request", breaks="structured.feature.reference")
def refuse_references(body: Json, situation: Situation) -> Json:
    """A schema with $defs is refused."""
    if "$defs" in _asked(body) and _about(_asked(body), "reference"):
        raise Refusal("response_format: $defs are not supported", status=400, code=None)
    return body


@fault("structured.thought_ends_at_tag", stage="completion", breaks="structured.markup")
def take_what_precedes_a_tag_for_thought(answer: Json, situation: Situation) -> Json:
    """Of an answer only what follows </think> is given, also where that is within a string."""
    for choice in answer["choices"]:
        content = choice["message"].get("content") or ""
        if "</think>" in content:
            choice["message"]["content"] = content.partition("</think>")[2]
    return answer


@fault("structured.ignores_bounds", stage="request", breaks="structured.unsupported")
def ignore_bounds(body: Json, situation: Situation) -> Json:
    """The bounds of a number in a strict schema are passed over."""
    inner = _asked(body).get("properties", {})
    if not isinstance(inner, dict) or "minimum" not in str(inner):
        return body
    other = {"type": "json_schema", "json_schema": {"schema": OTHER}}
    return {**body, "response_format": other}


@fault("structured.takes_any_schema", stage="request", breaks="structured.broken")
def take_any_schema(body: Json, situation: Situation) -> Json:
    """What is no JSON Schema is passed over."""
    try:
        jsonschema_rs.is_valid(_asked(body), None)
    except ValueError:
        return {**body, "response_format": {"type": "json_object"}}
    return body
