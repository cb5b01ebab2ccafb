"""``chatproof replay``: judge a recording again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..settings import DEFAULT_DIALECT
from .arguments import Outcome, add_choice, add_dialect, add_outcome, check_choice

if TYPE_CHECKING:
    import argparse

NAME = "replay"
HELP = "judge a recording again, without a server"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE.har",
        help="what `run --record` wrote, or a HAR file of a browser or proxy, of which only the "
        "rules speak",
    )
    add_dialect(parser, instead=f"that of the recording, else {DEFAULT_DIALECT}")
    parser.add_argument(
        "--base", metavar="URL", help="the server to judge, where others recorded several"
    )
    add_choice(parser)
    add_outcome(parser)


def command(given: argparse.Namespace) -> int:
    from ..contract import load_contract
    from ..recording import read
    from ..replay import replay
    from ..reports.terminal import ProgressLine

    check_choice(given)
    recording = read(given.file, given.base)
    options = recording.options(**_given(given))
    outcome = Outcome(given, load_contract(options.dialect).requirements)
    with ProgressLine() as line:
        report = replay(recording, options, line.update)
    return outcome.conclude(report)


def _given(given: argparse.Namespace) -> dict[str, Any]:
    """The options that are given, and take the place of those of the recording."""
    found: dict[str, Any] = {}
    if given.dialect is not None:
        found["dialect"] = given.dialect
    if given.only or given.skip or given.classes:
        found |= {
            "only": tuple(given.only),
            "skip": tuple(given.skip),
            "classes": tuple(given.classes),
        }
    return found
