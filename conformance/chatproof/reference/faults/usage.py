"""Token counts that do not add up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .registry import Situation, fault

if TYPE_CHECKING:
    from ...contract.document import Json
    from ..model import Generation


@fault("usage.wrong_total", stage="completion", breaks=("usage.total", "stream.equals.usage"))
def add_up_wrongly(answer: Json, situation: Situation) -> Json:
    """total_tokens is one too many."""
    answer["usage"]["total_tokens"] += 1
    return answer


@fault("usage.key_left_out", stage="chunks", breaks="stream.usage.null", dialects=("openai",))
def leave_out_what_is_null(chunks: list[Json], situation: Situation) -> list[Json]:
    """With include_usage, chunks without usage have no such key, as in vLLM and llama.cpp."""
    return [{k: v for k, v in chunk.items() if k != "usage" or v is not None} for chunk in chunks]


@fault("usage.total_in_combination", stage="completion", breaks="usage.total")
def add_up_wrongly_now_and_then(answer: Json, situation: Situation) -> Json:
    """total_tokens is one too many where both seed and user are given."""
    if situation.body.get("seed") is not None and situation.body.get("user") is not None:
        answer["usage"]["total_tokens"] += 1
    return answer


@fault(
    "usage.no_total",
    stage="completion",
    breaks="response.usage.total_tokens.required",
    seen_in="PaddlePaddle/FastDeploy#3247",
)
def leave_out_the_total(answer: Json, situation: Situation) -> Json:
    """total_tokens is missing."""
    del answer["usage"]["total_tokens"]
    return answer


@fault(
    "usage.negative",
    stage="completion",
    breaks="response.usage.prompt_tokens_details.cached_tokens.minimum",
)
def count_below_zero(answer: Json, situation: Situation) -> Json:
    """cached_tokens is -1."""
    answer["usage"]["prompt_tokens_details"]["cached_tokens"] = -1
    return answer


@fault("usage.cached_over_prompt", stage="completion", breaks="usage.cached")
def cache_more_than_was_asked(answer: Json, situation: Situation) -> Json:
    """cached_tokens exceeds prompt_tokens."""
    answer["usage"]["prompt_tokens_details"]["cached_tokens"] = 100_000
    return answer


@fault("usage.reasoning_over_completion", stage="completion", breaks="usage.reasoning")
def reason_more_than_was_said(answer: Json, situation: Situation) -> Json:
    """reasoning_tokens exceeds completion_tokens."""
    answer["usage"]["completion_tokens_details"]["reasoning_tokens"] = 100_000
    return answer


@fault(
    "usage.truncated_prompt",
    stage="generation",
    breaks="usage.prompt_grows",
    seen_in="ollama/ollama#4967",
)
def cut_the_prompt(generation: Generation, situation: Situation) -> Generation:
    """A prompt that is too long is cut without a word."""
    return replace(generation, prompt_tokens=min(generation.prompt_tokens, 1000))


@fault("usage.tools_dropped", stage="request", breaks="usage.tools")
def drop_the_tools(body: Json, situation: Situation) -> Json:
    """Tools that nothing forces are left out of the prompt."""
    forced = body.get("tool_choice") not in (None, "auto")
    return body if forced else {**body, "tools": None}
