"""What a checker is: a program that is let loose on a base URL, and what it complains of."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DIALECT, MODEL, KEY = "openai", "chatproof-reference", "a-key-for-checkers"
VARIABLE = "CHECKED_SERVER_KEY"
LONGEST = 300
"""Seconds for one checker and one server."""


@dataclass(frozen=True)
class Checker:
    """A program, and what it complains of when it is let loose on a server."""

    name: str
    complaints: Callable[[str, Path], frozenset[str]]
    """Base URL, and a folder to work in."""


class NoVerdict(Exception):
    """A checker said nothing that can be read."""


def complaints_of(checker: Checker, url: str) -> frozenset[str]:
    """What a checker complains of; a checker that gives up says so.

    Raises:
        NoVerdict: nothing can be read of what it said, or it did not end.
    """
    with tempfile.TemporaryDirectory() as folder:
        try:
            return checker.complaints(url, Path(folder))
        except subprocess.TimeoutExpired:
            raise NoVerdict(f"no end after {LONGEST} s") from None


def done(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run to its end in a folder of its own. The key is in the environment, as `VARIABLE`."""
    return subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {VARIABLE: KEY},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST,
    )


def printed(command: Sequence[str], folder: Path, member: str) -> Any:
    """A member of the JSON object that a program prints.

    Raises:
        NoVerdict: it prints something else.
    """
    ended = done(command, folder)
    try:
        return json.loads(ended.stdout)[member]
    except (ValueError, KeyError, TypeError):
        raise NoVerdict((ended.stderr or ended.stdout)[-300:]) from None
