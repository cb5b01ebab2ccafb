"""Habits of real servers, each as it was reported, with all that it breaks at once.

The other modules turn one requirement round at a time; here a report is the measure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..refusal import Refusal
from ..replies import dump
from .registry import Situation, fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...contract.document import Json
    from ..replying import Reply


def _failed() -> Refusal:
    return Refusal("Internal server error", status=500, kind="server_error", code=None)


def _calls(chunks: list[Json]) -> Iterator[tuple[int, Json]]:
    """The fragments of calls in a stream, with how often one of that index came before."""
    seen: dict[tuple[int, int], int] = {}
    for chunk in chunks:
        for choice in chunk["choices"]:
            for call in choice["delta"].get("tool_calls") or ():
                key = (choice["index"], call["index"])
                yield seen.setdefault(key, 0), call
                seen[key] += 1


# Requests ----------------------------------------------------------------------------------------


@fault(
    "observed.stop_list_refused",
    stage="request",
    breaks=("request.stop.type", "request.stop.items.type", "stop.first"),
    seen_in="ollama/ollama#5545",
)
def refuse_a_list_of_stops(body: Json, situation: Situation) -> Json:
    """stop can be a text, and no list."""
    if isinstance(body.get("stop"), list):
        raise Refusal("invalid type for 'stop' field: []interface{}", param="stop")
    return body


@fault(
    "observed.parts_refused",
    stage="request",
    breaks="request.messages.user.content.type",
    seen_in="dwmkerr/mock-llm",
)
def refuse_parts(body: Json, situation: Situation) -> Json:
    """The content of a user's message can be a text, and no list of parts."""
    users = [message for message in body["messages"] if message["role"] == "user"]
    if any(isinstance(message["content"], list) for message in users):
        raise _failed()
    return body


@fault(
    "observed.calls_in_history_refused",
    stage="request",
    breaks=(
        "request.assistant.content_absent",
        "request.messages.type",
        "tools.results",
        "tools.round_trip",
    ),
    seen_in="lukehinds/mockllm",
)
def refuse_calls_in_history(body: Json, situation: Situation) -> Json:
    """A conversation in which the assistant has called a tool is refused."""
    if any(message.get("tool_calls") for message in body["messages"]):
        raise _failed()
    return body


@fault(
    "observed.choice_of_tool_refused",
    stage="request",
    breaks="request.tool_choice.type",
    seen_in="antropia-studio/linguito#21",
)
def refuse_a_named_tool(body: Json, situation: Situation) -> Json:
    """tool_choice can be a word, and no object."""
    if isinstance(body.get("tool_choice"), dict):
        raise Refusal("Supported string values: none, auto, required", param="tool_choice")
    return body


@fault(
    "observed.name_refused",
    stage="request",
    breaks=(
        "request.messages.user.name.type",
        "request.messages.assistant.name.type",
        "request.messages.system.name.type",
        "request.messages.tool.name.type",
        "request.messages.developer.name.type",
    ),
    seen_in="vllm-project/vllm#12864",
)
def refuse_names(body: Json, situation: Situation) -> Json:
    """The name of who speaks is refused."""
    if any(message.get("name") for message in body["messages"]):
        raise Refusal("messages.0.name: Extra inputs are not permitted", param="messages")
    return body


@fault(
    "observed.stream_options_refused",
    stage="request",
    breaks="request.stream_options.type",
    seen_in="modelscope/ms-agent#489",
)
def refuse_stream_options(body: Json, situation: Situation) -> Json:
    """stream_options is an unknown parameter."""
    if body.get("stream_options") is not None:
        raise Refusal("stream_options: Extra inputs are not permitted", param="stream_options")
    return body


@fault(
    "observed.max_tokens_null_fails",
    stage="request",
    breaks="request.max_tokens.null",
    seen_in="vllm-project/vllm#19862",
)
def fail_without_a_limit(body: Json, situation: Situation) -> Json:
    """max_tokens null brings the request down."""
    if "max_tokens" in body and body["max_tokens"] is None:
        raise _failed()
    return body


@fault(
    "observed.text_format_refused",
    stage="request",
    breaks="request.response_format.type",
    seen_in="lmstudio-ai/lmstudio-bug-tracker#307",
)
def refuse_the_text_format(body: Json, situation: Situation) -> Json:
    """response_format text, which is the default, is refused."""
    if (body.get("response_format") or {}).get("type") == "text":
        raise Refusal("'response_format.type' must be 'json_schema'", param="response_format")
    return body


@fault(
    "observed.schema_under_value",
    stage="request",
    breaks=(
        "request.response_format.type",
        "request.response_format.closed",
        "request.response_format.required",
        "request.response_format.root",
        "request.response_format.size",
        "request.response_format.branches",
        "request.response_format.definitions",
        "structured.feature.",
    ),
    seen_in="huggingface/text-generation-inference#3276",
)
def look_for_the_schema_elsewhere(body: Json, situation: Situation) -> Json:
    """The schema of a response format is expected under `value`."""
    wanted = body.get("response_format") or {}
    if wanted.get("type") == "json_schema" and "value" not in wanted:
        raise Refusal("response_format: missing field `value`", param="response_format")
    return body


