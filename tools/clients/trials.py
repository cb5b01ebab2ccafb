"""Every client in every scenario, against every server that is right."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from chatproof.contract import dialect_names
from tools.clients.processes import CLIENTS, conversation
from tools.clients.results import Cell, Results, Tried
from tools.clients.servers import varied
from tools.clients.verdicts import in_one_form, verdict
from tools.proof.scope import of_variations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.clients.processes import Client, Conversation

AT_ONCE: Final = len(CLIENTS)
"""Clients that are tried at a time: all, for most of the time goes by waiting."""


def servers() -> list[tuple[str, str]]:
    """Dialects and variations: every dialect as it is (""), and all that the vendors' allow."""
    plain = [(dialect, "") for dialect in dialect_names()]
    return plain + [(trial.dialect, trial.name) for trial in of_variations()]


def tried(date: str, clients: Sequence[Client] = CLIENTS) -> Results:
    """Try everything.

    Raises:
        RuntimeError: a client does not start.
    """
    with ThreadPoolExecutor(AT_ONCE) as pool:
        parts = list(pool.map(_tried, clients))
    cells = tuple(cell for _, cells in parts for cell in cells)
    return Results(date, tuple(servers()), tuple(one for one, _ in parts), cells)


def _tried(client: Client) -> tuple[Tried, list[Cell]]:
    """One client: how it was tried, and where not all is fine."""
    cells: list[Cell] = []
    mine = [each for each in servers() if not client.dialects or each[0] in client.dialects]
    with conversation(client.command(), client.folder) as talk:
        for dialect, variation in mine:
            cells += _against(client, talk, dialect, variation)
        print(f"{client.title}: {len(cells)} of {len(mine)} servers × scenarios", file=sys.stderr)
        scenarios = tuple(talk.scenarios)
        dialects = tuple(dict.fromkeys(dialect for dialect, _ in mine))
        return Tried(client.title, talk.versions, scenarios, dialects), cells


def _against(client: Client, talk: Conversation, dialect: str, variation: str) -> list[Cell]:
    cells = []
    with varied(dialect, variation) as server:
        for scenario in talk.scenarios:
            server.play(scenario)
            outcome = in_one_form(talk.ask(server.url, server.model, scenario))
            found = verdict(scenario, outcome, server.sent)
            if found.kind != "fine":
                cells.append(
                    Cell(client.title, dialect, variation, scenario, found.kind, found.what)
                )
    return cells
