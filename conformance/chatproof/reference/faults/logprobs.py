"""Log probabilities."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .registry import Situation, fault

if TYPE_CHECKING:
    from ...contract.document import Json
    from ..model import Generation
    from ..tokens import Token


def _entries(answer: Json) -> list[Json]:
    return [e for c in answer["choices"] for e in (c.get("logprobs") or {}).get("content") or ()]


@fault(
    "logprobs.never", stage="request", breaks="logprobs.present", seen_in="vllm-project/vllm#4795"
)
def give_none(body: Json, situation: Situation) -> Json:
    """Log probabilities never come."""
    return {**body, "logprobs": False, "top_logprobs": None}


@fault("logprobs.always", stage="request", breaks="logprobs.unasked")
def give_them_unasked(body: Json, situation: Situation) -> Json:
    """Log probabilities come unasked."""
    return {**body, "logprobs": True}


@fault("logprobs.too_many", stage="completion", breaks="logprobs.top.count")
def give_one_more(answer: Json, situation: Situation) -> Json:
    """One alternative too many is given."""
    for entry in _entries(answer):
        entry["top_logprobs"].append({"token": "x", "logprob": -20.0, "bytes": [120]})
    return answer


@fault("logprobs.positive", stage="completion", breaks="logprobs.negative")
def change_the_sign(answer: Json, situation: Situation) -> Json:
    """Log probabilities have the wrong sign."""
    for entry in _entries(answer):
        entry["logprob"] = 0.5 - entry["logprob"]
    return answer


@fault(
    "logprobs.replacement_bytes",
    stage="completion",
    breaks="logprobs.bytes",
    seen_in="ollama/ollama#13497",
)
def give_glyphs_for_bytes(answer: Json, situation: Situation) -> Json:
    """The space before a word is given as the glyph of the tokenizer."""
    for entry in _entries(answer):
        entry["bytes"] = [*"Ġ".encode(), *entry["bytes"]]
    return answer


@fault(
    "logprobs.no_bytes_key",
    stage="completion",
    breaks="response.choices.items.logprobs.content.items.bytes.required",
    dialects=("openai",),
)
def leave_out_the_bytes(answer: Json, situation: Situation) -> Json:
    """Entries have no key bytes."""
    for entry in _entries(answer):
        del entry["bytes"]
    return answer


@fault("logprobs.lost_in_stream", stage="chunks", breaks=("logprobs.stream", "logprobs.bytes"))
def lose_an_entry(chunks: list[Json], situation: Situation) -> list[Json]:
    """A stream has the log probabilities of every other token."""
    held = [
        c for c in chunks if any((x.get("logprobs") or {}).get("content") for x in c["choices"])
    ]
    for chunk in held[1::2]:
        for choice in chunk["choices"]:
            choice["logprobs"]["content"] = []
    return chunks


@fault(
    "logprobs.all_zero",
    stage="generation",
    breaks="logprobs.sum",
    seen_in="NVIDIA/TensorRT-LLM#2406",
)
def make_everything_certain(generation: Generation, situation: Situation) -> Generation:
    """Every log probability is 0."""

    def certain(token: Token) -> Token:
        return replace(token, logprob=0.0, top=tuple((data, 0.0) for data, _ in token.top))

    choices = (replace(c, tokens=tuple(map(certain, c.tokens))) for c in generation.choices)
    return replace(generation, choices=tuple(choices))


@fault(
    "logprobs.glyphs",
    stage="completion",
    breaks=("logprobs.bytes", "logprobs.stream"),
    seen_in="vllm-project/vllm#19177",
)
def write_glyphs(answer: Json, situation: Situation) -> Json:
    """The bytes of a token are those of the signs that its vocabulary writes for them."""
    for entry in _entries(answer):
        entry["token"] = entry["token"].replace(" ", "\u0120").replace("\n", "\u010a")
        entry["bytes"] = list(entry["token"].encode())
    return answer


@fault(
    "logprobs.no_alternatives",
    stage="completion",
    breaks="logprobs.top.present",
    seen_in="vllm-project/tpu-inference#3572",
)
def leave_out_the_alternatives(answer: Json, situation: Situation) -> Json:
    """The list of alternatives is empty however many were asked for."""
    for entry in _entries(answer):
        entry["top_logprobs"] = []
    return answer


@fault(
    "logprobs.none_for_thoughts",
    stage="completion",
    breaks="logprobs.reasoning",
    dialects=("cerebras-v2",),
)
def leave_out_those_of_thoughts(answer: Json, situation: Situation) -> Json:
    """What was thought has no log probabilities."""
    for choice in answer["choices"]:
        choice.pop("reasoning_logprobs", None)
    return answer
