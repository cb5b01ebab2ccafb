"""The JSON report, described by spec/report.schema.json."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..budget import Cost
    from ..contract.document import Json
    from ..report import Latency, Report
    from ..transcript import Body, Transcript
    from ..verdicts import Judgement


def write(report: Report, strict: bool) -> str:
    """The report as JSON text, pure ASCII, so that it is safe in any log."""
    return json.dumps(value_of(report, strict), indent=1, default=repr) + "\n"


def value_of(report: Report, strict: bool) -> dict[str, Json]:
    """The report as a JSON value."""
    return {
        "chatproof": report.version,
        "spec": report.spec,
        "dialect": report.dialect,
        "target": {"url": report.url, "model": report.model},
        "seed": report.seed,
        "strict": strict,
        "started": report.started,
        "complete": report.complete,
        "note": report.note,
        "shards": None
        if report.shards is None
        else {"numbers": list(report.shards.numbers), "of": report.shards.of},
        "classes": report.classes,
        "summary": report.summary,
        "requirements": [_requirement(judgement) for judgement in report.judgements],
        "exchanges": [
            {
                "id": exchange.id,
                "request": exchange.request,
                "status": exchange.status,
                "failure": exchange.failure,
                "reply": exchange.reply,
                "seconds": exchange.seconds,
                "first_byte": exchange.first_byte,
                "longest_gap": exchange.longest_gap,
                "curl": exchange.curl,
                "python": exchange.python,
                **_wire(exchange.transcript),
            }
            for exchange in report.exchanges
        ],
        "cost": {
            **_cost(report.cost),
            "seconds": report.seconds,
            "by_class": {cls: _cost(cost) for cls, cost in report.cost_by_class.items()},
        },
        "latency": None
        if report.latency is None
        else {
            **_latency(report.latency),
            "by_class": {cls: _latency(seen) for cls, seen in report.latency_by_class.items()},
        },
        "concurrency": {
            "asked": report.load.asked,
            "reached": report.load.reached,
            "pushed_back": report.load.pushed_back,
        },
    }


def _cost(cost: Cost) -> dict[str, Json]:
    return {
        "requests": cost.requests,
        "prompt_tokens": cost.prompt_tokens,
        "completion_tokens": cost.completion_tokens,
        "most_completion_tokens": cost.capped,
    }


def _latency(latency: Latency) -> dict[str, Json]:
    return {
        "median": round(latency.median, 6),
        "percentile_95": round(latency.percentile_95, 6),
        "longest_gap": round(latency.longest_gap, 6),
    }


def _wire(transcript: Transcript) -> dict[str, Json]:
    """What was on the wire beside the start of the reply."""
    return {
        "request_head": list(transcript.request_head),
        "request_body": _text(transcript.request),
        "reply_head": list(transcript.reply_head),
        "request_kept": _kept(transcript.request),
        "reply_kept": _kept(transcript.reply),
        "event_count": transcript.events,
        "events": [{"offset": event.offset, "at": event.at} for event in transcript.moments],
        "places": {
            location: {"part": place.part, "start": place.start, "end": place.end}
            for location, place in transcript.places.items()
        },
    }


def _kept(body: Body) -> dict[str, Json]:
    """The bytes of a body that were kept, whatever they are."""
    return {
        "size": body.size,
        "pieces": [
            {"offset": offset, "base64": base64.b64encode(data).decode()}
            for offset, data in body.pieces
        ],
    }


def _text(body: Body) -> str:
    """The start of a body, as far as it was kept."""
    return body.pieces[0][1].decode("utf-8", "replace") if body.pieces else ""


def _requirement(judgement: Judgement) -> dict[str, Json]:
    requirement = judgement.requirement
    return {
        "id": requirement.id,
        "level": requirement.level,
        "class": requirement.cls,
        "statement": requirement.statement,
        "why": requirement.why,
        "source": list(requirement.source),
        "pointer": requirement.pointer,
        "evidence": list(requirement.evidence),
        "level_reason": requirement.reason,
        "verdict": judgement.verdict,
        "reason": judgement.reason,
        "found": judgement.found,
        "findings": [
            {
                "message": finding.message,
                "expected": finding.expected,
                "actual": finding.actual,
                "location": finding.location,
                "exchange": finding.exchange,
            }
            for finding in judgement.findings
        ],
    }
