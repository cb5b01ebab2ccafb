"""The reference server as clients meet it: with what a scenario needs, and all that it sent."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from chatproof.contract import load_contract
from chatproof.reference.app import new_server, reference_app
from chatproof.reference.refusal import Refusal
from chatproof.reference.replies import broken_off
from chatproof.reference.serving import listening
from chatproof.reference.style import style_of
from chatproof.reference.variations import Variation, in_order
from chatproof.wire import view
from chatproof.wire.exchange import Exchange, Reply, Request, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatproof.contract.document import Json
    from chatproof.reference import replying
    from chatproof.reference.faults.registry import Situation
    from chatproof.wire import View

KEY: Final = "a-key"
"""The scripts know it too."""
SLOW: Final = 0.6
"""Seconds that a reply takes which comes too late: three times what the scripts wait for."""


@dataclass(slots=True)
class Server:
    """A server that is listening. What it does beside its variations depends on the `scenario`."""

    url: str
    model: str
    stage: Stage

    def play(self, scenario: str) -> None:
        """From now on that; what was sent before is forgotten."""
        self.stage.scenario, self.stage.sent = scenario, []

    @property
    def sent(self) -> View | None:
        """The last exchange: what came before it was pushed back."""
        return self.stage.sent[-1] if self.stage.sent else None


@dataclass(slots=True)
class Stage:
    """What goes on in a server beside its variations."""

    scenario: str = ""
    sent: list[View] = field(default_factory=list)

    def refuse(self, body: Json, situation: Situation) -> Json:
        """A request is wrong, or the first of them is one too many."""
        del situation
        if self.scenario == "error":
            raise Refusal("temperature: 0 is too cold for é and 👍🏽.", param="temperature")
        if self.scenario == "retries" and not self.sent:
            told = {"retry-after": "1"}
            raise Refusal("Too many.", status=429, when="rate-limit", code=None, headers=told)
        return body

    def break_off(self, events: list[bytes], situation: Situation) -> list[bytes]:
        """A stream ends with an error."""
        if self.scenario != "error_in_stream":
            return events
        return broken_off(events, style_of(situation.contract))

    def take_long(self, reply: replying.Reply, situation: Situation) -> replying.Reply:
        """A reply comes too late."""
        del situation
        if self.scenario == "timeout":
            reply.late = SLOW
        return reply

    def keep(self, reply: replying.Reply, situation: Situation) -> replying.Reply:
        """What is sent is seen as the suite sees it."""
        request = Request("POST", situation.path, (), json.dumps(situation.body).encode())
        headers = tuple((name.lower(), value) for name, value in reply.headers.items())
        body = (Segment(0.0, reply.body),)
        made = Exchange("", request, Reply(reply.status, "", headers, body), None, 0.0, 0.0)
        self.sent.append(view(made))
        return reply


@contextmanager
def varied(dialect: str, variation: str) -> Iterator[Server]:
    """A server in a dialect, under one variation or none ("")."""
    contract, stage = load_contract(dialect), Stage()
    changes = (
        Variation("clients.refuse", "", "request", stage.refuse),
        # Before the variations, which say how events are written.
        Variation("clients.break_off", "", "events", stage.break_off),
        *in_order([variation] if variation else []),
        Variation("clients.take_long", "", "reply", stage.take_long),
        Variation("clients.keep", "", "reply", stage.keep),
    )
    model = new_server(contract, (), None).models[0]
    with listening(reference_app(contract, changes, KEY)) as url:
        yield Server(url, model, stage)
