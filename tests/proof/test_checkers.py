"""Other checkers beside ours: what counts as found, and what a visit costs."""

from __future__ import annotations

import json
import sys
import urllib.request
from typing import TYPE_CHECKING

import pytest
from tools.checkers.__main__ import Meter, Served, Visit, beyond, servers, visit
from tools.checkers.checker import DIALECT, KEY, Checker, NoVerdict, printed

from chatproof.reference import serving
from chatproof.reference.variations import VARIATIONS
from tests.conftest import base

if TYPE_CHECKING:
    from pathlib import Path


def visited(kind: str, server: str, *complaints: str, gave_up: str = "") -> Visit:
    return Visit("x", kind, server, complaints, 1.0, 1, 1, gave_up)


def test_what_is_said_of_the_right_server_too_finds_nothing() -> None:
    warned = next(id for id, variation in VARIATIONS.items() if variation.warns)
    said = beyond(
        [
            visited("right", "r", "a"),
            visited("fault", "f", "a", "b"),
            visited("fault", "g", "a"),
            visited("fault", "h", gave_up="no end"),
            visited("variation", warned, "a", *VARIATIONS[warned].warns),
        ]
    )
    assert said == {"r": set(), "f": {"b"}, "g": set(), "h": {"no end"}, warned: set()}


def test_every_kind_of_server_is_visited() -> None:
    few = servers(50)
    assert few[0] == Served("right", "the right server, visit 1")
    assert {each.kind for each in few} == {"right", "fault", "variation"}
    assert len(servers(1)) > 200


def test_a_visit_counts_what_is_asked() -> None:
    meter = Meter()
    with serving(DIALECT, key=KEY, others=tuple(meter.changes())) as url:
        head = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        body = json.dumps({**base(DIALECT), "max_completion_tokens": 3}).encode()
        for _ in range(2):
            asked = urllib.request.Request(f"{url}/chat/completions", body, head)
            with urllib.request.urlopen(asked) as reply:
                counted = json.load(reply)["usage"]["completion_tokens"]
    assert (meter.requests, meter.tokens) == (2, 2 * counted)


def test_a_checker_that_says_nothing_is_told_so() -> None:
    def silent(*_: object) -> frozenset[str]:
        raise NoVerdict("it fell over")

    assert visit(Checker("x", silent), Served("right", "r")).gave_up == "it fell over"


@pytest.mark.parametrize("said", ["", "it fell over", "[]", "{}", '{"other": 1}'])
def test_what_a_checker_prints_has_to_be_read(said: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", f"print({said!r})"]
    with pytest.raises(NoVerdict):
        printed(command, tmp_path, "results")
    assert printed([*command[:2], "print('{\"results\": [1]}')"], tmp_path, "results") == [1]
