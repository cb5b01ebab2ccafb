"""``chatproof run``: test a server, or several in turn."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..options import BadOption
from .arguments import add_settings

if TYPE_CHECKING:
    import argparse

    from ..report import Report
    from .prepare import Prepared

NAME = "run"
HELP = "test a server"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_settings(parser)
    parser.add_argument(
        "--dry-run", action="store_true", help="ask nothing; say what a run would ask and cost"
    )


def command(given: argparse.Namespace) -> int:
    """With several targets the exit code is the highest of theirs."""
    from ..configuration import targets
    from .prepare import check_files, prepared

    runs = [prepared(each) for each in targets(vars(given), os.environ, Path.cwd())]
    check_files(runs)
    perform = _plan if given.dry_run else _run
    if len(runs) == 1:
        return perform(runs[0])
    return max(_in_turn(number, each, given.dry_run) for number, each in enumerate(runs))


def _in_turn(number: int, run: Prepared, dry: bool) -> int:
    """One run of several; what keeps it from being done does not keep the others."""
    from ..meeting import CannotRun
    from . import complain

    print("\n" * bool(number) + f"Target {run.name}")
    try:
        return _plan(run) if dry else _run(run)
    except BadOption as error:
        return complain(str(error), 2)
    except CannotRun as error:
        return complain(str(error), 3)


def _plan(run: Prepared) -> int:
    from ..rehearsal import KEY, rehearse
    from ..reports.terminal import print_plan

    key = run.options.key or (KEY if run.embedded else None)
    options = replace(run.options, key=key)
    print_plan(rehearse(options), options)
    return 0


def _run(run: Prepared) -> int:
    return run.outcome.conclude(_tested(run))


def _tested(run: Prepared) -> Report:
    import contextlib

    from ..reports.terminal import ProgressLine
    from ..runner import NotWritten
    from ..runner import run as ask

    options = run.options
    with contextlib.ExitStack() as stack:
        if run.embedded:
            from ..reference import serving
            from ..rehearsal import KEY

            key = options.key or KEY
            url = stack.enter_context(serving(options.dialect, key=key))
            options = replace(options, url=url, key=key)
        line = stack.enter_context(ProgressLine())
        try:
            report = ask(options, line.update, record=run.record)
        except NotWritten as error:
            print(f"chatproof: {error}", file=sys.stderr)
            return error.report
    if run.record is not None:
        print(f"wrote {run.record}")
    return report
