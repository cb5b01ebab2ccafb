"""The playback: what a recording has answers in place of a server, and of the search."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ..session import NotAsked

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ..contract import Contract
    from ..contract.document import Json
    from ..search.hunter import Hunt
    from ..wire.exchange import Exchange, Request
    from .entry import Sent
    from .recording import Recording

NOT_RECORDED: Final = "the recording has no such exchange"


class Playback:
    """A transport that answers with what was recorded, at once.

    An exchange is found by its name, which follows from the request. What is asked twice under one
    name is answered in the order in which it was recorded.
    """

    def __init__(self, recording: Recording) -> None:
        self._declined = recording.about.declined
        self._sent: dict[str, deque[Sent]] = defaultdict(deque)
        for sent in recording.sent:
            self._sent[sent.exchange.id].append(sent)

    async def send(
        self, request: Request, *, id: str, hang_up_after: int | None = None
    ) -> Exchange:
        """The recorded exchange.

        Raises:
            NotAsked: there is none, for the reason of then, or since nobody asked for it.
        """
        del hang_up_after  # it is part of the name
        if not self._sent[id]:
            raise NotAsked(self._declined.get(id, NOT_RECORDED))
        return replace(self._sent[id].popleft().exchange, request=request)

    def rest(self) -> list[Sent]:
        """What nobody asked for. Those that we hung up on are not whole, and not among them."""
        left = [sent for queue in self._sent.values() for sent in queue]
        return [sent for sent in left if sent.hang_up_after is None]


class RecordedHunts:
    """What the search found then: the same examples are tried, on the replies of then."""

    def __init__(self, recording: Recording, contract: Contract) -> None:
        self.examples = recording.options().examples
        self._contract = contract
        self._cases = recording.about.cases
        self._hunts: dict[str, deque[Hunt]] = defaultdict(deque)
        for hunt in recording.about.hunts:
            self._hunts[hunt.name].append(hunt)

    async def start(self, contract: Contract, base: dict[str, Json]) -> None:  # noqa: ARG002
        self._contract = contract

    async def hunt(self, kind: str, fails: Callable[[Any], Awaitable[bool]]) -> tuple[Any, str]:
        """The smallest recorded example for which `fails` is true, or why there is none."""
        if not self._hunts[kind]:
            return None, NOT_RECORDED
        hunt = self._hunts[kind].popleft()
        try:
            failed = [example for example in hunt.tries if await fails(example)]
        except NotAsked as reason:
            return None, str(reason)
        if hunt.found is None or not failed:
            return None, hunt.reason
        return failed[-1], ""

    async def coverage(self) -> list[tuple[dict[str, Json], str]]:
        """The recorded bodies that break one requirement, each with it."""
        broken = [
            (body, {b.requirement for b in self._contract.breaches(body)}) for body in self._cases
        ]
        return [(body, names.pop()) for body, names in broken if len(names) == 1]
