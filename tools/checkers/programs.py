"""The checkers: how each is run against a base URL, and what it says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chatproof.contract import load_contract

if TYPE_CHECKING:
    from collections.abc import Callable

DIALECT, MODEL, KEY = "openai", "chatproof-reference", "a-key-for-checkers"
LLM_COMPLY = "llm-comply==0.5.0"
VARIABLE = "CHECKED_SERVER_KEY"
HOME = Path(__file__).parents[2] / "build" / "checkers"
SCRIPTS = Path(sys.executable).parent
LONGEST = 300
"""Seconds for one checker and one server."""
_FAILURE = re.compile(r"^- (.+)$", re.MULTILINE)
"""What schemathesis calls a failure, in the list below the request that shows it."""


@dataclass(frozen=True)
class Checker:
    """A program, and what it complains of when it is let loose on a server."""

    name: str
    complaints: Callable[[str, Path], frozenset[str]]
    """Base URL, and a folder to work in."""


class NoVerdict(Exception):
    """A checker said nothing that can be read."""


def checkers() -> list[Checker]:
    """All of them, installed."""
    return [
        Checker("chatproof", _chatproof),
        Checker("chatproof --quick", lambda url, folder: _chatproof(url, folder, "--quick")),
        Checker("schemathesis", _schemathesis),
        Checker("llm-comply", _llm_comply),
    ]


def install() -> None:
    """What is not among our own packages, into an environment of its own."""
    if not (HOME / "bin" / "llm-comply").exists():
        venv.create(HOME, with_pip=True)
        pip = [str(HOME / "bin" / "python"), "-m", "pip", "install", "--quiet", LLM_COMPLY]
        subprocess.run(pip, check=True)


def _done(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {VARIABLE: KEY},
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST,
    )


def _chatproof(url: str, folder: Path, *options: str) -> frozenset[str]:
    report = folder / "report.json"
    command = [str(SCRIPTS / "chatproof"), "run", url, "--config", "none", "--dialect", DIALECT]
    command += [
        "--api-key-env",
        VARIABLE,
        "--database",
        "none",
        "--report",
        f"json={report}",
        *options,
    ]
    done = _done(command, folder)
    if not report.exists():
        raise NoVerdict(done.stderr[-300:])
    found = json.loads(report.read_text(encoding="utf-8"))["requirements"]
    return frozenset(each["id"] for each in found if each["verdict"] == "fail")


def _schemathesis(url: str, folder: Path) -> frozenset[str]:
    document = folder / "openapi.json"
    document.write_text(
        json.dumps(load_contract(DIALECT).for_model(MODEL).document), encoding="utf-8"
    )
    command = [str(SCRIPTS / "schemathesis"), "run", str(document), "--seed", "1", "--no-color"]
    command += ["--url", url.removesuffix("/v1"), "--header", f"Authorization: Bearer {KEY}"]
    done = _done(command, folder)
    if done.returncode not in (0, 1):
        raise NoVerdict(done.stdout[-300:])
    return frozenset(_FAILURE.findall(done.stdout) if done.returncode else ())


def _llm_comply(url: str, folder: Path) -> frozenset[str]:
    command = [str(HOME / "bin" / "llm-comply"), "-u", url, "-k", KEY, "--json"]
    command += ["-m", MODEL, "--format", "openai-chat", "--timeout", "20"]
    done = _done(command, folder)
    try:
        results = json.loads(done.stdout)["results"]
    except (ValueError, KeyError):
        raise NoVerdict(done.stderr[-300:]) from None
    return frozenset(each["id"] for each in results if each["status"] == "failed")


def in_a_folder(checker: Checker, url: str) -> frozenset[str]:
    """What a checker complains of; a checker that gives up says so.

    Raises:
        NoVerdict: nothing can be read of what it said, or it did not end.
    """
    with tempfile.TemporaryDirectory() as folder:
        try:
            return checker.complaints(url, Path(folder))
        except subprocess.TimeoutExpired:
            raise NoVerdict(f"no end after {LONGEST} s") from None
