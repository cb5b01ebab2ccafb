"""Requests: constraints that are not enforced, and valid values that are refused.

A constraint that is ignored needs no code of its own: the server overlooks what the judge of the
document says about it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..refusal import Refusal
from .registry import Situation, fault

if TYPE_CHECKING:
    from ...contract import Breach
    from ...contract.document import Json

IGNORED = (
    "request.additional_properties",
    "request.logprobs.type",
    "request.max_completion_tokens.type",
    "request.messages.min_items",
    "request.messages.tool.known_call",
    "request.messages.tool_calls.answered",
    "request.messages.tool_calls.unique",
    "request.messages.required",
    "request.messages.role.enum",
    "request.messages.system.content.type",
    "request.messages.tool.tool_call_id.required",
    "request.messages.type",
    "request.messages.user.content.required",
    "request.model.required",
    "request.response_format.closed",
    "request.response_format.definitions",
    "request.response_format.json_schema.json_schema.name.required",
    "request.response_format.json_schema.json_schema.required",
    "request.response_format.type.enum",
    "request.seed.type",
    "request.stream_options.needs_stream",
    "request.stop.items.type",
    "request.stop.max_items",
    "request.stream.type",
    "request.temperature.maximum",
    "request.temperature.minimum",
    "request.temperature.type",
    "request.tool_choice.enum",
    "request.tool_choice.function.name.required",
    "request.tool_choice.needs_tools",
    "request.tools.function.function.name.required",
    "request.tools.function.function.required",
    "request.tools.strict_agrees",
    "request.tools.type",
    "request.tools.type.enum",
    "request.top_logprobs.maximum",
    "request.top_logprobs.minimum",
    "request.top_logprobs.needs_logprobs",
    "request.top_logprobs.type",
    "request.top_p.maximum",
    "request.top_p.minimum",
    "request.top_p.type",
    "request.user.type",
)
"""Constraints of which each makes a fault, in the dialects that have it: it is overlooked."""
NULLABLE = ("max_completion_tokens", "seed", "stop", "stream", "temperature", "top_p")
"""Properties of which each makes a fault: null is refused."""


def _ignore(requirement: str) -> None:
    @fault(f"ignored.{requirement.removeprefix('request.')}", stage="breaches", breaks=requirement)
    def ignore(breaches: list[Breach], situation: Situation) -> list[Breach]:
        """A constraint is not enforced."""
        return [breach for breach in breaches if breach.requirement != requirement]


def _refuse_null(name: str) -> None:
    @fault(
        f"refused.{name}.null",
        stage="request",
        breaks=f"request.{name}.null",
        seen_in="open-webui/open-webui#12328",
    )
    def refuse(body: Json, situation: Situation) -> Json:
        """Null is refused where it stands for the default."""
        if name in body and body[name] is None:
            raise Refusal(f"{name}: Input should not be null", param=name)
        return body


for _requirement in IGNORED:
    _ignore(_requirement)
for _name in NULLABLE:
    _refuse_null(_name)


@fault("refused.temperature.bound", stage="request", breaks="request.temperature.maximum")
def refuse_the_bound(body: Json, situation: Situation) -> Json:
    """The greatest temperature that is allowed is refused."""
    schema = situation.contract.judge("request").root.properties["temperature"].schema
    if body.get("temperature") == schema["maximum"]:
        raise Refusal("temperature: Input should be less", param="temperature")
    return body


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
