"""Token counts that do not add up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .registry import Situation, fault

if TYPE_CHECKING:
    from ...contract.document import Json


@fault("usage.wrong_total", stage="completion", breaks=("usage.total", "stream.equals.usage"))
def add_up_wrongly(answer: Json, situation: Situation) -> Json:
    """total_tokens is one too many."""
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
