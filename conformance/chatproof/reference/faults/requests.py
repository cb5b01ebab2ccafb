"""Valid requests that are refused, misread, or bring the server down."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from ..refusal import Refusal
from .registry import Situation, fault

if TYPE_CHECKING:
    from ...contract.document import Json
    from ..model import Generation
    from ..replying import Reply


def _failed() -> Refusal:
    return Refusal("Internal server error", status=500, kind="server_error", code=None)


def _last_words(body: Json) -> str:
    return str(body["messages"][-1].get("content"))


@fault(
    "refused.assistant.content_absent",
    stage="request",
    breaks="request.assistant.content_absent",
    seen_in="abetlen/llama-cpp-python#1805",
)
def demand_content(body: Json, situation: Situation) -> Json:
    """An assistant message needs the key content, if only with null; not the server's own."""
    for message in body["messages"]:
        own = "call00001" not in str(message.get("tool_calls"))
        if message["role"] == "assistant" and "content" not in message and not own:
            raise Refusal("messages.assistant.content: Field required", param="messages")
    return body


@fault(
    "refused.limit",
    stage="request",
    breaks="request.max_completion_tokens.type",
)
def know_the_older_name(body: Json, situation: Situation) -> Json:
    """max_completion_tokens is not known, only max_tokens is."""
    if "max_completion_tokens" in body:
        raise Refusal("max_completion_tokens: unexpected property", param="max_completion_tokens")
    return body


@fault(
    "refused.round_trip",
    stage="request",
    breaks="request.round_trip",
    seen_in="tashfeenahmed/freellmapi#165",
)
def refuse_its_own_words(body: Json, situation: Situation) -> Json:
    """What the server said is refused as history."""
    roles = [message["role"] for message in body["messages"]]
    if roles == ["user", "assistant", "user"] and _last_words(body) == "Go on.":
        raise Refusal("messages.1: unexpected property", param="messages")
    return body


@fault(
    "failed.roles.order",
    stage="request",
    breaks=("request.roles.order", "tools.results"),
    seen_in="EricLBuehler/mistral.rs#506",
)
def fail_in_the_template(body: Json, situation: Situation) -> Json:
    """Two messages of one role in a row are too much for the chat template."""
    roles = [message["role"] for message in body["messages"]]
    if any(one == two for one, two in pairwise(roles)):
        raise _failed()
    return body


@fault(
    "misread.tool_parts",
    stage="request",
    breaks="request.parts.equivalent",
    dialects=("openai",),
    seen_in="raullenchai/Rapid-MLX#731",
)
def drop_tool_parts(body: Json, situation: Situation) -> Json:
    """The result of a tool is lost where it comes in parts."""
    messages = [
        {**m, "content": ""} if m["role"] == "tool" and isinstance(m["content"], list) else m
        for m in body["messages"]
    ]
    return {**body, "messages": messages}


@fault(
    "misread.image",
    stage="request",
    breaks="request.image.counted",
    dialects=("openai",),
    seen_in="leonickson1/Swiftlet#38",
)
def drop_images(body: Json, situation: Situation) -> Json:
    """Images are left out without a word."""

    def without(content: Json) -> Json:
        parts = content if isinstance(content, list) else ()
        return [part for part in parts if part["type"] != "image_url"] or content

    messages = [{**m, "content": without(m.get("content"))} for m in body["messages"]]
    return {**body, "messages": messages}


@fault(
    "failed.limit",
    stage="request",
    breaks="request.limit.beyond_context",
    seen_in="paiml/aprender#665",
)
def fail_on_a_huge_limit(body: Json, situation: Situation) -> Json:
    """A limit beyond the context brings the request down."""
    if (body.get("max_completion_tokens") or 0) == 1_000_000:
        raise _failed()
    return body


@fault(
    "failed.logit_bias",
    stage="request",
    breaks="request.logit_bias.unknown_token",
    seen_in="vllm-project/vllm#16529",
)
def fail_on_an_unknown_token(body: Json, situation: Situation) -> Json:
    """A bias for a token that does not exist brings the request down."""
    if any(not 0 <= int(token) < 10**8 for token in body.get("logit_bias") or ()):
        raise _failed()
    return body


@fault(
    "failed.tools_empty",
    stage="request",
    breaks="tools.empty_list",
    seen_in="ml-explore/mlx-lm#170",
)
def fail_without_tools(body: Json, situation: Situation) -> Json:
    """An empty list of tools brings the request down."""
    if body.get("tools") == []:
        raise _failed()
    return body


@fault(
    "misread.stop_empty",
    stage="request",
    breaks="stop.empty",
    seen_in="mlc-ai/mlc-llm#2070",
)
def stop_at_nothing(body: Json, situation: Situation) -> Json:
    """An empty stop sequence matches at once."""
    return {**body, "max_completion_tokens": 0} if body.get("stop") in ("", [""]) else body


@fault(
    "failed.stop_first",
    stage="generation",
    breaks="stop.first",
    seen_in="theroyallab/tabbyAPI#91",
)
def fail_on_an_empty_answer(generation: Generation, situation: Situation) -> Generation:
    """An answer without any text brings the request down."""
    if any(c.stopped_by and not c.content for c in generation.choices):
        raise _failed()
    return generation


@fault("misread.accept", stage="request", breaks=("stream.accept", "stream.content_type"))
def obey_the_accept_header(body: Json, situation: Situation) -> Json:
    """No stream comes where the header Accept asks for JSON."""
    return (
        {**body, "stream": False} if situation.headers.get("accept") == "application/json" else body
    )


@fault(
    "transport.no_cors", stage="preflight", breaks="transport.cors", seen_in="lm-sys/RouteLLM#43"
)
def refuse_browsers(reply: Reply, situation: Situation) -> Reply:
    """A preflight request is refused."""
    reply.status = 405
    reply.headers = {"allow": "POST"}
    return reply
