"""What there is to say about one requirement."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING

from .checks import spoken_for
from .contract.document import SpecError, resolve
from .contract.sources import evidence_address, source_words
from .options import BadOption
from .untrusted import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .contract import Contract, Requirement

REPLY = 400
"""So many characters of the beginning and of the end of a reply are shown."""


def explanation(name: str, contract: Contract) -> str:
    """A requirement in words: what it demands, why, where it comes from, and what breaks it.

    Raises:
        BadOption: the dialect has no such requirement; the message names those that are close.
    """
    requirement = contract.requirements.get(name)
    if requirement is None:
        close = difflib.get_close_matches(name, contract.requirements, n=3)
        hint = f"did you mean {', '.join(close)}?" if close else "see `chatproof list requirements`"
        raise BadOption(f"the dialect {contract.dialect} has no requirement {name!r}; {hint}")
    return "\n".join(_lines(requirement, contract))


def _lines(requirement: Requirement, contract: Contract) -> Iterator[str]:
    yield f"{requirement.id}  ({requirement.level}, class {requirement.cls})"
    yield ""
    yield requirement.statement
    yield requirement.why
    yield ""
    if requirement.reason:
        yield f"level     {requirement.level} in {contract.dialect}: {requirement.reason}"
    yield from (f"source    {source_words(key)}" for key in requirement.source)
    yield f"schema    openapi.yaml#{requirement.pointer}"
    if requirement.keyword:
        yield from _keyword(requirement, contract)
    if requirement.schema is not None:
        yield f"asked     {json.dumps(requirement.schema, ensure_ascii=False)}"
    yield from _examples(requirement, contract)
    yield from (f"evidence  {evidence_address(e)}" for e in requirement.evidence)
    from .reference.faults import faults_of

    for fault in faults_of(contract).values():
        if spoken_for(fault.breaks, [requirement.id]):
            yield f"fault     {fault.id}: {fault.title}"
    yield from _seen(requirement, contract)


def _seen(requirement: Requirement, contract: Contract) -> Iterator[str]:
    """The requirement as it fails, and the same request as it should be answered."""
    from .demonstration import demonstrate

    made = demonstrate(requirement.id, contract)
    if made is None:
        return
    yield ""
    yield f"With the fault {made.fault.id} the reference server fails it: {made.finding.message}"
    if made.finding.expected is not None or made.finding.actual is not None:
        yield f"expected  {shown(made.finding.expected)}"
        yield f"actual    {shown(made.finding.actual)}"
    if made.finding.location:
        yield f"where     {made.finding.location}"
    if made.curl:
        yield f"request   {made.curl}"
    if made.right:
        yield f"right     {_ends(made.right)}"
    if made.wrong:
        yield f"wrong     {_ends(made.wrong)}"


def _ends(reply: str) -> str:
    """How a reply begins and ends: what is wrong with it stands seldom in the middle."""
    if len(reply) <= 2 * REPLY:
        return shown(reply, 4 * REPLY)
    return f"{shown(reply[:REPLY], 2 * REPLY)} … {shown(reply[-REPLY:], 2 * REPLY)}"


def _keyword(requirement: Requirement, contract: Contract) -> Iterator[str]:
    try:
        value = resolve(contract.document, requirement.pointer)
    except SpecError:
        return  # a keyword that a union spreads over its branches
    yield f"keyword   {requirement.keyword}: {json.dumps(value, ensure_ascii=False)}"


def _examples(requirement: Requirement, contract: Contract) -> Iterator[str]:
    model = contract.judge("request").root.properties["model"].schema["examples"][0]
    base = {"model": model, "messages": [{"role": "user", "content": "Say hello."}]}
    pairs = [p for p in contract.pairs(base) if p.requirement == requirement.id]
    for words, sides in (
        ("accepted", [p.valid for p in pairs]),
        ("rejected", [p.invalid for p in pairs if p.invalid is not None]),
    ):
        if sides:
            yield f"{words}  {json.dumps(sides[0], ensure_ascii=False)}"
