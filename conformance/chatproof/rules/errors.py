"""Errors: the status, the envelope, and what must not happen instead of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..checks import Checks, check, rule
from ..wire.retry_after import pushes_back, retry_after

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..contract import Contract
    from ..wire import View

MODEL = "request.model.unknown"


@rule("error.status.client_fault", on="any")
def no_5xx_for_a_request_that_is_wrong(view: View, contract: Contract) -> Checks:
    """Of a 5xx for a valid request the requirement that asked speaks.

    A server that pushes back has not read the request.
    """
    if view.reply is None or pushes_back(view.reply) or not _is_invalid(view, contract):
        return
    status = view.reply.status
    yield check(
        status < 500,
        f"status {status} for an invalid request",
        expected="a status from 400 to 499",
        actual=status,
        at="status",
    )


@rule("error.status.success", on="error")
def no_error_in_a_2xx(view: View, contract: Contract) -> Checks:
    status = view.status
    yield check(
        status not in range(400),
        f"an error object came with status {status}",
        expected="a status of 400 or more",
        actual=status,
        at="status",
    )


@rule("error.content_type", on="error")
def errors_are_declared_json(view: View, contract: Contract) -> Checks:
    if not is_own(view):
        return
    media = view.media_type
    yield check(
        media == "application/json",
        f"content type is {media or 'missing'}",
        expected="application/json",
        actual=media,
        at="header content-type",
    )


@rule("error.envelope", on="error")
def errors_are_json_objects(view: View, contract: Contract) -> Checks:
    if view.reply is None or not is_own(view):
        return
    start = view.reply.body[:200].decode("utf-8", "replace")
    yield check(
        isinstance(view.json.value, dict),
        "the body of the error is no JSON object",
        expected="a JSON object",
        actual=start,
        at="body",
    )


@rule("error.message", on="error")
def errors_have_a_message(view: View, contract: Contract) -> Checks:
    """Where the dialect's envelope has the message is the schema's matter, not this rule's."""
    body = view.json.value
    inner = body.get("error", body) if isinstance(body, dict) else None
    message = inner.get("message") if isinstance(inner, dict) else None
    if isinstance(message, str):
        yield check(
            bool(message.strip()),
            "the message is empty",
            expected="a text",
            actual=message,
            at="/error/message" if "error" in body else "/message",
        )


@rule("error.told.validation", on="error")
def a_breach_of_the_schema_is_told(view: View, contract: Contract) -> Checks:
    """Parts that do not fit together, and bodies that are no JSON, may be told in other words."""
    if view.status not in contract.statuses("validation"):
        return
    body = view.request_json
    for made in _told(view, contract, "validation"):
        # To find out what is wrong with the request takes time, and matters if the words differ.
        if made.ok or (
            isinstance(body, dict)
            and contract.breaks_keyword(contract.judge("request").breaches(body))
        ):
            yield made


@rule("error.told.key", on="error")
def a_wrong_key_is_told(view: View, contract: Contract) -> Checks:
    if view.status == 401 and view.exchange.request.auth == "wrong":
        yield from _told(view, contract, "authentication")


@rule("error.told.unknown_model", on="error")
def a_model_that_is_not_there_is_told(view: View, contract: Contract) -> Checks:
    """Of a request that is wrong in another way too, the error may speak of that."""
    if view.status not in contract.statuses("unknown-model") or not is_own(view):
        return
    body = view.request_json
    if isinstance(body, dict) and all(b.requirement == MODEL for b in contract.breaches(body)):
        yield from _told(view, contract, "unknown-model")


@rule("error.told.rate_limit", on="error")
def a_rate_limit_is_told(view: View, contract: Contract) -> Checks:
    if view.status in contract.statuses("rate-limit"):
        yield from _told(view, contract, "rate-limit")


def _told(view: View, contract: Contract, when: str) -> Checks:
    """What the fields of an error say. Whether they are there, and texts, the schema decides."""
    body = view.json.value
    inner = body.get("error", body) if isinstance(body, dict) else None
    documented = contract.told(when)
    if not isinstance(inner, dict):
        return
    said = {k: inner[k] for k in documented if isinstance(inner.get(k, ...), str | None)}
    if said:
        yield check(
            all(said[key] == documented[key] for key in said),
            f"the error says {_listed(said)}",
            expected=documented,
            actual=said,
            at="/error" if "error" in body else "",
        )


def _listed(fields: Mapping[str, str | None]) -> str:
    return ", ".join(f"{key} {value!r}" for key, value in fields.items())


@rule("error.retry_after", on="error")
def retry_after_can_be_read(view: View, contract: Contract) -> Checks:
    value = view.header("retry-after")
    if view.reply is not None and value is not None:
        yield check(
            retry_after(view.reply) is not None,
            f"Retry-After is {value!r}",
            expected="seconds, or an HTTP date",
            actual=value,
            at="header retry-after",
        )


@rule("error.method.allow", on="error")
def what_is_allowed_is_said(view: View, contract: Contract) -> Checks:
    if view.status == 405:
        yield check(
            view.header("allow") is not None,
            "a method is refused, and nothing says which are allowed",
            expected="the header Allow",
            actual=None,
            at="header allow",
        )


def is_own(view: View) -> bool:
    """Whether this error is one that the API's own code should have made.

    Unknown paths and methods, codings and media types are often answered by the HTTP framework in
    front; requirements of their own speak of them.
    """
    request = view.exchange.request
    fields = {name.lower(): value.lower() for name, value in request.headers}
    return (
        (request.method, request.path) == ("POST", "/chat/completions")
        and fields.get("content-type", "application/json").startswith("application/json")
        and "content-encoding" not in fields
    )


def _is_invalid(view: View, contract: Contract) -> bool:
    request = view.exchange.request
    if request.method != "POST" or request.path != "/chat/completions":
        return False
    body = view.request_json
    return not isinstance(body, dict) or not contract.valid(body)
