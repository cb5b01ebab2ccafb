"""Reports: one module for each format, each with a function that turns a Report into text.

What a server says is untrusted: every format escapes it. A module is loaded when it is to write,
so that the names of the formats cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..report import Report

Writer = Callable[["Report", bool], str]


def _of(module: str) -> Writer:
    def write(report: Report, strict: bool) -> str:
        return str(import_module(f".{module}", __name__).write(report, strict))

    return write


WRITERS: dict[str, Writer] = {
    "badge": _of("badge"),
    "html": _of("html"),
    "json": _of("json_report"),
    "junit": _of("junit"),
    "markdown": _of("markdown"),
    "sarif": _of("sarif"),
}
"""The formats of ``--report FORMAT=PATH``. A writer gets the report and whether it is strict."""


def is_folder(format_: str, path: str) -> bool:
    """Whether a report is a folder of files: badges are, unless one file is named for the whole."""
    return format_ == "badge" and (path.endswith("/") or Path(path).is_dir())


def files(format_: str, path: Path, report: Report, strict: bool) -> Iterator[tuple[Path, str]]:
    """The files that a report at `path` consists of, each with its text."""
    if format_ == "badge" and path.is_dir():
        from .badge import by_class

        for cls, text in by_class(report).items():
            yield path / f"{cls}.json", text
    else:
        yield path, WRITERS[format_](report, strict)
