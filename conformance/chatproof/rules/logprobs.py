"""Log probabilities in any answer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..checks import Checks, check, rule
from ..wire.answer import integer, mapping, mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..contract import Contract
    from ..contract.document import Json
    from ..wire import View


@rule("logprobs.unasked", on="answer", of_valid=True)
def none_come_unasked(view: View, contract: Contract) -> Checks:
    body = mapping(view.request_json)
    if body.get("logprobs"):
        return
    for choice in view.choices:
        yield check(
            not choice.logprobs,
            "log probabilities came though none were asked for",
            expected="absent or null",
            actual=choice.logprobs[:1],
            at=f"/choices/{choice.index}/logprobs",
        )


@rule("logprobs.top.count", "logprobs.top.present", on="answer", of_valid=True)
def alternatives_are_as_many_as_asked(view: View, contract: Contract) -> Checks:
    body = mapping(view.request_json)
    most = integer(body.get("top_logprobs"))
    if most is None:
        return  # no source says how many come when no number is given
    for where, entry in _entries(view):
        top = entry.get("top_logprobs")
        if not isinstance(top, list):
            continue
        for requirement, holds in (
            ("logprobs.top.count", len(top) <= most),
            ("logprobs.top.present", bool(top) or not most),
        ):
            yield check(
                holds,
                f"{len(top)} alternatives where {most} were asked for",
                expected=most,
                actual=len(top),
                at=f"{where}/top_logprobs",
                requirement=requirement,
            )


@rule("logprobs.negative", on="answer")
def logprobs_are_logarithms_of_probabilities(view: View, contract: Contract) -> Checks:
    for where, entry in _entries(view):
        for value in (e.get("logprob") for e in (entry, *mappings(entry.get("top_logprobs")))):
            if isinstance(value, int | float) and not isinstance(value, bool):
                yield check(
                    math.isfinite(value) and value <= 0,
                    f"a log probability is {value}",
                    expected="a finite number up to 0",
                    actual=repr(value),
                    at=where,
                )


@rule("logprobs.sum", on="answer")
def alternatives_are_probabilities(view: View, contract: Contract) -> Checks:
    """A little more than 1 is rounding."""
    for where, entry in _entries(view):
        alternatives = mappings(entry.get("top_logprobs"))
        values: list[Any] = [t.get("logprob") for t in alternatives]
        if values and all(isinstance(v, int | float) and v <= 0 for v in values):
            total = sum(math.exp(v) for v in values)
            yield check(
                total <= 1.01,
                f"the probabilities of {len(values)} alternatives add up to {total:.3g}",
                expected="at most 1",
                actual=values,
                at=f"{where}/top_logprobs",
            )


@rule("logprobs.bytes", on="answer")
def bytes_add_up_to_the_content(view: View, contract: Contract) -> Checks:
    """A cut may fall inside a character, and a stop sequence inside a token."""
    body = mapping(view.request_json)
    for choice in view.choices if body.get("logprobs") and not body.get("stop") else ():
        lists: list[Json] = [entry.get("bytes") for entry in mappings(choice.logprobs)]
        if not lists or not all(_are_bytes(item) for item in lists) or choice.content is None:
            continue
        joined = b"".join(bytes(item) for item in lists)
        yield check(
            _reads(joined, choice.content),
            "the bytes of the entries are not those of the content",
            expected=choice.content,
            actual=joined.decode("utf-8", "replace"),
            at=f"/choices/{choice.index}/logprobs/content",
        )


def _reads(data: bytes, content: str) -> bool:
    """Whether the bytes are the content; half a character at their end may be left out of it."""
    if data.decode("utf-8", "replace") == content:
        return True
    text = content.encode("utf-8", "surrogatepass")
    rest = data[len(text) :]
    return data.startswith(text) and len(rest) < 4 and not rest.decode("utf-8", "ignore")


def _are_bytes(value: Json) -> bool:
    return isinstance(value, list) and all(
        isinstance(b, int) and not isinstance(b, bool) and 0 <= b < 256 for b in value
    )


def _entries(view: View) -> Iterator[tuple[str, dict[str, Json]]]:
    for choice in view.choices:
        for number, entry in enumerate(choice.logprobs):
            if isinstance(entry, dict):
                yield f"/choices/{choice.index}/logprobs/content/{number}", entry
