"""A server that pushes back: it is asked less at a time, and not before it wants to be asked.

What is asked too often gets 429, or 503 with Retry-After: the seconds to wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .wire.retry_after import retry_after

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from .wire.exchange import Reply

TRIES = 4
"""So often a request is sent to a server that pushes back each time."""
FIRST_PAUSE = 0.5
"""Seconds of the first pause where the server names none; each further one is twice as long."""
LONGEST_PAUSE = 60.0
"""Seconds; a request is not sent again to a server that wants more."""
HOPELESS = 3
"""So many requests given up, and none answered between them, and nothing more is asked."""


PATIENT: ContextVar[bool] = ContextVar("PATIENT", default=False)
"""Whether who asks has much to ask and no order in it, and lets those go first who wait for one
answer before they ask for the next. It makes the run shorter by the tails of the latter."""


class NotNow(Exception):
    """The server does not want to be asked in a time that anybody would wait."""


@dataclass(slots=True)
class Gate:
    """How many requests are under way at a time: `limit`, which shrinks from `most`.

    `refusals` counts the replies that pushed back. One that does not wait, as for a recording,
    only counts.
    """

    most: int
    waits: bool = True
    limit: int = 0
    refusals: int = 0
    _slots: asyncio.Semaphore = field(init=False)
    _patient: asyncio.Semaphore = field(init=False)
    _surplus: int = 0
    _given_up: int = 0
    _narrowed: float = 0.0
    _open_at: float = 0.0

    def __post_init__(self) -> None:
        self.limit = self.most
        self._slots = asyncio.Semaphore(self.most)
        self._patient = asyncio.Semaphore(self.most)

    @contextlib.asynccontextmanager
    async def slot(self) -> AsyncIterator[float]:
        """A place among the requests under way; gives the time at which it was had.

        Of the patient there are never more in the queue than have room in the end.
        """
        if PATIENT.get():
            async with self._patient:
                await self._slots.acquire()
        else:
            await self._slots.acquire()
        try:
            while (pause := self._open_at - time.monotonic()) > 0:
                await asyncio.sleep(pause)
            yield time.monotonic()
        finally:
            if self._surplus:
                self._surplus -= 1
            else:
                self._slots.release()

    @property
    def hopeless(self) -> bool:
        """Whether the server pushes back whatever is asked."""
        return self._given_up >= HOPELESS

    def let_through(self) -> None:
        """Take note of a reply that does not push back."""
        self._given_up = 0

    def pushed_back(self, reply: Reply, since: float, tries: int) -> None:
        """Take note of a reply that pushes back to a request sent at the time `since`.

        Requests that were under way together push the limit down once, not each.

        Raises:
            NotNow: it wants a longer pause than anybody would wait, or pushed back too often.
        """
        self.refusals += 1
        if not self.waits:
            return
        pause = retry_after(reply)
        if pause is None:
            pause = FIRST_PAUSE * 2 ** (tries - 1)
        if pause > LONGEST_PAUSE or tries >= TRIES:
            self._given_up += 1
            wanted = f"for {pause:.0f} s" if pause > LONGEST_PAUSE else f"{tries} times in a row"
            raise NotNow(f"the server pushed back {wanted} (status {reply.status})")
        now = time.monotonic()
        if since >= self._narrowed:
            self._narrowed = now
            fewer = max(1, self.limit // 2)
            self._surplus += self.limit - fewer
            self.limit = fewer
        self._open_at = max(self._open_at, now + pause)
