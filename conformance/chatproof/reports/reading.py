"""Reading a JSON report back: what ``--report json=`` wrote, checked against its schema."""

from __future__ import annotations

import base64
import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from ..budget import Cost
from ..contract.document import spec_folder
from ..contract.requirements import Requirement
from ..options import BadOption
from ..report import ExchangeSummary, Latency, Load, Report
from ..sharding import Shards
from ..transcript import Body, Moment, Transcript
from ..untrusted import shown
from ..verdicts import Finding, Judgement
from ..wire.places import Place

if TYPE_CHECKING:
    from pathlib import Path

    from ..contract.document import Json

END_OF_TIME: Final = 253402300799
"""The last second of the year 9999; calendars go no further."""
_HALF: Final = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}|\\u[dD][c-fC-F][0-9a-fA-F]{2}")
"""Half a surrogate pair, which a server may have said, and no validator takes."""


def read(path: Path) -> Report:
    """Read a JSON report.

    Raises:
        BadOption: the file cannot be read, or is no report; the message names it, and says why.
    """
    try:
        text = path.read_text(encoding="utf-8")
        value = json.loads(text, parse_constant=_refuse)
        _check(json.loads(_HALF.sub(r"\\ufffd", text)))
        return report_of(value)
    except OSError as error:
        raise BadOption(f"{path}: cannot be read ({error.strerror}); check the path") from None
    except json.JSONDecodeError as error:
        raise BadOption(
            f"{path}: is no JSON, line {error.lineno}, so no report; write one with --report json="
        ) from None
    except (ValueError, RecursionError, OverflowError) as error:
        reason = str(error) if isinstance(error, ValueError) else "it is nested too deep"
        raise BadOption(
            f"{path}: is no report of chatproof ({shown(reason, 200)}); "
            "write one with --report json="
        ) from None


def report_of(value: Json) -> Report:
    """The report that a JSON value describes, which fits the schema.

    Raises:
        ValueError: bytes in it are no base64.
    """
    cost, latency, load = value["cost"], value["latency"], value["concurrency"]
    shards = value.get("shards")
    return Report(
        version=value["chatproof"],
        spec=value["spec"],
        dialect=value["dialect"],
        url=value["target"]["url"],
        model=value["target"]["model"],
        judgements=tuple(map(_judgement, value["requirements"])),
        exchanges=tuple(map(_exchange, value["exchanges"])),
        cost=_cost(cost),
        cost_by_class={cls: _cost(each) for cls, each in cost["by_class"].items()},
        seconds=cost["seconds"],
        load=Load(*(int(load[name]) for name in ("asked", "reached", "pushed_back"))),
        latency=_latency(latency) if latency is not None else None,
        seed=int(value["seed"]),
        complete=value["complete"],
        note=value["note"],
        started=value.get("started"),
        latency_by_class={
            cls: _latency(each) for cls, each in (latency or {}).get("by_class", {}).items()
        },
        shards=Shards(tuple(map(int, shards["numbers"])), int(shards["of"])) if shards else None,
    )


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is no number in JSON")


@cache
def _validator() -> Any:
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator(json.loads((spec_folder() / "report.schema.json").read_text()))


def _check(value: Json) -> None:
    error = next(iter(_validator().iter_errors(value)), None)
    if error is not None:
        place = "/".join(map(str, error.instance_path))
        raise ValueError(f"at /{place}: {error.message}")
    if not 0 <= (value.get("started") or 0) <= END_OF_TIME:
        raise ValueError("at /started: is no time")


def _judgement(entry: Json) -> Judgement:
    requirement = Requirement(
        id=entry["id"],
        level=entry["level"],
        cls=entry["class"],
        statement=entry["statement"],
        why=entry["why"],
        source=tuple(entry["source"]),
        pointer=entry.get("pointer", ""),
        evidence=tuple(entry.get("evidence", ())),
        reason=entry.get("level_reason", ""),
    )
    names = ("message", "expected", "actual", "location", "exchange")
    findings = tuple(Finding(*(each[name] for name in names)) for each in entry["findings"])
    return Judgement(requirement, entry["verdict"], entry["reason"], findings, int(entry["found"]))


def _exchange(entry: Json) -> ExchangeSummary:
    moments = tuple(Moment(int(e["offset"]), e["at"]) for e in entry.get("events", ()))
    transcript = Transcript(
        request_head=tuple(entry.get("request_head", ())),
        request=_body(entry.get("request_kept"), entry.get("request_body", "")),
        reply_head=tuple(entry.get("reply_head", ())),
        reply=_body(entry.get("reply_kept"), entry["reply"]),
        moments=moments,
        events=int(entry.get("event_count", len(moments))),
        places={
            location: Place(place["part"], int(place["start"]), int(place["end"]))
            for location, place in entry.get("places", {}).items()
        },
    )
    return ExchangeSummary(
        id=entry["id"],
        request=entry["request"],
        status=entry["status"],
        failure=entry["failure"],
        reply=entry["reply"],
        seconds=entry["seconds"],
        first_byte=entry["first_byte"],
        longest_gap=entry["longest_gap"],
        curl=entry["curl"],
        python=entry.get("python", ""),
        transcript=transcript,
    )


def _body(kept: Json, text: str) -> Body:
    """A body of which bytes were kept, or at least the text of its start."""
    if kept is None:
        data = text.encode("utf-8", "replace")
        return Body(len(data), ((0, data),) if data else ())
    pieces = (
        (int(piece["offset"]), base64.b64decode(piece["base64"], validate=True))
        for piece in kept["pieces"]
    )
    return Body(int(kept["size"]), tuple(pieces))


def _cost(entry: Json) -> Cost:
    names = ("requests", "prompt_tokens", "completion_tokens", "most_completion_tokens")
    return Cost(*(int(entry[name]) for name in names))


def _latency(entry: Json) -> Latency:
    return Latency(entry["median"], entry["percentile_95"], entry["longest_gap"])
