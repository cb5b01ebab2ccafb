"""JSON for a schema, judged by jsonschema."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproof.reference.constrain import ImpossibleSchema, json_for
from chatproof.reference.sampling import Draws

TREE = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
                "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
            },
            "required": ["name", "next", "children"],
            "additionalProperties": False,
        }
    },
}
SCHEMAS: list[Any] = [
    True,
    {},
    {"type": "null"},
    {"type": ["null", "boolean"]},
    {"type": "string", "minLength": 12, "maxLength": 13},
    {"type": "string", "format": "date-time"},
    {"type": "string", "enum": ["red", None, 3]},
    {"type": ["integer", "null"], "enum": [1.5, "no", None, 2.0]},
    {"const": {"a": [1, "é"]}},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
    {"type": "integer", "minimum": 7, "maximum": 7},
    {"type": "integer", "maximum": -4, "multipleOf": 5},
    {"type": "number", "multipleOf": 0.25, "minimum": 3.1},
    {"type": "integer", "minimum": 2**70},
    {"type": "array", "items": {"enum": [1, 2, 3]}, "minItems": 3, "uniqueItems": True},
    {"type": "array", "prefixItems": [{"type": "string"}, {"type": "null"}], "items": False},
    {"type": "array", "items": {"type": "boolean"}, "maxItems": 0},
    {"properties": {"a": {"type": "integer"}, "b": {"type": "string"}}, "required": ["a"]},
    {"type": "object", "required": ["x"], "additionalProperties": {"type": "integer"}},
    {"type": "object", "properties": {"a": {}, "b": {}, "c": {}}, "minProperties": 3},
    {"type": "object", "minProperties": 2},
    {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"$ref": "#"}}]},
    {"type": "object", "properties": {"a": {"type": "null"}}, "anyOf": [{"required": ["a"]}]},
    {"allOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/b"}],
     "$defs": {"a": {"type": "object", "properties": {"x": {"type": "null"}}, "required": ["x"]},
               "b": {"properties": {"y/z": {"type": "boolean"}}, "required": ["y/z"]}}},
    {"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"type": "boolean"}}},
    TREE,
    {"type": "array", "items": TREE["$defs"]["node"], "minItems": 2, "$defs": TREE["$defs"]},
]  # fmt: skip


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: json.dumps(schema)[:60])
def test_the_value_is_one_that_the_schema_allows(schema):
    for key in range(40):
        text = json_for(schema, Draws(key))
        value = json.loads(text)
        jsonschema.validate(value, schema, jsonschema.Draft202012Validator)
        assert text == json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        assert text == json_for(schema, Draws(key))
        assert len(text) < 5000


@given(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["integer", "number"])},
        optional={
            "minimum": st.integers(-50, 50) | st.floats(-50, 50),
            "exclusiveMinimum": st.integers(-50, 50),
            "maximum": st.integers(51, 90) | st.floats(52, 90),
            "exclusiveMaximum": st.integers(53, 90),
            "multipleOf": st.sampled_from([1, 2, 0.5]),
        },
    ),
    st.integers(),
)
def test_numbers_are_within_their_bounds(schema, key):
    jsonschema.validate(json.loads(json_for(schema, Draws(key))), schema)


def schemas(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    properties = st.dictionaries(st.text(max_size=3), inner, max_size=3)
    objects = properties.map(
        lambda members: {
            "type": "object",
            "properties": members,
            "required": list(members),
            "additionalProperties": False,
        }
    )
    arrays = st.fixed_dictionaries(
        {"type": st.just("array"), "items": inner}, optional={"minItems": st.integers(0, 3)}
    )
    return objects | arrays | st.lists(inner, min_size=1, max_size=3).map(lambda b: {"anyOf": b})


SIMPLE = st.sampled_from(["string", "integer", "number", "boolean", "null"]).map(
    lambda kind: {"type": kind}
)
ENUMS = st.lists(st.text() | st.integers() | st.none(), min_size=1).map(lambda v: {"enum": v})


@given(st.recursive(SIMPLE | ENUMS, schemas, max_leaves=12), st.integers())
def test_any_schema_of_the_subset_is_served(schema, key):
    value = json.loads(json_for(schema, Draws(key)))
    jsonschema.validate(value, schema, jsonschema.Draft202012Validator)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "$ref",
                    "type",
                    "enum",
                    "const",
                    "anyOf",
                    "allOf",
                    "required",
                    "properties",
                    "items",
                    "prefixItems",
                    "minItems",
                    "maxItems",
                    "minimum",
                    "maximum",
                    "multipleOf",
                    "minLength",
                    "format",
                    "additionalProperties",
                ]
            ),
            inner | st.sampled_from(["#", "#/anyOf/0", "object", "array", "integer"]),
            max_size=4,
        )
    ),
)


@given(JUNK)
def test_nonsense_in_a_schema_does_no_harm(schema):
    try:
        text = json_for(schema, Draws(1))
    except ImpossibleSchema:
        return
    json.loads(text)


@pytest.mark.parametrize(
    "schema",
    [
        False,
        {"$ref": "#"},
        {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]},
        {"type": "object", "required": ["a"], "additionalProperties": False},
        {"type": "array", "items": False, "minItems": 1},
        {"anyOf": [False, {"$ref": "#"}]},
    ],
)
def test_what_nothing_fits_is_an_error(schema):
    with pytest.raises(ImpossibleSchema):
        json_for(schema, Draws(1))


def test_depth_is_no_obstacle_until_it_is_absurd():
    def nested(levels: int) -> Any:
        schema: Any = {"type": "boolean"}
        for _ in range(levels):
            schema = {"type": "object", "properties": {"a": schema}, "required": ["a"]}
        return schema

    text = json_for(nested(40), Draws(1))
    assert text.count("{") == 40
    with pytest.raises(ImpossibleSchema):
        json_for(nested(5000), Draws(1))
