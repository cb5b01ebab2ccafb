"""The table of clients: what is told of it is what was found, and a finding is what was sent."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from tools.clients import __main__, results
from tools.clients.explanations import explain, read_explanations
from tools.clients.page import page
from tools.clients.processes import conversation
from tools.clients.results import Cell
from tools.clients.servers import varied
from tools.clients.verdicts import in_one_form, verdict

from chatproof.contract import load_contract
from chatproof.contract.document import SpecError
from chatproof.reference.variations import VARIATIONS
from chatproof.wire import view
from chatproof.wire.exchange import Exchange, Reply, Request, Segment
from tests.conftest import DIALECTS

if TYPE_CHECKING:
    from pathlib import Path

    from chatproof.wire import View

RESULTS = results.read()
EXPLAINED = explain(RESULTS.cells, read_explanations())
ANSWER = (
    b'{"choices": [{"index": 0, "finish_reason": "stop", "message": {"content": "Hi."}}],'
    b' "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}}'
)
REFUSED = b'{"error": {"message": "Too hot."}}'
GOT = {"content": "Hi.", "finish_reason": "stop", "calls": [], "usage": [1, 2, 3]}


def seen(status: int, body: bytes) -> View:
    request = Request("POST", "/chat/completions", (), b"{}")
    headers = (("content-type", "application/json"),)
    reply = Reply(status, "", headers, (Segment(0.0, body),))
    return view(Exchange("", request, reply, None, 0.0, 0.0))


def test_the_page_is_what_was_found() -> None:
    written = __main__.PAGE.read_text(encoding="utf-8")
    assert written == page(RESULTS, EXPLAINED), "run `python -m tools.clients --page-only`"


def test_all_is_explained() -> None:
    assert EXPLAINED.problems == []


def test_what_an_explanation_names_warns_of_it() -> None:
    contracts = [load_contract(dialect) for dialect in DIALECTS]
    for each, cells in EXPLAINED.cells.items():
        if each.requirement:
            known = [c.requirements.get(each.requirement) for c in contracts]
            assert {one.level for one in known if one} == {"SHOULD"}, each.place
            for name in {cell.variation for cell in cells}:
                assert each.requirement in VARIATIONS[name].warns, (each.place, name)


def test_what_was_tried_is_there() -> None:
    assert {name for _, name in RESULTS.servers if name} <= VARIATIONS.keys()


@pytest.mark.parametrize(
    ("scenario", "outcome", "status", "body", "kind"),
    [
        ("plain", GOT, 200, ANSWER, "fine"),
        ("plain", {"content": "Hi."}, 200, ANSWER, "fine"),
        ("plain", {**GOT, "content": "Hi"}, 200, ANSWER, "wrong"),
        ("plain", {**GOT, "usage": None}, 200, ANSWER, "wrong"),
        ("plain", {**GOT, "calls": [["1", "f", {}]]}, 200, ANSWER, "wrong"),
        ("plain", {"raised": "TypeError", "message": ""}, 200, ANSWER, "exception"),
        ("timeout", {"raised": "APITimeoutError", "message": ""}, 200, ANSWER, "fine"),
        ("timeout", {"raised": "TypeError", "message": ""}, 200, ANSWER, "exception"),
        ("timeout", GOT, 200, ANSWER, "wrong"),
        ("error", {"raised": "E", "message": "400 Too hot.", "status": 400}, 400, REFUSED, "fine"),
        ("error", {"raised": "E", "message": "Bad", "status": 400}, 400, REFUSED, "wrong"),
        ("error", {"raised": "E", "message": "Too hot.", "status": 500}, 400, REFUSED, "wrong"),
        ("error", GOT, 400, REFUSED, "wrong"),
    ],
)
def test_what_a_user_got_is_held_against_what_was_sent(
    scenario: str, outcome: dict[str, Any], status: int, body: bytes, kind: str
) -> None:
    assert verdict(scenario, outcome, seen(status, body)).kind == kind


def test_who_asks_nothing_gets_nothing() -> None:
    assert verdict("plain", GOT, None).kind == "wrong"
    assert verdict("plain", {"raised": "E", "message": "no"}, None).kind == "exception"


def test_arguments_are_compared_as_values() -> None:
    one = in_one_form({"calls": [["1", "f", '{"a": 1}']]})
    assert one == in_one_form({"calls": [["1", "f", {"a": 1}]]})


def test_a_client_is_fine_in_every_scenario() -> None:
    """The openai package is at hand; that is how all of them are asked."""
    command = [sys.executable, "-m", "tools.clients.python.openai"]
    with conversation(command) as talk, varied("openai", "transfer.seven_bytes") as server:
        for scenario in talk.scenarios:
            server.play(scenario)
            outcome = in_one_form(talk.ask(server.url, server.model, scenario))
            assert verdict(scenario, outcome, server.sent).kind == "fine", (scenario, outcome)
            assert server.sent is not None


def test_a_client_that_ends_is_started_again() -> None:
    hello = '{"versions": {}, "scenarios": ["plain"]}'
    with conversation([sys.executable, "-c", f"print('{hello}', flush=True); input()"]) as talk:
        for _ in range(2):
            assert talk.ask("", "", "plain")["raised"] == "Ended"


def test_a_client_that_does_not_start_is_named() -> None:
    with (
        pytest.raises(RuntimeError, match="does not start"),
        conversation([sys.executable, "-c", ""]),
    ):
        pass


def test_what_is_not_explained_is_a_problem() -> None:
    cell = Cell("a-client", "openai", "events.ids", "stream", "wrong", "other content")
    assert "a-client: openai/events.ids: stream" in explain([cell], ()).problems[0]


def test_an_explanation_that_explains_nothing_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "explained.yaml"
    path.write_text("- {clients: [a], servers: [b], scenarios: [c], why: d}\n")
    assert explain([], read_explanations(path)).problems == [
        "explained.yaml:1: explains nothing any more; remove it"
    ]


@pytest.mark.parametrize(
    "text", ["a: b", "- {clients: [a]}", "- {clients: a, servers: [b], scenarios: [c], why: d}"]
)
def test_a_wrong_explanation_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "explained.yaml"
    path.write_text(text)
    with pytest.raises(SpecError, match=r"explained\.yaml:1"):
        read_explanations(path)
