"""The hunter: has examples made up, and tells whoever made them what the server says to each.

What a hunt tries while nothing fails follows from the document and the seed alone. So all of it is
made up in one go, beside the run, and asked at once; only where something fails is it hunted for
the smallest example, one after the other, each by what came of the ones before.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import sys
from collections import defaultdict
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..pushback import PATIENT
from ..session import NotAsked
from . import COVERAGE, KINDS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ..contract import Contract
    from ..contract.document import Json
    from ..options import Options

LONGEST_LINE = 2**24
"""Bytes; a body that schemathesis makes up may be long."""
MOST_KEPT = 2**24
"""Bytes of examples that are kept for the next run."""
AT_ONCE = 20
"""So many examples are asked before it is looked whether one of them fails."""


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
    """Hunts as `options` say, around the request with which it starts.

    In the folder `options.database` are kept the examples, and what failed, for the next run;
    None keeps nothing. `problem` says why the process that makes examples ended before its time,
    if it did. `hunts` are those that ended.
    """

    def __init__(self, options: Options) -> None:
        self.examples = options.examples
        self.problem = ""
        self.hunts: list[Hunt] = []
        self._memory = options.database
        self._about: dict[str, Json] = {
            "dialect": options.dialect,
            "examples": options.examples,
            "seed": options.seed,
        }
        self._origin = ""
        self._made: dict[str, list[Any]] = defaultdict(list)
        self._reasons: dict[str, str] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    @property
    def cases(self) -> list[dict[str, Json]]:
        """The bodies of schemathesis' coverage phase, as far as they were made."""
        return [body for body, _ in self._made[COVERAGE]]

    async def start(self, contract: Contract, base: dict[str, Json]) -> None:
        """Begin to make the examples, unless they are still there from an earlier run."""
        self._about["base"] = base
        self._origin = _origin(contract, self._about)
        if not self._recall():
            await self._begin()
            self._write({"make": KINDS})

    async def made(self, kind: str) -> list[Any]:
        """The examples of a kind, when they are ready; none where the process broke off."""
        async with self._turn:
            while kind not in self._reasons and not self.problem:
                await self._listen()
        return self._made[kind]

    async def coverage(self) -> list[tuple[dict[str, Json], str]]:
        """schemathesis' coverage cases that break one requirement, each with it."""
        return [(body, requirement) for body, requirement in await self.made(COVERAGE)]

    async def hunt(self, kind: str, fails: Callable[[Any], Awaitable[bool]]) -> tuple[Any, str]:
        """The smallest example for which `fails` is true, or None; and why there may be none.

        `fails` is called for several examples at the same time, and more than once for one.
        """
        examples = [] if self._failed_before(kind) else await self.made(kind)
        reason = self.problem or self._reasons.get(kind, "")
        try:
            to_be_shrunk = self._failed_before(kind) or await _one_fails(examples, fails)
        except NotAsked as declined:
            to_be_shrunk, reason = False, str(declined)
        if not to_be_shrunk:
            return self._noted(Hunt(kind, tuple(examples), None, reason))
        async with self._turn:
            return self._noted(await self._shrink(kind, fails))

    def _noted(self, hunt: Hunt) -> tuple[Any, str]:
        self.hunts.append(hunt)
        return hunt.found, hunt.reason

    async def close(self) -> None:
        """End the process, whatever it does."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def _shrink(self, kind: str, fails: Callable[[Any], Awaitable[bool]]) -> Hunt:
        tries: list[Any] = []
        if self._process is None:
            await self._begin()
        self._write({"hunt": kind, "database": str(self._memory / kind) if self._memory else None})
        while not self.problem:
            said = await self._listen()
            if "found" in said:
                return Hunt(kind, tuple(tries), said["found"], said["reason"])
            if "try" in said:
                tries.append(said["try"])
                try:
                    self._write({"fails": await fails(said["try"])})
                except NotAsked as reason:
                    self._write({"stop": str(reason)})
        return Hunt(kind, tuple(tries), None, self.problem)

    # What is kept from run to run ----------------------------------------------------------------

    def _recall(self) -> bool:
        if self._memory is None:
            return False
        try:
            kept = json.loads((self._memory / "made.json").read_text(encoding="ascii"))
            if kept["origin"] != self._origin:
                return False
            self._made.update(kept["made"])
            self._reasons.update(kept["reasons"])
        except (OSError, ValueError, LookupError, TypeError):  # none, or one that was cut off
            return False
        return True

    def _keep(self) -> None:
        if self._memory is None:
            return
        kept = {"origin": self._origin, "made": self._made, "reasons": self._reasons}
        text = json.dumps(kept)
        if len(text) <= MOST_KEPT:
            self._memory.mkdir(parents=True, exist_ok=True)
            (self._memory / "made.json").write_text(text, encoding="ascii")

    def _failed_before(self, kind: str) -> bool:
        """Whether an earlier run left something that is to be tried first."""
        return self._memory is not None and any(
            path.is_file() for path in (self._memory / kind).rglob("*")
        )

    # The process ---------------------------------------------------------------------------------

    async def _begin(self) -> None:
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
        self._write(self._about)

    def _write(self, value: Json) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # then nothing can be read either
            self._process.stdin.write(json.dumps(value).encode() + b"\n")

    async def _listen(self) -> dict[str, Any]:
        """What the process says next; nothing when it broke off. Examples it makes are noted."""
        assert self._process is not None
        assert self._process.stdout is not None
        try:
            said: dict[str, Any] = json.loads(await self._process.stdout.readline())
        except ValueError:  # no line, half a line, or one beyond the limit
            self.problem = f"the search broke off: {await self._last_words()}"
            return {}
        if "made" in said:
            self._made[said["made"]].append(said["example"])
        elif "complete" in said:
            self._reasons[said["complete"]] = said["reason"]
            if len(self._reasons) == len(KINDS):
                self._keep()
        return said

    async def _last_words(self) -> str:
        """What the process wrote last on its error stream, as a traceback's last line."""
        assert self._process is not None
        assert self._process.stderr is not None
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        lines = (await self._process.stderr.read()).decode("utf-8", "replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "its process ended")


async def _one_fails(examples: list[Any], fails: Callable[[Any], Awaitable[bool]]) -> bool:
    """Whether one of the examples fails; a few at a time, since the rest need not be asked then."""

    async def patiently(example: Any) -> bool:
        PATIENT.set(True)
        return await fails(example)

    for first in range(0, len(examples), AT_ONCE):
        some = examples[first : first + AT_ONCE]
        asked = await asyncio.gather(*map(patiently, some), return_exceptions=True)
        for outcome in asked:
            if isinstance(outcome, BaseException):
                raise outcome
        if any(asked):
            return True
    return False


def _origin(contract: Contract, about: dict[str, Json]) -> str:
    """All that the examples follow from, in short."""
    levels = {name: requirement.level for name, requirement in contract.requirements.items()}
    made_by = [__version__, *map(metadata.version, ("hypothesis", "schemathesis"))]
    text = json.dumps([made_by, about, contract.document, levels], sort_keys=True)
    return hashlib.blake2s(text.encode(), digest_size=16).hexdigest()
