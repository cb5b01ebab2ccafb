"""``chatproof explain``: one requirement, in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .arguments import add_dialect

if TYPE_CHECKING:
    import argparse

NAME = "explain"
HELP = "explain one requirement"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="a requirement, as request.temperature.maximum")
    add_dialect(parser)


def command(given: argparse.Namespace) -> int:
    from ..contract import load_contract
    from ..explain import explanation

    print(explanation(given.id, load_contract(given.dialect)))
    return 0
