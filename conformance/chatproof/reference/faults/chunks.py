"""Streams as chunks: their order, and what they add up to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .registry import Situation, fault

if TYPE_CHECKING:
    from ...contract.document import Json


@fault("stream.cut", stage="chunks", breaks="stream.ends", seen_in="mozilla-ai/any-llm#847")
def end_without_a_finish(chunks: list[Json], situation: Situation) -> list[Json]:
    """The chunk with the finish reason is missing."""
    return [c for c in chunks if not any(x.get("finish_reason") for x in c["choices"])]


# The order of chunks ---------------------------------------------------------------------------


@fault("stream.no_role", stage="chunks", breaks="stream.role.first", seen_in="maximhq/bifrost#6523")
def leave_out_the_role(chunks: list[Json], situation: Situation) -> list[Json]:
    """No delta has a role."""
    for choice in _choices(chunks):
        choice["delta"].pop("role", None)
    return chunks


@fault("stream.wrong_role", stage="chunks", breaks="stream.chunk.choices.items.delta.role.enum")
def speak_as_the_user(chunks: list[Json], situation: Situation) -> list[Json]:
    """The role of the first delta is user."""
    for choice in _choices(chunks):
        if choice["delta"].get("role"):
            choice["delta"]["role"] = "user"
    return chunks


@fault(
    "stream.no_role_for_others",
    stage="chunks",
    breaks="stream.role.first",
    seen_in="langwatch/langwatch#6214",
)
def give_the_first_choice_a_role(chunks: list[Json], situation: Situation) -> list[Json]:
    """Of several choices only the first has a role."""
    for choice in _choices(chunks):
        if choice["index"] > 0:
            choice["delta"].pop("role", None)
    return chunks


@fault(
    "stream.role_repeated",
    stage="chunks",
    breaks="stream.role.once",
    seen_in="BerriAI/litellm#9986",
)
def repeat_the_role(chunks: list[Json], situation: Situation) -> list[Json]:
    """Every delta has the role."""
    for choice in _choices(chunks):
        choice["delta"]["role"] = "assistant"
    return chunks


@fault("stream.finish_twice", stage="chunks", breaks="stream.finish.once")
def finish_twice(chunks: list[Json], situation: Situation) -> list[Json]:
    """The finish reason comes once more."""
    last = next((c for c in reversed(chunks) if c["choices"]), None)
    if last is None:
        return chunks
    again = {k: v for k, v in last.items() if k not in ("usage", "time_info")}
    if "usage" in last and last["usage"] is None:
        again["usage"] = None
    at = chunks.index(last)
    return [*chunks[:at], again, *chunks[at:]]


@fault("stream.text_after_finish", stage="chunks", breaks="stream.finish.last")
def talk_after_the_finish(chunks: list[Json], situation: Situation) -> list[Json]:
    """The finish reason comes with the first text, not with the last."""
    by_index: dict[int, list[Json]] = {}
    for choice in _choices(chunks):
        by_index.setdefault(choice["index"], []).append(choice)
    for choices in by_index.values():
        spoken = [c for c in choices if c["delta"].get("content") or c["delta"].get("tool_calls")]
        if len(spoken) > 1:
            spoken[-2]["finish_reason"] = choices[-1]["finish_reason"]
            _clear_finish(choices[-1])
    return chunks


def _clear_finish(choice: Json) -> None:
    if "logprobs" in choice:
        choice["finish_reason"] = None
    else:
        choice.pop("finish_reason", None)


@fault(
    "stream.id_varies",
    stage="chunks",
    breaks="stream.id.constant",
    seen_in="ggml-org/llama.cpp#5876",
)
def vary_the_id(chunks: list[Json], situation: Situation) -> list[Json]:
    """Each chunk has an id of its own."""
    return [{**chunk, "id": f"{chunk['id']}-{n}"} for n, chunk in enumerate(chunks)]


@fault("stream.created_varies", stage="chunks", breaks="stream.created.constant")
def vary_created(chunks: list[Json], situation: Situation) -> list[Json]:
    """Each chunk has a time of its own."""
    return [{**chunk, "created": chunk["created"] + n} for n, chunk in enumerate(chunks)]


@fault(
    "stream.model_varies",
    stage="chunks",
    breaks="stream.model.constant",
    seen_in="microsoft/foundry-local#144",
)
def vary_the_model(chunks: list[Json], situation: Situation) -> list[Json]:
    """The last chunk names another model."""
    return [*chunks[:-1], {**chunks[-1], "model": "another"}]


@fault("stream.fingerprint_varies", stage="chunks", breaks="stream.system_fingerprint.constant")
def vary_the_fingerprint(chunks: list[Json], situation: Situation) -> list[Json]:
    """The last chunk has another fingerprint."""
    return [*chunks[:-1], {**chunks[-1], "system_fingerprint": "fp_0"}]


@fault(
    "stream.index_counts",
    stage="chunks",
    breaks="stream.choices.index",
    seen_in="microsoft/foundry-local#144",
)
def count_the_chunks(chunks: list[Json], situation: Situation) -> list[Json]:
    """The index of a choice counts the chunks."""
    for number, choice in enumerate(_choices(chunks)):
        choice["index"] = number
    return chunks


@fault("stream.no_object", stage="chunks", breaks="stream.chunk.object.required")
def leave_out_the_object(chunks: list[Json], situation: Situation) -> list[Json]:
    """Chunks do not say what they are."""
    return [{k: v for k, v in chunk.items() if k != "object"} for chunk in chunks]


@fault(
    "stream.empty_finish",
    stage="chunks",
    breaks="stream.chunk.choices.items.finish_reason.enum",
    seen_in="ollama/ollama#4357",
)
def write_empty_finish_reasons(chunks: list[Json], situation: Situation) -> list[Json]:
    """finish_reason is an empty text until the end."""
    for choice in _choices(chunks):
        choice["finish_reason"] = choice.get("finish_reason") or ""
    return chunks


@fault(
    "stream.finish_absent",
    stage="chunks",
    breaks="stream.chunk.choices.items.finish_reason.required",
    dialects=("openai",),
    seen_in="mudler/LocalAI#1744",
)
def leave_out_null_finish_reasons(chunks: list[Json], situation: Situation) -> list[Json]:
    """finish_reason is missing until the end."""
    for choice in _choices(chunks):
        if choice["finish_reason"] is None:
            del choice["finish_reason"]
    return chunks


# What a stream adds up to ------------------------------------------------------------------------


@fault(
    "stream.cumulative",
    stage="chunks",
    breaks=("stream.equals.message", "stop.stream", "logprobs.bytes", "structured.stream"),
    seen_in="NVIDIA/TensorRT-LLM#3280",
)
def send_the_text_so_far(chunks: list[Json], situation: Situation) -> list[Json]:
    """Each chunk carries the whole text so far."""
    so_far: dict[int, str] = {}
    for choice in _choices(chunks):
        if choice["delta"].get("content"):
            text = so_far.get(choice["index"], "") + choice["delta"]["content"]
            so_far[choice["index"]] = choice["delta"]["content"] = text
    return chunks


@fault("stream.loses_text", stage="chunks", breaks="stream.equals.message")
def lose_a_piece(chunks: list[Json], situation: Situation) -> list[Json]:
    """The last piece of a text is lost in a stream."""
    if (
        situation.body.get("stop")
        or situation.body.get("response_format")
        or situation.body.get("logprobs")
    ):
        return chunks
    for chunk in reversed(chunks):
        if any(choice["delta"].get("content") for choice in chunk["choices"]):
            return [c for c in chunks if c is not chunk]
    return chunks


@fault("stream.leaks_stop", stage="chunks", breaks="stop.stream", seen_in="vllm-project/vllm#3574")
def leak_the_beginning_of_a_stop(chunks: list[Json], situation: Situation) -> list[Json]:
    """The first character of a stop sequence has been sent before it was recognised."""
    stop = situation.body.get("stop")
    sequences = [stop] if isinstance(stop, str) else stop or []
    long = [text for text in sequences if len(text) > 1]
    spoken = [choice for choice in _choices(chunks) if choice["delta"].get("content")]
    if long and spoken and _finish(chunks) == "stop":
        spoken[-1]["delta"]["content"] += long[0][0]
    return chunks


@fault(
    "stream.usage_everywhere",
    stage="chunks",
    breaks=("stream.usage.once", "stream.usage.unrequested"),
    seen_in="camel-ai/camel#4217",
)
def put_usage_everywhere(chunks: list[Json], situation: Situation) -> list[Json]:
    """Every chunk has the usage so far."""
    final = next((c["usage"] for c in reversed(chunks) if c.get("usage")), None)
    usage = final or {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return [{**chunk, "usage": usage} for chunk in chunks]


@fault(
    "stream.usage_never",
    stage="chunks",
    breaks=("stream.usage.requested", "stream.usage.finish_chunk"),
    seen_in="sgl-project/sglang#954",
)
def leave_out_the_usage(chunks: list[Json], situation: Situation) -> list[Json]:
    """A stream has no usage."""
    spoken = [chunk for chunk in chunks if chunk["choices"]]
    return [{k: v for k, v in chunk.items() if k != "usage"} for chunk in spoken]


@fault(
    "stream.usage_unasked",
    stage="chunks",
    breaks="stream.usage.unrequested",
    dialects=("openai",),
    seen_in="Arthur-Ficial/apfel#100",
)
def send_usage_unasked(chunks: list[Json], situation: Situation) -> list[Json]:
    """A chunk with usage and no choices comes unasked."""
    if (situation.body.get("stream_options") or {}).get("include_usage"):
        return chunks
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return [*chunks, {**chunks[-1], "choices": [], "usage": usage}]


@fault("stream.usage_differs", stage="chunks", breaks="stream.equals.usage")
def count_differently(chunks: list[Json], situation: Situation) -> list[Json]:
    """The usage of a stream has one prompt token more."""
    for chunk in chunks:
        if chunk.get("usage"):
            chunk["usage"]["prompt_tokens"] += 1
            chunk["usage"]["total_tokens"] += 1
    return chunks


@fault(
    "stream.finish_differs",
    stage="chunks",
    breaks=("stream.equals.finish_reason", "response.finish_reason.length"),
)
def always_finish_with_stop(chunks: list[Json], situation: Situation) -> list[Json]:
    """A stream that is cut says stop."""
    for choice in _choices(chunks):
        if choice.get("finish_reason") == "length":
            choice["finish_reason"] = "stop"
    return chunks


@fault(
    "stream.reasoning_leaks",
    stage="chunks",
    breaks="stream.equals.message",
    seen_in="kekzl/imp#793",
)
def think_aloud(chunks: list[Json], situation: Situation) -> list[Json]:
    """Thoughts that a plain answer keeps apart are streamed as content."""
    for choice in _choices(chunks):
        if "reasoning" in choice["delta"]:
            choice["delta"]["content"] = choice["delta"].pop("reasoning")
    return chunks


def _choices(chunks: list[Json]) -> list[Json]:
    return [choice for chunk in chunks for choice in chunk["choices"]]


def _finish(chunks: list[Json]) -> str | None:
    reasons = (c.get("finish_reason") for c in _choices(chunks))
    return next((reason for reason in reasons if reason), None)


@fault(
    "stream.role_null",
    stage="chunks",
    breaks="stream.chunk.choices.items.delta.role.enum",
    dialects=("openai",),
    seen_in="lemonade-sdk/lemonade#350",
)
def write_no_role_as_null(chunks: list[Json], situation: Situation) -> list[Json]:
    """Every delta but the first has the role null."""
    for chunk in chunks:
        for choice in chunk["choices"]:
            choice["delta"].setdefault("role", None)
    return chunks
