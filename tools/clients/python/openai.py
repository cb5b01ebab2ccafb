"""The openai package, as its guides use it."""

from __future__ import annotations

from functools import cache
from typing import Any

from openai import OpenAI

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

USAGE: Any = {"include_usage": True}


@cache
def client(url: str, **options: Any) -> OpenAI:
    return OpenAI(**{"base_url": url, "api_key": KEY, "timeout": PATIENCE, **options})


def plain(url: str, model: str) -> Outcome:
    return completion(client(url).chat.completions.create(**question(model)))


def stream(url: str, model: str) -> Outcome:
    body = question(model, stream=True, stream_options=USAGE)
    return gathered(client(url).chat.completions.create(**body))


def stream_helper(url: str, model: str) -> Outcome:
    with client(url).chat.completions.stream(**question(model), stream_options=USAGE) as events:
        return completion(events.get_final_completion())


def tools(url: str, model: str) -> Outcome:
    body = question(model, tools=[TOOL], tool_choice=CHOICE)
    return completion(client(url).chat.completions.create(**body))


def tools_stream(url: str, model: str) -> Outcome:
    body = question(model, tools=[TOOL], tool_choice=CHOICE, stream=True, stream_options=USAGE)
    return gathered(client(url).chat.completions.create(**body))


def tools_helper(url: str, model: str) -> Outcome:
    body = question(model, tools=[TOOL], tool_choice=CHOICE, stream_options=USAGE)
    with client(url).chat.completions.stream(**body) as events:
        return completion(events.get_final_completion())


def structured(url: str, model: str) -> Outcome:
    answer = client(url).chat.completions.parse(**question(model), response_format=Weather)
    return _parsed(answer)


def structured_stream(url: str, model: str) -> Outcome:
    body = question(model, response_format=Weather)
    with client(url).chat.completions.stream(**body) as events:
        return _parsed(events.get_final_completion())


def _parsed(answer: Any) -> Outcome:
    parsed = answer.choices[0].message.parsed
    return {"parsed": parsed and parsed.model_dump()}


def timeout(url: str, model: str) -> Outcome:
    hasty = client(url, timeout=HASTE, max_retries=0)
    return completion(hasty.chat.completions.create(**question(model)))


if __name__ == "__main__":
    converse(
        ["openai"],
        {
            "plain": plain,
            "stream": stream,
            "stream_helper": stream_helper,
            "tools": tools,
            "tools_stream": tools_stream,
            "tools_helper": tools_helper,
            "structured": structured,
            "structured_stream": structured_stream,
            "error": plain,
            "error_in_stream": stream,
            "retries": plain,
            "timeout": timeout,
        },
    )
