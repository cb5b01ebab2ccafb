"""``chatproof compare``: what got better and worse from one report to another.

Exit codes: 0 nothing got worse from the first to the last; 1 something did; 2 a file is no report.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..options import BadOption
from .arguments import report_file, write_reports

if TYPE_CHECKING:
    import argparse

NAME = "compare"
HELP = "say what got better and worse from one report to another"
FORMATS = ("html", "markdown")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "files",
        type=Path,
        nargs="+",
        metavar="FILE.json",
        help="two reports or more, as `--report json=FILE.json` writes them",
    )
    add(
        "--report",
        action="append",
        default=[],
        metavar="FORMAT=PATH",
        help=f"write the comparison as well; formats: {', '.join(FORMATS)}",
    )


def command(given: argparse.Namespace) -> int:
    if len(given.files) < 2:
        raise BadOption("compare takes two reports or more; name another one")
    targets = [report_file(text, FORMATS) for text in given.report]
    from ..comparison import Comparison
    from ..reports.comparison import WRITERS
    from ..reports.comparison.terminal import print_comparison
    from ..reports.reading import read

    reports = tuple(read(path) for path in given.files)
    comparison = Comparison(names(given.files), reports)
    try:
        print_comparison(comparison)
    finally:  # who reads what is printed may stop reading
        write_reports((path, WRITERS[format_](comparison)) for format_, path in targets)
    return 1 if comparison.got_worse else 0


def names(paths: list[Path]) -> tuple[str, ...]:
    """A short name for each file, and no two alike."""
    stems = [path.stem for path in paths]
    if len(set(stems)) < len(stems):
        stems = [os.fspath(path) for path in paths]
    if len(set(stems)) < len(stems):
        stems = [f"{number}: {stem}" for number, stem in enumerate(stems, 1)]
    return tuple(stems)
