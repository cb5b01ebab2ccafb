"""What a judge says of an exchange, and who the judges are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.judges.recorded import Recorded

Opinion = frozenset[str]
"""The kinds of objections; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Somebody else who can say whether an exchange is right.

    `opinion` gives None where the judge has none; `dialects` are those that it knows (empty: all).
    """

    name: str
    opinion: Callable[[Recorded], Opinion | None]
    dialects: tuple[str, ...] = ()

    def on(self, recorded: Recorded) -> Opinion | None:
        """What this judge says of an exchange, if it says anything."""
        if self.dialects and recorded.dialect not in self.dialects:
            return None
        return self.opinion(recorded)
