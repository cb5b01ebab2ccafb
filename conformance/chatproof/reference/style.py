"""How a dialect writes its replies: the freedoms of its document, as the vendor uses them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..contract import Contract


@dataclass(frozen=True, slots=True)
class Style:
    """The habits of one vendor (sources: recordings of both, see spec/sources.yaml)."""

    nested_errors: bool
    validation_status: int
    wrong_format: str | None
    """The code of an error about a request that is wrong, where nothing more is said of it."""
    terminator: bool
    """Whether a stream ends with the event [DONE]."""
    usage_chunk: bool
    """Whether usage has a chunk of its own, on request; else it rides in the finish chunk."""
    nulls: bool
    """Whether keys without a value are written as null; else they are left out."""
    time_info: bool
    refusals: bool
    """Whether a refusal has a key of its own; else it is content like any other."""
    obfuscation: bool
    rate_limits: bool
    """Whether each reply says how much may still be asked."""
    inference_id: bool
    """Whether the header inference-id repeats the id of the answer."""
    reasoning_logprobs: bool
    """Whether thoughts have log probabilities of their own; else they have none."""
    whole_calls: bool
    """Whether a tool call is streamed in one piece; else in fragments."""


CEREBRAS = Style(
    nested_errors=False,
    validation_status=422,
    wrong_format="wrong_api_format",
    terminator=False,
    usage_chunk=False,
    nulls=False,
    time_info=True,
    refusals=False,
    obfuscation=False,
    rate_limits=True,
    inference_id=True,
    reasoning_logprobs=False,
    whole_calls=True,
)
OPENAI = Style(
    nested_errors=True,
    validation_status=400,
    wrong_format=None,
    terminator=True,
    usage_chunk=True,
    nulls=True,
    time_info=False,
    refusals=True,
    obfuscation=True,
    rate_limits=False,
    inference_id=False,
    reasoning_logprobs=False,
    whole_calls=False,
)


def style_of(contract: Contract) -> Style:
    """The style of a dialect: OpenAI's for all that build on it, with a status that it allows."""
    style = OPENAI if "openai" in contract.chain else CEREBRAS
    allowed = contract.statuses("validation")
    status = style.validation_status
    return replace(
        style,
        validation_status=status if status in allowed else min(allowed),
        reasoning_logprobs="logprobs.reasoning" in contract.requirements,
    )
