"""The command line: it ties the parts together and says clearly what is wrong with a call.

Exit codes: 0 every MUST holds (with ``--strict`` every SHOULD too); 1 a requirement fails that is
not known to, or one that is known to now passes; 2 wrong usage or an unreadable file; 3 nothing
could be tested. An interrupted run reports what it knows, and exits as that report says.

Everything heavy is imported where it is needed, so that ``--help`` is quick.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from .. import __version__
from ..options import BadOption
from . import compare, explain, init, listing, merge, replay, run, serve

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = (run, init, replay, compare, merge, serve, listing, explain)
"""Each has a NAME, a line of HELP, its ``add_arguments(parser)``, and ``command(given)``, which
gives the exit code."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    given = _parser().parse_args(arguments)
    from ..contract import SpecError
    from ..meeting import CannotRun

    try:
        return int(given.command(given))
    except (BadOption, SpecError) as error:
        return complain(str(error), 2)
    except CannotRun as error:
        return complain(str(error), 3)
    except KeyboardInterrupt:
        return complain("interrupted before anything was known", 3)
    except BrokenPipeError:
        # The reader of our output has gone; nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2


def complain(message: str, code: int) -> int:
    """Say on one line of the error stream what is wrong; gives the exit code."""
    from ..untrusted import printable

    print(f"chatproof: {printable(message)}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="chatproof",
        description="Prove, or disprove, that a server speaks the Chat Completions API.",
    )
    parser.add_argument("--version", action="version", version=f"chatproof {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for each in COMMANDS:
        added = commands.add_parser(each.NAME, help=each.HELP)
        each.add_arguments(added)
        added.set_defaults(command=each.command)
    return parser
