"""The package cerebras-cloud-sdk, as its guides use it."""

from __future__ import annotations

from functools import cache
from typing import Any

from cerebras.cloud.sdk import Cerebras

from tools.clients.python.talk import (
    CHOICE,
    HASTE,
    KEY,
    PATIENCE,
    TOOL,
    Outcome,
    Weather,
    completion,
    converse,
    gathered,
    question,
)

FORMAT = {
    "type": "json_schema",
    "json_schema": {"name": "weather", "strict": True, "schema": Weather.model_json_schema()},
}


@cache
def client(url: str, **options: Any) -> Any:
    """Its paths begin with the version, so the base URL does not end with it."""
    base = url.removesuffix("/v1")
    given = {"base_url": base, "api_key": KEY, "timeout": PATIENCE, "warm_tcp_connection": False}
    return Cerebras(**{**given, **options})


def plain(url: str, model: str) -> Outcome:
    return completion(client(url).chat.completions.create(**question(model)))


def stream(url: str, model: str) -> Outcome:
    return gathered(client(url).chat.completions.create(**question(model, stream=True)))


def tools(url: str, model: str) -> Outcome:
    body = question(model, tools=[TOOL], tool_choice=CHOICE)
    return completion(client(url).chat.completions.create(**body))


def tools_stream(url: str, model: str) -> Outcome:
    body = question(model, tools=[TOOL], tool_choice=CHOICE, stream=True)
    return gathered(client(url).chat.completions.create(**body))


def structured(url: str, model: str) -> Outcome:
    answer = client(url).chat.completions.create(**question(model, response_format=FORMAT))
    parsed = Weather.model_validate_json(answer.choices[0].message.content)
    return {"parsed": parsed.model_dump()}


def timeout(url: str, model: str) -> Outcome:
    hasty = client(url, timeout=HASTE, max_retries=0)
    return completion(hasty.chat.completions.create(**question(model)))


if __name__ == "__main__":
    converse(
        ["cerebras-cloud-sdk"],
        {
            "plain": plain,
            "stream": stream,
            "tools": tools,
            "tools_stream": tools_stream,
            "structured": structured,
            "error": plain,
            "error_in_stream": stream,
            "retries": plain,
            "timeout": timeout,
        },
    )
