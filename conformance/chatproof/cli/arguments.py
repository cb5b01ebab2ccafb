"""Options that several commands have, each defined once, and what is done with their values."""

from __future__ import annotations

import argparse
import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..options import BadOption
from ..settings import BY_NAME, DEFAULT_DIALECT, FORMATS, SETTINGS, Setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..contract import Requirement
    from ..known import Known
    from ..report import Report


def add_dialect(parser: argparse.ArgumentParser, *, instead: str = "") -> None:
    """With `instead`, which says what decides in its place, there is no default."""
    dialect = BY_NAME["dialect"]
    parser.add_argument(
        dialect.flag,
        default=None if instead else DEFAULT_DIALECT,
        metavar=dialect.metavar,
        help=f"{dialect.help} (default: {instead or DEFAULT_DIALECT})",
    )


def add_choice(parser: argparse.ArgumentParser) -> None:
    """Which requirements are judged."""
    for name in ("only", "skip", "class"):
        _add(parser, BY_NAME[name], BY_NAME[name].default)


def add_outcome(parser: argparse.ArgumentParser) -> None:
    """What is made of the verdicts: reports, and the exit code."""
    for name in ("known", "report", "strict"):
        _add(parser, BY_NAME[name], BY_NAME[name].default)


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Every option of a run. They have no defaults: what is not given, others may say."""
    for setting in SETTINGS:
        _add(parser, setting, None)


def _add(parser: argparse.ArgumentParser, setting: Setting, default: Any) -> None:
    words = setting.help
    if setting.default not in (None, [], False):
        words += f" (default: {setting.default})"
    if setting.name == "url":
        parser.add_argument("url", nargs="?", metavar=setting.metavar, help=words)
    elif setting.type is bool:
        parser.add_argument(
            setting.flag, action=argparse.BooleanOptionalAction, default=default, help=words
        )
    else:
        parser.add_argument(
            setting.flag,
            dest=setting.dest,
            type=setting.type,
            action="append" if setting.many else "store",
            default=default,
            metavar=setting.metavar,
            help=words,
        )


@contextlib.contextmanager
def blamed(given: argparse.Namespace, name: str) -> Iterator[None]:
    """What is wrong with an option is told with the file and line that it comes from."""
    from ..contract import SpecError

    try:
        yield
    except (BadOption, SpecError) as error:
        where = getattr(given, "wheres", {}).get(name, "")
        raise type(error)(f"{where}{error}") from None


def check_choice(given: argparse.Namespace) -> None:
    """See that the classes exist.

    Raises:
        BadOption: one does not.
    """
    from ..contract import CLASSES

    with blamed(given, "class"):
        for name in given.classes:
            if name not in CLASSES:
                raise BadOption(f"unknown class {name!r}; choose of {', '.join(CLASSES)}")


class Outcome:
    """The options of :func:`add_outcome`, seen to be of use before anything is asked.

    Raises:
        BadOption: a report cannot be written, or has no such format.
        SpecError: the list of known failures cannot be read, or is wrong.
    """

    def __init__(self, given: argparse.Namespace, requirements: Mapping[str, Requirement]) -> None:
        from ..known import read_known

        self.strict: bool = given.strict
        self.known: tuple[Known, ...] = ()
        if given.known:
            with blamed(given, "known"):
                self.known = read_known(given.known, requirements)
        with blamed(given, "report"):
            self._files = [_report_file(text) for text in given.report]

    @property
    def paths(self) -> list[Path]:
        """The files that reports are written to."""
        return [path for _, path in self._files]

    def conclude(self, report: Report) -> int:
        """Show the report and write it to the files asked for; the exit code."""
        from ..known import compare
        from ..reports.terminal import print_report

        print_report(report, strict=self.strict)
        for path in self.write(report):
            print(f"wrote {path}")
        news, stale = compare(report, self.known, strict=self.strict)
        for name in stale:
            print(f"chatproof: {name} is listed as known and passes now; take it off the list")
        if news or stale:
            return 1
        return 0 if report.tested else 3

    def write(self, report: Report) -> Iterator[Path]:
        """Write the report to each of the files asked for, and give its path.

        Raises:
            BadOption: one cannot be written.
        """
        from ..reports import WRITERS

        for format_, path in self._files:
            try:
                path.write_text(WRITERS[format_](report, self.strict), encoding="utf-8")
            except OSError as error:
                raise _unwritable(path, error) from None
            yield path


def _report_file(text: str) -> tuple[str, Path]:
    """The format and path of a --report, seen to be writable before anything is asked."""
    format_, equals, path = text.partition("=")
    if not equals or not path or format_ not in FORMATS:
        raise BadOption(
            f"--report {text!r} is not FORMAT=PATH; formats are {', '.join(FORMATS)}, "
            "as in json=report.json"
        )
    try:
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
