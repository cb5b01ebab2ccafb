"""Change control: whom a change breaks, and which version it needs."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from tools import changes
from tools.changes import Change, compare, demanded, least_version

if TYPE_CHECKING:
    from pathlib import Path

NOW = demanded()
MUST = {"level": "MUST"}
MAXIMUM = "request.temperature.maximum"


def changed(dialect: str, name: str, **entry: Any) -> list[Change]:
    """What is said when a requirement of a dialect becomes this; nothing: it is gone."""
    new = copy.deepcopy(NOW)
    if entry:
        new[dialect][name] = {**new[dialect].get(name, {}), **entry}
    else:
        del new[dialect][name]
    return list(compare(NOW, new))


@pytest.mark.parametrize(
    ("name", "entry", "breaks"),
    [
        (MAXIMUM, {"value": 1.4}, {"clients"}),
        (MAXIMUM, {"value": 1.6}, {"servers"}),
        (MAXIMUM, {}, {"servers"}),
        (MAXIMUM, {"level": "SHOULD"}, {"clients"}),
        ("request.top_logprobs.minimum", {"value": 1}, {"clients"}),
        ("request.temperature.null", {}, {"clients"}),
        (
            "request.user.max_length",
            {"level": "MUST", "keyword": "maxLength", "value": 9},
            {"clients"},
        ),
        (
            "request.seed_two.type",
            {"level": "MUST", "keyword": "type", "value": "integer"},
            {"nobody"},
        ),
        (
            "request.user.required",
            {"level": "MUST", "keyword": "required", "value": None},
            {"clients"},
        ),
        ("response.id.required", {}, {"clients"}),
        (
            "response.note.required",
            {"level": "MUST", "keyword": "required", "value": None},
            {"servers"},
        ),
        ("response.choices.items.finish_reason.enum", {"value": ["stop"]}, {"servers"}),
        ("stream.ends", {}, {"clients"}),
        ("stream.new", {"level": "MUST"}, {"servers"}),
        ("stream.new", {"level": "SHOULD"}, {"nobody"}),
    ],
)
def test_whom_a_change_breaks(name: str, entry: dict[str, Any], breaks: set[str]) -> None:
    made = changed("cerebras", name, **entry)
    assert {change.breaks for change in made} == breaks
    assert {(change.dialect, change.requirement) for change in made} == {("cerebras", name)}


def test_another_set_of_values_may_break_both() -> None:
    name = "response.choices.items.finish_reason.enum"
    made = changed("cerebras", name, value=["stop", "eos"])
    assert {change.breaks for change in made} == {"clients", "servers"}


def test_dialects_come_and_go() -> None:
    less = {name: value for name, value in NOW.items() if name != "openai"}
    assert [c.breaks for c in compare(NOW, less)] == ["clients"]
    assert [c.breaks for c in compare(less, NOW)] == ["nobody"]


@pytest.mark.parametrize(
    ("last", "breaks", "least"),
    [
        ("0.1.0", None, "0.1.0"),
        ("0.1.0", "nobody", "0.1.1"),
        ("0.1.0", "clients", "0.2.0"),
        ("1.4.2", "nobody", "1.4.3"),
        ("1.4.2", "servers", "2.0.0"),
    ],
)
def test_the_version_that_a_change_needs(last: str, breaks: Any, least: str) -> None:
    made = [Change("cerebras", MAXIMUM, breaks, "")] if breaks else []
    assert least_version(last, made) == least


def test_nothing_is_wrong_now() -> None:
    assert list(changes.change_problems()) == []


def test_a_breaking_change_without_a_version_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = copy.deepcopy(NOW)
    old["cerebras"][MAXIMUM]["value"] = 2
    (tmp_path / "released").mkdir()
    version = changes.load_contract().version
    (tmp_path / "released" / f"{version}.json").write_text(json.dumps(old))
    monkeypatch.setattr(changes, "spec_folder", lambda: tmp_path)
    (problem,) = changes.change_problems()
    assert "cerebras request.temperature.maximum was 2, is 1.5" in problem
    assert "raise it to 0.2.0 or more" in problem
