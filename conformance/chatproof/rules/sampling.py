"""What a stop sequence does to any answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..checks import Checks, check, rule
from ..wire.answer import mapping

if TYPE_CHECKING:
    from ..contract import Contract
    from ..wire import View


@rule("stop.absent", on="answer", of_valid=True)
def content_has_no_stop_sequence(view: View, contract: Contract) -> Checks:
    stop = mapping(view.request_json).get("stop")
    listed = [stop] if isinstance(stop, str) else stop if isinstance(stop, list) else []
    sequences = [text for text in listed if isinstance(text, str) and text]
    for choice in view.choices if sequences else ():
        found = [text for text in sequences if text in (choice.content or "")]
        yield check(
            not found,
            f"the content has the stop sequence {found[0]!r}" if found else "",
            expected=f"a text without {sequences}",
            actual=choice.content,
            at=f"/choices/{choice.index}/message/content",
        )
