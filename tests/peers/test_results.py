"""What is kept of real servers agrees with their files, and the page with both."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from tools.peers.page import PAGE, outcomes, page
from tools.peers.peer import load_peer, peer_names
from tools.peers.results import RESULTS, kept, result_path, small
from tools.peers.running import failures, news

from chatproof.contract.document import read_yaml, spec_folder
from chatproof.reports.json_report import value_of
from chatproof.reports.reading import read
from tests.conftest import failed, run_reference

HELD_TO = [(name, dialect) for name in peer_names() for dialect in load_peer(name).dialects]


@pytest.mark.parametrize(("name", "dialect"), HELD_TO)
def test_every_failure_is_judged_and_nothing_else(name: str, dialect: str) -> None:
    peer = load_peer(name)
    report = kept(peer, dialect)
    assert report is not None
    assert not news(peer, report)


@pytest.mark.parametrize(("name", "dialect"), HELD_TO)
def test_results_can_be_read_as_reports(name: str, dialect: str) -> None:
    path = result_path(load_peer(name), dialect)
    report = read(path)
    assert report.complete
    assert report.dialect == dialect
    assert path.stat().st_size < 400_000


def test_no_result_is_left_of_what_is_no_peer() -> None:
    results = {f"{n}.{d}.json" for n, d in HELD_TO}
    assert {path.name for path in RESULTS.iterdir()} == {*results, "mended.yaml"}


def test_the_page_is_what_the_results_give() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(outcomes())


def test_a_small_report_says_the_same_in_less() -> None:
    whole = run_reference("openai", "usage.wrong_total", only=("usage.*",))
    report: dict[str, Any] = value_of(whole, strict=False)
    less = small(report)
    schema = read_yaml(spec_folder() / "report.schema.json")
    assert jsonschema_rs.is_valid(schema, less)
    assert failures(less) == failures(report) == failed(whole) != set()
    told = {f["exchange"] for r in less["requirements"] for f in r["findings"]}
    assert told == {exchange["id"] for exchange in less["exchanges"]}
    assert len(str(less)) < len(str(report)) / 2
    assert "127.0.0.1:8000" in less["target"]["url"]
