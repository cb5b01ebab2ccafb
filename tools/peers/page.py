"""The page of real servers, in Markdown: made of their files and of the results that are kept."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chatproof.contract.document import read_yaml

from .peer import ROOT, load_peer, peer_names
from .results import RESULTS, kept
from .running import failures

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .peer import Cause, Peer

PAGE: Final = ROOT / "conformance" / "docs" / "real-servers.md"
INTRODUCTION: Final = """\
# Real servers

What the suite says of servers that people use. Each is installed from a package registry and
started as [its file](../peers/) says; `python -m tools.peers NAME` does the same on your machine,
and fails where anything else comes out. Beside every failure stands what was asked and what the
reply says: each was compared with the bytes.

A server is no worse for being here. Mock servers are made to answer, not to refuse; a gateway is as
good as what it passes requests on to; and a model of 135 million parameters says nothing of use,
which no requirement asks of it.
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A peer, held to a dialect."""

    peer: Peer
    dialect: str
    report: dict[str, Any]

    @property
    def anchor(self) -> str:
        return f"{self.peer.name}-{self.dialect}"

    def failed(self, *levels: str) -> int:
        return len(failures(self.report, *levels))

    def counted(self, verdict: str) -> int:
        return int(self.report["summary"][verdict])


def outcomes() -> list[Outcome]:
    """All that is kept."""
    found = []
    for peer in map(load_peer, peer_names()):
        for dialect in peer.dialects:
            report = kept(peer, dialect)
            if report is not None:
                found.append(Outcome(peer, dialect, report))
    return found


def page(found: list[Outcome]) -> str:
    """The whole page."""
    parts = [INTRODUCTION, _judged(found), "## At a glance\n", _glance(found)]
    parts += ["## Servers and conformance classes\n", CELLS, _matrix(found)]
    for peer in {outcome.peer.name: outcome.peer for outcome in found}.values():
        parts.append(_chapter(peer, [each for each in found if each.peer.name == peer.name]))
    return "\n".join([*parts, _mended()])


MENDED: Final = """\
## Mistakes of the suite

