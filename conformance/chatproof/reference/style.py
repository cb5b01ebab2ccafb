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
    inference_id: bool
    """Whether the header inference-id repeats the id of the answer."""
    whole_calls: bool
    """Whether a tool call is streamed in one piece; else in fragments."""


CEREBRAS = Style(
    nested_errors=False,
    validation_status=422,
    terminator=False,
    usage_chunk=False,
    nulls=False,
    time_info=True,
    refusals=False,
    obfuscation=False,
    inference_id=True,
    whole_calls=True,
)
OPENAI = Style(
    nested_errors=True,
    validation_status=400,
    terminator=True,
    usage_chunk=True,
    nulls=True,
    time_info=False,
    refusals=True,
    obfuscation=True,
    inference_id=False,
    whole_calls=False,
)


def style_of(contract: Contract) -> Style:
    """The style of a dialect: OpenAI's for all that build on it, with a status that it allows."""
    style = OPENAI if "openai" in contract.chain else CEREBRAS
    allowed = contract.statuses("validation")
    return (
        style
        if style.validation_status in allowed
        else replace(style, validation_status=min(allowed))
    )
