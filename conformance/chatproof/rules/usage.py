"""Token counts: what adds up, and what bounds what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..checks import Checks, check, rule
from ..wire.answer import integer, mapping

if TYPE_CHECKING:
    from ..contract import Contract
    from ..contract.document import Json
    from ..wire import View


@rule("usage.total", on="answer")
def total_is_the_sum(view: View, contract: Contract) -> Checks:
    prompt, completion, total = (
        _count(view.usage, f"{n}_tokens") for n in ("prompt", "completion", "total")
    )
    if prompt is not None and completion is not None and total is not None:
        yield check(
            total == prompt + completion,
            f"total_tokens is {total}, not {prompt} + {completion}",
            expected=prompt + completion,
            actual=total,
            at="/usage/total_tokens",
        )


@rule("usage.cached", on="answer")
def cached_tokens_are_prompt_tokens(view: View, contract: Contract) -> Checks:
    yield from _part_of(view, "prompt_tokens", "prompt_tokens_details", "cached_tokens")


@rule("usage.reasoning", on="answer")
def reasoning_tokens_are_completion_tokens(view: View, contract: Contract) -> Checks:
    yield from _part_of(view, "completion_tokens", "completion_tokens_details", "reasoning_tokens")


@rule("usage.limit", on="answer", of_valid=True)
def completion_stays_within_the_limit(view: View, contract: Contract) -> Checks:
    """-1 and 0 mean something special to some servers, and null means no limit."""
    completion = _count(view.usage, "completion_tokens")
    body = mapping(view.request_json)
    limits = [_count(body, name) for name in ("max_completion_tokens", "max_tokens")]
    given = [limit for limit in limits if limit is not None and limit > 0]
    if completion is None or len(given) != 1:
        return  # both names at once: no source says which one counts
    most = given[0] * max(1, len(view.choices))
    yield check(
        completion <= most,
        f"{completion} completion tokens where {most} were allowed",
        expected=f"at most {most}",
        actual=completion,
        at="/usage/completion_tokens",
    )


def _part_of(view: View, whole: str, details: str, part: str) -> Checks:
    total = _count(view.usage, whole)
    count = _count(mapping(view.usage).get(details), part)
    if total is not None and count is not None:
        yield check(
            count <= total,
            f"{part} is {count}, more than the {total} {whole}",
            expected=f"at most {total}",
            actual=count,
            at=f"/usage/{details}/{part}",
        )


def _count(holder: Json, name: str) -> int | None:
    return integer(mapping(holder).get(name))
