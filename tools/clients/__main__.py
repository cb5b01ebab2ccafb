"""Run the clients that people use against the reference server, under every legal variation.

    python -m tools.clients [--page-only]

Sets up what is missing in build/clients, and writes results.json beside this module and the page
conformance/docs/clients.md. Exits 1 where something is not fine that explained.yaml does not
explain, or an explanation is out of date.
"""

from __future__ import annotations

import argparse
import datetime
import subprocess
import sys
from pathlib import Path

from chatproof.contract.document import SpecError
from tools.clients import results
from tools.clients.explanations import explain, read_explanations
from tools.clients.page import page
from tools.clients.processes import install
from tools.clients.trials import tried

PAGE = Path(__file__).parents[2] / "conformance" / "docs" / "clients.md"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.clients", description=__doc__)
    parser.add_argument(
        "--page-only",
        action="store_true",
        help="write the page anew from the results that are kept",
    )
    given = parser.parse_args(arguments)
    try:
        explanations = read_explanations()
        if not given.page_only:
            install()
            results.write(tried(datetime.datetime.now(datetime.UTC).date().isoformat()))
    except (SpecError, OSError, RuntimeError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 2
    found = results.read()
    explained = explain(found.cells, explanations)
    PAGE.write_text(page(found, explained), encoding="utf-8")
    for problem in explained.problems:
        print(problem)
    return 1 if explained.problems else 0


if __name__ == "__main__":
    sys.exit(main())
