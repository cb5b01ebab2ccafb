"""What a client's user got, held against what was sent: fine, another thing, or an exception."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from chatproof.wire.answer import integer, mapping, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatproof.wire import View
    from chatproof.wire.answer import Answer

Kind = Literal["fine", "wrong", "exception"]
COUNTS: Final = ("prompt_tokens", "completion_tokens", "total_tokens")
LONGEST: Final = 160
"""Characters of an exception's message that are kept."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one scenario. `what` says it in words; it is empty where all is fine."""

    kind: Kind
    what: str = ""


FINE: Final = Verdict("fine")


def verdict(scenario: str, outcome: Mapping[str, Any], seen: View | None) -> Verdict:
    """Whether a scenario ended as it should.

    `outcome` is what the script told, `seen` what the server sent last.
    """
    raised = text(outcome.get("raised"))
    if scenario == "timeout":
        return _of_timeout(raised, outcome)
    if seen is None:
        return Verdict("exception", _words(outcome)) if raised else Verdict("wrong", "asks nothing")
    if scenario in ("error", "error_in_stream"):
        return _of_error(raised, outcome, seen)
    if raised:
        return Verdict("exception", _words(outcome))
    names = [name for name, value in sent(seen, outcome).items() if outcome[name] != value]
    return Verdict("wrong", f"other {', '.join(names)}") if names else FINE


def sent(seen: View, outcome: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent, under the names that are in `outcome`, which :func:`in_one_form` gave."""
    answer = seen.choices[0]
    made = {
        "content": answer.content or "",
        "reasoning": answer.reasoning or "",
        "refusal": answer.refusal or "",
        "finish_reason": answer.finish_reason,
        "calls": _calls(answer),
        "usage": [integer((seen.usage or {}).get(name)) for name in COUNTS] if seen.usage else None,
        "parsed": _parsed(answer),
    }
    return {name: made[name] for name in outcome}


def in_one_form(outcome: dict[str, Any]) -> dict[str, Any]:
    """The outcome with the arguments of calls as values: some clients have parsed them."""
    calls = outcome.get("calls")
    if calls is None:
        return outcome
    return {**outcome, "calls": [[id, name, _value(arguments)] for id, name, arguments in calls]}


def _calls(answer: Answer) -> list[list[Any]]:
    return [[call.id, call.name, _value(call.arguments)] for call in answer.tool_calls]


def _parsed(answer: Answer) -> Any:
    return _value(answer.content)


def _value(written: Any) -> Any:
    """The value of a JSON text, or what was given, if it is none."""
    if not isinstance(written, str):
        return written
    try:
        return json.loads(written)
    except ValueError:
        return written


def _of_timeout(raised: str | None, outcome: Mapping[str, Any]) -> Verdict:
    if raised is None:
        return Verdict("wrong", "waits for longer than it was told")
    return FINE if "timeout" in raised.lower() else Verdict("exception", _words(outcome))


def _of_error(raised: str | None, outcome: Mapping[str, Any], seen: View) -> Verdict:
    """An error should come out as an exception that has the status and says what was said."""
    if raised is None:
        return Verdict("wrong", "the error is not told")
    message, status = _told(seen)
    lost = [] if message in str(outcome["message"]) else ["message"]
    if seen.kind == "error" and outcome["status"] != status:
        lost.append("status")
    if not lost:
        return FINE
    return Verdict("wrong", f"other {', '.join(lost)} of the error: {_words(outcome)}")


def _told(seen: View) -> tuple[str, int | None]:
    """The message of an error, plain or in a stream."""
    values = [seen.json.value] if seen.kind == "error" else [p.value for _, p in seen.chunks]
    for value in map(mapping, values):
        message = text(mapping(value.get("error", value)).get("message"))
        if message is not None:
            return message, seen.status
    raise ValueError("the server sent no error; correct the scenario")


def _words(outcome: Mapping[str, Any]) -> str:
    line = " ".join(str(outcome["message"]).split())
    short = line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
    return f"{outcome['raised']}: {short}" if short else str(outcome["raised"])
