"""``chatproof merge``: the shards of a run, put together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .arguments import Outcome, add_outcome

if TYPE_CHECKING:
    import argparse

NAME = "merge"
HELP = "put the reports of all shards of a run together"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files",
        type=Path,
        nargs="+",
        metavar="FILE.json",
        help="what `run --shard K/N --report json=FILE.json` wrote, one of each shard",
    )
    add_outcome(parser)


def command(given: argparse.Namespace) -> int:
    from ..merging import merge
    from ..reports.reading import read

    report = merge([(str(path), read(path)) for path in given.files])
    outcome = Outcome(given, {j.requirement.id: j.requirement for j in report.judgements})
    return outcome.conclude(report)
