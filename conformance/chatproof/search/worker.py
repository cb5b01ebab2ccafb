"""The process that makes examples up: strategies here, the server there.

Making requests up costs far more time than sending them, so it is done beside the run, in a process
of its own that is asked over its standard input and answers on its standard output, a JSON value a
line. A hunt tries one example after another, and is told of each whether it fails.

    -> {"dialect": "openai", "base": {...}, "examples": 20, "seed": 1}      once, at the beginning
    -> {"make": ["valid", ...]}
    <- {"made": "valid", "example": {...}}                                  for each example
    <- {"complete": "valid", "reason": ""}
    -> {"hunt": "valid", "database": null}
    <- {"try": {...}}           -> {"fails": false}   or   {"stop": "the budget is spent"}
    <- {"found": {...}, "reason": ""}

The process ends with its input.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ..contract import load_contract
from ..contract.lenience import arguable
from . import COVERAGE
from .hunt import Stop, draw, hunt
from .quarry import QUARRY, examples_of

if TYPE_CHECKING:
    from ..contract import Contract
    from ..contract.document import Json

NICENESS = 10
"""A server on the same machine comes first, above all while its times are measured."""


def main() -> None:
    """Serve the parent until its end of the pipe is closed."""
    # Whatever else writes to the standard output must not come between.
    out = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    _Worker(sys.stdin, out).serve()


class _Worker:
    def __init__(self, lines: IO[str], out: IO[str]) -> None:
        self._lines = lines
        self._out = out
        about = self._read()
        self._base: dict[str, Json] = about["base"]
        self._depth: int = about["examples"]
        self._seed: int = about["seed"]
        self._contract = load_contract(about["dialect"]).for_model(self._base["model"])

    def serve(self) -> None:
        while (asked := self._read()) is not None:
            if "hunt" in asked:
                self._hunt(asked["hunt"], asked["database"])
            else:
                for kind in asked["make"]:
                    self._make(kind)

    def _make(self, kind: str) -> None:
        if kind == COVERAGE:
            examples, reason = _coverage(self._contract, self._base), ""
        else:
            strategy = QUARRY[kind](self._contract, self._base)
            examples, reason = draw(strategy, examples_of(kind, self._depth), self._seed)
        for example in examples:
            self._write({"made": kind, "example": example})
        self._write({"complete": kind, "reason": reason})

    def _hunt(self, kind: str, database: str | None) -> None:
        found, reason = hunt(
            QUARRY[kind](self._contract, self._base),
            self._fails,
            examples=examples_of(kind, self._depth),
            seed=self._seed,
            database=Path(database) if database else None,
        )
        self._write({"found": found, "reason": reason})

    def _fails(self, example: Json) -> bool:
        self._write({"try": example})
        told = self._read()
        if told is None:
            sys.exit()
        if "stop" in told:
            raise Stop(told["stop"])
        return bool(told["fails"])

    def _read(self) -> Any:
        line = self._lines.readline()
        return json.loads(line) if line else None

    def _write(self, value: Json) -> None:
        self._out.write(json.dumps(value) + "\n")
        self._out.flush()


def _coverage(contract: Contract, base: dict[str, Json]) -> list[Json]:
    """schemathesis' coverage cases that break one requirement, with it; the base filled in."""
    from .second_opinion import SecondOpinion

    cases = [body for body in SecondOpinion(contract).coverage() if isinstance(body, dict)]
    filled = [_filled(body, base, contract) for body in cases]
    broken = [(body, contract.breaches(body)) for body in filled]
    clear = [(body, found) for body, found in broken if not any(map(arguable, found))]
    named = [(body, {breach.requirement for breach in found}) for body, found in clear]
    return [[body, *names] for body, names in named if len(names) == 1]


def _filled(body: dict[str, Json], base: dict[str, Json], contract: Contract) -> dict[str, Json]:
    """A body that names the model of `base`, and costs as little, where it does not say.

    schemathesis does not know the conditionals, so what they ask for may be missing.
    """
    caps = {name: base[name] for name in base if name not in ("model", "messages")}
    named = {"model": base["model"]} if isinstance(body.get("model"), str) else {}
    filled = {**caps, **body, **named}
    for breach in contract.breaches(filled):
        _, name, *rest = breach.requirement.split(".")
        if rest and rest[-1].startswith("needs_"):
            filled.pop(name, None)
    return filled


if __name__ == "__main__":
    main()
