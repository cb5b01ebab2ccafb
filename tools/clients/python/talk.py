"""What every script asks, and how it tells what its user got: a line of JSON for each."""

from __future__ import annotations

import contextlib
import gc
import importlib.metadata
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Outcome = dict[str, Any]
Scenario = Callable[[str, str], Outcome]
"""Of a base URL and a model."""

KEY = "a-key"
PATIENCE = 10.0
"""Seconds that a client waits, where nothing is said of time."""
HASTE = 0.2
"""Seconds that it waits where the server takes longer."""
MESSAGES = [{"role": "user", "content": "Say 你好 👍🏽, hello:"}]
TOKENS = 400
"""Completion tokens at most; what nothing cuts short has far fewer."""
PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
FUNCTION = {"name": "forecast", "description": "Tells the weather.", "parameters": PARAMETERS}
TOOL = {"type": "function", "function": {**FUNCTION, "strict": True}}
CHOICE = {"type": "function", "function": {"name": "forecast"}}


class Weather(BaseModel):
    """What the structured answers are."""

    model_config = ConfigDict(extra="forbid")
    city: str
    days: int
    words: list[str]


def question(model: str, **more: Any) -> dict[str, Any]:
    """The members of a request, for clients that take them by OpenAI's names."""
    limits = {"temperature": 0, "max_completion_tokens": TOKENS}
    return {"model": model, "messages": MESSAGES, **limits, **more}


def converse(packages: Iterable[str], scenarios: Mapping[str, Scenario]) -> None:
    """Say who is there, then answer each line `{"url", "model", "scenario"}` with an outcome."""
    out, versions = sys.stdout, {name: importlib.metadata.version(name) for name in packages}
    print(json.dumps({"versions": versions, "scenarios": list(scenarios)}), file=out, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        with contextlib.redirect_stdout(sys.stderr):  # some clients print
            outcome = _outcome(scenarios[asked["scenario"]], asked["url"], asked["model"])
            gc.collect()  # what a scenario leaves open is closed before the next one begins
        print(json.dumps(outcome), file=out, flush=True)


def _outcome(scenario: Scenario, url: str, model: str) -> Outcome:
    try:
        return scenario(url, model)
    except Exception as error:  # noqa: BLE001  (whatever it is, the user gets it)
        status = getattr(error, "status_code", None)
        return {"raised": type(error).__name__, "message": _message(error), "status": status}


def _message(error: Exception) -> str:
    """What a server said, where an exception has kept the body; else its own words."""
    body = getattr(error, "body", None)
    said = body.get("message") if isinstance(body, dict) else None
    return said if isinstance(said, str) else str(error)


def completion(answer: Any) -> Outcome:
    """What is found in an answer, in the form that OpenAI's types and those after them have."""
    choice = answer.choices[0]
    message = choice.message
    calls = [[c.id, c.function.name, c.function.arguments] for c in message.tool_calls or ()]
    return {
        "content": message.content or "",
        "reasoning": thoughts(message),
        "refusal": refusal(message),
        "finish_reason": choice.finish_reason,
        "calls": calls,
        "usage": usage(answer.usage),
    }


def gathered(chunks: Iterable[Any]) -> Outcome:
    """What is put together from chunks, as the guides show it."""
    made: Outcome = {"content": "", "reasoning": "", "refusal": ""}
    made |= {"finish_reason": None, "usage": None}
    calls: dict[int, list[str]] = {}
    for chunk in chunks:
        made["usage"] = usage(getattr(chunk, "usage", None)) or made["usage"]
        for choice in chunk.choices:
            made["content"] += choice.delta.content or ""
            made["reasoning"] += thoughts(choice.delta)
            made["refusal"] += refusal(choice.delta)
            made["finish_reason"] = choice.finish_reason or made["finish_reason"]
            for piece in choice.delta.tool_calls or ():
                call = calls.setdefault(piece.index, ["", "", ""])
                call[0] = call[0] or piece.id or ""
                call[1] = call[1] or piece.function.name or ""
                call[2] += piece.function.arguments or ""
    return {**made, "calls": list(calls.values())}


def thoughts(holder: Any) -> str:
    """No type but Cerebras' has a name for them; others keep them as a further field."""
    return getattr(holder, "reasoning", None) or getattr(holder, "reasoning_content", None) or ""


def refusal(holder: Any) -> str:
    """Under its own name, or among what LiteLLM keeps of a provider."""
    more = getattr(holder, "provider_specific_fields", None) or {}
    return getattr(holder, "refusal", None) or more.get("refusal") or ""


def usage(counts: Any) -> list[int] | None:
    """The three counts."""
    if counts is None:
        return None
    return [counts.prompt_tokens, counts.completion_tokens, counts.total_tokens]
