"""The list of models beyond its schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..checks import Checks, check, rule

if TYPE_CHECKING:
    from ..contract import Contract
    from ..wire import View


@rule("models.listed", on="any")
def model_list_is_answered(view: View, contract: Contract) -> Checks:
    request = view.exchange.request
    if request.method != "GET" or request.path != "/models" or request.auth != "key":
        return
    if view.reply is None:
        return
    media = view.media_type
    yield check(
        view.status == 200 and media == "application/json",
        f"status {view.status} with the content type {media or 'missing'}",
        expected="status 200 and application/json",
        actual=f"status {view.status} and {media}",
        at="status",
    )
