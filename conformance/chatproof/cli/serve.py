"""``chatproof serve``: the reference server."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..options import BadOption
from .arguments import add_dialect

if TYPE_CHECKING:
    import argparse

NAME = "serve"
HELP = "serve the reference server"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_dialect(parser)
    add = parser.add_argument
    add(
        "--fault",
        action="append",
        default=[],
        metavar="ID",
        help="be wrong in this way (repeatable)",
    )
    add(
        "--vary",
        action="append",
        default=[],
        metavar="ID",
        help="be different in this way, which is allowed (repeatable)",
    )
    add("--api-key", metavar="KEY", help="ask for this key")
    add(
        "--pace",
        type=float,
        default=0.0,
        metavar="S",
        help="seconds that each token takes (default: none)",
    )
    add("--host", default="127.0.0.1", help="the address to listen at (%(default)s)")
    add("--port", type=int, default=0, help="the port (default: one that is free)")


def command(given: argparse.Namespace) -> int:
    from ..reference import serve

    if not 0 <= given.port < 1 << 16:
        raise BadOption(f"--port is {given.port}; give a number from 0 to 65535")
    if not (given.pace >= 0 and math.isfinite(given.pace)):
        raise BadOption(f"--pace is {given.pace}; give the seconds of a token, 0 or more")
    if not given.host:
        raise BadOption("--host is empty; 127.0.0.1 is this machine alone, 0.0.0.0 the network")
    try:
        serve(
            given.dialect,
            given.fault,
            given.vary,
            given.api_key,
            given.host,
            given.port,
            given.pace,
        )
    except KeyError as error:
        raise BadOption(error.args[0]) from None
    except BrokenPipeError:
        raise
    except OSError as error:
        raise BadOption(
            f"cannot listen at {given.host}:{given.port} ({error.strerror}); choose another port"
        ) from None
    return 0
