"""The hunting process: strategies here, the server there.

Making requests up costs far more time than sending them, so it is done beside the run, in a process
of its own that is asked over its standard input and answers on its standard output, a JSON value a
line. A hunt tries one example after another, and is told of each whether it fails.

    -> {"dialect": "openai", "model": "gpt-x"}                  once, at the beginning
    -> {"hunt": "valid", "base": {...}, "examples": 20, "seed": 1, "database": null}
    <- {"try": {...}}           -> {"fails": false}   or   {"stop": "the budget is spent"}
    <- {"found": {...}, "reason": ""}
    -> {"coverage": {...}, "cache": null}
    <- {"cases": [[{...}, "request.seed.type"], ...]}

The process ends with its input.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from importlib import metadata
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ..contract import load_contract
from .hunt import Stop, hunt
from .quarry import QUARRY

if TYPE_CHECKING:
    from ..contract import Contract
    from ..contract.document import Json


def main() -> None:
    """Serve the parent until its end of the pipe is closed."""
    # Whatever else writes to the standard output must not come between.
    out = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    _Worker(sys.stdin, out).serve()


class _Worker:
    def __init__(self, lines: IO[str], out: IO[str]) -> None:
        self._lines = lines
        self._out = out
        about = self._read()
        self._contract = load_contract(about["dialect"]).for_model(about["model"])

    def serve(self) -> None:
        while (asked := self._read()) is not None:
            if "hunt" in asked:
                self._hunt(asked)
            else:
                self._write({"cases": _coverage(self._contract, asked)})

    def _hunt(self, asked: Json) -> None:
        found, reason = hunt(
            QUARRY[asked["hunt"]](self._contract, asked["base"]),
            self._fails,
            examples=asked["examples"],
            seed=asked["seed"],
            database=Path(asked["database"]) if asked["database"] else None,
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


def _coverage(contract: Contract, asked: Json) -> list[Json]:
    """schemathesis' coverage cases that break one requirement, with it; the base filled in.

    They follow from the document alone, so they are kept in the folder `cache`, if there is one.
    """
    path = _cached(contract, asked["cache"])
    if path is not None and path.is_file():
        cases = json.loads(path.read_text(encoding="ascii"))
    else:
        from .second_opinion import SecondOpinion

        cases = [body for body in SecondOpinion(contract).coverage() if isinstance(body, dict)]
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(cases), encoding="ascii")
    filled = [_filled(body, asked["coverage"], contract) for body in cases]
    broken = [(body, {b.requirement for b in contract.breaches(body)}) for body in filled]
    return [[body, *names] for body, names in broken if len(names) == 1]


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


def _cached(contract: Contract, cache: str | None) -> Path | None:
    if cache is None:
        return None
    text = json.dumps(contract.document, sort_keys=True) + metadata.version("schemathesis")
    digest = hashlib.blake2s(text.encode(), digest_size=10).hexdigest()
    return Path(cache) / f"coverage-{digest}.json"


if __name__ == "__main__":
    main()
