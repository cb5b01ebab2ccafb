"""Tool calls."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..refusal import Refusal
from .registry import Situation, fault

if TYPE_CHECKING:
    from ...contract.document import Json
    from ..model import GeneratedChoice, Generation


@fault("tools.none_ignored", stage="request", breaks="tools.none", seen_in="ollama/ollama#17921")
def call_although_none(body: Json, situation: Situation) -> Json:
    """A tool is called though tool_choice is none."""
    if body.get("tools") and body.get("tool_choice") == "none":
        return {**body, "tool_choice": "required"}
    return body


@fault(
    "tools.required_ignored",
    stage="request",
    breaks="tools.required",
    seen_in="ggml-org/llama.cpp#27217",
)
def talk_although_required(body: Json, situation: Situation) -> Json:
    """Text comes though tool_choice is required."""
    return {**body, "tool_choice": "none"} if body.get("tool_choice") == "required" else body


@fault("tools.named_ignored", stage="request", breaks="tools.named", seen_in="ollama/ollama#8421")
def call_another_function(body: Json, situation: Situation) -> Json:
    """A named tool_choice is taken for required."""
    return (
        {**body, "tool_choice": "required"} if isinstance(body.get("tool_choice"), dict) else body
    )


@fault(
    "tools.finish_as_stop",
    stage="generation",
    breaks="tools.finish_reason",
    seen_in="vllm-project/vllm#25054",
)
def finish_with_stop(generation: Generation, situation: Situation) -> Generation:
    """Calls come with the finish reason stop."""
    changed = (replace(c, finish_reason="stop") if c.tool_calls else c for c in generation.choices)
    return replace(generation, choices=tuple(changed))


@fault(
    "tools.empty_arguments", stage="generation", breaks="tools.arguments", seen_in="vercel/ai#6687"
)
def give_no_arguments(generation: Generation, situation: Situation) -> Generation:
    """The arguments of a call are an empty text."""
    return _calls(generation, arguments="")


@fault(
    "tools.same_id", stage="generation", breaks="tools.ids", seen_in="huggingface/smolagents#2768"
)
def number_all_calls_alike(generation: Generation, situation: Situation) -> Generation:
    """The id of every call is empty."""
    return _calls(generation, id="")


@fault(
    "tools.arguments_as_object",
    stage="completion",
    breaks=(
        "response.choices.items.message.tool_calls.items.function.arguments.type",
        "tools.arguments",
    ),
    seen_in="ggml-org/llama.cpp#20198",
)
def give_arguments_as_an_object(answer: Json, situation: Situation) -> Json:
    """The arguments of a call are an object, not a text."""
    for choice in answer["choices"]:
        for call in choice["message"].get("tool_calls") or ():
            call["function"]["arguments"] = {"colour": "red"}
    return answer


@fault(
    "tools.dropped_in_stream",
    stage="chunks",
    breaks=("tools.stream", "tools.required", "tools.named", "tools.finish_reason"),
    seen_in="ddalcu/mlx-serve#287",
)
def drop_calls_in_a_stream(chunks: list[Json], situation: Situation) -> list[Json]:
    """A stream has no calls."""
    return [c for c in chunks if not any(x["delta"].get("tool_calls") for x in c["choices"])]


@fault(
    "tools.no_way_back",
    stage="request",
    breaks="tools.round_trip",
    seen_in="tashfeenahmed/freellmapi#232",
)
def refuse_the_way_back(body: Json, situation: Situation) -> Json:
    """Ids of calls are accepted back only in the form that another vendor uses."""
    for message in body["messages"]:
        if message["role"] == "tool" and not message["tool_call_id"].startswith("call"):
            raise Refusal("messages: unknown tool_call_id", param="messages")
    return body


@fault(
    "tools.no_index",
    stage="chunks",
    breaks=(
        "stream.chunk.choices.items.delta.tool_calls.items.index.required",
        "stream.tool_calls.index",
    ),
    seen_in="openai/openai-python#3246",
)
def leave_out_the_index(chunks: list[Json], situation: Situation) -> list[Json]:
    """Fragments of calls have no index."""
    for call in _fragments(chunks):
        call.pop("index", None)
    return chunks


@fault("tools.index_from_one", stage="chunks", breaks="stream.tool_calls.index")
def count_from_one(chunks: list[Json], situation: Situation) -> list[Json]:
    """Calls are numbered from 1."""
    for call in _fragments(chunks):
        call["index"] += 1
    return chunks


@fault(
    "tools.no_name",
    stage="chunks",
    breaks=("stream.tool_calls.begin", "tools.stream", "tools.named", "tools.required"),
)
def begin_without_a_name(chunks: list[Json], situation: Situation) -> list[Json]:
    """The first fragment of a call has no function name."""
    for call in _fragments(chunks):
        call["function"].pop("name", None)
    return chunks


@fault(
    "tools.repeated_id",
    stage="chunks",
    breaks="stream.tool_calls.once",
    dialects=("openai",),
    seen_in="InternLM/lmdeploy#3412",
)
def repeat_the_id(chunks: list[Json], situation: Situation) -> list[Json]:
    """Every fragment of a call has its id."""
    ids: dict[int, str] = {}
    for call in _fragments(chunks):
        call["id"] = ids.setdefault(call["index"], call.get("id"))
    return chunks


def _calls(generation: Generation, **changes: Any) -> Generation:
    def changed(choice: GeneratedChoice) -> GeneratedChoice:
        return replace(choice, tool_calls=tuple(replace(c, **changes) for c in choice.tool_calls))

    return replace(generation, choices=tuple(changed(choice) for choice in generation.choices))


def _fragments(chunks: list[Json]) -> list[Json]:
    return [
        call
        for chunk in chunks
        for choice in chunk["choices"]
        for call in choice["delta"].get("tool_calls") or ()
    ]


@fault(
    "tools.call_unasked",
    stage="completion",
    breaks="tools.unasked",
    seen_in="mudler/LocalAI#6218",
)
def call_what_is_not_there(answer: Json, situation: Situation) -> Json:
    """A function is called though there are no tools."""
    if situation.body["messages"][-1].get("content") == "Go on.":
        call = {"id": "call00009", "type": "function"}
        call["function"] = {"name": "search", "arguments": "{}"}  # type: ignore[assignment]
        answer["choices"][0]["message"]["tool_calls"] = [call]
        answer["choices"][0]["finish_reason"] = "tool_calls"
    return answer


@fault("tools.default_none", stage="request", breaks="tools.default")
def call_nothing_by_default(body: Json, situation: Situation) -> Json:
    """Without tool_choice no tool is called."""
    return {**body, "tool_choice": "none"} if body.get("tool_choice") is None else body


@fault(
    "tools.parameters_demanded",
    stage="request",
    breaks="tools.no_parameters",
    seen_in="ggml-org/llama.cpp#17667",
)
def demand_parameters(body: Json, situation: Situation) -> Json:
    """A function without parameters is refused."""
    for tool in body.get("tools") or ():
        if tool["function"]["name"] == "wash_brush" and not tool["function"].get("parameters"):
            raise Refusal("tools.0.function.parameters: Field required", param="tools")
    return body


@fault(
    "tools.first_choice_only",
    stage="generation",
    breaks="tools.choices",
    seen_in="sgl-project/sglang#30556",
)
def call_in_the_first_choice_only(generation: Generation, situation: Situation) -> Generation:
    """Of several choices only the first has a call."""
    first, *others = generation.choices
    bare = (replace(c, tool_calls=(), finish_reason="stop") for c in others)
    return replace(generation, choices=(first, *bare))


@fault("tools.strict_ignored", stage="request", breaks="tools.strict")
def pass_over_strict_parameters(body: Json, situation: Situation) -> Json:
    """The parameters of a strict tool are not enforced."""
    tools = [
        {**tool, "function": {**tool["function"], "parameters": {"type": "object"}}}
        if tool.get("function", {}).get("strict")
        else tool
        for tool in body.get("tools") or ()
    ]
    return {**body, "tools": tools} if tools else body


@fault(
    "tools.call_lost_at_tag",
    stage="generation",
    breaks="tools.markup",
    seen_in="vllm-project/vllm#45167",
)
def lose_a_call_with_a_tag(generation: Generation, situation: Situation) -> Generation:
    """A call of which an argument spells </tool_call> comes as text."""

    def lost(choice: GeneratedChoice) -> GeneratedChoice:
        for call in choice.tool_calls:
            if "</tool_call>" in call.arguments:
                said = replace(choice, content=call.arguments, tokens=call.tokens)
                return replace(said, tool_calls=(), finish_reason="stop")
        return choice

    return replace(generation, choices=tuple(map(lost, generation.choices)))


@fault("tools.tag_taken_out", stage="request", breaks="tools.markup")
def take_tags_out_of_arguments(body: Json, situation: Situation) -> Json:
    """What spells </tool_call> is taken out of arguments."""
    tools = json.dumps(body.get("tools"))
    if "</tool_call>" not in tools:
        return body
    return {**body, "tools": json.loads(tools.replace("</tool_call>", ""))}


@fault("tools.second_call_lost", stage="chunks", breaks="tools.several")
def lose_the_second_call(chunks: list[Json], situation: Situation) -> list[Json]:
    """Of several calls only the first is streamed."""
    for chunk in chunks:
        for choice in chunk["choices"]:
            calls = choice["delta"].get("tool_calls")
            if calls:
                choice["delta"]["tool_calls"] = [call for call in calls if call["index"] == 0]
    return [c for c in chunks if not any(d["delta"].get("tool_calls") == [] for d in c["choices"])]


@fault("tools.always_parallel", stage="request", breaks="tools.single")
def make_all_calls_at_once(body: Json, situation: Situation) -> Json:
    """parallel_tool_calls false has no effect."""
    return {**body, "parallel_tool_calls": True}


@fault("tools.results_in_order", stage="request", breaks="tools.results")
def demand_the_order_of_calls(body: Json, situation: Situation) -> Json:
    """Results of calls have to come in the order of the calls."""
    calls = [c["id"] for m in body["messages"] for c in m.get("tool_calls") or ()]
    results = [m["tool_call_id"] for m in body["messages"] if m.get("role") == "tool"]
    if sorted(results) == sorted(calls) and results != calls:
        raise Refusal("Results have to be in the order of the calls.", status=400, code=None)
    return body
