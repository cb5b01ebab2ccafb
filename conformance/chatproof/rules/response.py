"""Answers beyond their schema: the HTTP side, the choices, the time stamp."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..checks import Checks, check, rule

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
    media = view.reply.media_type if view.reply else ""
    yield check(
        media == "application/json",
        f"content type is {media or 'missing'}",
        expected="application/json",
        actual=media,
        at="header content-type",
    )


@rule("response.json", on="any")
def plain_answers_are_json(view: View, contract: Contract) -> Checks:
    """Also what is no answer at all, a page of HTML with status 200."""
    request = view.exchange.request
    asked = request.method == "POST" and request.path == "/chat/completions"
    whole = view.failure is None and 200 <= (view.status or 0) < 300
    if not asked or not whole or view.asked_for_stream or view.kind in ("stream", "error"):
        return
    problems = [p for p in view.json.problems if p.kind != "duplicate-key"]
    yield check(not problems, *(p.message for p in problems[:1]), at=_offset(problems))


@rule("response.json.unique_names", on="completion")
def names_are_unique(view: View, contract: Contract) -> Checks:
    problems = [p for p in view.json.problems if p.kind == "duplicate-key"]
    yield check(not problems, *(p.message for p in problems[:1]), at=_offset(problems))


@rule("response.mode.plain", on="answer")
def no_stream_unless_asked(view: View, contract: Contract) -> Checks:
    if not view.asked_for_stream:
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
    asked = view.request_json.get("n") if isinstance(view.request_json, dict) else None
    count = asked if isinstance(asked, int) and not isinstance(asked, bool) else 1
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


def _offset(problems: list) -> str:  # type: ignore[type-arg]
    return f"byte {problems[0].offset}" if problems and problems[0].offset is not None else ""
