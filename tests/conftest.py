"""What many tests need: the contracts, and runs against a reference server."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from chatproof.contract import Contract, dialect_names, load_contract
from chatproof.options import Options
from chatproof.reference import serving
from chatproof.runner import run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from chatproof.report import Report

DIALECTS = ("cerebras", "openai")
"""Those of the two vendors."""
ALL_DIALECTS = dialect_names()
KEY = "a-key-for-tests"
MODELS = {**dict.fromkeys(ALL_DIALECTS, "chatproof-reference"), "cerebras": "llama3.1-8b"}
"""What the reference server serves in each dialect: its own model, or the first of a list."""

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update --window-size=1280,900"
)


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


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A browser with an empty profile, which notes what pages say and waits for nobody."""
    if not (BROWSER and DRIVER):
        pytest.skip("chromium and chromedriver are not here; install them to see this tested")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER or ""
    for flag in (*FLAGS.split(), f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.unhandled_prompt_behavior = "ignore"
    made = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield made
    made.quit()
