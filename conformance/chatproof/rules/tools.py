"""Tool calls in any answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..checks import Checks, check, rule
from ..wire.answer import mapping

if TYPE_CHECKING:
    from ..contract import Contract
    from ..wire import View


@rule("tools.finish_reason", on="answer", of_valid=True)
def finish_reason_tells_of_calls(view: View, contract: Contract) -> Checks:
    """With a named function `stop` is seen too, and a call may be cut off by the limit."""
    body = mapping(view.request_json)
    for choice in view.choices:
        reason = choice.finish_reason
        concerned = choice.tool_calls or body.get("tools") or reason == "tool_calls"
        if reason is None or not concerned:
            continue
        allowed = {"tool_calls", "length", "content_filter"} if choice.tool_calls else None
        if allowed and isinstance(body.get("tool_choice"), dict):
            allowed.add("stop")
        yield check(
            reason in allowed if allowed else reason != "tool_calls",
            f"the finish reason is {reason} with {len(choice.tool_calls)} tool calls",
            expected=sorted(allowed) if allowed else "any but tool_calls",
            actual=reason,
            at=f"/choices/{choice.index}/finish_reason",
        )


@rule("tools.unasked", on="answer", of_valid=True)
def no_call_without_tools(view: View, contract: Contract) -> Checks:
    body = mapping(view.request_json)
    for choice in view.choices if not body.get("tools") else ():
        yield check(
            not choice.tool_calls,
            "a tool was called though there are none",
            expected="no tool calls",
            actual=[call.name for call in choice.tool_calls],
            at=f"/choices/{choice.index}/message/tool_calls",
        )


@rule("tools.ids", on="answer")
def call_ids_differ(view: View, contract: Contract) -> Checks:
    for choice in view.choices:
        if not choice.tool_calls:
            continue
        ids = [call.id for call in choice.tool_calls]
        yield check(
            all(isinstance(i, str) and i for i in ids) and len(set(ids)) == len(ids),
            f"the ids of the tool calls are {ids}",
            expected="ids that are not empty and differ",
            actual=ids,
            at=f"/choices/{choice.index}/message/tool_calls",
        )