What it held against a server wrongly, as the bytes showed. Each is mended.
"""


def _mended() -> str:
    columns = ("server", "requirement", "mistake", "kept_by")
    entries = read_yaml(RESULTS / "mended.yaml")
    rows = [[_plain(str(entry[name])) for name in columns] for entry in entries]
    head = ("server", "requirement", "what was wrong", "what keeps it mended")
    return "\n".join((MENDED, _table(head, rows)))


CELLS: Final = """\
`✓`: every MUST of the class that was tested holds; a number: so many MUST do not; `–`: nothing
of it was tested.
"""


def _judged(found: list[Outcome]) -> str:
    """How often the suite was right, counting each failure of each server once."""
    causes = [
        (id, cause.right)
        for outcome in found
        for id, cause in outcome.peer.causes(outcome.dialect).items()
        if id in failures(outcome.report)
    ]
    right = sum(1 for _, is_right in causes if is_right)
    names = {outcome.peer.name for outcome in found}
    return (
        f"{len(names)} servers, {len(found)} runs, {len(causes)} failed requirements: "
        f"{right} are the server's doing; mistakes of the suite: {len(causes) - right}.\n"
    )


AT_A_GLANCE: Final = (
    "server",
    "version",
    "dialect",
    "MUST failed",
    "SHOULD failed",
    "undecided",
    "left out",
    "passed",
    "requests",
    "seconds",
    "on",
)


def _glance(found: list[Outcome]) -> str:
    rows = [
        (
            f"[{outcome.peer.title}](#{outcome.anchor})",
            outcome.peer.version,
            f"`{outcome.dialect}`",
            str(outcome.failed("MUST")),
            str(outcome.failed("SHOULD")),
            str(outcome.counted("inconclusive")),
            str(outcome.counted("skip")),
            str(outcome.counted("pass")),
            str(outcome.report["cost"]["requests"]),
            f"{outcome.report['cost']['seconds']:.0f}",
            _day(outcome.report["started"]),
        )
        for outcome in found
    ]
    return _table(AT_A_GLANCE, rows)


def _matrix(found: list[Outcome]) -> str:
    classes = list(dict.fromkeys(cls for outcome in found for cls in outcome.report["classes"]))
    rows = [
        (
            f"[{outcome.peer.title}](#{outcome.anchor})",
            f"`{outcome.dialect}`",
            *(_cell(outcome.report, cls) for cls in classes),
        )
        for outcome in found
    ]
    return _table(("server", "dialect", *classes), rows)


def _cell(report: dict[str, Any], cls: str) -> str:
    verdict = report["classes"].get(cls, "skip")
    own = {"requirements": [r for r in report["requirements"] if r["class"] == cls]}
    musts = failures(own, "MUST")
    return {"pass": "✓", "fail": str(len(musts))}.get(verdict, "–")


def _chapter(peer: Peer, found: list[Outcome]) -> str:
    home = f"[{peer.home}](https://github.com/{peer.home})"
    about = f"{peer.about} {home}; [its file](../peers/{peer.name}.yaml).\n"
    lines = [f"## {peer.title} {peer.version}\n", about]
    for outcome in found:
        result = f"../peers/results/{peer.name}.{outcome.dialect}.json"
        lines += [f'<a id="{outcome.anchor}"></a>\n', f"### As `{outcome.dialect}`\n"]
        lines += [f"[The report]({result}).\n", _failures(outcome)]
    if peer.unseen:
        lines.append("Seen by hand, and spoken of by no requirement:\n")
        lines += [*(f"- {each}" for each in peer.unseen), ""]
    return "\n".join(lines)


def _failures(outcome: Outcome) -> str:
    """What fails, by its cause: what the server does, what a client suffers, who met it."""
    entries = {r["id"]: r for r in outcome.report["requirements"] if r["verdict"] == "fail"}
    causes = outcome.peer.causes(outcome.dialect)
    by_cause: dict[str, list[dict[str, Any]]] = {}
    for id, entry in entries.items():
        by_cause.setdefault(causes[id].cause if id in causes else "", []).append(entry)
    of_cause = {cause.cause: cause for cause in causes.values()}
    if not entries:
        return "Nothing fails.\n"
    rows = [_row(outcome.peer, of_cause.get(name), each) for name, each in by_cause.items()]
    rows.sort(key=lambda row: ("MUST" not in row[2], row[0]))  # what matters most comes first
    return _table(OF_A_CAUSE, rows)


OF_A_CAUSE: Final = (
    "what it does",
    "what the bytes say",
    "requirements that fail",
    "what a client suffers",
    "reported",
)


def _row(peer: Peer, cause: Cause | None, entries: list[dict[str, Any]]) -> tuple[str, ...]:
    said = ("not judged yet", "")
    if cause is not None:
        mistake = "" if cause.right else "**a mistake of the suite**: "
        said = (mistake + _plain(cause.cause), _plain(cause.bytes))
    names = _folded([f"{entry['level']} `{entry['id']}`" for entry in entries], "requirements")
    whys = _folded(list(dict.fromkeys(entry["why"] for entry in entries)), "things")
    links = [cause.link] if cause is not None and cause.link else []
    links += [link for entry in entries for link in entry.get("evidence", ())]
    return (*said, names, whys, _links(peer, links))


def _folded(lines: list[str], what: str) -> str:
    """Lines of a cell; many are shown when they are asked for."""
    text = "<br>".join(lines)
    if len(lines) <= MOST_LINES:
        return text
    return f"<details><summary>{len(lines)} {what}</summary>{text}</details>"


def _links(peer: Peer, links: Iterable[str]) -> str:
    """Public reports: those about this server first."""
    once = sorted(dict.fromkeys(links), key=lambda link: not _of(peer, link))
    return "<br>".join(_link(link) for link in once[:MOST_LINKS])


MOST_LINKS: Final = 4
MOST_LINES: Final = 6


def _of(peer: Peer, link: str) -> bool:
    return link.startswith(f"{peer.home}#")


def _link(link: str) -> str:
    home, _, number = link.partition("#")
    return f"[{link}](https://github.com/{home}/issues/{number})"


def _day(started: float | None) -> str:
    if started is None:
        return ""
    return datetime.datetime.fromtimestamp(started, datetime.UTC).date().isoformat()


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [head, ["---"] * len(list(head)), *rows]
    return "".join(f"| {' | '.join(map(_escaped, line))} |\n" for line in lines)


def _plain(text: str) -> str:
    """A text that means nothing in Markdown."""
    return re.sub(r"[\\`*_\[\]<>]", r"\\\g<0>", text)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
