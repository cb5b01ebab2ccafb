"""The specification's files: where they are, how they are read, what is said when one is broken."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from .bounded import see_that_it_is_bounded

if TYPE_CHECKING:
    from collections.abc import Iterable

Json = Any
"""A value as JSON knows it: dict, list, str, int, float, bool or None."""


class SpecError(ValueError):
    """A file of the specification cannot be used. The message says which, where, and what to do."""


@cache
def spec_folder() -> Path:
    """The folder that holds openapi.yaml: inside the installed package, or beside a checkout."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "spec", package.parents[1] / "spec"):
        if (folder / "openapi.yaml").is_file():
            return folder
    raise SpecError(
        f"no spec/openapi.yaml found beside {package}; reinstall chatproof, "
        "or run it from a complete checkout"
    )


def read_yaml(path: Path) -> Json:
    """Read one YAML file. What it gives is shared, and not to be changed.

    Raises:
        SpecError: the file is missing or not YAML; with file and line.
    """
    try:
        changed = path.stat().st_mtime_ns
    except OSError as error:
        raise SpecError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    return _read_yaml(path, changed)


@cache
def _read_yaml(path: Path, changed: int) -> Json:
    """Read one YAML file as it was when it was last changed."""
    del changed
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        text = path.read_text(encoding="utf-8")
        if not path.is_relative_to(spec_folder()):
            see_that_it_is_bounded(text, loader)
        return yaml.load(text, Loader=loader)  # noqa: S506
    except OSError as error:
        raise SpecError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except UnicodeDecodeError as error:
        raise SpecError(f"{path}: is not UTF-8 text ({error.reason}); save it as UTF-8") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        problem = getattr(error, "problem", None) or "unreadable"
        raise SpecError(f"{where}: is not YAML ({problem}); correct that line") from error


def line_of(path: Path, keys: list[str | int]) -> int:
    """The 1-based line on which the value under `keys` begins in the YAML file `path`.

    Read anew, and only when something is to be said about the file: the loaded data carry no
    line numbers. A key that is not there gives the line of the last one that is.
    """
    return _line_in(yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader), keys)


def lines_of(path: Path, pointers: Iterable[str]) -> dict[str, int]:
    """The 1-based lines of what JSON pointers point to in a YAML file; see :func:`line_of`."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    root = yaml.compose(path.read_text(encoding="utf-8"), Loader=loader)
    return {pointer: _line_in(root, _keys(pointer)) for pointer in pointers}


def _keys(pointer: str) -> list[str | int]:
    parts = pointer.split("/")[1:]
    return [part.replace("~1", "/").replace("~0", "~") for part in parts]


def _line_in(node: yaml.Node | None, keys: Iterable[str | int]) -> int:
    line = 1
    for key in keys:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(key)), None)
        elif isinstance(node, yaml.SequenceNode) and str(key).isdecimal():
            found = (node.value[int(key)],) * 2 if int(key) < len(node.value) else None
        else:
            found = None
        if found is None:
            break
        line = int(found[0].start_mark.line) + 1
        node = found[1]
    return line


def resolve(document: Json, pointer: str) -> Json:
    """The value at a JSON pointer (RFC 6901), with or without the leading ``#``.

    Raises:
        SpecError: the document has nothing there.
    """
    value = document
    for part in pointer.removeprefix("#").split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        try:
            value = value[int(key)] if isinstance(value, list) else value[key]
        except (KeyError, IndexError, ValueError, TypeError):
            raise SpecError(f"nothing at {pointer}; correct the reference") from None
    return value


def escape(key: str | int) -> str:
    """One reference token of a JSON pointer."""
    return str(key).replace("~", "~0").replace("/", "~1")
