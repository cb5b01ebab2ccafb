"""The hunter: asks the hunting process, and tells it what the server made of each example."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..session import NotAsked

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from ..contract.document import Json

LONGEST_LINE = 2**24
"""Bytes; a body that schemathesis makes up may be long."""


@dataclass(frozen=True, slots=True)
class Hunt:
    """A hunt that came to its end: what was tried, the smallest that failed, or why there is none.

    What was found is the last one of `tries` that failed.
    """

    name: str
    tries: tuple[Any, ...]
    found: Any
    reason: str


class Hunter:
    """Hunts in a process of its own, one hunt after the other. It starts with the first one.

    `memory` is the folder in which failures are kept for the next run; None keeps nothing.
    `problem` says why the process ended before its time, if it did. `hunts` are those that ended,
    `cases` what schemathesis' coverage gave: a recording keeps both.
    """

    def __init__(self, dialect: str, examples: int, seed: int, memory: Path | None) -> None:
        self.examples = examples
        self.problem = ""
        self.hunts: list[Hunt] = []
        self.cases: list[dict[str, Json]] = []
        self._dialect = dialect
        self._seed = seed
        self._memory = memory
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def start(self, model: str) -> None:
        """Start the process, so that it is ready when it is asked."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "chatproof.search.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
            start_new_session=True,  # Ctrl-C is the parent's matter
        )
        self._write({"dialect": self._dialect, "model": model})

    async def hunt(
        self,
        name: str,
        base: dict[str, Json],
        fails: Callable[[Any], Awaitable[bool]],
        *,
        examples: int | None = None,
    ) -> tuple[Any, str]:
        """The smallest example for which `fails` is true, or None; and why there may be none."""
        tries: list[Any] = []
        async with self._turn:
            if self.problem:
                return None, self.problem
            self._write(
                {
                    "hunt": name,
                    "base": base,
                    "examples": self.examples if examples is None else examples,
                    "seed": self._seed,
                    "database": str(self._memory / name) if self._memory else None,
                }
            )
            found, reason = await self._follow(fails, tries)
            self.hunts.append(Hunt(name, tuple(tries), found, reason))
            return found, reason

    async def _follow(
        self, fails: Callable[[Any], Awaitable[bool]], tries: list[Any]
    ) -> tuple[Any, str]:
        """Tell of each example that is tried whether it fails, until the hunt ends."""
        while (said := await self._read()) is not None:
            if "try" not in said:
                return said["found"], said["reason"]
            tries.append(said["try"])
            try:
                self._write({"fails": await fails(said["try"])})
            except NotAsked as reason:
                self._write({"stop": str(reason)})
        return None, self.problem

    async def coverage(self, base: dict[str, Json]) -> list[tuple[dict[str, Json], str]]:
        """schemathesis' coverage cases that break one requirement, each with it."""
        async with self._turn:
            cache = str(self._memory.parent) if self._memory else None
            self._write({"coverage": base, "cache": cache})
            said = await self._read()
        cases = [(body, requirement) for body, requirement in (said or {}).get("cases", ())]
        self.cases = [body for body, _ in cases]
        return cases

    async def close(self) -> None:
        """End the process, whatever it does."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    def _write(self, value: Json) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # then nothing can be read either
            self._process.stdin.write(json.dumps(value).encode() + b"\n")

    async def _read(self) -> Any:
        assert self._process is not None
        assert self._process.stdout is not None
        try:
            line = await self._process.stdout.readline()
            return json.loads(line)
        except ValueError:  # no line, half a line, or one beyond the limit
            self.problem = f"the search broke off: {await self._last_words()}"
            return None

    async def _last_words(self) -> str:
        """What the process wrote last on its error stream, as a traceback's last line."""
        assert self._process is not None
        assert self._process.stderr is not None
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        lines = (await self._process.stderr.read()).decode("utf-8", "replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "its process ended")
