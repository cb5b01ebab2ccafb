"""A valid request that is refused is laid to one requirement, not to all that it holds."""

from __future__ import annotations

from typing import Any

from chatproof.options import Options
from chatproof.reference import serving
from chatproof.reference.faults.registry import Fault, Situation
from chatproof.reference.refusal import Refusal
from chatproof.reference.replying import Reply
from chatproof.runner import run
from tests.conftest import KEY, failed


def test_what_is_within_a_value_that_is_refused_as_a_whole_has_no_verdict() -> None:
    def refuse(body: Any, situation: Situation) -> Any:
        if (body.get("response_format") or {}).get("type") == "json_schema":
            raise Refusal("response_format.type: 'text' or 'json_object'", param="response_format")
        return body

    fault = Fault("refused.schemas", "No schemas.", "request", refuse, ())
    with serving("openai", key=KEY, others=(fault,)) as url:
        report = run(Options(url=url, dialect="openai", key=KEY, examples=0))
    of_requests = {id for id in failed(report) if id.startswith("request.")}
    assert "request.response_format.type" in of_requests
    assert {id for id in of_requests if ".json_schema" in id} == set()


def test_a_server_that_failed_is_not_blamed_for_naming_no_parameter() -> None:
    def fail(reply: Reply, situation: Situation) -> Reply:
        if reply.status == 400:
            told = {"message": "Oops.", "type": "server_error", "param": None, "code": None}
            return Reply.json(500, {"error": told})
        return reply

    fault = Fault("failed.all", "What is invalid is too much.", "reply", fail, ())
    with serving("openai", key=KEY, others=(fault,)) as url:
        report = run(Options(url=url, dialect="openai", key=KEY, examples=0))
    assert "error.status.client_fault" in failed(report)
    assert "error.param" not in failed(report)
