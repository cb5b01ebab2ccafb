"""Plain answers, and what the model made."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from .registry import Situation, fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...contract.document import Json
    from ..model import GeneratedChoice, Generation
    from ..replying import Reply


@fault("answer.no_id", stage="completion", breaks="response.id.required")
def leave_out_the_id(answer: Json, situation: Situation) -> Json:
    """An answer has no id."""
    del answer["id"]
    return answer


@fault(
    "answer.same_id", stage="completion", breaks="response.id.unique", seen_in="ollama/ollama#15089"
)
def repeat_ids(answer: Json, situation: Situation) -> Json:
    """Ids are drawn from a handful of numbers."""
    number = situation.memory["ids"] = situation.memory.get("ids", 0) + 1
    return {**answer, "id": f"chatcmpl-{number % 7}"}


@fault("answer.created_in_milliseconds", stage="completion", breaks="response.created.seconds")
def count_milliseconds(answer: Json, situation: Situation) -> Json:
    """created is in milliseconds."""
    return {**answer, "created": int(time.time() * 1000)}


@fault("answer.created_as_text", stage="completion", breaks="response.created.type")
def write_created_as_text(answer: Json, situation: Situation) -> Json:
    """created is a text."""
    return {**answer, "created": str(answer["created"])}


@fault("answer.wrong_object", stage="completion", breaks="response.object.const")
def name_another_object(answer: Json, situation: Situation) -> Json:
    """object is that of the text endpoint."""
    return {**answer, "object": "text_completion"}


@fault(
    "answer.no_refusal",
    stage="completion",
    breaks="response.choices.items.message.refusal.required",
    dialects=("openai",),
    seen_in="mlcommons/endpoints#133",
)
def leave_out_the_refusal(answer: Json, situation: Situation) -> Json:
    """A message without a refusal does not have the key."""
    for choice in answer["choices"]:
        if choice["message"]["refusal"] is None:
            del choice["message"]["refusal"]
    return answer


@fault(
    "answer.finish_reason_eos",
    stage="completion",
    breaks="response.choices.items.finish_reason.enum",
)
def name_the_token_that_ended_it(answer: Json, situation: Situation) -> Json:
    """finish_reason is eos where it should be stop."""
    for choice in answer["choices"]:
        if choice["finish_reason"] == "stop" and not _ended_by_stop(situation):
            choice["finish_reason"] = "eos"
    return answer


def _ended_by_stop(situation: Situation) -> bool:
    body = situation.body
    return bool(body.get("stop") or body.get("response_format") or body.get("tools"))


@fault("answer.two_choices", stage="completion", breaks="response.choices.count")
def double_the_choices(answer: Json, situation: Situation) -> Json:
    """One more choice comes than was asked for."""
    extra = {**answer["choices"][-1], "index": len(answer["choices"])}
    return {**answer, "choices": [*answer["choices"], extra]}


@fault(
    "answer.length_as_stop",
    stage="generation",
    breaks="response.finish_reason.length",
    seen_in="mudler/LocalAI#3533",
)
def call_a_cut_a_stop(generation: Generation, situation: Situation) -> Generation:
    """An answer that is cut says stop."""
    return _each(
        generation,
        lambda c: (
            replace(c, finish_reason="stop")
            if c.finish_reason == "length" and not c.tool_calls
            else c
        ),
    )


@fault(
    "answer.limit_ignored",
    stage="request",
    breaks=("usage.limit",),
    seen_in="abetlen/llama-cpp-python#1907",
)
def ignore_the_limit(body: Json, situation: Situation) -> Json:
    """max_completion_tokens is exceeded by two."""
    limit = body.get("max_completion_tokens")
    return {**body, "max_completion_tokens": limit + 2} if limit and limit > 0 else body


@fault(
    "answer.limit_passed_over",
    stage="request",
    breaks="usage.limit",
    seen_in="abetlen/llama-cpp-python#1907",
)
def go_by_the_older_name(body: Json, situation: Situation) -> Json:
    """max_completion_tokens is passed over, max_tokens is kept to."""
    return {name: value for name, value in body.items() if name != "max_completion_tokens"}


@fault("answer.spaced_type", stage="reply", breaks="response.content_type.space")
def leave_a_space(reply: Reply, situation: Situation) -> Reply:
    """The charset of a plain answer stands behind a space."""
    if reply.status == 200 and not situation.streaming:
        reply.headers["content-type"] += " ; charset=utf-8"
    return reply


@fault("answer.declared_as_text", stage="reply", breaks="response.content_type")
def declare_text(reply: Reply, situation: Situation) -> Reply:
    """A plain answer is declared to be text/plain."""
    if reply.status == 200 and not situation.streaming:
        reply.headers["content-type"] = "text/plain; charset=utf-8"
    return reply


@fault(
    "answer.latin1", stage="reply", breaks="response.json", seen_in="lmstudio-ai/lmstudio-js#376"
)
def write_latin1(reply: Reply, situation: Situation) -> Reply:
    """A plain answer carries a byte that is no UTF-8."""
    if reply.status == 200 and not situation.streaming:
        reply.parts = [reply.body[:-1] + b',"greeting":"gr\xfc\xdfe"}']
    return reply


@fault("answer.name_twice", stage="reply", breaks="response.json.unique_names")
def write_a_name_twice(reply: Reply, situation: Situation) -> Reply:
    """A plain answer has its object twice."""
    if reply.status == 200 and not situation.streaming:
        reply.parts = [reply.body[:-1] + b',"object":"chat.completion"}']
    return reply


@fault("seed.ignored", stage="request", breaks="seed.repeatable", seen_in="sgl-project/sglang#5377")
def ignore_the_seed(body: Json, situation: Situation) -> Json:
    """The seed has no effect."""
    return {**body, "seed": None}


@fault("stop.ignored", stage="request", breaks="stop.absent", seen_in="Blaizzy/mlx-vlm#1044")
def ignore_stop(body: Json, situation: Situation) -> Json:
    """Stop sequences have no effect."""
    return {**body, "stop": None}


@fault("stop.included", stage="generation", breaks="stop.absent", seen_in="mzau/mlx-knife#68")
def include_the_stop_sequence(generation: Generation, situation: Situation) -> Generation:
    """The content ends with the stop sequence."""
    return _each(
        generation, lambda c: replace(c, content=c.content + c.stopped_by) if c.stopped_by else c
    )


@fault("stop.eats_text", stage="completion", breaks="stop.exact")
def lose_text_before_the_stop(answer: Json, situation: Situation) -> Json:
    """The last characters before a stop sequence are lost."""
    if situation.body.get("stop"):
        for choice in answer["choices"]:
            choice["message"]["content"] = (choice["message"]["content"] or "")[:-2]
    return answer


@fault("stop.says_length", stage="generation", breaks="stop.finish_reason")
def call_a_stop_a_cut(generation: Generation, situation: Situation) -> Generation:
    """An answer that a stop sequence ended says length."""
    return _each(generation, lambda c: replace(c, finish_reason="length") if c.stopped_by else c)


@fault(
    "mode.always_stream",
    stage="request",
    breaks="response.mode.plain",
    seen_in="decolua/9router#3301",
)
def stream_when_null(body: Json, situation: Situation) -> Json:
    """stream: null is taken for true."""
    return {**body, "stream": True} if "stream" in body and body["stream"] is None else body


def _each(
    generation: Generation, change: Callable[[GeneratedChoice], GeneratedChoice]
) -> Generation:
    return replace(generation, choices=tuple(change(c) for c in generation.choices))


@fault(
    "answer.other_model",
    stage="completion",
    breaks="response.model.known",
    seen_in="ggml-org/llama.cpp#17668",
)
def name_another_model(answer: Json, situation: Situation) -> Json:
    """An answer names a model that is in no list."""
    return {**answer, "model": "default"}


@fault(
    "answer.to_another",
    stage="completion",
    breaks="response.concurrent",
    seen_in="ggml-org/llama.cpp#10072",
)
def mix_up_the_answers(answer: Json, situation: Situation) -> Json:
    """Of two users with a question each, the second one gets what the first was told."""
    words = str(situation.body["messages"][-1].get("content"))
    if not words.startswith("Describe the") or situation.body.get("logprobs"):
        return answer
    message = answer["choices"][0]["message"]
    told = situation.memory.setdefault("told", {})
    if words in told:
        message["content"] = next(text for other, text in told.items() if other != words)
    told.setdefault(words, message["content"])
    return answer


@fault(
    "answer.declared_latin1",
    stage="reply",
    breaks="response.charset",
    seen_in="lmstudio-ai/lmstudio-js#376",
)
def declare_latin1(reply: Reply, situation: Situation) -> Reply:
    """The content type names another charset than UTF-8."""
    if reply.status == 200:
        media = reply.headers["content-type"].partition(";")[0]
        reply.headers["content-type"] = f"{media}; charset=iso-8859-1"
    return reply


@fault(
    "answer.other_inference_id",
    stage="reply",
    breaks="response.inference_id",
    dialects=("cerebras",),
)
def name_another_inference(reply: Reply, situation: Situation) -> Reply:
    """The header inference-id is not the id of the answer."""
    if "inference-id" in reply.headers:
        reply.headers["inference-id"] = "chatcmpl-0"
    return reply


@fault(
    "answer.times_exceed",
    stage="completion",
    breaks="response.time_info.sum",
    dialects=("cerebras",),
)
def take_longer_than_the_whole(answer: Json, situation: Situation) -> Json:
    """The prompt takes longer than everything together."""
    answer["time_info"]["prompt_time"] = answer["time_info"]["total_time"] * 2
    return answer


@fault(
    "answer.times_late",
    stage="completion",
    breaks="response.time_info.created",
    dialects=("cerebras",),
)
def date_it_later(answer: Json, situation: Situation) -> Json:
    """created differs between the answer and its time_info."""
    answer["time_info"]["created"] += 7
    return answer
