"""Known failures: what a server is known to do wrong, so that only news fails a run."""

from __future__ import annotations

import datetime
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from .contract.document import SpecError, line_of, read_yaml

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from .contract import Requirement
    from .report import Report

KEYS = ("id", "reason", "link", "expires")
UNEXPLAINED = "not yet explained"
"""The reason of failures that were listed by the suite."""


@dataclass(frozen=True, slots=True)
class Known:
    """One known failure: the requirement, why it is accepted, and the last day on which it is."""

    id: str
    reason: str
    link: str = ""
    expires: datetime.date | None = None

    def expired(self, today: datetime.date) -> bool:
        return self.expires is not None and today > self.expires


class News(NamedTuple):
    """What a list of known failures does not say: failures that are news, and those that are
    excused no longer; and what it says although it passes now."""

    failures: list[str]
    expired: list[Known]
    stale: list[str]


def read_known(path: Path, requirements: Mapping[str, Requirement]) -> tuple[Known, ...]:
    """Read a list of known failures: ``- {id: ..., reason: ...}``.

    `link` and `expires`, a date, may be there too.

    Raises:
        SpecError: it cannot be read, or an entry is wrong; with file and line.
    """
    entries = read_yaml(path) or []
    if not isinstance(entries, list):
        raise SpecError(f"{path}:1: is no list; write '- {{id: ..., reason: ...}}' on each line")
    known = []
    for number, entry in enumerate(entries):
        where = f"{path}:{line_of(path, [number])}"
        if not isinstance(entry, dict) or set(entry) - set(KEYS):
            raise SpecError(
                f"{where}: an entry has the keys id, reason, link and expires; correct it"
            )
        if not entry.get("reason"):
            raise SpecError(f"{where}: has no reason; say why the failure is accepted")
        if not isinstance(entry.get("id"), str) or entry["id"] not in requirements:
            raise SpecError(
                f"{where}: {entry.get('id')!r} is no requirement of this dialect; "
                "see `chatproof list requirements`"
            )
        expires = _date(entry.get("expires"), where)
        known.append(Known(entry["id"], str(entry["reason"]), str(entry.get("link", "")), expires))
    return tuple(known)


def _date(value: Any, where: str) -> datetime.date | None:
    """A date, which YAML reads as one unless it is quoted."""
    if isinstance(value, datetime.datetime):
        return value.date()
    if value is None or isinstance(value, datetime.date):
        return value
    try:
        return datetime.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise SpecError(f"{where}: expires is no date; write it like 2027-01-31") from None


def compare(report: Report, known: Iterable[Known], *, strict: bool, today: datetime.date) -> News:
    """What a report has that a list of known failures does not say, and the other way round."""
    listed = {entry.id: entry for entry in known}
    failed = [judgement.requirement.id for judgement in report.failed(strict=strict)]
    passed = {j.requirement.id for j in report.judgements if j.verdict == "pass"}
    expired = [listed[name] for name in failed if name in listed and listed[name].expired(today)]
    return News(
        [name for name in failed if name not in listed], expired, sorted(listed.keys() & passed)
    )


def updated(text: str, news: News) -> str:
    """The text of a list of known failures with what is new added, and without what is stale.

    All other lines stay as they are, comments too, as far as each entry has lines of its own;
    else the list is written anew.

    Args:
        text: what the file has, which :func:`read_known` could read.
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    kept = [entry for entry in yaml.safe_load(text) or () if entry["id"] not in news.stale]
    added = [{"id": name, "reason": UNEXPLAINED} for name in news.failures]
    if isinstance(root, yaml.SequenceNode) and not root.flow_style:
        text = _without(text, root, news.stale)
        margin = " " * root.start_mark.column
    else:
        text, margin = text if root is None else _dumped(kept), ""
    if text and not text.endswith("\n"):
        text += "\n"
    text += textwrap.indent(_dumped(added), margin)
    return text if (yaml.safe_load(text) or []) == [*kept, *added] else _dumped([*kept, *added])


def _dumped(entries: list[dict[str, Any]]) -> str:
    return yaml.safe_dump(entries, sort_keys=False, allow_unicode=True) if entries else ""


def _without(text: str, root: yaml.SequenceNode, stale: Collection[str]) -> str:
    """The text without the lines of some entries."""
    lines = text.splitlines(keepends=True)
    for entry in reversed(root.value):
        name = next(value.value for key, value in entry.value if key.value == "id")
        if name in stale:
            del lines[entry.start_mark.line : _end(entry)]
    return "".join(lines)


def _end(node: yaml.Node) -> int:
    """The line behind a value. The mark at the end of a block is behind all comments, those of its
    last part are not."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style:
        return max(_end(value) for _, value in node.value)
    return int(node.end_mark.line) + (node.end_mark.column > 0)
