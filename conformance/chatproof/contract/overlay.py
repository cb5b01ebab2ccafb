"""OpenAPI Overlays (Overlay Specification 1.0 and 1.1): how a dialect differs from others.

An overlay is a list of actions. Each selects nodes with a JSONPath (RFC 9535) and merges a value
into them, copies another node into them, or removes them. Two things are errors here that the
Overlay Specification lets pass, since in a dialect they are always mistakes: an action that selects
nothing, and one that sets what an earlier action of the same overlay has set to another value.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import jsonpath_rfc9535 as jsonpath

from .document import Json, SpecError, escape, line_of, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Location = tuple[str | int, ...]
"""Where a value stands in the document: the keys and indexes from the root on."""
VERBS = ("update", "copy", "remove")


def read_overlay(path: Path) -> dict[str, Json]:
    """Read an overlay and check its form.

    Raises:
        SpecError: it is no Overlay document; with file, line and what to do.
    """
    overlay = read_yaml(path)
    if not isinstance(overlay, dict) or "overlay" not in overlay:
        raise SpecError(f"{path}:1: is no OpenAPI Overlay; begin it with 'overlay: 1.1.0'")
    version = str(overlay["overlay"])
    if not version.startswith(("1.0.", "1.1.")):
        raise SpecError(
            f"{path}:{line_of(path, ['overlay'])}: Overlay version {version!r} is "
            "unknown; use 1.0.0 or 1.1.0"
        )
    actions = overlay.get("actions")
    if not isinstance(actions, list) or not actions:
        raise SpecError(f"{path}:1: has no actions; list at least one under 'actions'")
    for number, action in enumerate(actions):
        problem = _malformed(action, version)
        if problem:
            where = f"{path}:{line_of(path, ['actions', number])}"
            raise SpecError(f"{where}: action {number + 1} {problem}")
    return overlay


def _malformed(action: Json, version: str) -> str:
    """What is wrong with the form of an action, and what to do; empty when nothing is."""
    if not isinstance(action, dict) or not isinstance(action.get("target"), str):
        return "has no 'target'; give it a JSONPath"
    verbs = [verb for verb in VERBS if verb in action and action[verb] is not False]
    if not verbs:
        return "neither updates nor copies nor removes; give it 'update', 'copy' or 'remove: true'"
    if len(verbs) > 1:
        return f"has {' and '.join(map(repr, verbs))} at once; make an action of each"
    if verbs == ["copy"] and version.startswith("1.0."):
        return "copies, which Overlay 1.0 cannot; begin the file with 'overlay: 1.1.0'"
    return ""


def apply_overlay(document: Json, overlay: Mapping[str, Json], path: Path) -> Json:
    """A copy of `document` with the overlay's actions applied, in order.

    Raises:
        SpecError: a target is no JSONPath, selects nothing, cannot be updated, or is set to
            another value by an earlier action.
    """
    # A member above the root, so that the root is replaced like any other node.
    holder = {"": copy.deepcopy(document)}
    settings = _Settings()
    for number, action in enumerate(overlay["actions"]):
        try:
            _apply(holder, action, number, settings)
        except (SpecError, jsonpath.JSONPathError) as error:
            where = f"{path}:{line_of(path, ['actions', number, 'target'])}"
            raise SpecError(
                f"{where}: target {action['target']!r}: {error}; correct the path or the action"
            ) from None
    return holder[""]


def _apply(
    holder: dict[str, Json], action: Mapping[str, Json], number: int, settings: _Settings
) -> None:
    nodes = jsonpath.find(action["target"], holder[""])
    if not nodes:
        raise SpecError("selects nothing")
    if action.get("remove"):
        # Last first: removing an array's item moves those behind it.
        for location in sorted((node.location for node in nodes), key=_depth_first, reverse=True):
            if not location:
                raise SpecError("the document itself cannot be removed")
            del _at(holder[""], location[:-1])[location[-1]]
            settings.forget(location)
        return
    if len({_kind(node.value) for node in nodes}) > 1:
        raise SpecError("selects values of several kinds; give each kind an action of its own")
    value = action["update"] if "update" in action else _copied(action["copy"], holder[""])
    for node in nodes:
        settings.note(node.location, value, number)
        parent = _at(holder, ("", *node.location)[:-1])
        key = node.location[-1] if node.location else ""
        parent[key] = _updated(parent[key], value)


def _depth_first(location: Location) -> tuple[tuple[bool, str | int], ...]:
    return tuple((isinstance(key, int), key) for key in location)


def _copied(source: str, document: Json) -> Json:
    nodes = jsonpath.find(source, document)
    if len(nodes) != 1:
        raise SpecError(f"copies {source!r}, which selects {len(nodes)} nodes and not one")
    return nodes[0].value


def _at(value: Json, location: Location) -> Json:
    for key in location:
        value = value[key]
    return value


def _kind(value: Json) -> str:
    if isinstance(value, dict):
        return "an object"
    return "an array" if isinstance(value, list) else "a primitive"


def _updated(target: Json, value: Json) -> Json:
    """A selected node after an update: an array gets items, or one more; the rest is merged."""
    if isinstance(target, list) and not isinstance(value, list):
        return [*target, copy.deepcopy(value)]
    return _merge(target, value)


def _merge(target: Json, value: Json) -> Json:
    """Merge as the Overlay Specification says: objects by key, arrays grow, the rest is replaced.

    Raises:
        SpecError: the two are of different kinds.
    """
    if _kind(target) != _kind(value):
        raise SpecError(f"{_kind(value)} cannot be merged into {_kind(target)}; remove that first")
    if isinstance(target, dict):
        merged = dict(target)
        for key, member in value.items():
            merged[key] = _merge(target[key], member) if key in target else copy.deepcopy(member)
        return merged
    if isinstance(target, list):
        return [*target, *copy.deepcopy(value)]
    return value


class _Settings:
    """What the actions of one overlay have set so far, to notice two that contradict each other."""

    def __init__(self) -> None:
        self._set: dict[Location, tuple[int, Json]] = {}

    def note(self, location: Location, value: Json, number: int) -> None:
        """Action `number` merges `value` at `location`; items added to arrays contradict nothing.

        Raises:
            SpecError: an earlier action has set a primitive there to another value.
        """
        if isinstance(value, dict):
            for key, member in value.items():
                self.note((*location, key), member, number)
        elif not isinstance(value, list):
            earlier, known = self._set.setdefault(location, (number, value))
            if (type(known), known) != (type(value), value):
                pointer = "".join(f"/{escape(key)}" for key in location)
                raise SpecError(
                    f"sets {pointer} to {value!r}, which action {earlier + 1} sets to {known!r}"
                )

    def forget(self, location: Location) -> None:
        """What stood at `location` is removed; of an array, the places of the others change too."""
        gone = location[:-1] if isinstance(location[-1], int) else location
        self._set = {key: v for key, v in self._set.items() if key[: len(gone)] != gone}
