"""A requirement seen to hold and to fail: the same request, to a right and to a faulty server.

Both are the embedded reference server. What is shown is what a run against each of them found,
so that it cannot differ from what the suite does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .options import Options
from .reference import serving
from .reference.faults import faults_of
from .rehearsal import KEY
from .runner import run

if TYPE_CHECKING:
    from .contract import Contract
    from .reference.faults import Fault
    from .report import Report
    from .verdicts import Finding
    from .wire import View

PATIENCE = 3.0
"""Seconds for a reply: one that never comes need not be waited for longer."""


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What a fault makes of a requirement.

    `curl` is the request, `right` and `wrong` its reply without and with the fault; they are empty
    where more than one exchange tells, or no reply came.
    """

    fault: Fault
    finding: Finding
    curl: str
    right: str
    wrong: str


def demonstrate(requirement: str, contract: Contract) -> Demonstration | None:
    """The requirement failed by a fault that names it; None where no fault of the dialect does.

    Raises:
        SpecError: a file of the specification cannot be used.
    """
    proving = [f for f in faults_of(contract).values() if requirement in f.expected(contract)]
    for fault in sorted(proving, key=lambda f: len(f.expected(contract))):
        for only in ((requirement,), ()):  # some act on what a longer run asks
            faulty, views = _run(contract, only, fault.id)
            judged = next(j for j in faulty.judgements if j.requirement.id == requirement)
            if judged.findings:
                return _compared(fault, judged.findings[0], faulty, views, _run(contract, only)[1])
    return None


def _compared(
    fault: Fault,
    finding: Finding,
    faulty: Report,
    wrong: dict[str, View],
    right: dict[str, View],
) -> Demonstration:
    summary = next((e for e in faulty.exchanges if e.id == finding.exchange), None)
    return Demonstration(
        fault,
        finding,
        summary.curl if summary else "",
        _said(right.get(finding.exchange)),
        _said(wrong.get(finding.exchange)),
    )


def _said(view: View | None) -> str:
    if view is None or view.reply is None:
        return ""
    body = view.reply.body.decode("utf-8", "replace")
    return f"{view.reply.status} {view.reply.media_type}: {body}"


def _run(contract: Contract, only: tuple[str, ...], *faults: str) -> tuple[Report, dict[str, View]]:
    """A run against the reference server, and its exchanges by id."""
    views: dict[str, View] = {}

    def keep(view: View) -> None:
        views[view.exchange.id] = view

    with serving(contract.dialect, faults=faults, key=KEY) as url:
        options = Options(
            url=url, dialect=contract.dialect, key=KEY, only=only, timeout=PATIENCE, database=None
        )
        return run(options, on_exchange=keep), views
