"""Overlays: applied as the Overlay Specification says, and broken ones named with their line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatproof.contract import SpecError, load_document
from chatproof.contract.overlay import apply_overlay, read_overlay

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENT = {"a": {"b": 1, "list": [1, 2]}, "c": [{"x": 1}, {"x": 2}]}


def overlay(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(f"overlay: 1.0.0\ninfo: {{title: t, version: 1}}\nactions:\n{text}")
    return path


def applied(tmp_path: Path, text: str) -> object:
    path = overlay(tmp_path, text)
    return apply_overlay(DOCUMENT, read_overlay(path), path)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("- {target: $.a, update: {d: 2}}", {**DOCUMENT, "a": {"b": 1, "list": [1, 2], "d": 2}}),
        ("- {target: $.a, update: {b: 3}}", {**DOCUMENT, "a": {"b": 3, "list": [1, 2]}}),
        ("- {target: $.a.list, update: [3]}", {**DOCUMENT, "a": {"b": 1, "list": [1, 2, 3]}}),
        ("- {target: $.a.list, update: 3}", {**DOCUMENT, "a": {"b": 1, "list": [1, 2, 3]}}),
        ("- {target: $.a.b, remove: true}", {**DOCUMENT, "a": {"list": [1, 2]}}),
        ("- {target: '$.c[?@.x == 1]', remove: true}", {**DOCUMENT, "c": [{"x": 2}]}),
        ("- {target: '$.c[*]', remove: true}", {**DOCUMENT, "c": []}),
        (
            "- {target: '$.c[*]', update: {y: 0}}",
            {**DOCUMENT, "c": [{"x": 1, "y": 0}, {"x": 2, "y": 0}]},
        ),
        ("- {target: $, update: {d: 1}}", {**DOCUMENT, "d": 1}),
    ],
)
def test_actions_do_what_the_specification_says(
    tmp_path: Path, action: str, expected: object
) -> None:
    assert applied(tmp_path, action) == expected


def test_the_document_itself_is_left_alone(tmp_path: Path) -> None:
    applied(tmp_path, "- {target: $.a, update: {d: 2}}")
    assert DOCUMENT == {"a": {"b": 1, "list": [1, 2]}, "c": [{"x": 1}, {"x": 2}]}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("- {target: $.nowhere, remove: true}", 4, "selects nothing"),
        ("- {target: '$.a[', remove: true}", 4, "correct the path"),
        ("- {target: $.a, update: {d: 1}}\n- {update: {d: 2}}", 5, "has no 'target'"),
        ("- {target: $.a}", 4, "neither updates nor copies nor removes"),
        ("- {target: $.a, update: 1}", 4, "a primitive cannot be merged into an object"),
        ("- {target: $, remove: true}", 4, "cannot be removed"),
    ],
)
def test_a_broken_action_is_named_with_its_line(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    with pytest.raises(SpecError) as error:
        applied(tmp_path, text)
    assert f"mine.yaml:{line}:" in str(error.value)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "is not YAML"),
        ("openapi: 3.2.0", "is no OpenAPI Overlay"),
        ("overlay: 2.0.0\nactions: []", "is unknown; use 1.0.0 or 1.1.0"),
        ("overlay: 1.0.0", "has no actions"),
    ],
)
def test_a_file_that_is_no_overlay_is_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(SpecError, match=words):
        load_document(str(path))


def test_an_overlay_of_ones_own_builds_on_a_dialect(tmp_path: Path) -> None:
    place = "$.components.schemas.ChatCompletionRequest.properties.temperature"
    text = f"- {{target: {place}, update: {{maximum: 1}}}}"
    path = overlay(tmp_path, text)
    path.write_text("x-base: openai\n" + path.read_text())
    document, chain = load_document(str(path))
    assert chain == ("mine", "openai", "cerebras")
    request = document["components"]["schemas"]["ChatCompletionRequest"]
    assert request["properties"]["temperature"]["maximum"] == 1


def test_a_dialect_that_builds_on_itself_is_refused(tmp_path: Path) -> None:
    path = overlay(tmp_path, "- {target: $.info, update: {title: t}}")
    path.write_text(f"x-base: {path}\n" + path.read_text())
    with pytest.raises(SpecError, match="builds on itself"):
        load_document(str(path))
