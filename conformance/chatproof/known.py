"""Known failures: what a server is known to do wrong, so that only news fails a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .contract.document import SpecError, line_of, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .contract import Requirement
    from .report import Report


@dataclass(frozen=True, slots=True)
class Known:
    """One known failure: the requirement, and why it is accepted."""

    id: str
    reason: str
    link: str = ""


def read_known(path: Path, requirements: Mapping[str, Requirement]) -> tuple[Known, ...]:
    """Read a list of known failures: ``- {id: ..., reason: ..., link: ...}``.

    Raises:
        SpecError: it cannot be read, or an entry is wrong; with file and line.
    """
    entries = read_yaml(path) or []
    if not isinstance(entries, list):
        raise SpecError(f"{path}:1: is no list; write '- {{id: ..., reason: ...}}' on each line")
    known = []
    for number, entry in enumerate(entries):
        where = f"{path}:{line_of(path, [number])}"
        if not isinstance(entry, dict) or set(entry) - {"id", "reason", "link"}:
            raise SpecError(f"{where}: an entry has the keys id, reason and link; correct it")
        if not entry.get("reason"):
            raise SpecError(f"{where}: has no reason; say why the failure is accepted")
        if not isinstance(entry.get("id"), str) or entry["id"] not in requirements:
            raise SpecError(
                f"{where}: {entry.get('id')!r} is no requirement of this dialect; "
                "see `chatproof list requirements`"
            )
        known.append(Known(entry["id"], str(entry["reason"]), str(entry.get("link", ""))))
    return tuple(known)


def compare(
    report: Report, known: tuple[Known, ...], *, strict: bool
) -> tuple[list[str], list[str]]:
    """The failures that are news, and the known ones that now pass."""
    listed = {entry.id for entry in known}
    failed = [judgement.requirement.id for judgement in report.failed(strict=strict)]
    news = [name for name in failed if name not in listed]
    passed = {j.requirement.id for j in report.judgements if j.verdict == "pass"}
    return news, sorted(listed & passed)
