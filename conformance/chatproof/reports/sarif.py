"""SARIF 2.1.0, as code scanning at GitHub reads it: requirements are rules, failures results.

Every result has a place in the specification, since a place in a file is required, and the server
as the logical one.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from ..contract.document import lines_of, spec_folder
from ..contract.sources import source_words
from ..untrusted import shown

if TYPE_CHECKING:
    from ..contract.document import Json
    from ..contract.requirements import Requirement
    from ..report import Report
    from ..verdicts import Judgement

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS: Final = {"MUST": "error", "SHOULD": "warning", "MAY": "note"}
DOCUMENT: Final = "spec/openapi.yaml"
SHOWN_FINDINGS: Final = 3
LONGEST: Final = 1000
"""Characters of a curl line that is shown."""


def write(report: Report, strict: bool) -> str:
    """The report as SARIF. What a SHOULD breaks is an error where it is `strict`."""
    return json.dumps(_value(report, strict), indent=1) + "\n"


def _value(report: Report, strict: bool) -> dict[str, Json]:
    numbers = {judgement.requirement.id: n for n, judgement in enumerate(report.judgements)}
    failed = [judgement for judgement in report.judgements if judgement.verdict == "fail"]
    lines = lines_of(spec_folder() / "openapi.yaml", {j.requirement.pointer for j in failed})
    curls = {exchange.id: exchange.curl for exchange in report.exchanges}
    driver = {
        "name": "chatproof",
        "version": report.version,
        "rules": [_rule(judgement.requirement) for judgement in report.judgements],
    }
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"chatproof/{shown(report.dialect)}/"},
        "invocations": [{"executionSuccessful": report.complete}],
        "results": [
            {
                "ruleId": judgement.requirement.id,
                "ruleIndex": numbers[judgement.requirement.id],
                "level": "error" if strict else LEVELS[judgement.requirement.level],
                "message": {"text": _message(judgement, curls)},
                "locations": [_location(report, judgement.requirement, lines)],
                "partialFingerprints": {"requirement/v1": judgement.requirement.id},
            }
            for judgement in failed
        ],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(requirement: Requirement) -> dict[str, Json]:
    sources = "; ".join(source_words(key) for key in requirement.source)
    help_ = f"{requirement.statement}\n\n{requirement.why}"
    return {
        "id": requirement.id,
        "shortDescription": {"text": requirement.statement},
        "fullDescription": {"text": requirement.why},
        "help": {
            "text": f"{help_}\n\nSource: {sources}",
            "markdown": f"{help_}\n\nSource: {sources}\n\n`chatproof explain {requirement.id}` "
            "says more.",
        },
        "defaultConfiguration": {"level": LEVELS[requirement.level]},
        "properties": {"tags": [requirement.cls, requirement.level]},
    }


def _message(judgement: Judgement, curls: dict[str, str]) -> str:
    lines = []
    for finding in judgement.findings[:SHOWN_FINDINGS]:
        where = f" ({finding.location})" if finding.location else ""
        lines.append(_text(finding.message + where))
        lines += [
            f"{side}: {_text(value)}"
            for side, value in (("expected", finding.expected), ("actual", finding.actual))
            if value is not None
        ]
        if finding.exchange in curls:
            lines.append(_text(curls[finding.exchange], LONGEST))
    return "\n".join(lines or [_text(judgement.reason)])


def _text(value: Json, limit: int = 300) -> str:
    """What a server may have said, as text in which no link is made of brackets."""
    return shown(value, limit).replace("[", "\\[").replace("]", "\\]")


def _location(report: Report, requirement: Requirement, lines: dict[str, int]) -> dict[str, Json]:
    line = lines.get(requirement.pointer, 1)
    server = {
        "name": shown(report.url),
        "fullyQualifiedName": shown(report.url),
        "kind": "resource",
    }
    document = {"fullyQualifiedName": f"{DOCUMENT}#{requirement.pointer}", "kind": "member"}
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": DOCUMENT},
            "region": {"startLine": line},
        },
        "logicalLocations": [server, document],
    }
