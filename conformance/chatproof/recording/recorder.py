"""The recorder: a transport that keeps what another one carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import __version__
from ..session import ASKED_FOR
from .entry import Sent
from .recording import FORMAT, About, Recording, options_of, write

if TYPE_CHECKING:
    from pathlib import Path

    from ..report import Facts
    from ..search.hunter import Hunter
    from ..session import Session, Transport
    from ..wire.exchange import Exchange, Request


class Recorder:
    """Carries requests by another transport, and keeps each exchange that came about in `sent`."""

    def __init__(self, transport: Transport) -> None:
        self.sent: list[Sent] = []
        self._transport = transport

    async def send(
        self, request: Request, *, id: str, hang_up_after: int | None = None
    ) -> Exchange:
        exchange = await self._transport.send(request, id=id, hang_up_after=hang_up_after)
        self.sent.append(Sent(exchange, hang_up_after, ASKED_FOR.get()))
        return exchange

    def write(self, path: Path, facts: Facts, session: Session, hunter: Hunter) -> None:
        """Write all there is to a file, in one piece or not at all.

        Raises:
            OSError: the file cannot be written.
        """
        options = session.options
        about = About(
            format=FORMAT,
            url=options.url,
            options=options_of(options),
            has_key=options.key is not None,
            facts=facts,
            refused=session.budget.refused,
            declined=session.declined,
            hunts=tuple(hunter.hunts),
            cases=tuple(hunter.cases),
        )
        recording = Recording(about, tuple(self.sent))
        write(path, recording, version=__version__, key=options.key)
