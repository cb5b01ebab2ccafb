"""What runs against peers found, as it is kept in the repository.

A result is a JSON report that is small: of each failure the first finding with its exchange, of
what holds the verdict alone. It still fits `spec/report.schema.json`, so that `chatproof compare`
reads it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from .peer import PEERS, ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from .peer import Peer

RESULTS = PEERS / "results"
REPLY = 400
"""Characters of a reply that are kept; the curl line gives the rest."""
LONGEST = 3000
"""Characters of any other text: requests that are long on purpose are a MiB."""
_PORT = re.compile(r"127\.0\.0\.1:\d+")
_OF_AN_EXCHANGE = (
    "id",
    "request",
    "status",
    "failure",
    "reply",
    "seconds",
    "first_byte",
    "longest_gap",
    "curl",
)


def result_path(peer: Peer, dialect: str) -> Path:
    return RESULTS / f"{peer.name}.{dialect}.json"


def keep(peer: Peer, report: dict[str, Any]) -> None:
    """Keep a report as the peer's result."""
    RESULTS.mkdir(exist_ok=True)
    path = result_path(peer, report["dialect"])
    path.write_text(_text(small(report)), encoding="utf-8")


def kept(peer: Peer, dialect: str) -> dict[str, Any] | None:
    """The peer's result in a dialect; None where there is none yet."""
    path = result_path(peer, dialect)
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def small(report: dict[str, Any]) -> dict[str, Any]:
    """The report with what tells one server from another, and without what does not."""
    requirements = [_requirement(entry) for entry in report["requirements"]]
    told = {f["exchange"] for entry in requirements for f in entry["findings"]}
    exchanges = [_exchange(each) for each in report["exchanges"] if each["id"] in told]
    less = {**report, "requirements": requirements, "exchanges": exchanges}
    anywhere: dict[str, Any] = _cut({**less, "latency": None})
    return anywhere


def _requirement(entry: dict[str, Any]) -> dict[str, Any]:
    if entry["verdict"] == "fail":
        return {**entry, "findings": entry["findings"][:1]}
    kept = ("id", "level", "class", "verdict", "reason")
    empty = {"statement": "", "why": "", "source": [], "found": 0, "findings": []}
    return {**{key: entry[key] for key in kept}, **empty}


def _exchange(exchange: dict[str, Any]) -> dict[str, Any]:
    less = {key: exchange[key] for key in _OF_AN_EXCHANGE}
    return {**less, "reply": exchange["reply"][:REPLY]}


def _cut(value: Any) -> Any:
    """The port is another in each run, the folder on each machine; both are of no interest."""
    if isinstance(value, dict):
        return {key: _cut(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_cut(each) for each in value]
    if isinstance(value, str):
        text = _PORT.sub("127.0.0.1:8000", value).replace(f"{ROOT}/", "")
        return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return round(value, 3) if isinstance(value, float) else value


def _text(report: dict[str, Any]) -> str:
    """One line for each requirement and each exchange, so that a difference can be read."""
    lists = {name: report[name] for name in ("requirements", "exchanges")}
    head = {key: value for key, value in report.items() if key not in lists}
    parts = [f"{_line(key)}: {_line(value)}" for key, value in head.items()]
    for name, entries in lists.items():
        rows = ",\n".join(map(_line, entries))
        parts.append(f"{_line(name)}: [\n{rows}\n]")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _line(value: Any) -> str:
    return json.dumps(value)
