"""What many tests need: the contracts, and runs against a reference server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatproof.contract import Contract, dialect_names, load_contract
from chatproof.options import Options
from chatproof.reference import serving
from chatproof.runner import run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from chatproof.report import Report

DIALECTS = ("cerebras", "openai")
"""Those of the two vendors."""
ALL_DIALECTS = dialect_names()
KEY = "a-key-for-tests"
MODELS = {**dict.fromkeys(ALL_DIALECTS, "chatproof-reference"), "cerebras": "llama3.1-8b"}
"""What the reference server serves in each dialect: its own model, or the first of a list."""


@pytest.fixture(params=ALL_DIALECTS)
def contract(request: pytest.FixtureRequest) -> Contract:
    """The contract of each dialect in turn."""
    return load_contract(request.param)


def run_reference(
    dialect: str,
    *faults: str,
    variations: Sequence[str] = (),
    served: str = "",
    record: Path | None = None,
    **options: object,
) -> Report:
    """A run against a reference server that is so changed, whose key is known to the run.

    The server is of the same dialect, unless another one is `served`. `record` names a file to
    record the run in.
    """
    served = served or dialect
    given: dict[str, object] = {"examples": 0, "timeout": 5.0, "model": MODELS[served], **options}
    with serving(served, faults=faults, variations=variations, key=KEY) as url:
        asked = Options(url=url, dialect=dialect, key=KEY, **given)  # type: ignore[arg-type]
        return run(asked, record=record)


def failed(report: Report) -> set[str]:
    """The ids of all requirements that failed, whatever their level."""
    return {j.requirement.id for j in report.judgements if j.verdict == "fail"}


def base(dialect: str = "cerebras") -> dict[str, object]:
    """The plainest valid request."""
    messages = [{"role": "user", "content": "Say hello."}]
    return {"model": MODELS[dialect], "messages": messages, "max_completion_tokens": 1}
