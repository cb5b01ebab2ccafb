"""Every answer, chunk, error and model list against the document's schemas.

These rules speak for all requirements that are derived from the keywords of the replies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..checks import Checks, all_held, check, rule
from .errors import is_own

if TYPE_CHECKING:
    from ..contract import Contract, Judge
    from ..contract.document import Json
    from ..wire import View


@rule("response.", on="completion")
def answer_fits_its_schema(view: View, contract: Contract) -> Checks:
    yield from judged(contract.judge("response"), view.json.value, "")


@rule("response.type", on="other", of_valid=True)
def an_answer_is_an_object(view: View, contract: Contract) -> Checks:
    """What is JSON and no object is no answer that other rules could read."""
    request = view.exchange.request
    asked = (request.method, request.path) == ("POST", "/chat/completions")
    whole = view.failure is None and view.status in range(200, 300)
    if asked and whole and not view.asked_for_stream and view.json.is_json:
        yield check(
            False,
            "the answer is JSON, but no object",
            expected="an object",
            actual=view.json.value,
            at="/",
        )


@rule("stream.chunk.", on="stream")
def chunks_fit_their_schema(view: View, contract: Contract) -> Checks:
    judge = contract.judge("chunk")
    tested: set[str] = set()
    for number, (_, parsed) in enumerate(view.chunks):
        if not isinstance(parsed.value, dict) or "error" in parsed.value:
            continue
        tested |= judge.tested(parsed.value)
        yield from breaches(judge, parsed.value, f"event {number} ")
    yield all_held(frozenset(tested))


@rule("stream.error.", on="stream")
def error_events_fit_their_schema(view: View, contract: Contract) -> Checks:
    for number, (_, parsed) in enumerate(view.chunks):
        if isinstance(parsed.value, dict) and parsed.value.get("error"):
            yield from judged(contract.judge("stream_error"), parsed.value, f"event {number} ")


@rule("error.body.", on="error")
def errors_fit_their_envelope(view: View, contract: Contract) -> Checks:
    """Only the client's errors: what a gateway says of a 5xx is not the server's own word.

    Nor is what a framework says of paths and methods that the API does not have.
    """
    request = view.exchange.request
    asked_for_models = request.method == "GET" and request.path.startswith("/models")
    if not is_own(view) and not asked_for_models:
        return
    if view.status in range(400, 500) and view.json.is_json:
        yield from judged(contract.judge("error"), view.json.value, "")


@rule("models.list.", on="models")
def model_list_fits_its_schema(view: View, contract: Contract) -> Checks:
    yield from judged(contract.judge("models"), view.json.value, "")


@rule("models.model.", on="model")
def model_fits_its_schema(view: View, contract: Contract) -> Checks:
    yield from judged(contract.judge("model"), view.json.value, "")


def judged(judge: Judge, value: Json, where: str) -> Checks:
    """Checks for every requirement that `value` puts to the test, and for those it breaks."""
    yield all_held(judge.tested(value))
    yield from breaches(judge, value, where)


def breaches(judge: Judge, value: Json, where: str) -> Checks:
    for breach in judge.breaches(value):
        yield check(
            False,
            breach.message,
            expected=breach.expected,
            actual=breach.actual,
            at=where + (breach.location or "/"),
            requirement=breach.requirement,
        )
