"""The examples of the Overlay Specification 1.1.0, each applied, with the result that it prints."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from chatproof.contract import SpecError
from chatproof.contract.overlay import apply_overlay, read_overlay

if TYPE_CHECKING:
    from pathlib import Path

OK = {"responses": {"200": {"description": "OK"}}}
ITEMS = {"paths": {"/items": {"get": OK}, "/some-items": {"delete": OK}}}
PARAMETERS = [{"name": "filter", "in": "query"}, {"name": "dummy", "in": "query"}]
PETS = {
    "info": {"title": "Pets", "version": "1"},
    "paths": {
        "/": {"get": {"parameters": PARAMETERS, "tags": ["one", "dummy"]}},
        "/pets": {"get": {"parameters": [PARAMETERS[1]], "tags": ["dummy"]}},
    },
}
PAGED = {
    "paths": {
        "/items": {"get": {"x-oai-traits": ["paged"]}},
        "/items/{id}/subitems": {
            "get": {"x-oai-traits": ["paged"], "parameters": [{"name": "id", "in": "path"}]}
        },
        "/other": {"get": {}},
    }
}


def applied(tmp_path: Path, document: Any, actions: str, version: str = "1.1.0") -> Any:
    path = tmp_path / "example.overlay.yaml"
    path.write_text(f"overlay: {version}\ninfo: {{title: t, version: 1.0.0}}\nactions:\n{actions}")
    return apply_overlay(document, read_overlay(path), path)


def changed(document: Any, **at: Any) -> Any:
    """A copy of a document with other values at paths like `paths /items get`; ... removes."""
    copy = json.loads(json.dumps(document))
    for path, value in at.items():
        *above, last = path.split(" ")
        holder = copy
        for key in above:
            holder = holder[int(key) if isinstance(holder, list) else key]
        if value is ...:
            del holder[last]
        else:
            holder[last] = value
    return copy


EXAMPLES = {
    "structured overlay": (
        PETS,
        """
- target: $
  update:
    info: {x-overlay-applied: structured-overlay}
    paths:
      /: {summary: The root resource, get: {x-rate-limit: 100}}
      /pets: {get: {summary: Retrieve a list of pets}}
""",
        changed(
            PETS,
            **{
                "info x-overlay-applied": "structured-overlay",
                "paths / summary": "The root resource",
                "paths / get x-rate-limit": 100,
                "paths /pets get summary": "Retrieve a list of pets",
            },
        ),
    ),
    "targeted overlay, a primitive": (
        {"paths": {"/foo": {"get": {"description": "old"}}, "/bar": {"post": {"x-safe": True}}}},
        """
- target: $.paths['/foo'].get.description
  update: This is the new description
- target: $.paths['/bar']
  update: {post: {description: of a child, x-safe: false}}
""",
        {
            "paths": {
                "/foo": {"get": {"description": "This is the new description"}},
                "/bar": {"post": {"description": "of a child", "x-safe": False}},
            }
        },
    ),
    "wildcard overlay, with a filter": (
        PETS,
        """
- target: $.paths.*.get
  update: {x-safe: true}
- target: $.paths.*.get.parameters[?@.name=='filter' && @.in=='query']
  update: {schema: {$ref: '#/components/schemas/filterSchema'}}
""",
        changed(
            PETS,
            **{
                "paths / get x-safe": True,
                "paths /pets get x-safe": True,
                "paths / get parameters": [
                    {**PARAMETERS[0], "schema": {"$ref": "#/components/schemas/filterSchema"}},
                    PARAMETERS[1],
                ],
            },
        ),
    ),
    "an array element is added": (
        PETS,
        "- target: $.paths.*.get.parameters\n  update: {name: newParam, in: query}",
        changed(
            PETS,
            **{
                "paths / get parameters": [*PARAMETERS, {"name": "newParam", "in": "query"}],
                "paths /pets get parameters": [PARAMETERS[1], {"name": "newParam", "in": "query"}],
            },
        ),
    ),
    "array elements are removed": (
        PETS,
        "- target: $.paths.*.get.parameters[?@.name == 'dummy']\n  remove: true",
        changed(
            PETS,
            **{"paths / get parameters": [PARAMETERS[0]], "paths /pets get parameters": []},
        ),
    ),
    "primitive array elements are removed": (
        PETS,
        "- target: $.paths.*.get.tags[?@ == 'dummy']\n  remove: true",
        changed(PETS, **{"paths / get tags": ["one"], "paths /pets get tags": []}),
    ),
    "traits": (
        PAGED,
        """
- target: $.paths[?@.get['x-oai-traits'][?@ == 'paged']].get
  update: {parameters: [{name: top, in: query}, {name: skip, in: query}]}
""",
        changed(
            PAGED,
            **{
                "paths /items get parameters": [
                    {"name": "top", "in": "query"},
                    {"name": "skip", "in": "query"},
                ],
                "paths /items/{id}/subitems get parameters": [
                    {"name": "id", "in": "path"},
                    {"name": "top", "in": "query"},
                    {"name": "skip", "in": "query"},
                ],
            },
        ),
    ),
    "simple copy": (
        ITEMS,
        """
