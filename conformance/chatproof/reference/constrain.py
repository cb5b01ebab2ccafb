"""A value that a JSON schema allows: the shortest and plainest one that comes to mind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

DEEPEST = 8
"""How many references are followed before a recursive schema has to end."""


def value_for(schema: Any, root: Any = None, depth: int = 0) -> Any:
    """A value for a schema out of the subset that structured outputs support."""
    root = schema if root is None else root
    if not isinstance(schema, dict) or not schema:
        return {}
    if "$ref" in schema:
        return value_for(_resolve(schema["$ref"], root), root, depth + 1)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    if schema.get("anyOf"):
        return value_for(_branch(schema["anyOf"], depth), root, depth + 1)
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    if kind == "object":
        return _object(schema, root, depth)
    if kind == "array":
        return _array(schema, root, depth)
    return _scalar(kind, schema)


def _object(schema: Mapping[str, Any], root: Any, depth: int) -> dict[str, Any]:
    properties = schema.get("properties", {})
    return {
        name: value_for(properties.get(name, {}), root, depth + 1)
        for name in schema.get("required", ())
    }


def _array(schema: Mapping[str, Any], root: Any, depth: int) -> list[Any]:
    first = [value_for(item, root, depth + 1) for item in schema.get("prefixItems", ())]
    missing = schema.get("minItems", 0) - len(first)
    return first + [value_for(schema.get("items", {}), root, depth + 1) for _ in range(missing)]


def _scalar(kind: str, schema: Mapping[str, Any]) -> Any:
    if kind == "string":
        return "blue".ljust(schema.get("minLength", 0), "e")[: schema.get("maxLength", 100)]
    if kind in ("integer", "number"):
        return schema.get("minimum", min(1, schema.get("maximum", 1)))
    return {"boolean": True, "null": None}.get(kind)


def _branch(branches: list[Any], depth: int) -> Any:
    """The first branch; deep inside a recursion the one that ends it, if there is one."""
    if depth < DEEPEST:
        return branches[0]
    return next((b for b in branches if b.get("type") == "null"), branches[-1])


def _resolve(reference: str, root: Any) -> Any:
    for key in reference.removeprefix("#").split("/")[1:]:
        root = root.get(key, {}) if isinstance(root, dict) else {}
    return root
