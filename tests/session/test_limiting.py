"""Servers that are older than max_completion_tokens are asked with the name that they know."""

from __future__ import annotations

import pytest

from chatproof.limiting import BOTH, INSTEAD, USUAL, limited
from chatproof.meeting import CannotRun
from chatproof.options import Options
from chatproof.reference import serving
from chatproof.reference.faults.registry import Fault, Situation
from chatproof.reference.refusal import Refusal
from chatproof.runner import run
from tests.conftest import DIALECTS, KEY, failed, run_reference


@pytest.mark.parametrize(
    ("body", "names", "sent"),
    [
        ({"max_completion_tokens": 8}, USUAL, {"max_completion_tokens": 8}),
        ({"max_completion_tokens": 8}, BOTH, {"max_completion_tokens": 8, "max_tokens": 8}),
        ({"max_completion_tokens": 8}, INSTEAD, {"max_tokens": 8}),
        ({"max_completion_tokens": 8, "max_tokens": 5}, INSTEAD, {"max_tokens": 5}),
        ({"max_completion_tokens": 8, "max_tokens": "5"}, INSTEAD, {"max_tokens": "5"}),
        ({"max_completion_tokens": "8"}, INSTEAD, {"max_completion_tokens": "8"}),
        ({"max_completion_tokens": -5}, INSTEAD, {"max_completion_tokens": -5}),
        ({"max_completion_tokens": True}, BOTH, {"max_completion_tokens": True}),
        ({"max_completion_tokens": None}, BOTH, {"max_completion_tokens": None}),
        ({"temperature": 1}, BOTH, {"temperature": 1}),
        ([], INSTEAD, []),
    ],
)
def test_a_limit_has_the_names_that_the_server_knows(
    body: object, names: tuple[str, ...], sent: object
) -> None:
    assert limited(body, names) == sent


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("fault", "requirement", "note"),
    [
        ("refused.limit", "request.max_completion_tokens.type", "refuses max_completion_tokens"),
        ("answer.limit_passed_over", "usage.limit", "passes over max_completion_tokens"),
    ],
)
def test_a_server_of_the_older_name_is_tested_as_a_whole(
    dialect: str, fault: str, requirement: str, note: str
) -> None:
    report = run_reference(dialect, fault)
    assert failed(report) == {requirement}
    assert note in report.note
    right = run_reference(dialect)
    assert report.summary["pass"] > right.summary["pass"] - 5
    assert report.cost.completion_tokens < right.cost.completion_tokens * 1.5
    assert right.note == ""


def test_what_is_refused_by_both_names_is_refused_for_something_else() -> None:
    def refuse(body: object, situation: Situation) -> object:
        raise Refusal("no more of today's requests", param=None)

    fault = Fault("refused.all", "Every request is refused.", "request", refuse, ())
    with serving("openai", key=KEY, others=(fault,)) as url, pytest.raises(CannotRun) as raised:
        run(Options(url=url, dialect="openai", key=KEY))
    assert "refuses the plainest request with status 400" in str(raised.value)
