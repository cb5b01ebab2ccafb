"""Under which name a server is told how long an answer may be.

`max_completion_tokens` is younger than many servers. Some pass it over and answer at length, some
refuse what they do not know; `max_tokens`, which it replaced, they keep to. What they make of the
younger name has its verdict, and everything else is asked with the name that they know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .contract.document import Json

YOUNGER: Final = "max_completion_tokens"
OLDER: Final = "max_tokens"
SOON: Final[dict[str, Json]] = {"stop": ["e", "a", "o", "i"]}
"""Ends an answer in its first words that has no limit."""
USUAL: Final = (YOUNGER,)
BOTH: Final = (YOUNGER, OLDER)
INSTEAD: Final = (OLDER,)
NOTES: Final = {
    USUAL: "",
    BOTH: f"the server passes over {YOUNGER}, so it was asked with {OLDER} too",
    INSTEAD: f"the server refuses {YOUNGER}, so it was asked with {OLDER} instead",
}


def limited(body: Json, names: tuple[str, ...]) -> Json:
    """A request whose limit has these names; one that has the older name too keeps what it says.

    What is no limit, a text or a negative number, is a mistake under the name that it has.
    """
    limit = body.get(YOUNGER) if isinstance(body, dict) else None
    if names == USUAL or type(limit) is not int or limit < 1:
        return body
    rest = {name: value for name, value in body.items() if name != YOUNGER}
    return {**dict.fromkeys(names, limit), **rest}
