"""schemathesis as a judge: its own validation of a reply against the document of the dialect."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from chatproof.contract import load_contract
from chatproof.search.second_opinion import SecondOpinion

if TYPE_CHECKING:
    from tools.judges.opinions import Opinion
    from tools.judges.recorded import Recorded


def opinion(recorded: Recorded) -> Opinion | None:
    """What schemathesis says of a reply to a chat request; None for other requests."""
    request = recorded.view.exchange.request
    if (request.method, request.path) != ("POST", "/chat/completions"):
        return None
    objection = _reader(recorded.dialect).objection(recorded.view)
    return frozenset({objection} if objection else ())


@cache
def _reader(dialect: str) -> SecondOpinion:
    return SecondOpinion(load_contract(dialect))
