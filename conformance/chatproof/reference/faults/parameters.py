"""Requests: what is let through or refused that no single keyword speaks of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..refusal import Refusal
from .registry import Situation, fault

if TYPE_CHECKING:
    from ...contract import Breach
    from ...contract.document import Json


@fault("unchecked.mistakes", stage="breaches", breaks="request.mistakes")
def overlook_two_mistakes(breaches: list[Breach], situation: Situation) -> list[Breach]:
    """Two values that are wrong are passed over, each of which alone is found."""
    places = {breach.location.split("/")[1] for breach in breaches if breach.location}
    return [] if len(places) == 2 and "model" not in places else breaches


@fault(
    "refused.combination",
    stage="request",
    breaks="request.accepted",
    seen_in="ggml-org/llama.cpp#28478",
)
def refuse_a_combination(body: Json, situation: Situation) -> Json:
    """temperature and top_p are refused together."""
    if body.get("temperature") is not None and body.get("top_p") is not None:
        raise Refusal("top_p: cannot be combined with temperature", param="top_p")
    return body


@fault("model.any", stage="model", breaks="request.model.unknown", seen_in="llama.cpp")
def take_any_model(known: bool, situation: Situation) -> bool:
    """Every model name is accepted."""
    del known, situation
    return True
