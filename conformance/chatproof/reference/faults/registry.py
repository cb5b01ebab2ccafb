"""What a fault is, and the register of all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ...checks import spoken_for

if TYPE_CHECKING:
    from ...contract import Contract

Stage = Literal[
    "body",  # the bytes of a request
    "breaches",  # what is wrong with a request: a list of Breach
    "request",  # a valid request, before it is carried out
    "generation",  # what the model made of it
    "completion",  # a plain answer, as JSON
    "chunks",  # the list of chunks of a stream
    "events",  # the list of events of a stream, as bytes
    "error",  # an error: a Reply
    "model",  # whether the model of a request is known
    "models",  # a list of models, or one: a Reply
    "reply",  # any reply to a chat request: a Reply
    "key",  # whether the key is good
    "preflight",  # what a browser asks first: a Reply
]
Action = Callable[[Any, "Situation"], Any]
SINGLED_OUT = "Write a greeting in German."
"""What some faults wait for: the words of a request that the suite makes, but not often."""


@dataclass(slots=True)
class Situation:
    """What a fault may look at while it acts. `memory` is kept over all requests of a server."""

    contract: Contract
    body: Any
    memory: dict[str, Any]
    path: str = "/chat/completions"
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def streaming(self) -> bool:
        return isinstance(self.body, dict) and self.body.get("stream") is True

    @property
    def singled_out(self) -> bool:
        """Whether a fault that would bring the run to an end may act: only on a few requests."""
        return SINGLED_OUT in str(self.body)


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to be wrong.

    `breaks` are the requirements that fail under it, in the dialects that have them, or prefixes
    of their ids that end with a dot; `dialects`
    names those where it can be seen (empty: in all); `seen_in` says where it comes from.
    """

    id: str
    title: str
    stage: Stage
    action: Action
    breaks: tuple[str, ...]
    dialects: tuple[str, ...] = ()
    seen_in: str = ""

    def expected(self, contract: Contract) -> frozenset[str]:
        """The requirements that this fault fails in a dialect."""
        return self.breaks_in(contract) - self.optional(contract)

    def optional(self, contract: Contract) -> frozenset[str]:
        """What it breaks and a server MAY do: the report leaves that out, with what was seen."""
        known = contract.requirements
        return frozenset(n for n in self.breaks_in(contract) if known[n].level == "MAY")

    def breaks_in(self, contract: Contract) -> frozenset[str]:
        """All that it breaks in a dialect; nothing where it cannot be seen."""
        if self.dialects and not set(self.dialects) & set(contract.chain[:1]):
            return frozenset()
        return frozenset(spoken_for(self.breaks, contract.requirements))


FAULTS: dict[str, Fault] = {}


def fault(
    id: str,
    *,
    stage: Stage,
    breaks: tuple[str, ...] | str,
    dialects: tuple[str, ...] = (),
    seen_in: str = "",
) -> Callable[[Action], Action]:
    """Register a fault. The function's docstring is its title."""

    def register(action: Action) -> Action:
        ids = (breaks,) if isinstance(breaks, str) else breaks
        if id in FAULTS:
            raise ValueError(f"there are two faults {id!r}; rename one")
        title = (action.__doc__ or "").strip().splitlines()[0]
        FAULTS[id] = Fault(id, title, stage, action, ids, dialects, seen_in)
        return action

    return register
