"""Answers beyond their schema: the HTTP side, the choices, the time stamp."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from ..checks import Checks, check, rule
from ..wire.answer import integer, mapping

if TYPE_CHECKING:
    from ..contract import Contract
    from ..wire import View

EARLIEST, LATEST = 1_577_836_800, 4_102_444_800
"""2020-01-01 and 2100-01-01: seconds lie between, milliseconds and zero do not."""


@rule("response.content_type", on="completion")
def plain_answers_are_declared_json(view: View, contract: Contract) -> Checks:
    """Where a stream was asked for, stream.content_type speaks of that."""
    if view.asked_for_stream:
        return
    media = view.media_type
    yield check(
        media == "application/json",
        f"content type is {media or 'missing'}",
        expected="application/json",
        actual=media,
        at="header content-type",
    )


@rule("response.content_type.space", on="completion")
def parameters_follow_at_once(view: View, contract: Contract) -> Checks:
    declared = view.header("content-type") or ""
    media = declared.partition(";")[0]
    yield check(
        media == media.rstrip(),
        "a space stands before the semicolon of the content type",
        expected="application/json;",
        actual=declared,
        at="header content-type",
    )


@rule("response.json", on="any")
def plain_answers_are_json(view: View, contract: Contract) -> Checks:
    """Also what is no answer at all, a page of HTML with status 200."""
    request = view.exchange.request
    asked = request.method == "POST" and request.path == "/chat/completions"
    whole = view.failure is None and view.status in range(200, 300)
    if not asked or not whole or view.asked_for_stream or view.kind in ("stream", "error"):
        return
    problems = [p for p in view.json.problems if p.kind != "duplicate-key"]
    yield check(not problems, *(p.message for p in problems[:1]), at=_offset(problems))


@rule("response.json.unique_names", on="completion")
def names_are_unique(view: View, contract: Contract) -> Checks:
    problems = [p for p in view.json.problems if p.kind == "duplicate-key"]
    yield check(not problems, *(p.message for p in problems))


@rule("response.mode.plain", on="answer")
def no_stream_unless_asked(view: View, contract: Contract) -> Checks:
    """Who asks with what is no boolean asks for neither; another requirement speaks of that."""
    stream = mapping(view.request_json).get("stream")
    if stream is None or stream is False:
        yield check(
            view.kind == "completion",
            "an event stream came though none was asked for",
            expected="one JSON object",
            actual="an event stream",
        )


@rule("response.choices.count", on="answer", of_valid=True)
def choices_are_as_many_as_asked(view: View, contract: Contract) -> Checks:
    """Indexes are those of the choices that came, in any order."""
    if view.kind == "stream" and not view.stream.ended_well:
        return
    count = integer(mapping(view.request_json).get("n")) or 1
    indexes = sorted(choice.index for choice in view.choices)
    yield check(
        indexes == list(range(count)),
        f"{len(indexes)} choices with the indexes {indexes}",
        expected=list(range(count)),
        actual=indexes,
        at="/choices",
    )


@rule("response.created.seconds", on="answer")
def created_is_in_seconds(view: View, contract: Contract) -> Checks:
    values = (
        [view.json.value.get("created")]
        if view.kind == "completion"
        else [p.value.get("created") for _, p in view.chunks if isinstance(p.value, dict)][:1]
    )
    for created in values:
        if isinstance(created, int) and not isinstance(created, bool):
            yield check(
                EARLIEST < created < LATEST,
                f"created is {created}, which is no time of today in seconds",
                expected="seconds since 1970",
                actual=created,
                at="/created",
            )


@rule("response.charset", on="answer")
def the_charset_is_utf8(view: View, contract: Contract) -> Checks:
    parameters = view.header("content-type") or ""
    found = re.search(r";\s*charset=\"?([^\s;\"]+)", parameters, re.IGNORECASE)
    charset = found[1] if found else "utf-8"
    yield check(
        charset.lower() in ("utf-8", "utf8"),
        f"the charset is {charset}",
        expected="utf-8, or none",
        actual=charset,
        at="header content-type",
    )


@rule("response.inference_id", on="completion")
def the_header_names_the_answer(view: View, contract: Contract) -> Checks:
    header = view.header("inference-id")
    if header is not None:
        name = view.json.value.get("id")
        yield check(
            header == name,
            f"the header inference-id is {header!r}, the id {name!r}",
            expected=name,
            actual=header,
            at="header inference-id",
        )


@rule("response.time_info.sum", "response.time_info.created", on="completion")
def times_add_up(view: View, contract: Contract) -> Checks:
    """The parts are rounded, each for itself."""
    answer = view.json.value
    times = answer.get("time_info")
    if not isinstance(times, dict):
        return
    parts: list[Any] = [times.get(f"{part}_time") for part in ("queue", "prompt", "completion")]
    total: Any
    created: Any
    total, created = times.get("total_time"), times.get("created")
    if _are_numbers(*parts, total):
        yield check(
            sum(parts) <= total * 1.001 + 1e-6,
            f"the parts take {sum(parts)} s, the whole {total} s",
            expected=f"at most {total}",
            actual=sum(parts),
            at="/time_info",
            requirement="response.time_info.sum",
        )
    if _are_numbers(created, answer.get("created")) and EARLIEST < answer["created"] < LATEST:
        yield check(
            math.floor(created) == answer["created"],
            f"created is {answer['created']} and {created} in time_info",
            expected=answer["created"],
            actual=created,
            at="/time_info/created",
            requirement="response.time_info.created",
        )


def _are_numbers(*values: Any) -> bool:
    return all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)


def _offset(problems: list) -> str:  # type: ignore[type-arg]
    return f"byte {problems[0].offset}" if problems and problems[0].offset is not None else ""