@fault(
    "observed.top_logprobs_zero_fails",
    stage="request",
    breaks=(
        "request.top_logprobs.minimum",
        "error.hostile",
    ),
    seen_in="vllm-project/tpu-inference#3572",
)
def fail_without_alternatives(body: Json, situation: Situation) -> Json:
    """top_logprobs 0 brings the request down."""
    if body.get("top_logprobs") == 0 and body.get("logprobs"):
        raise _failed()
    return body


@fault(
    "observed.no_messages_fails",
    stage="error",
    breaks="error.status.client_fault",
    seen_in="letta-ai/letta#3381",
)
def fail_without_messages(reply: Reply, situation: Situation) -> Reply:
    """An empty list of messages brings the request down."""
    if isinstance(situation.body, dict) and situation.body.get("messages") == []:
        reply.status = 500
    return reply


# Answers -----------------------------------------------------------------------------------------


@fault(
    "observed.no_finish_reason",
    stage="completion",
    breaks=(
        "response.choices.items.finish_reason.required",
        "response.finish_reason.length",
        "stop.finish_reason",
        "stream.equals.finish_reason",
        "structured.ends",
    ),
    seen_in="mudler/LocalAI#788",
)
def leave_out_the_finish_reason(answer: Json, situation: Situation) -> Json:
    """A plain answer does not say why it ended."""
    for choice in answer["choices"]:
        del choice["finish_reason"]
    return answer


@fault(
    "observed.content_in_parts",
    stage="completion",
    breaks=(
        "response.choices.items.message.content.type",
        "stream.equals.message",
        "structured.feature.",
        "structured.json_object",
        "structured.schema",
        "structured.unsupported",
    ),
    seen_in="vercel/ai#13703",
)
def answer_in_parts(answer: Json, situation: Situation) -> Json:
    """The content of an answer is a list of parts."""
    for choice in answer["choices"]:
        if isinstance(choice["message"].get("content"), str):
            part = {"type": "text", "text": choice["message"]["content"]}
            choice["message"]["content"] = [part]
    return answer


@fault(
    "observed.error_as_text",
    stage="error",
    breaks=(
        "error.body.code.required",
        "error.body.message.required",
        "error.body.param.required",
        "error.body.type.required",
        "error.body.error.type",
        "error.path",
    ),
    seen_in="lmstudio-ai/lmstudio-bug-tracker#307",
)
def say_the_error_as_a_text(reply: Reply, situation: Situation) -> Reply:
    """The error is a text, not an object."""
    inner = reply.value.get("error", reply.value)
    reply.value = {"error": str(inner.get("message", ""))}
    reply.parts = [dump(reply.value)]
    return reply


# Streams -----------------------------------------------------------------------------------------


@fault(
    "observed.empty_id",
    stage="chunks",
    breaks="stream.chunk.id.min_length",
    seen_in="huggingface/text-generation-inference#1782",
)
def name_no_stream(chunks: list[Json], situation: Situation) -> list[Json]:
    """The id of every chunk is empty."""
    return [{**chunk, "id": ""} for chunk in chunks]


@fault(
    "observed.choices_null",
    stage="chunks",
    breaks="stream.chunk.choices.type",
    dialects=("openai",),
    seen_in="ollama/ollama#6784",
)
def give_no_choices_as_null(chunks: list[Json], situation: Situation) -> list[Json]:
    """The choices of the chunk with the usage are null."""
    return [chunk if chunk["choices"] else {**chunk, "choices": None} for chunk in chunks]


@fault(
    "observed.call_without_id",
    stage="chunks",
    breaks=(
        "stream.tool_calls.begin",
        "tools.ids",
    ),
    seen_in="vllm-project/vllm#18412",
)
def begin_without_an_id(chunks: list[Json], situation: Situation) -> list[Json]:
    """A streamed call has no id."""
    for _, call in _calls(chunks):
        call.pop("id", None)
    return chunks


@fault(
    "observed.name_empty_later",
    stage="chunks",
    breaks=("stream.tool_calls.empty_name",),
    dialects=("openai",),
    seen_in="lmstudio-ai/lmstudio-bug-tracker#649",
)
def go_on_with_an_empty_name(chunks: list[Json], situation: Situation) -> list[Json]:
    """The later fragments of a call have an empty name."""
    for number, call in _calls(chunks):
        if number:
            call["function"]["name"] = ""
    return chunks


@fault(
    "observed.name_in_each",
    stage="chunks",
    breaks="stream.tool_calls.once",
    dialects=("openai",),
    seen_in="NousResearch/hermes-agent#12230",
)
def name_the_function_in_each(chunks: list[Json], situation: Situation) -> list[Json]:
    """Every fragment of a call has the name of its function."""
    name = ""
    for number, call in _calls(chunks):
        name = name if number else call["function"].get("name", "")
        call["function"]["name"] = name
    return chunks


@fault(
    "observed.arguments_twice",
    stage="chunks",
    breaks=(
        "tools.arguments",
        "tools.several",
    ),
    dialects=("openai",),
    seen_in="vllm-project/vllm#17703",
)
def repeat_the_arguments(chunks: list[Json], situation: Situation) -> list[Json]:
    """The last fragment of a call has all of its arguments once more."""
    whole: dict[int, str] = {}
    last: dict[int, Json] = {}
    for _, call in _calls(chunks):
        whole[call["index"]] = whole.get(call["index"], "") + call["function"].get("arguments", "")
        last[call["index"]] = call
    for index, call in last.items():
        call["function"]["arguments"] = call["function"].get("arguments", "") + whole[index]
    return chunks
