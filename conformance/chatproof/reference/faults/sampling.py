"""Sampling parameters that are misread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .registry import Situation, fault

if TYPE_CHECKING:
    from ...contract.document import Json


@fault(
    "sampling.top_p_zero_as_one",
    stage="request",
    breaks="sampling.top_p_zero",
    seen_in="hiyouga/LlamaFactory#10709",
)
def take_zero_for_nothing(body: Json, situation: Situation) -> Json:
    """top_p 0 is taken for the default."""
    return {**body, "top_p": 1} if body.get("top_p") == 0 else body


@fault(
    "sampling.tiny_temperature_breaks",
    stage="request",
    breaks="sampling.tiny_temperature",
    seen_in="vllm-project/vllm#1623",
)
def lose_itself(body: Json, situation: Situation) -> Json:
    """A temperature just above 0 makes noise of the text."""
    tiny = 0 < (body.get("temperature") or 0) < 1e-3
    return {**body, "temperature": 1, "seed": None} if tiny else body


@fault(
    "sampling.temperature_ignored",
    stage="request",
    breaks="sampling.temperature",
    seen_in="vllm-project/vllm#15241",
)
def ignore_the_temperature(body: Json, situation: Situation) -> Json:
    """Every answer is that of temperature 0."""
    return {**body, "temperature": 0}


@fault("sampling.one_seed", stage="request", breaks="seed.varies", seen_in="Blaizzy/mlx-vlm#1818")
def share_a_seed(body: Json, situation: Situation) -> Json:
    """Requests without a seed share one."""
    return {**body, "seed": 42} if body.get("seed") is None else body
