"""Options that several commands have, each defined once, and what is done with their values."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..options import BadOption
from ..reports import WRITERS, files, is_folder

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from ..contract import Requirement
    from ..known import Known
    from ..report import Report

FORMATS = ", ".join(WRITERS)
DEFAULT_DIALECT = "cerebras"


def add_dialect(parser: argparse.ArgumentParser, *, instead: str = "") -> None:
    """With `instead`, which says what decides in its place, there is no default."""
    parser.add_argument(
        "--dialect",
        default=None if instead else DEFAULT_DIALECT,
        metavar="NAME",
        help="a dialect, or the path of an overlay of your own "
        f"(default: {instead or DEFAULT_DIALECT})",
    )


def add_choice(parser: argparse.ArgumentParser) -> None:
    """Which requirements are judged."""
    add = parser.add_argument
    add("--only", action="append", default=[], metavar="GLOB", help="only these requirements")
    add("--skip", action="append", default=[], metavar="GLOB", help="all but these requirements")
    add(
        "--class",
        action="append",
        default=[],
        dest="classes",
        metavar="NAME",
        help="only this class",
    )


def check_choice(given: argparse.Namespace) -> None:
    """See that the classes exist.

    Raises:
        BadOption: one does not.
    """
    from ..contract import CLASSES

    for name in given.classes:
        if name not in CLASSES:
            raise BadOption(f"unknown class {name!r}; choose of {', '.join(CLASSES)}")


def add_outcome(parser: argparse.ArgumentParser) -> None:
    """What is made of the verdicts: reports, and the exit code."""
    add = parser.add_argument
    add("--known", type=Path, metavar="FILE", help="known failures, which do not fail the run")
    add(
        "--report",
        action="append",
        default=[],
        metavar="FORMAT=PATH",
        help=f"write a report as well; formats: {FORMATS}",
    )
    add("--strict", action="store_true", help="a SHOULD that fails counts like a MUST")


class Outcome:
    """The options of :func:`add_outcome`, seen to be of use before anything is asked.

    Raises:
        BadOption: a report cannot be written, or has no such format.
        SpecError: the list of known failures cannot be read, or is wrong.
    """

    def __init__(self, given: argparse.Namespace, requirements: Mapping[str, Requirement]) -> None:
        from ..known import read_known

        self.strict: bool = given.strict
        self._known: tuple[Known, ...] = ()
        if given.known:
            self._known = read_known(given.known, requirements)
        self._files = [_report_file(text) for text in given.report]

    def conclude(self, report: Report) -> int:
        """Show the report and write it to the files asked for; the exit code."""
        from ..known import compare
        from ..reports.terminal import print_report

        print_report(report, strict=self.strict)
        for format_, path in self._files:
            for file, text in files(format_, path, report, self.strict):
                write_report(file, text)
        news, stale = compare(report, self._known, strict=self.strict)
        for name in stale:
            print(f"chatproof: {name} is listed as known and passes now; take it off the list")
        if news or stale:
            return 1
        return 0 if report.tested else 3


def write_report(path: Path, text: str) -> None:
    """Write the file of a report, and say so.

    Raises:
        BadOption: it cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise _unwritable(path, error) from None
    print(f"wrote {path}")


def _report_file(text: str) -> tuple[str, Path]:
    """The format and path of a --report, seen to be writable before anything is asked."""
    format_, equals, path = text.partition("=")
    if not equals or not path or format_ not in WRITERS:
        raise BadOption(
            f"--report {text!r} is not FORMAT=PATH; formats are {FORMATS}, as in json=report.json"
        )
    if format_ == "badge" and not path.endswith(".json") and not is_folder(format_, path):
        raise BadOption(
            f"--report {text!r} names neither a .json file nor a folder; end a folder with a slash"
        )
    try:
        if is_folder(format_, path):
            Path(path).mkdir(parents=True, exist_ok=True)
            return format_, Path(path)
        with Path(path).open("a", encoding="utf-8"):
            pass
    except OSError as error:
        raise _unwritable(Path(path), error) from None
    return format_, Path(path)


def _unwritable(path: Path, error: OSError) -> BadOption:
    return BadOption(f"the report {path} cannot be written ({error.strerror}); choose another path")


def see_that_it_can_be_written(path: Path) -> None:
    """See that a file can take its place in one piece later on, before anything is asked.

    Raises:
        BadOption: it cannot.
    """
    if not os.access(path.absolute().parent, os.W_OK | os.X_OK):
        raise BadOption(
            f"the recording {path} cannot be written (its folder is not there, or not open to "
            "you); choose another path"
        )
    if path.exists() and not path.is_file():
        raise BadOption(
            f"the recording {path} cannot be written (it is no plain file); choose another path"
        )
