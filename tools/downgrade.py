"""The document for tools that read an older OpenAPI: 3.1, and 3.0.

What the older version cannot say is left out, or said as nearly as it can be; a list of all that
was lost stands in the result, under ``info.x-lost``.
"""

from __future__ import annotations

from typing import Any

from chatproof.contract.document import escape

Json = Any
UNKNOWN = (
    "if then else dependentRequired dependentSchemas contentMediaType contentEncoding "
    "contentSchema patternProperties propertyNames contains prefixItems unevaluatedProperties "
    "unevaluatedItems $defs"
).split()
"""Keywords that 3.0 does not have, and that nothing in it comes near to."""
IN_SCHEMAS = ("properties",)
LISTS = ("allOf", "anyOf", "oneOf")
SINGLE = ("items", "not", "additionalProperties")


def as_3_2(document: Json) -> Json:
    """The document as it is."""
    return document


def as_3_1(document: Json) -> Json:
    """The document in OpenAPI 3.1, which has no schema for the items of a stream."""
    lost: list[str] = []
    made = _map(document, "", lost, {"itemSchema": "schema"})
    return {**made, "openapi": "3.1.1", "info": {**made["info"], "x-lost": lost}}


def as_3_0(document: Json) -> Json:
    """The document in OpenAPI 3.0, whose schemas are those of an older JSON Schema."""
    lost: list[str] = []
    made = _map(document, "", lost, {"itemSchema": "schema"})
    made = _schemas(made, "", lost)
    info = {key: value for key, value in made["info"].items() if key != "summary"}
    if "identifier" in info.get("license", {}):
        info["license"] = {"name": info["license"]["name"]}
    return {**made, "openapi": "3.0.3", "info": {**info, "x-lost": lost}}


DOWNGRADES = {"3.2": as_3_2, "3.1": as_3_1, "3.0": as_3_0}


def _map(node: Json, pointer: str, lost: list[str], renamed: dict[str, str]) -> Json:
    """`node` with keys renamed, wherever they are; each is noted."""
    if isinstance(node, list):
        return [_map(v, f"{pointer}/{n}", lost, renamed) for n, v in enumerate(node)]
    if not isinstance(node, dict):
        return node
    made = {}
    for key, value in node.items():
        if key in renamed:
            words = f"is {renamed[key]}, which stands for each event, not for the whole body"
            lost.append(f"{pointer}/{escape(key)} {words}")
        made[renamed.get(key, key)] = _map(value, f"{pointer}/{escape(key)}", lost, renamed)
    return made


def _schemas(node: Json, pointer: str, lost: list[str]) -> Json:
    """`node` with every schema in it written for 3.0; not those within examples."""
    if isinstance(node, list):
        return [_schemas(v, f"{pointer}/{n}", lost) for n, v in enumerate(node)]
    if not isinstance(node, dict):
        return node
    made = {}
    for key, value in node.items():
        below = f"{pointer}/{escape(key)}"
        if key == "schema":
            made[key] = _schema(value, below, lost)
        elif below == "/components/schemas":
            made[key] = {n: _schema(s, f"{below}/{escape(n)}", lost) for n, s in value.items()}
        elif key in ("example", "examples"):
            made[key] = value
        else:
            made[key] = _schemas(value, below, lost)
    return made


def _schema(schema: Json, pointer: str, lost: list[str]) -> Json:
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}
    made: dict[str, Json] = {}
    for key, value in schema.items():
        below = f"{pointer}/{escape(key)}"
        if key in UNKNOWN:
            lost.append(f"{below} is left out")
        elif key in LISTS:
            made[key] = [_schema(v, f"{below}/{n}", lost) for n, v in enumerate(value)]
        elif key in SINGLE and not (key == "additionalProperties" and isinstance(value, bool)):
            made[key] = _schema(value, below, lost)
        elif key in IN_SCHEMAS:
            made[key] = {n: _schema(s, f"{below}/{escape(n)}", lost) for n, s in value.items()}
        else:
            made[key] = value
    for rewrite in REWRITES:
        made = rewrite(made)
    return made


def _constant(schema: dict[str, Json]) -> dict[str, Json]:
    """A constant is a list of one value."""
    if "const" not in schema:
        return schema
    return {key: value for key, value in schema.items() if key != "const"} | {
        "enum": [schema["const"]]
    }


def _examples(schema: dict[str, Json]) -> dict[str, Json]:
    """There is one example."""
    if "examples" not in schema:
        return schema
    rest = {key: value for key, value in schema.items() if key != "examples"}
    return rest | {"example": schema["examples"][0]}


def _bounds(schema: dict[str, Json]) -> dict[str, Json]:
    """Exclusive bounds are flags beside the bound."""
    made = dict(schema)
    for name in ("Minimum", "Maximum"):
        value = made.get(f"exclusive{name}")
        if value is not None and not isinstance(value, bool):
            made |= {name.lower(): value, f"exclusive{name}": True}
    return made


def _is_null(schema: Json) -> bool:
    return bool(schema.get("type") == "null" or schema.get("enum") == [None])


def _union_with_null(schema: dict[str, Json]) -> dict[str, Json]:
    """A union with null is nullable; a union of one is no union."""
    made = dict(schema)
    for key in ("anyOf", "oneOf"):
        members = made.get(key)
        if not members or not any(map(_is_null, members)):
            continue
        rest = [member for member in members if not _is_null(member)]
        made["nullable"] = True
        if len(rest) == 1:
            del made[key]
            made = {**made, "allOf": rest} if "$ref" in rest[0] else {**rest[0], **made}
        else:
            made[key] = rest
    return made


def _union_of_one(schema: dict[str, Json]) -> dict[str, Json]:
    """A union of one is what it is a union of; generators look for a second, or for a name."""
    members = schema.get("oneOf", ())
    return dict(members[0]) if len(members) == 1 else schema


def _types(schema: dict[str, Json]) -> dict[str, Json]:
    """There is one type; null is a flag, and several are a union."""
    made = dict(schema)
    types = made.get("type")
    if isinstance(types, list):
        rest = [kind for kind in types if kind != "null"]
        if len(rest) < len(types):
            made["nullable"] = True
        made.pop("type")
        if len(rest) == 1:
            made["type"] = rest[0]
        elif rest:
            made["anyOf"] = [{"type": kind} for kind in rest]
    if made.get("nullable") and "enum" in made:
        made["enum"] = [value for value in made["enum"] if value is not None]
    return made


def _empty(schema: dict[str, Json]) -> dict[str, Json]:
    """What is left of a condition when nothing of it can be said is nothing."""
    made = dict(schema)
    if "allOf" in made:
        marks = ("description", "x-requirements", "x-source", "x-class", "x-level")
        made["allOf"] = [m for m in made["allOf"] if set(m) - set(marks)]
        if not made["allOf"]:
            del made["allOf"]
    return made


def _reference(schema: dict[str, Json]) -> dict[str, Json]:
    """A reference stands alone."""
    if "$ref" not in schema or len(schema) == 1:
        return schema
    rest = {key: value for key, value in schema.items() if key != "$ref"}
    return {"allOf": [{"$ref": schema["$ref"]}], **rest}


REWRITES = (
    _constant,
    _examples,
    _bounds,
    _union_with_null,
    _union_of_one,
    _types,
    _empty,
    _reference,
)
"""What is said in another way, in the order in which it has to be."""
