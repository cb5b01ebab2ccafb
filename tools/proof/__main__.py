"""Prove the suite: faults and variations of the reference server, and what is found of them.

    python -m tools.proof [--brief] [--only GLOB] [--jobs N]

Writes build/proof.json and build/proof.html. Exits 1 where a fault is not found, or fails what it
does not name; where a requirement has no fault that fails it; where a variation fails anything;
where a verdict changes between two runs, or where a run is recorded and judged again.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from .matrix import Matrix, said_of
from .page import page
from .scope import BRIEF, WHOLE, combination
from .trials import carry_out

if TYPE_CHECKING:
    from .trials import Outcome, Trial

BUILD = Path(__file__).parents[2] / "build"
SHOWN_PROBLEMS = 60


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.proof", description=__doc__)
    parser.add_argument("--brief", action="store_true", help="each fault and variation once")
    parser.add_argument("--only", metavar="GLOB", help="trials of that name; nothing is written")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the combinations")
    given = parser.parse_args()
    scope = replace(BRIEF if given.brief else WHOLE, seed=given.seed)
    trials = scope.trials()
    if given.only:
        trials = [trial for trial in trials if fnmatch.fnmatchcase(trial.name, given.only)]
        if not trials:
            parser.error(f"{given.only!r} matches no trial; see `chatproof list faults`")
    matrix = proven(trials, given.jobs)
    problems = list(matrix.problems())
    if given.only:
        problems = [problem for problem in problems if not problem.endswith("no fault fails it")]
    else:
        write(matrix)
    show(matrix, problems)
    return 1 if problems else 0


def proven(trials: list[Trial], jobs: int) -> Matrix:
    """All trials carried out, several at a time, each in a process that does nothing else."""
    began = time.perf_counter()
    outcomes: list[Outcome] = []
    with (
        # Not by fork: the progress bar has a thread, whose locks a copy would keep for ever.
        ProcessPoolExecutor(jobs, get_context("spawn")) as pool,
        Progress(console=Console(stderr=True), transient=True) as progress,
    ):
        task = progress.add_task("proving", total=len(trials))
        for outcome in pool.map(carry_out, trials):
            outcomes.append(outcome)
            progress.advance(task)
            for problem in said_of(outcome):
                progress.console.print(problem, highlight=False, soft_wrap=True)
        outcomes = [_smallest(outcome, pool) for outcome in outcomes]
    return Matrix(tuple(outcomes), time.perf_counter() - began)


def _smallest(outcome: Outcome, pool: ProcessPoolExecutor) -> Outcome:
    """Of variations that fail something together: as few of them as still do."""
    if outcome.trial.kind != "combination" or outcome.exact:
        return outcome
    names = outcome.trial.variations
    fewer = [combination(outcome.trial.dialect, set(names) - {name}) for name in names]
    failing = (each for each in pool.map(carry_out, fewer) if not each.exact)
    smaller = next(failing, None)
    return outcome if smaller is None else _smallest(smaller, pool)


def write(matrix: Matrix) -> None:
    BUILD.mkdir(exist_ok=True)
    (BUILD / "proof.json").write_text(json.dumps(matrix.as_json(), indent=1), encoding="utf-8")
    (BUILD / "proof.html").write_text(page(matrix), encoding="utf-8")
    print(f"wrote {BUILD.name}/proof.json and {BUILD.name}/proof.html")


def show(matrix: Matrix, problems: list[str]) -> None:
    table = Table(show_header=False, box=None)
    for words, figure in matrix.figures().items():
        table.add_row(words, percent(figure) if words.startswith("found") else f"{figure:.4g}")
    Console().print(table)
    for problem in problems[:SHOWN_PROBLEMS]:
        print(problem)
    if len(problems) > SHOWN_PROBLEMS:
        print(f"and {len(problems) - SHOWN_PROBLEMS} more, in {BUILD.name}/proof.json")


def percent(share: float) -> str:
    return f"{100 * share:.4g} %"


if __name__ == "__main__":
    sys.exit(main())
