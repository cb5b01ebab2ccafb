"""Errors that say it wrongly."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .. import replies
from ..refusal import Refusal
from ..replies import dump
from ..replying import Reply
from ..style import style_of
from .registry import Situation, fault

if TYPE_CHECKING:
    from ...contract.document import Json

CHAT = "/chat/completions"


def _of_validation(reply: Reply, situation: Situation) -> bool:
    return reply.status in situation.contract.statuses("validation")


@fault(
    "error.as_500",
    stage="error",
    breaks=(
        "error.status.client_fault",
        "error.hostile",
        "structured.unsupported",
        "structured.broken",
    ),
    seen_in="sgl-project/sglang#3805",
)
def blame_the_server(reply: Reply, situation: Situation) -> Reply:
    """A validation error has status 500."""
    if _of_validation(reply, situation):
        reply.status = 500
    return reply


@fault(
    "error.as_404",
    stage="error",
    breaks=("error.status.validation", "error.told.unknown_model"),
    seen_in="diegosouzapw/OmniRoute#6515",
)
def call_it_not_found(reply: Reply, situation: Situation) -> Reply:
    """A validation error has status 404."""
    if _of_validation(reply, situation):
        reply.status = 404
    return reply


@fault(
    "error.as_200",
    stage="error",
    breaks=("error.status.success", "structured.broken"),
    seen_in="huggingface/text-generation-inference#1896",
)
def call_it_a_success(reply: Reply, situation: Situation) -> Reply:
    """A validation error comes with status 200."""
    if _of_validation(reply, situation) and not situation.streaming:
        reply.status = 200
        reply.value = {"error": reply.value.get("error", reply.value)}
        reply.parts = [dump(reply.value)]
    return reply


@fault("error.html", stage="error", breaks="error.envelope", seen_in="UOR-Foundation/uor-r4#764")
def write_html(reply: Reply, situation: Situation) -> Reply:
    """The body of a validation error is HTML under the name of JSON."""
    if _of_validation(reply, situation):
        reply.parts = [b"<html><body><h1>Bad Request</h1></body></html>"]
    return reply


@fault("error.as_text", stage="error", breaks="error.content_type")
def declare_text(reply: Reply, situation: Situation) -> Reply:
    """An error is declared to be text/plain."""
    if _of_validation(reply, situation):
        reply.headers["content-type"] = "text/plain"
    return reply


@fault(
    "error.empty_message", stage="error", breaks="error.message", seen_in="vllm-project/vllm#35438"
)
def say_nothing(reply: Reply, situation: Situation) -> Reply:
    """The message of an error is empty."""
    if _of_validation(reply, situation):
        _inner(reply)["message"] = ""
        reply.parts = [dump(reply.value)]
    return reply


@fault(
    "error.code_as_number",
    stage="error",
    breaks=("error.body.error.code.type", "error.body.code.type"),
    seen_in="sashabaranov/go-openai#244",
)
def write_the_code_as_a_number(reply: Reply, situation: Situation) -> Reply:
    """The code of an error is its status, as a number."""
    if _of_validation(reply, situation):
        _inner(reply)["code"] = reply.status
        reply.parts = [dump(reply.value)]
    return reply


@fault(
    "error.no_type",
    stage="error",
    breaks=("error.body.error.type.required", "error.body.type.required"),
)
def leave_out_the_type(reply: Reply, situation: Situation) -> Reply:
    """An error has no type."""
    if _of_validation(reply, situation):
        del _inner(reply)["type"]
        reply.parts = [dump(reply.value)]
    return reply


@fault(
    "error.flat",
    stage="error",
    breaks="error.body.error.required",
    dialects=("openai",),
    seen_in="vllm-project/vllm#12886",
)
def flatten(reply: Reply, situation: Situation) -> Reply:
    """The envelope is flat."""
    if _of_validation(reply, situation):
        reply.value = _inner(reply)
        reply.parts = [dump(reply.value)]
    return reply


@fault("error.no_param", stage="error", breaks="error.param", dialects=("openai",))
def name_no_parameter(reply: Reply, situation: Situation) -> Reply:
    """The param of a validation error is null."""
    if _of_validation(reply, situation):
        _inner(reply)["param"] = None
        reply.parts = [dump(reply.value)]
    return reply


def _say(reply: Reply, **said: str | None) -> Reply:
    _inner(reply).update(said)
    reply.parts = [dump(reply.value)]
    return reply


@fault("error.own_type", stage="error", breaks="error.told.validation")
def name_a_type_of_its_own(reply: Reply, situation: Situation) -> Reply:
    """The type of a validation error is BadRequestError, as in vLLM."""
    return _say(reply, type="BadRequestError") if _of_validation(reply, situation) else reply


@fault("error.key_as_other_mistakes", stage="error", breaks="error.told.key")
def tell_nothing_of_the_key(reply: Reply, situation: Situation) -> Reply:
    """A wrong key has the type authentication_error and no code, as in llama.cpp."""
    return _say(reply, type="authentication_error", code="") if reply.status == 401 else reply


@fault(
    "error.model_as_other_mistakes",
    stage="error",
    breaks="error.told.unknown_model",
    dialects=("cerebras", "cerebras-v2"),
)
def tell_nothing_of_the_model(reply: Reply, situation: Situation) -> Reply:
    """An unknown model is told like a wrong parameter: only the status says what it is."""
    if reply.status == 404 and situation.path == CHAT:
        return _say(reply, type="invalid_request_error", code="wrong_api_format")
    return reply


@fault(
    "error.limit_as_server_error",
    stage="error",
    breaks="error.told.rate_limit",
    dialects=("cerebras", "cerebras-v2"),
)
def tell_a_limit_as_a_failure(reply: Reply, situation: Situation) -> Reply:
    """A rate limit has the type server_error."""
    return _say(reply, type="server_error", param="") if reply.status == 429 else reply


@fault("error.in_stream", stage="error", breaks="error.stream")
def send_it_as_a_stream(reply: Reply, situation: Situation) -> Reply:
    """With stream, a validation error comes as an event of a 200."""
    if _of_validation(reply, situation) and situation.streaming:
        value = {"error": _inner(reply), "status_code": reply.status}
        done = [b"data: [DONE]\n\n"] if "error" in reply.value else []
        return Reply.stream([b"data: " + dump(value) + b"\n\n", *done])
    return reply


@fault("error.path_as_html", stage="error", breaks="error.path")
def answer_unknown_paths_in_html(reply: Reply, situation: Situation) -> Reply:
    """An unknown path is answered with a page."""
    if "no/such/path" in situation.path:
        reply.headers["content-type"] = "text/html"
        reply.parts = [b"<html>Not Found</html>"]
    return reply


@fault("error.method_as_500", stage="error", breaks="error.method")
def fail_at_get(reply: Reply, situation: Situation) -> Reply:
    """GET on the chat endpoint is answered with 500."""
    if reply.status == 405:
        reply.status = 500
    return reply


@fault("syntax.repaired", stage="reply", breaks="request.syntax")
def guess_what_was_meant(reply: Reply, situation: Situation) -> Reply:
    """A body that is a list is taken for an empty conversation."""
    if reply.status == 400 and situation.body is None:
        return Reply.json(200, situation.memory.get("answer", {"choices": []}))
    # The shortest answer, so that it is not longer than what was allowed.
    if reply.status == 200 and (situation.body or {}).get("max_completion_tokens") == 1:
        situation.memory.setdefault("answer", reply.value)
    return reply


@fault("survival.lost", stage="body", breaks="error.survival", seen_in="vllm-project/vllm#16529")
def stay_down(data: bytes, situation: Situation) -> bytes:
    """After a body that is no JSON, the next valid request fails."""
    try:
        body = json.loads(data)
    except json.JSONDecodeError:
        situation.memory["down"] = True
    except (RecursionError, ValueError):
        pass  # other parsers read these
    else:
        if isinstance(body, dict) and situation.memory.pop("down", False):
            raise Refusal("The engine is gone.", status=503, kind="server_error", code=None)
    return data


def _error(reply: Reply, situation: Situation) -> Json:
    from ..replies import error
    from ..style import style_of

    return error(
        style_of(situation.contract), "Try again.", kind="server_error", param=None, code="x"
    )


def _inner(reply: Reply) -> Json:
    return reply.value.get("error", reply.value)


@fault("error.retry_after_soon", stage="reply", breaks="error.retry_after")
def ask_for_patience(reply: Reply, situation: Situation) -> Reply:
    """A rate limit says in words when to come back."""
    if not situation.singled_out or situation.streaming or reply.status != 200:
        return reply
    style = style_of(situation.contract)
    envelope = replies.error(
        style, "Too many requests", kind="too_many_requests_error", param="quota", code=None
    )
    refused = Reply.json(429, envelope)
    refused.headers["retry-after"] = "soon"
    return refused


@fault("error.no_allow", stage="error", breaks="error.method.allow")
def keep_the_methods_secret(reply: Reply, situation: Situation) -> Reply:
    """A method that is refused comes without the header Allow."""
    reply.headers.pop("allow", None)
    return reply
