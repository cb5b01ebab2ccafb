"""What lenient readers may take for right is asked by nobody, and what they may not is."""

from __future__ import annotations

from typing import Any

import pytest

from chatproof.contract import load_contract
from chatproof.contract.lenience import arguable
from tests.conftest import DIALECTS, base, failed, run_reference


@pytest.mark.parametrize(
    "change",
    [
        {"temperature": False},
        {"temperature": "0.5"},
        {"n": "1"},
        {"n": True},
        {"stream": "False"},
        {"logprobs": 0},
        {"seed": 2**63},
        {"seed": -(2**63) - 1},
    ],
    ids=str,
)
def test_what_can_be_converted_is_arguable(change: dict[str, Any]) -> None:
    breaches = load_contract("openai").breaches({**base("openai"), **change})
    assert [*map(arguable, breaches)] == [True]


@pytest.mark.parametrize(
    "change",
    [
        {"temperature": "hot"},
        {"temperature": 2.0000002},
        {"n": 1.5},
        {"n": 129},
        {"stream": 2},
        {"logprobs": "chatproof"},
        {"user": 7},
        {"stop": 7},
        {"seed": 2**63 + 2**11},
        {"response_format": {"type": "unknown"}},
    ],
    ids=str,
)
def test_what_is_wrong_for_every_reader_is_not(change: dict[str, Any]) -> None:
    breaches = load_contract("openai").breaches({**base("openai"), **change})
    assert [*map(arguable, breaches)] == [False]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_lenient_server_is_not_accused_by_the_search(dialect: str) -> None:
    assert failed(run_reference(dialect, variations=("server.lenient",), examples=40)) == set()
