"""A real llama.cpp server: what comes out is what is known of it, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chatproof.contract import load_contract
from chatproof.known import read_known

pytestmark = pytest.mark.peers

HERE = Path(__file__).parent
KNOWN = {
    "openai": HERE / "llama-cpp.known.yaml",
    "llama-cpp": HERE / "llama-cpp.as-llama-cpp.known.yaml",
}
"""What is known to fail in the vendor's dialect, and in the engine's own."""
BY_CHANCE = {"stream.created.constant", "stream.role.first"}
"""Whether these come out depends on the clock, and on what the model says first."""


@pytest.fixture(scope="module", params=KNOWN)
def report(request: pytest.FixtureRequest) -> dict[str, Any]:
    from tools.peers import run_llama_cpp

    return run_llama_cpp(request.param)


def test_what_fails_is_what_is_known(report: dict[str, Any]) -> None:
    dialect = report["dialect"]
    known = {e.id for e in read_known(KNOWN[dialect], load_contract(dialect).requirements)}
    failed = {r["id"] for r in report["requirements"] if r["verdict"] == "fail"}
    assert failed - BY_CHANCE == known - BY_CHANCE
    assert failed <= known


def test_every_failure_can_be_reproduced(report: dict[str, Any]) -> None:
    curls = {exchange["id"]: exchange["curl"] for exchange in report["exchanges"]}
    for requirement in report["requirements"]:
        if requirement["verdict"] == "fail":
            assert requirement["findings"]
            assert all(curls[f["exchange"]] for f in requirement["findings"])


def test_the_run_was_whole(report: dict[str, Any]) -> None:
    assert report["complete"]
    assert report["summary"]["pass"] > 300
