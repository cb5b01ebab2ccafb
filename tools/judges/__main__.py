"""Compare the suite's opinion of recorded exchanges with that of SDKs and of schemathesis.

    python -m tools.judges [--page PATH] [--peer]

Exits 1 when a difference is not explained in differences.yaml, or an explanation is out of date.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path

from rich.console import Console

from chatproof.contract.document import SpecError
from tools.judges import kept, promises, sdks, stock_schemathesis
from tools.judges.compare import compare
from tools.judges.explanations import explain, read_explanations
from tools.judges.opinions import Judge
from tools.judges.page import page, table
from tools.judges.recorded import of_reference

PAGE = Path("build/judges.md")
JUDGES = (
    Judge("openai", sdks.OPENAI.opinion),
    Judge("openai types", promises.OPENAI.opinion),
    Judge("cerebras", sdks.CEREBRAS.opinion, ("cerebras",)),
    Judge("cerebras types", promises.CEREBRAS.opinion, ("cerebras",)),
    Judge("schemathesis", stock_schemathesis.opinion),
)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.judges", description=__doc__)
    parser.add_argument("--page", type=Path, default=PAGE, help="where the page in Markdown goes")
    parser.add_argument(
        "--peer", action="store_true", help="first record the exchanges with llama.cpp anew"
    )
    given = parser.parse_args(arguments)
    if importlib.util.find_spec("cerebras") is None:
        return _wrong("the package cerebras-cloud-sdk is missing; `make judges` installs it")
    try:
        explanations = read_explanations()
    except SpecError as error:
        return _wrong(str(error))
    if given.peer:
        kept.keep()
    comparison = compare(JUDGES, [*of_reference(), *kept.kept()])
    explained = explain(comparison.differences, explanations)
    given.page.parent.mkdir(parents=True, exist_ok=True)
    given.page.write_text(page(comparison, explained), encoding="utf-8")
    Console(width=110).print(table(comparison))
    print(f"{len(comparison.differences)} differences; all of it is in {given.page}")
    for problem in explained.problems:
        print(problem)
    return 1 if explained.problems else 0


def _wrong(message: str) -> int:
    print(message, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
