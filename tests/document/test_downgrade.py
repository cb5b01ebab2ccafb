"""The document for tools that read an older OpenAPI."""

from __future__ import annotations

import json
from typing import Any

import openapi_spec_validator
import pytest
from tools.downgrade import DOWNGRADES, as_3_0, as_3_1

from chatproof.contract import dialect_names, load_document


@pytest.mark.parametrize("dialect", dialect_names())
@pytest.mark.parametrize("version", DOWNGRADES)
def test_each_is_valid_in_its_version(dialect: str, version: str) -> None:
    document = DOWNGRADES[version](load_document(dialect)[0])
    assert document["openapi"].startswith(version)
    openapi_spec_validator.validate(document)


def test_nothing_of_the_newest_is_changed() -> None:
    document, _ = load_document()
    assert DOWNGRADES["3.2"](document) == document


def test_what_is_lost_is_listed() -> None:
    document, _ = load_document()
    kept = as_3_1(document)["info"]["x-lost"]
    assert len(kept) == 1
    assert "itemSchema is schema" in kept[0]
    lost = as_3_0(document)["info"]["x-lost"]
    assert any(words.endswith("/contentSchema is left out") for words in lost)
    assert any(words.endswith("/if is left out") for words in lost)
    text = json.dumps(as_3_0(document)["components"])
    for keyword in ("const", "examples", "if", "then", "contentSchema"):
        assert f'"{keyword}": ' not in text


def schema(written: Any) -> Any:
    """A schema as 3.0 says it."""
    info = {"title": "T", "version": "1"}
    document = {"openapi": "3.2.0", "info": info, "components": {"schemas": {"S": written}}}
    return as_3_0(document)["components"]["schemas"]["S"]


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ({"type": ["string", "null"]}, {"nullable": True, "type": "string"}),
        ({"type": ["string", "integer"]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        ({"const": "a"}, {"enum": ["a"]}),
        (
            {"type": ["string", "null"], "enum": ["a", None]},
            {"nullable": True, "type": "string", "enum": ["a"]},
        ),
        ({"examples": [1, 2]}, {"example": 1}),
        ({"exclusiveMinimum": 0}, {"minimum": 0, "exclusiveMinimum": True}),
        (
            {"anyOf": [{"$ref": "#/components/schemas/S"}, {"type": "null"}]},
            {"nullable": True, "allOf": [{"$ref": "#/components/schemas/S"}]},
        ),
        (
            {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}], "description": "D"},
            {"type": "string", "maxLength": 3, "description": "D", "nullable": True},
        ),
        (
            {"$ref": "#/components/schemas/S", "description": "D"},
            {"allOf": [{"$ref": "#/components/schemas/S"}], "description": "D"},
        ),
        ({"items": True}, {"items": {}}),
        (
            {"oneOf": [{"$ref": "#/x"}], "discriminator": {"propertyName": "t"}},
            {"$ref": "#/x"},
        ),
        (
            {"allOf": [{"if": {}, "then": {}, "description": "D"}], "type": "object"},
            {"type": "object"},
        ),
    ],
)
def test_keywords_are_said_as_3_0_can(new: Any, old: Any) -> None:
    assert schema(new) == old
