"""Options that several commands have, each defined once, and what is done with their values."""

from __future__ import annotations

import argparse
import contextlib
import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..options import BadOption
from ..reports import WRITERS, files, is_folder
from ..settings import BY_NAME, DEFAULT_DIALECT, SETTINGS, Setting

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from ..contract import Requirement
    from ..known import News
    from ..report import Report
    from ..reports.words import Detail


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
    for name in ("known", "update-known", "report", "strict", "quiet", "verbose"):
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
        BadOption: a report or the list cannot be written, or a report has no such format.
        SpecError: the list of known failures cannot be read, or is wrong.
    """

    def __init__(self, given: argparse.Namespace, requirements: Mapping[str, Requirement]) -> None:
        from ..known import read_known

        self.strict: bool = given.strict
        self.detail: Detail = "quiet" if given.quiet else "verbose" if given.verbose else "plain"
        if given.quiet and given.verbose:
            raise BadOption("--quiet and --verbose contradict each other; choose one")
        self._list: Path | None = given.known
        self._update: bool = given.update_known
        if self._update:
            _see_that_it_can_be_updated(self._list)
        with blamed(given, "known"):
            self.known = read_known(self._list, requirements) if self._list else ()
        with blamed(given, "report"):
            self._files = [report_file(text) for text in given.report]

    @property
    def paths(self) -> list[Path]:
        """The files and folders that reports are written to."""
        return [path for _, path in self._files]

    def conclude(self, report: Report) -> int:
        """Show the report and write it to the files asked for; the exit code."""
        from ..reports.terminal import print_report

        try:
            print_report(report, strict=self.strict, detail=self.detail)
        finally:  # who reads what is printed may stop reading
            self.write(report)
        if self._has_news(report):
            return 1
        return 0 if report.tested else 3

    def write(self, report: Report) -> None:
        """Write the report to each of the files asked for, and say so.

        Raises:
            BadOption: one cannot be written.
        """
        write_reports(
            made
            for format_, path in self._files
            for made in files(format_, path, report, self.strict)
        )

    def _has_news(self, report: Report) -> bool:
        """Whether something fails that is not excused, or is excused and passes."""
        from ..known import compare

        news = compare(report, self.known, strict=self.strict, today=date.today())
        for entry in news.expired:
            print(
                f"chatproof: {entry.id} was excused until {entry.expires} and fails still; "
                "mend it, or give it a later date"
            )
        if self._update and self._list and report.tested:
            self._write(self._list, news)
            return bool(news.expired)
        for name in news.stale:
            print(f"chatproof: {name} is listed as known and passes now; take it off the list")
        return any(news)

    @staticmethod
    def _write(path: Path, news: News) -> None:
        from ..known import updated

        try:
            text = updated(path.read_text(encoding="utf-8"), news)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise _not_updated(path, error) from None
        print(f"wrote {path}: {len(news.failures)} added, {len(news.stale)} taken off")


def _see_that_it_can_be_updated(path: Path | None) -> None:
    if path is None:
        raise BadOption("--update-known needs to know which list; name it with --known FILE")
    try:
        with path.open("a", encoding="utf-8"):
            pass
    except OSError as error:
        raise _not_updated(path, error) from None


def _not_updated(path: Path, error: OSError) -> BadOption:
    return BadOption(f"the list {path} cannot be written ({error.strerror}); choose another path")


def write_reports(made: Iterable[tuple[Path, str]]) -> None:
    """Write the files of reports, and say so when all are there.

    Raises:
        BadOption: one cannot be written.
    """
    written = []
    for path, text in made:
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise _unwritable(path, error) from None
        written.append(path)
    for path in written:
        print(f"wrote {path}")


def report_file(text: str, formats: Collection[str] = tuple(WRITERS)) -> tuple[str, Path]:
    """The format and path of a --report, seen to be writable before anything is asked.

    Raises:
        BadOption: it is not FORMAT=PATH, with one of the formats, or cannot be written.
    """
    format_, equals, path = text.partition("=")
    if not equals or not path or format_ not in formats:
        raise BadOption(
            f"--report {text!r} is not FORMAT=PATH; formats are {', '.join(formats)}, "
            f"as in {min(formats)}=PATH"
        )
    if format_ == "badge" and not path.endswith(".json") and not is_folder(format_, path):
        raise BadOption(
            f"--report {text!r} names neither a .json file nor a folder; end a folder with a slash"
        )
    try:
        if is_folder(format_, path):
            Path(path).mkdir(parents=True, exist_ok=True)
            return format_, Path(path)
        _try(Path(path))
    except OSError as error:
        raise _unwritable(Path(path), error) from None
    return format_, Path(path)


def _try(path: Path) -> None:
    """Open a file for writing, and leave everything as it was."""
    new = not path.exists()
    with path.open("a", encoding="utf-8"):
        pass
    if new:
        path.unlink()


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
