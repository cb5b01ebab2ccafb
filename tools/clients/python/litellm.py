"""LiteLLM as a client of an endpoint that is "OpenAI-compatible", as its guides use it."""

from __future__ import annotations

import os
from typing import Any

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # else it asks the network when it is imported
import litellm

from tools.clients.python.talk import (
    CHOICE,
    HASTE,
    KEY,
    MESSAGES,
    PATIENCE,
    TOKENS,
    TOOL,
    Outcome,
    Weather,
    completion,
    converse,
    gathered,
)

USAGE = {"include_usage": True}


def ask(url: str, model: str, **more: Any) -> Any:
    given = {
        "model": f"openai/{model}",
        "api_base": url,
        "api_key": KEY,
        "timeout": PATIENCE,
        "messages": MESSAGES,
        "temperature": 0,
        "max_completion_tokens": TOKENS,
    }
    return litellm.completion(**{**given, **more})


def plain(url: str, model: str) -> Outcome:
    return completion(ask(url, model))


def stream(url: str, model: str) -> Outcome:
    return gathered(ask(url, model, stream=True, stream_options=USAGE))


def stream_helper(url: str, model: str) -> Outcome:
    chunks = list(ask(url, model, stream=True, stream_options=USAGE))
    return completion(litellm.stream_chunk_builder(chunks))


def tools(url: str, model: str) -> Outcome:
    return completion(ask(url, model, tools=[TOOL], tool_choice=CHOICE))


def tools_stream(url: str, model: str) -> Outcome:
    more = {"tools": [TOOL], "tool_choice": CHOICE, "stream": True, "stream_options": USAGE}
    return gathered(ask(url, model, **more))


def tools_helper(url: str, model: str) -> Outcome:
    more = {"tools": [TOOL], "tool_choice": CHOICE, "stream": True, "stream_options": USAGE}
    return completion(litellm.stream_chunk_builder(list(ask(url, model, **more))))


def structured(url: str, model: str) -> Outcome:
    answer = ask(url, model, response_format=Weather)
    parsed = Weather.model_validate_json(answer.choices[0].message.content)
    return {"parsed": parsed.model_dump()}


def timeout(url: str, model: str) -> Outcome:
    return completion(ask(url, model, timeout=HASTE, max_retries=0))


if __name__ == "__main__":
    litellm.suppress_debug_info = True
    litellm.telemetry = False
    converse(
        ["litellm", "openai"],
        {
            "plain": plain,
            "stream": stream,
            "stream_helper": stream_helper,
            "tools": tools,
            "tools_stream": tools_stream,
            "tools_helper": tools_helper,
            "structured": structured,
            "error": plain,
            "error_in_stream": stream,
            "retries": plain,
            "timeout": timeout,
        },
    )
