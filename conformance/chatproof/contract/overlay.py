"""OpenAPI Overlays (Overlay Specification 1.0.0): how a dialect differs from the base document.

An overlay is a list of actions. Each selects nodes with a JSONPath (RFC 9535) and merges a value
into them or removes them. An action that selects nothing is an error here, though the
Overlay Specification lets it pass: in a dialect it is always a misspelling or an outdated path.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import jsonpath_rfc9535 as jsonpath

from .document import Json, SpecError, line_of, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def read_overlay(path: Path) -> dict[str, Json]:
    """Read an overlay and check its form.

    Raises:
        SpecError: it is no Overlay document; with file, line and what to do.
    """
    overlay = read_yaml(path)
    if not isinstance(overlay, dict) or "overlay" not in overlay:
        raise SpecError(f"{path}:1: is no OpenAPI Overlay; begin it with 'overlay: 1.0.0'")
    if not str(overlay["overlay"]).startswith("1."):
        raise SpecError(
            f"{path}:{line_of(path, ['overlay'])}: Overlay version {overlay['overlay']!r} is "
            "unknown; use 1.0.0"
        )
    actions = overlay.get("actions")
    if not isinstance(actions, list) or not actions:
        raise SpecError(f"{path}:1: has no actions; list at least one under 'actions'")
    for number, action in enumerate(actions):
        if not isinstance(action, dict) or not isinstance(action.get("target"), str):
            raise SpecError(
                f"{path}:{line_of(path, ['actions', number])}: action {number + 1} has no "
                "'target'; give it a JSONPath"
            )
        if "update" not in action and action.get("remove") is not True:
            raise SpecError(
                f"{path}:{line_of(path, ['actions', number])}: action {number + 1} neither "
                "updates nor removes; give it 'update' or 'remove: true'"
            )
    return overlay


def apply_overlay(document: Json, overlay: Mapping[str, Json], path: Path) -> Json:
    """A copy of `document` with the overlay's actions applied, in order.

    Raises:
        SpecError: a target is no JSONPath, selects nothing, or cannot be updated.
    """
    document = copy.deepcopy(document)
    for number, action in enumerate(overlay["actions"]):
        try:
            document = _apply(document, action)
        except (SpecError, jsonpath.JSONPathError) as error:
            where = f"{path}:{line_of(path, ['actions', number, 'target'])}"
            raise SpecError(
                f"{where}: target {action['target']!r}: {error}; correct the path or the action"
            ) from None
    return document


def _apply(document: Json, action: Mapping[str, Json]) -> Json:
    nodes = jsonpath.find(action["target"], document)
    if not nodes:
        raise SpecError("selects nothing")
    # Last first: removing an array's item moves those behind it.
    for node in reversed(nodes):
        if not node.location:
            if action.get("remove"):
                raise SpecError("the document itself cannot be removed")
            document = _merge(document, action["update"])
            continue
        parent = document
        for key in node.location[:-1]:
            parent = parent[key]
        key = node.location[-1]
        if action.get("remove"):
            del parent[key]
        else:
            parent[key] = _merge(parent[key], action["update"])
    return document


def _merge(target: Json, update: Json) -> Json:
    """Merge as the Overlay Specification says: objects by key, arrays grow, the rest is replaced.

    An `update` for an array target is one more item, unless it is an array itself.
    """
    if isinstance(target, dict) and isinstance(update, dict):
        merged = dict(target)
        for key, value in update.items():
            merged[key] = _merge(target[key], value) if key in target else copy.deepcopy(value)
        return merged
    if isinstance(target, list):
        return [*target, *copy.deepcopy(update if isinstance(update, list) else [update])]
    if isinstance(target, dict):
        raise SpecError("an object can only be updated with an object")
    return copy.deepcopy(update)
