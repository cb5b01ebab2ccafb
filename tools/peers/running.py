"""Runs the suite against a peer as a user would, and compares what fails with what is known."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .peer import ROOT
from .serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .peer import Peer

REPORTS = ROOT / "reports"
KEY = "CHATPROOF_PEER_KEY"
"""The variable in which a run is given the key."""
SUITE = (sys.executable, "-m", "chatproof", "run")


class RunFailed(Exception):
    """A run gave no report, or not a whole one. The message says of which peer."""


@dataclass(frozen=True, slots=True)
class News:
    """What fails and is not known, and what is known to fail and does not."""

    unknown: tuple[str, ...]
    stale: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.unknown or self.stale)


def run(peer: Peer) -> Iterator[dict[str, Any]]:
    """Start the peer, and hold it to each of its dialects; the JSON reports.

    They are kept as `reports/NAME.DIALECT.json`, and `.html`.

    Raises:
        CannotStart: the peer does not come up.
        RunFailed: the suite gave no report, or not a whole one.
    """
    REPORTS.mkdir(exist_ok=True)
    with serving(peer) as url:
        for dialect in peer.dialects:
            yield _held_to(peer, dialect, url)


def _held_to(peer: Peer, dialect: str, url: str) -> dict[str, Any]:
    path = REPORTS / f"{peer.name}.{dialect}.json"
    path.unlink(missing_ok=True)
    command = [*SUITE, url, "--config", "none", "--database", "none"]
    command += ["--dialect", dialect, "--model", peer.model]
    for name, value in peer.options.items():
        command.append(f"--{name}" if value is True else f"--{name}={value}")
    command += ["--report", f"json={path}", "--report", f"html={path.with_suffix('.html')}"]
    if peer.key:
        command += ["--api-key-env", KEY]
    environment = {**os.environ, KEY: peer.key}
    with path.with_suffix(".log").open("wb") as log:
        code = subprocess.run(
            command, check=False, env=environment, stdout=log, stderr=log
        ).returncode
    # That a real server deviates is a result, not a failure of ours.
    if code not in (0, 1) or not path.is_file():
        raise RunFailed(f"{peer.name}: the run ended with code {code}; read {log.name}")
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if not report["complete"]:
        raise RunFailed(f"{peer.name}: the run was not whole; read {log.name}")
    return report


def news(peer: Peer, report: dict[str, Any]) -> News:
    """What a report says that the peer's file does not, and the other way round."""
    known = peer.causes(report["dialect"])
    failed = failures(report)
    certain = {id for id, cause in known.items() if not cause.by_chance}
    return News(tuple(sorted(failed - set(known))), tuple(sorted(certain - failed)))


def failures(report: dict[str, Any], *levels: str) -> set[str]:
    """The requirements that fail, of some levels, or of all."""
    return {
        r["id"]
        for r in report["requirements"]
        if r["verdict"] == "fail" and (not levels or r["level"] in levels)
    }
