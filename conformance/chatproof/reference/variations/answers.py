"""What stands in answers, plain and streamed, and in errors."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from ..replies import dump
from .registry import variation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...contract.document import Json
    from ..faults.registry import Situation
    from ..model import GeneratedChoice, Generation
    from ..replying import Reply

MORE = {"x_vendor": {"region": "eu", "cost": 0.001}, "provider": "house"}


@variation("answer.more_fields", stage="completion")
def add_fields(answer: Json, situation: Situation) -> Json:
    """Every object of a plain answer has members that nobody knows."""
    for choice in answer["choices"]:
        choice["message"] |= MORE
        choice |= MORE
    answer["usage"] |= MORE
    return {**answer, **MORE}


@variation("answer.fewer_counts", stage="completion")
def leave_out_details(answer: Json, situation: Situation) -> Json:
    """The usage has the three counts and no details."""
    for name in ("prompt_tokens_details", "completion_tokens_details"):
        answer["usage"].pop(name, None)
    return answer


@variation("answer.half_character", stage="generation")
def stand_for_half_a_character(generation: Generation, situation: Situation) -> Generation:
    """Of a character that the limit cuts in two, a plain answer says that something was there."""
    if situation.streaming or situation.body.get("logprobs"):
        return generation

    def shown(choice: GeneratedChoice) -> GeneratedChoice:
        said = b"".join(token.bytes for token in choice.steps)
        cut = choice.finish_reason == "length" and said != said.decode("utf-8", "ignore").encode()
        return replace(choice, content=choice.content + "\ufffd") if cut else choice

    return replace(generation, choices=tuple(shown(c) for c in generation.choices))


@variation("answer.uuid", stage="completion")
def name_by_uuid(answer: Json, situation: Situation) -> Json:
    """Ids are UUIDs."""
    return {**answer, "id": str(uuid.uuid4())}


@variation("answer.no_service_tier", stage="completion")
def leave_out_the_tier(answer: Json, situation: Situation) -> Json:
    """Nothing is said of a service tier."""
    return {key: value for key, value in answer.items() if key != "service_tier"}


@variation("answer.no_fingerprint", stage="completion", dialects=("openai",))
def leave_out_the_fingerprint(answer: Json, situation: Situation) -> Json:
    """Nothing is said of what the server runs."""
    return {key: value for key, value in answer.items() if key != "system_fingerprint"}


@variation("answer.null_calls", stage="completion", dialects=("openai",))
def give_no_calls_as_null(answer: Json, situation: Situation) -> Json:
    """Members that an answer may leave out are null."""
    for choice in answer["choices"]:
        if not choice["message"].get("tool_calls"):
            choice["message"] |= {"function_call": None, "audio": None}
    return answer


@variation("answer.annotations", stage="completion", dialects=("openai",))
def annotate(answer: Json, situation: Situation) -> Json:
    """A message has a list of annotations, which is empty."""
    for choice in answer["choices"]:
        choice["message"]["annotations"] = []
    return answer


@variation("answer.call_ids", stage="generation")
def number_calls(generation: Generation, situation: Situation) -> Generation:
    """Ids of calls are long."""

    def renamed(choice: GeneratedChoice) -> GeneratedChoice:
        calls = (replace(c, id=f"chatcmpl-tool-{c.id}-{'0' * 16}") for c in choice.tool_calls)
        return replace(choice, tool_calls=tuple(calls))

    return replace(generation, choices=tuple(renamed(c) for c in generation.choices))


@variation("answer.later", stage="completion", dialects=("openai",))
def answer_later(answer: Json, situation: Situation) -> Json:
    """The time of an answer is that of its end, a second later."""
    return {**answer, "created": answer["created"] + 1}


# Errors ------------------------------------------------------------------------------------------


@variation("error.more_words", stage="error")
def explain(reply: Reply, situation: Situation) -> Reply:
    """Errors say more, in another language, with line ends and markup."""
    for inner in _envelopes(reply):
        inner["message"] = f"Ungültig: <b>{inner.get('message')}</b>\n(see the manual)"
    return _again(reply)


@variation("error.more_fields", stage="error")
def add_to_errors(reply: Reply, situation: Situation) -> Reply:
    """Errors have members that nobody knows."""
    for inner in _envelopes(reply):
        inner |= {"request_id": "req_1", "status_code": reply.status, "doc_url": None}
    return _again(reply)


@variation("error.another_status", stage="error")
def refuse_with_another_status(reply: Reply, situation: Situation) -> Reply:
    """Where several statuses are allowed for a client's mistake, another one of them comes."""
    allowed = sorted(situation.contract.statuses("validation"))
    if reply.status in allowed and isinstance(situation.body, dict):
        reply.status = allowed[-1] if reply.status != allowed[-1] else allowed[0]
    return reply


@variation("error.framework", stage="error", warns="error.path")
def answer_as_a_framework(reply: Reply, situation: Situation) -> Reply:
    """Of paths and methods that the API does not have, the framework in front of it speaks."""
    if reply.status == 405 or "no/such/path" in situation.path:
        reply.value = {"detail": "Method Not Allowed" if reply.status == 405 else "Not Found"}
        return _again(reply)
    return reply


def _envelopes(reply: Reply) -> Iterator[Json]:
    inner = reply.value.get("error", reply.value) if isinstance(reply.value, dict) else None
    if isinstance(inner, dict):
        yield inner


def _again(reply: Reply) -> Reply:
    reply.parts = [dump(reply.value)]
    return reply
