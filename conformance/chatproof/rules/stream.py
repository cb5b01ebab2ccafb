"""Streams: how events are written, in which order chunks come, and how the whole ends.

The wire layer has noted what is peculiar; which note breaks which requirement is a table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..checks import Checks, check, rule
from ..wire import Kind, Quirk
from ..wire.answer import mapping, mappings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..contract import Contract
    from ..wire import View

GRAMMAR = {
    "stream.grammar.utf8": (Quirk.NOT_UTF8,),
    "stream.grammar.terminated": (Quirk.UNTERMINATED,),
    "stream.grammar.fields": (Quirk.UNKNOWN_FIELD,),
    "stream.grammar.data": (Quirk.NO_DATA,),
    "stream.grammar.line_ends": (Quirk.CRLF, Quirk.CR),
    "stream.grammar.space": (Quirk.NO_SPACE,),
    "stream.grammar.bom": (Quirk.BOM,),
    "stream.grammar.name": (Quirk.NAMED,),
}
ORDER = {
    "stream.event.json": (Kind.NOT_JSON,),
    "stream.terminator.last": (Kind.AFTER_TERMINATOR,),
    "stream.ends": (Kind.NO_FINISH, Kind.NO_CHUNKS),
    "stream.role.first": (Kind.ROLE_MISSING,),
    "stream.role.once": (Kind.ROLE_REPEATED,),
    "stream.finish.once": (Kind.FINISH_REPEATED,),
    "stream.finish.last": (Kind.CONTENT_AFTER_FINISH,),
    "stream.id.constant": (Kind.ID_VARIES,),
    "stream.created.constant": (Kind.CREATED_VARIES,),
    "stream.model.constant": (Kind.MODEL_VARIES,),
    "stream.system_fingerprint.constant": (Kind.FINGERPRINT_VARIES,),
    "stream.choices.index": (Kind.CHOICE_INDEX,),
    "stream.usage.once": (Kind.USAGE_REPEATED,),
    "stream.error.last": (Kind.AFTER_ERROR,),
}
CALLS = {
    "stream.tool_calls.index": (Kind.TOOL_INDEX,),
    "stream.tool_calls.begin": (Kind.TOOL_BEGIN,),
    "stream.tool_calls.once": (Kind.TOOL_REPEATED,),
}


@rule("stream.content_type", on="answer")
def streams_are_declared(view: View, contract: Contract) -> Checks:
    if not view.asked_for_stream:
        return
    media = view.media_type
    yield check(
        media == "text/event-stream",
        f"content type is {media or 'missing'}",
        expected="text/event-stream",
        actual=media,
        at="header content-type",
    )


@rule(*GRAMMAR, on="stream")
def events_are_well_written(view: View, contract: Contract) -> Checks:
    for requirement, quirks in GRAMMAR.items():
        note = next((n for n in view.notes if n.quirk in quirks), None)
        if note is None:
            yield check(True, requirement=requirement)
            continue
        yield check(
            False,
            note.quirk.value,
            actual=note.line.decode("utf-8", "replace"),
            at=f"byte {note.offset}",
            requirement=requirement,
        )


@rule(*ORDER, on="stream")
def chunks_come_in_order(view: View, contract: Contract) -> Checks:
    yield from _of_kinds(view, ORDER)


@rule(*CALLS, on="stream")
def calls_come_in_order(view: View, contract: Contract) -> Checks:
    if any(answer.tool_calls for answer in view.choices):
        yield from _of_kinds(view, CALLS)


@rule("stream.tool_calls.empty_name", on="stream")
def names_are_left_out_and_not_empty(view: View, contract: Contract) -> Checks:
    if not any(answer.tool_calls for answer in view.choices):
        return
    empty = (
        (event.number, mapping(call.get("function")))
        for event, parsed in view.chunks
        for choice in mappings(mapping(parsed.value).get("choices"))
        for call in mappings(mapping(choice.get("delta")).get("tool_calls"))
        if mapping(call.get("function")).get("name") == ""
    )
    number, function = next(empty, (None, None))
    yield check(
        number is None,
        "a fragment of a tool call has an empty function name",
        expected="no name",
        actual=function,
        at=f"event {number}",
    )


def _of_kinds(view: View, table: Mapping[str, tuple[Kind, ...]]) -> Checks:
    """A check for each requirement: the first violation of its kinds, or none.

    A stream that broke off is not blamed for what it would still have said.
    """
    for requirement, kinds in table.items():
        found = next((v for v in view.stream.violations if v.kind in kinds), None)
        if found is None:
            yield check(True, requirement=requirement)
            continue
        yield check(
            False,
            found.kind.value,
            expected=found.expected,
            actual=found.actual,
            at=f"event {found.event} {found.path}".rstrip(),
            requirement=requirement,
        )


@rule("stream.terminator", on="stream")
def done_ends_the_stream(view: View, contract: Contract) -> Checks:
    if view.failure is None and view.stream.error is None:
        last = view.events[-1].data[:80].decode("utf-8", "replace") if view.events else ""
        yield check(
            view.stream.terminated,
            "the stream ends without [DONE]",
            expected="[DONE]",
            actual=last,
            at=f"event {len(view.events)}",
        )


@rule("stream.usage.requested", on="stream", of_valid=True)
def usage_has_a_chunk_of_its_own(view: View, contract: Contract) -> Checks:
    if not _include_usage(view) or not view.stream.ended_well:
        return
    machine = view.stream
    yield check(
        bool(machine.usage_events) and not machine.usage_beside_choices,
        "usage was asked for, and no last chunk with empty choices has it",
        expected='{"choices": [], "usage": {...}}',
        actual="usage beside choices" if machine.usage_events else "no usage",
        at=f"event {machine.usage_events[-1]}" if machine.usage_events else "the end",
    )


@rule("stream.usage.null", on="stream", of_valid=True)
def other_chunks_have_no_usage_and_say_so(view: View, contract: Contract) -> Checks:
    if not _include_usage(view) or not view.stream.usage_events:
        return
    silent = [
        event.number
        for event, parsed in view.chunks
        if mapping(parsed.value).get("choices") and "usage" not in mapping(parsed.value)
    ]
    yield check(
        not silent,
        "usage was asked for, and a chunk has no key usage",
        expected='"usage": null',
        actual=f"{len(silent)} of {view.stream.chunks} chunks",
        at=f"event {min(silent, default=None)}",
    )


@rule("stream.usage.unrequested", on="stream", of_valid=True)
def usage_does_not_come_unasked(view: View, contract: Contract) -> Checks:
    if _include_usage(view) or not view.asked_for_stream:
        return
    machine = view.stream
    unasked = [*machine.usage_events, *machine.empty_choices]
    yield check(
        not unasked,
        "a chunk has usage, or no choices, though usage was not asked for",
        expected="no such chunk",
        actual=f"{len(unasked)} of {machine.chunks} chunks",
        at=f"event {min(unasked, default=None)}",
    )


@rule("stream.usage.finish_chunk", on="stream")
def usage_rides_in_the_finish_chunk(view: View, contract: Contract) -> Checks:
    machine = view.stream
    if not machine.ended_well:
        return
    yield check(
        bool(machine.usage_events) and machine.usage_beside_choices,
        "the chunk with the finish reason has no usage",
        expected="usage beside the finish reason",
        actual="usage elsewhere" if machine.usage_events else "no usage",
        at="the end",
    )


def _include_usage(view: View) -> bool:
    options = mapping(mapping(view.request_json).get("stream_options"))
    return options.get("include_usage") is True
