"""Checks and the registry of who makes them.

A rule reads one exchange, an experiment asks the server; both yield :class:`Check` values. Each
is registered under the id of the requirement it speaks for, and that is all a new one needs::

    @rule("response.usage.total", on="answer")
    def total_is_the_sum(answer: View, contract: Contract) -> Checks:
        '''total_tokens is prompt_tokens plus completion_tokens.'''
        ...
        yield check(total == prompt + completion, expected=..., actual=total, at="/usage")

A function that yields nothing did not put its requirement to the test.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from .contract import Contract
    from .contract.document import Json
    from .session import Session
    from .wire import View
    from .wire.views import ViewKind

Kind = Literal["completion", "stream", "answer", "error", "models", "model", "other", "any"]
"""What a rule reads: a plain answer, a streamed one, either, an error, a model list,
a model, anything."""


@dataclass(frozen=True, slots=True)
class Check:
    """One observation. `ok` is None when nothing can be said, with the reason in `message`.

    `location` says where in the exchange: a JSON pointer, an event number, a byte offset.
    """

    ok: bool | None
    message: str = ""
    expected: Json = None
    actual: Json = None
    location: str = ""
    exchange: str = ""
    requirement: str = ""
    held: frozenset[str] = frozenset()
    """Requirements of which nothing is to be said but that they held."""

    def by(self, speaks_for: str, exchange: str = "") -> Check:
        """With the requirement and the exchange of who made it, where it names none itself."""
        if self.ok:
            return self if self.held else _held(self.requirement or speaks_for)
        requirement = self.requirement or speaks_for
        return replace(self, requirement=requirement, exchange=self.exchange or exchange)


def all_held(requirements: frozenset[str]) -> Check:
    """The requirements that a value put to the test, and that it may hold for all one knows."""
    return Check(True, held=requirements)


@cache
def _held(requirement: str) -> Check:
    return all_held(frozenset([requirement]))


_HELD = Check(True)
"""What a check was for held; whoever made it is registered for it."""


def check(
    ok: bool,
    message: str = "",
    *,
    expected: Json = None,
    actual: Json = None,
    at: str = "",
    exchange: str = "",
    requirement: str = "",
) -> Check:
    """A check that decides. `message` says what is wrong when it is not `ok`."""
    if ok:  # most are: nothing is to be said of where
        return _held(requirement) if requirement else _HELD
    return Check(False, message, expected, actual, at, exchange, requirement)


def inconclusive(reason: str, *, exchange: str = "", requirement: str = "") -> Check:
    """A check that could not decide, and why."""
    return Check(None, reason, exchange=exchange, requirement=requirement)


Item = TypeVar("Item")
Checks = Iterator[Check]
AsyncChecks = AsyncIterator[Check]
RuleFunction = Callable[["View", "Contract"], Checks]
ExperimentFunction = Callable[["Session"], AsyncChecks]


@dataclass(frozen=True, slots=True)
class Rule:
    """A pure function over one exchange. `speaks_for` are requirement ids, or prefixes of ids
    that end with a dot (a rule that judges by schema speaks for all that is derived from it).
    With `of_valid` it reads only what came for a valid request: what a server makes of another
    one is not defined.
    """

    speaks_for: tuple[str, ...]
    on: Kind
    function: RuleFunction
    of_valid: bool = False

    def reads(self, kind: ViewKind) -> bool:
        """Whether it is about exchanges of that kind."""
        return self.on in ("any", kind) or (
            self.on == "answer" and kind in ("completion", "stream")
        )

    def __call__(self, view: View, contract: Contract) -> Checks:
        for made in self.function(view, contract):
            yield made.by(self.speaks_for[0], view.exchange.id)


Turn = Literal["first", "main", "wide", "search", "alone", "last"]
"""When an experiment has its turn. The first ones touch everything for little money; wide ones ask
hundreds of things. Those that measure time are alone, with nothing else under way; so are the last
ones, since they may bring the server down."""
TURNS: tuple[Turn, ...] = ("first", "main", "wide", "search", "alone", "last")


@dataclass(frozen=True, slots=True)
class Experiment:
    """A coroutine that asks the server. `speaks_for` as in :class:`Rule`."""

    speaks_for: tuple[str, ...]
    name: str
    function: ExperimentFunction
    turn: Turn = "main"

    async def __call__(self, session: Session) -> AsyncChecks:
        async for made in self.function(session):
            yield made.by(self.speaks_for[0])


RULES: list[Rule] = []
EXPERIMENTS: list[Experiment] = []


def rule(
    *requirements: str, on: Kind, of_valid: bool = False
) -> Callable[[RuleFunction], RuleFunction]:
    """Register a rule for one or more requirements; checks name theirs when there are several."""

    def register(function: RuleFunction) -> RuleFunction:
        RULES.append(Rule(requirements, on, function, of_valid))
        return function

    return register


def experiment(
    *requirements: str, turn: Turn = "main"
) -> Callable[[ExperimentFunction], ExperimentFunction]:
    """Register an experiment for one or more requirements."""

    def register(function: ExperimentFunction) -> ExperimentFunction:
        name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        EXPERIMENTS.append(Experiment(requirements, name, function, turn))
        return function

    return register


def rules_for(view: View, contract: Contract) -> list[Rule]:
    """The rules that read this exchange."""
    rules = rules_on(view.kind)
    if any(rule.of_valid for rule in rules) and not contract.valid(view.request_json):
        return [rule for rule in rules if not rule.of_valid]
    return list(rules)


@cache
def rules_on(kind: ViewKind) -> tuple[Rule, ...]:
    """The rules that read exchanges of that kind."""
    return tuple(rule for rule in RULES if rule.reads(kind))


def spoken_for(speaks_for: tuple[str, ...], requirements: Collection[str]) -> list[str]:
    """Those of `requirements` that ids or prefixes in `speaks_for` cover."""
    found: list[str] = []
    for name in speaks_for:
        if name.endswith("."):
            found += [known for known in requirements if known.startswith(name)]
        elif name in requirements:
            found.append(name)
    return found


def by_turns(groups: Iterable[Iterable[Item]]) -> list[Item]:
    """The first of each group, then the second of each, and so on."""
    rows = zip_longest(*groups, fillvalue=_NOTHING)
    return [item for row in rows for item in row if item is not _NOTHING]


_NOTHING: Any = object()
