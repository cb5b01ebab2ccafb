"""The package langchain-openai, as its guides use it."""

from __future__ import annotations

from functools import cache, reduce
from operator import add
from typing import Any

from langchain_openai import ChatOpenAI

from tools.clients.python.talk import (
    HASTE,
    KEY,
    MESSAGES,
    PATIENCE,
    TOKENS,
    TOOL,
    Outcome,
    Weather,
    converse,
)


@cache
def chat(url: str, model: str, **options: Any) -> ChatOpenAI:
    given = {
        "base_url": url,
        "api_key": KEY,
        "model": model,
        "timeout": PATIENCE,
        "temperature": 0,
        "max_tokens": TOKENS,
        "stream_usage": True,
    }
    return ChatOpenAI(**{**given, **options})


def told(message: Any) -> Outcome:
    counts = message.usage_metadata
    names = ("input_tokens", "output_tokens", "total_tokens")
    return {
        "content": message.text,
        "reasoning": message.additional_kwargs.get("reasoning_content") or "",
        "refusal": message.additional_kwargs.get("refusal") or "",
        "finish_reason": message.response_metadata.get("finish_reason"),
        "calls": [[call["id"], call["name"], call["args"]] for call in message.tool_calls],
        "usage": counts and [counts[name] for name in names],
    }


def plain(url: str, model: str) -> Outcome:
    return told(chat(url, model).invoke(MESSAGES))


def stream(url: str, model: str) -> Outcome:
    return told(reduce(add, chat(url, model).stream(MESSAGES)))


def tools(url: str, model: str) -> Outcome:
    bound = chat(url, model).bind_tools([TOOL], tool_choice="forecast", strict=True)
    return told(bound.invoke(MESSAGES))


def tools_stream(url: str, model: str) -> Outcome:
    bound = chat(url, model).bind_tools([TOOL], tool_choice="forecast", strict=True)
    return told(reduce(add, bound.stream(MESSAGES)))


def structured(url: str, model: str) -> Outcome:
    bound = chat(url, model).with_structured_output(Weather, method="json_schema", strict=True)
    return {"parsed": bound.invoke(MESSAGES).model_dump()}


def structured_stream(url: str, model: str) -> Outcome:
    bound = chat(url, model).with_structured_output(Weather, method="json_schema", strict=True)
    *_, last = bound.stream(MESSAGES)
    return {"parsed": last.model_dump()}


def timeout(url: str, model: str) -> Outcome:
    return told(chat(url, model, timeout=HASTE, max_retries=0).invoke(MESSAGES))


if __name__ == "__main__":
    converse(
        ["langchain-openai", "langchain-core", "openai"],
        {
            "plain": plain,
            "stream": stream,
            "tools": tools,
            "tools_stream": tools_stream,
            "structured": structured,
            "structured_stream": structured_stream,
            "error": plain,
            "error_in_stream": stream,
            "retries": plain,
            "timeout": timeout,
        },
    )
