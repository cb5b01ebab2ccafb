"""Faults that the document gives: one for each requirement that a keyword makes.

They need no code of their own. A constraint on requests is overlooked, a value that is allowed is
refused, and a reply is changed in the smallest way that breaks one requirement and no other.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

from ...contract.relations import RELATIONS
from ..refusal import Refusal
from ..replies import dump
from .events import DONE
from .registry import Fault, Situation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...contract import Breach, Contract
    from ...contract.boundaries import Pair
    from ...contract.document import Json
    from ...contract.judge import Judge
    from ..replying import Reply
    from .registry import Action, Stage

REPLIES: Final[dict[str, tuple[str, Stage]]] = {
    "response.": ("response", "completion"),
    "stream.chunk.": ("chunk", "chunks"),
    "error.body.": ("error", "error"),
    "models.list.": ("models", "models"),
    "models.model.": ("model", "models"),
    "stream.error.": ("stream_error", "events"),
}
"""How the ids of a reply's requirements begin, what judges it, and the stage where it is made."""
STRICT: Final = frozenset({"null", "minimum", "maximum", "minItems", "maxItems", "maxLength"})
"""Keywords at whose valid side a server may stumble."""
OTHER: Final[tuple[Any, ...]] = (-7, 4096, "", "odd", True, None, 1.5, {"odd": 1}, [{}], [])
"""What may come in place of any value."""
SPARED: Final = 3
"""Answers that are left as they are: a server that cannot be talked to at all tests nothing."""
PATHS: Final = {"models": "/models", "model": "/models/"}
"""Where a reply is of one of two kinds that have one stage."""


def derived(contract: Contract) -> dict[str, Fault]:
    """The faults of a dialect that follow from its document, by id."""
    made = [*_ignored(contract), *_refused(contract), *_broken(contract)]
    return {fault.id: fault for fault in made}


# Requests ----------------------------------------------------------------------------------------


def _pairs(contract: Contract) -> list[Pair]:
    model = contract.judge("request").root.properties["model"].schema["examples"][0]
    base = {"model": model, "messages": [{"role": "user", "content": "Say hello."}]}
    return contract.pairs(base)


def _ignored(contract: Contract) -> Iterator[Fault]:
    demanded = [p.requirement for p in _pairs(contract) if p.invalid is not None]
    related = [name for name in RELATIONS if name in contract.requirements]
    for name in dict.fromkeys((*demanded, *related)):
        title = f"{name.removeprefix('request.')} is not enforced."
        id = f"ignored.{name.removeprefix('request.')}"
        yield Fault(id, title, "breaches", _overlook(name), (name,))


def _overlook(name: str) -> Action:
    def overlook(breaches: list[Breach], situation: Situation) -> list[Breach]:
        return [breach for breach in breaches if breach.requirement != name]

    return overlook


def _refused(contract: Contract) -> Iterator[Fault]:
    known = contract.requirements
    for pair in _pairs(contract):
        if known[pair.requirement].keyword in STRICT:
            name = pair.requirement.removeprefix("request.")
            title = f"A request is refused that just keeps {name}."
            yield Fault(f"refused.{name}", title, "request", _refuse(pair), (pair.requirement,))


def _refuse(pair: Pair) -> Action:
    """Where it asks for nothing else: a parameter beside it is another requirement's matter."""
    given = pair.invalid if pair.invalid is not None else {}
    plain = {"model", "max_completion_tokens"} - {pair.requirement.split(".")[1]}
    told = {k: v for k, v in pair.valid.items() if k not in plain and v != given.get(k, ...)}

    def refuse(body: Json, situation: Situation) -> Json:
        asked = body.keys() <= pair.valid.keys() | plain
        if told and asked and all(key in body and body[key] == told[key] for key in told):
            raise Refusal(f"{pair.requirement}: Input is not allowed", param=next(iter(told)))
        return body

    return refuse


# Replies -----------------------------------------------------------------------------------------


def _broken(contract: Contract) -> Iterator[Fault]:
    for name, requirement in contract.requirements.items():
        for prefix, (what, stage) in REPLIES.items():
            if requirement.keyword and name.startswith(prefix):
                title = f"A reply breaks {name}, and nothing else that a keyword says."
                yield Fault(f"broken.{name}", title, stage, _break(name, what), (name,))


def _break(name: str, what: str) -> Action:
    def break_it(value: Any, situation: Situation) -> Any:
        if what == "stream_error":
            return _broken_off(value, name, situation)
        if isinstance(value, list):
            return _broken_stream(value, name, situation)
        if isinstance(value, dict):
            return _broken_value(value, name, what, situation)
        reply: Reply = value
        changed = _broken_value(reply.value, name, what, situation)
        if changed is not reply.value:
            reply.value = changed
            reply.parts = [dump(changed)]
        return reply

    return break_it


def _broken_stream(chunks: list[Json], name: str, situation: Situation) -> list[Json]:
    for number, chunk in enumerate(chunks):
        changed = _broken_value(chunk, name, "chunk", situation)
        if changed is not chunk:
            return [*chunks[:number], changed, *chunks[number + 1 :]]
    return chunks


def _broken_off(events: list[bytes], name: str, situation: Situation) -> list[bytes]:
    """One stream, of those that do nothing else, is ended by an error that is badly told."""
    if not situation.singled_out:
        return events
    judge = situation.contract.judge("stream_error")
    example = judge.root.schema["examples"][0]
    error = next(c for c in (*_changes(example), "odd") if _breaks_alone(judge, c, name))
    return [events[0], b"data: " + dump(error) + b"\n\n", *([DONE] if DONE in events else [])]


def _broken_value(value: Json, name: str, what: str, situation: Situation) -> Json:
    """The value with the first change that breaks the requirement alone; as it is if none does."""
    seen = situation.memory[what] = situation.memory.get(what, 0) + 1
    if (seen <= SPARED and what == "response") or situation.path != PATHS.get(what, situation.path):
        return value
    judge = situation.contract.judge(what)
    if name not in judge.tested(value):
        return value
    return next((c for c in _changes(value) if _breaks_alone(judge, c, name)), value)


def _breaks_alone(judge: Judge, value: Json, name: str) -> bool:
    return {breach.requirement for breach in judge.breaches(value)} == {name}


def _changes(value: Json) -> Iterator[Json]:
    """Another reply, and copies of this one, each with one value in it missing or replaced."""
    yield []
    for way in _places(value):
        yield from (_changed(value, way, other) for other in OTHER)
        if isinstance(way[-1], str):
            yield _changed(value, way, ...)


def _changed(value: Any, way: tuple[Any, ...], other: Any) -> Any:
    """A copy, no deeper than it has to be, with another value in one place; `...` takes it away."""
    key, *further = way
    copied = copy.copy(value)
    if further:
        copied[key] = _changed(value[key], tuple(further), other)
    elif other is ...:
        del copied[key]
    else:
        copied[key] = other
    return copied


def _places(value: Json) -> Iterator[tuple[Any, ...]]:
    """The ways to all values in it. Of a list the first will do: it breaks what the others do."""
    inner = value.items() if isinstance(value, dict) else list(enumerate(value))[:1]
    for key, below in inner:
        yield (key,)
        if isinstance(below, (dict, list)):
            yield from ((key, *way) for way in _places(below))