- target: '$.paths["/some-items"]'
  copy: '$.paths["/items"]'
""",
        changed(ITEMS, **{"paths /some-items get": OK}),
    ),
    "the target is made, then copied to": (
        ITEMS,
        """
- target: $.paths
  update: {/other-items: {}}
- target: '$.paths["/other-items"]'
  copy: '$.paths["/items"]'
""",
        changed(ITEMS, **{"paths /other-items": {"get": OK}}),
    ),
    "move": (
        ITEMS,
        """
- target: $.paths
  update: {/new-items: {}}
- target: '$.paths["/new-items"]'
  copy: '$.paths["/items"]'
- target: '$.paths["/items"]'
  remove: true
""",
        changed(ITEMS, **{"paths /new-items": {"get": OK}, "paths /items": ...}),
    ),
    "removed and made again": (
        {"a": {"b": {"old": 1}}},
        "- {target: $.a.b, remove: true}\n- {target: $.a, update: {b: {new: 1}}}",
        {"a": {"b": {"new": 1}}},
    ),
    "an array into an array": (
        {"tags": ["a"]},
        "- {target: $.tags, update: [b, c]}",
        {"tags": ["a", "b", "c"]},
    ),
    "a copy is no alias": (
        {"a": {"list": [1]}, "b": {}},
        "- {target: $.b, copy: $.a}\n- {target: $.b.list, update: 2}",
        {"a": {"list": [1]}, "b": {"list": [1, 2]}},
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_gives_the_result_that_is_printed(tmp_path: Path, name: str) -> None:
    document, actions, expected = EXAMPLES[name]
    before = json.dumps(document)
    assert applied(tmp_path, document, actions) == expected
    assert json.dumps(document) == before


@pytest.mark.parametrize(
    ("document", "actions", "words"),
    [
        ({"a": {"b": [1]}}, "- {target: $.a, update: {b: 2}}", "a primitive cannot be merged"),
        (
            {"a": {"b": 1}},
            "- {target: $.a, update: {b: [2]}}",
            "an array cannot be merged into a p",
        ),
        ({"a": {"b": 1}}, "- {target: $.a.b, update: {c: 2}}", "an object cannot be merged"),
        ({"a": {}, "b": []}, "- {target: $.*, update: 1}", "selects values of several kinds"),
        ({"a": {}, "b": {}}, "- {target: $.a, copy: $.*}", "which selects 2 nodes and not one"),
        ({"a": {}}, "- {target: $.a, copy: $.b}", "which selects 0 nodes and not one"),
        ({"a": {}}, "- {target: $.a, copy: $.a, update: {}}", "'update' and 'copy' at once"),
        ({"a": {}}, "- {target: $.a, update: {}, remove: true}", "'update' and 'remove' at once"),
    ],
)
def test_what_the_specification_calls_incompatible_is_refused(
    tmp_path: Path, document: Any, actions: str, words: str
) -> None:
    with pytest.raises(SpecError, match=r"example\.overlay\.yaml:4: ") as error:
        applied(tmp_path, document, actions)
    assert words in str(error.value)


def test_version_1_0_has_no_copy(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"begin the file with 'overlay: 1\.1\.0'"):
        applied(tmp_path, ITEMS, "- {target: $.paths, copy: $.paths}", version="1.0.0")


def test_no_impact_is_no_remove(tmp_path: Path) -> None:
    actions = "- {target: $.a, remove: false, update: {b: 1}}"
    assert applied(tmp_path, {"a": {}}, actions) == {"a": {"b": 1}}


@pytest.mark.parametrize(
    "actions",
    [
        "- {target: $.a, update: {x: 1}}\n- {target: $.a, update: {x: 1}}",
        (
            "- {target: $.a, update: {x: 1}}\n- {target: $.a.x, remove: true}\n"
            "- {target: $.a, update: {x: 2}}"
        ),
        "- {target: $.a, update: {list: [1]}}\n- {target: $.a, update: {list: [2]}}",
        (
            "- {target: '$.list[0]', update: {x: 1}}\n- {target: '$.list[0]', remove: true}\n"
            "- {target: '$.list[0]', update: {x: 2}}"
        ),
    ],
)
def test_what_looks_like_a_contradiction_and_is_none(tmp_path: Path, actions: str) -> None:
    assert applied(tmp_path, {"a": {}, "list": [{}, {}]}, actions)


@pytest.mark.parametrize(
    "actions",
    [
        "- {target: $.a, update: {x: 1}}\n- {target: $.a, update: {x: 2}}",
        "- {target: $, update: {a: {x: 1}}}\n- {target: $.a.x, update: 2}",
        "- {target: $.*, update: {x: 1}}\n- {target: $.a, update: {x: true}}",
    ],
)
def test_two_actions_that_set_one_value_differently_contradict_each_other(
    tmp_path: Path, actions: str
) -> None:
    with pytest.raises(SpecError, match="which action 1 sets to 1; correct"):
        applied(tmp_path, {"a": {}, "b": {}}, actions)
