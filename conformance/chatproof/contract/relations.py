"""What a request has to hold beyond its schema: how its parts relate to each other.

Each function reads a body that fits the schema and yields where it breaks the requirement, and in
which words. A dialect has those whose requirement it has; the judge of requests, the reference
server and the experiments all read this one table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .document import escape

Broken = Iterator[tuple[str, str]]
"""JSON pointers into the body, and what is wrong there."""
ROOT = "/response_format/json_schema/schema"
LEVELS, VALUES, BRANCHES = 10, 1000, 5
"""What strict schemas may have at most: levels of objects, values of all enumerations (OA-SO),
branches of a union (CB-SO)."""


def calls_are_answered(body: Any) -> Broken:
    """After the calls of an assistant's message come the answers to all of them."""
    messages = body["messages"]
    for number, message in enumerate(messages):
        answered = set()
        for later in messages[number + 1 :]:
            if later["role"] != "tool":
                break
            answered.add(later["tool_call_id"])
        for place, call in enumerate(message.get("tool_calls") or ()):
            if call["id"] not in answered:
                yield f"/messages/{number}/tool_calls/{place}", "no tool message answers this call"


def answered_calls_are_known(body: Any) -> Broken:
    """A tool's message answers a call that an earlier message made."""
    known: set[str] = set()
    for number, message in enumerate(body["messages"]):
        known |= {call["id"] for call in message.get("tool_calls") or ()}
        if message["role"] == "tool" and message["tool_call_id"] not in known:
            yield f"/messages/{number}/tool_call_id", "no earlier message made this call"


def call_ids_are_unique(body: Any) -> Broken:
    """No two calls of a conversation have the same id."""
    known: set[str] = set()
    for number, message in enumerate(body["messages"]):
        for place, call in enumerate(message.get("tool_calls") or ()):
            if call["id"] in known:
                yield f"/messages/{number}/tool_calls/{place}/id", "another call has this id"
            known.add(call["id"])


def tools_agree_on_strict(body: Any) -> Broken:
    """All tools are strict, or none is; left out means not."""
    tools = body.get("tools") or ()
    if len({bool(tool["function"].get("strict")) for tool in tools}) > 1:
        yield "/tools", "some tools are strict and some are not"


def strict_objects_are_closed(body: Any) -> Broken:
    """In a strict schema every object forbids additional properties."""
    for pointer, schema in _strict_schemas(body):
        if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
            yield pointer, "additionalProperties is not false"


def strict_schemas_use_defs(body: Any) -> Broken:
    """A strict schema keeps what it shares under `$defs`, not under the older `definitions`."""
    for pointer, schema in _strict_schemas(body):
        if "definitions" in schema:
            yield f"{pointer}/definitions", "is to be called $defs"


def strict_objects_need_all(body: Any) -> Broken:
    """In a strict schema every property of an object is required."""
    for pointer, schema in _strict_schemas(body):
        properties, required = schema.get("properties"), schema.get("required", [])
        if isinstance(properties, dict) and isinstance(required, list):
            for name in properties:
                if name not in required:
                    yield f"{pointer}/properties/{escape(name)}", "is not required"


def strict_roots_are_objects(body: Any) -> Broken:
    """A strict schema describes an object, and not one of several."""
    for pointer, schema in _strict_schemas(body):
        if schema.get("type") != "object" or "anyOf" in schema:
            yield pointer, "is no object, or is a union"
        return


def strict_schemas_are_small(body: Any) -> Broken:
    """A strict schema has at most so many levels of objects, and values of enumerations."""
    values = 0
    for pointer, schema in _strict_schemas(body):
        values += len(schema["enum"]) if isinstance(schema.get("enum"), list) else 0
        levels = 1 + pointer.count("/properties/") - ROOT.count("/properties/")
        if schema.get("type") == "object" and levels > LEVELS:
            yield pointer, f"is at level {levels}"
    if values > VALUES:
        yield ROOT, f"has {values} values of enumerations"


def strict_unions_are_small(body: Any) -> Broken:
    """A union in a strict schema has at most so many branches."""
    for pointer, schema in _strict_schemas(body):
        if isinstance(schema.get("anyOf"), list) and len(schema["anyOf"]) > BRANCHES:
            yield f"{pointer}/anyOf", f"has more than {BRANCHES} branches"


def json_objects_are_not_streamed(body: Any) -> Broken:
    """A format that is JSON without a schema comes in one piece."""
    if (body.get("response_format") or {}).get("type") == "json_object" and body.get("stream"):
        yield "/response_format", "json_object cannot be streamed"


def _strict_schemas(body: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The schema of a strict response format, and all within it, with their pointers."""
    wanted = (body.get("response_format") or {}).get("json_schema") or {}
    if wanted.get("strict") and isinstance(wanted.get("schema"), dict):
        yield from _within(wanted["schema"], ROOT)


def _within(schema: Any, pointer: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if not isinstance(schema, dict):
        return
    yield pointer, schema
    for key in ("properties", "$defs", "definitions"):
        members = schema.get(key)
        for name, below in members.items() if isinstance(members, dict) else ():
            yield from _within(below, f"{pointer}/{key}/{escape(name)}")
    for key in ("anyOf", "prefixItems"):
        members = schema.get(key)
        for number, below in enumerate(members if isinstance(members, list) else ()):
            yield from _within(below, f"{pointer}/{key}/{number}")
    yield from _within(schema.get("items"), f"{pointer}/items")


RELATIONS: dict[str, Callable[[Any], Broken]] = {
    "request.messages.tool_calls.answered": calls_are_answered,
    "request.messages.tool_calls.unique": call_ids_are_unique,
    "request.messages.tool.known_call": answered_calls_are_known,
    "request.tools.strict_agrees": tools_agree_on_strict,
    "request.response_format.closed": strict_objects_are_closed,
    "request.response_format.required": strict_objects_need_all,
    "request.response_format.root": strict_roots_are_objects,
    "request.response_format.size": strict_schemas_are_small,
    "request.response_format.branches": strict_unions_are_small,
    "request.response_format.definitions": strict_schemas_use_defs,
    "request.response_format.json_object_streamed": json_objects_are_not_streamed,
}
"""The requirement, and what shows that a body breaks it."""
