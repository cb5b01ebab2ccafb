"""Whether a document can be worked with that overlays have made: all is there, and possible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .document import Json, SpecError, resolve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .judge import Judge

NEEDED = (
    "/info/title",
    "/info/summary",
    "/info/version",
    "/components/schemas",
    "/paths/~1v1~1chat~1completions/post/operationId",
    "/paths/~1v1~1chat~1completions/post/responses/200",
)
"""What is read of a document besides its schemas, as JSON pointers."""
BOUNDS = (
    ("minimum", "maximum"),
    ("exclusiveMinimum", "exclusiveMaximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
)


def see_that_it_is_complete(document: Json) -> None:
    """See that nothing was removed that the suite reads.

    Raises:
        SpecError: something was.
    """
    for pointer in NEEDED:
        try:
            resolve(document, pointer)
        except SpecError:
            raise SpecError(
                f"the document has nothing at {pointer}; leave in place what the suite reads"
            ) from None


def see_that_it_is_possible(judges: Iterable[Judge]) -> None:
    """See that each bounded value has room between its bounds.

    Raises:
        SpecError: one has none; with its pointer.
    """
    for judge in judges:
        for field in judge.root.walk():
            for least, most in BOUNDS:
                low, high = field.schema.get(least), field.schema.get(most)
                if low is not None and high is not None and low > high:
                    raise SpecError(
                        f"at {field.pointer}: {least} {low} is above {most} {high}, "
                        "which no value can be; correct one of them"
                    )
