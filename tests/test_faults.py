"""Every fault of the reference server is found, by exactly the requirements that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatproof.checks import EXPERIMENTS, spoken_for
from chatproof.contract import load_contract
from chatproof.reference.faults import FAULTS, find
from tests.conftest import ALL_DIALECTS, DIALECTS, failed, run_reference

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMED = tuple(name for made in EXPERIMENTS if made.turn == "alone" for name in made.speaks_for)
SEARCHED = {"refused.combination", "unchecked.mistakes", "usage.total_in_combination"}
"""Faults that only the search finds."""
OPTIONAL = {"transport.no_cors", "structured.no_recursive"}
"""Faults that break only what a server MAY do."""


def seen_in(name: str) -> list[str]:
    """The dialects in which a fault can be seen; those of the two vendors, if there."""
    seen = [d for d in ALL_DIALECTS if FAULTS[name].expected(load_contract(d))]
    return [d for d in seen if d in DIALECTS] or seen


def by_turns() -> Iterator[tuple[str, str]]:
    """Each fault in one dialect, the dialects by turns: a run takes more than a second."""
    for number, name in enumerate(FAULTS):
        dialects = seen_in(name)
        if dialects:
            yield dialects[number % len(dialects)], name


FAULTS_BY_DIALECT = list(by_turns())


@pytest.mark.parametrize(("dialect", "name"), FAULTS_BY_DIALECT)
def test_a_fault_fails_just_what_it_names(dialect: str, name: str) -> None:
    expected = FAULTS[name].expected(load_contract(dialect))
    examples = 20 if name in SEARCHED else 0
    stalls = "transport.reply" in expected
    # What measures time takes time: a second and a half, of which only these faults make use.
    skip = () if expected & set(TIMED) else TIMED
    timeout = 0.7 if stalls else 10.0
    report = run_reference(dialect, name, examples=examples, timeout=timeout, skip=skip)
    assert failed(report) == expected


def test_there_are_many_and_each_can_be_seen_somewhere() -> None:
    assert len(FAULTS) >= 40
    assert {name for _, name in FAULTS_BY_DIALECT} == set(FAULTS) - OPTIONAL


@pytest.mark.parametrize("name", sorted(OPTIONAL))
def test_what_is_optional_is_left_out_with_what_was_seen(name: str) -> None:
    report = run_reference("openai", name)
    verdicts = {j.requirement.id: (j.verdict, j.reason) for j in report.judgements}
    for requirement in FAULTS[name].breaks:
        verdict, reason = verdicts[requirement]
        assert verdict == "skip"
        assert reason.startswith("optional, and not so here: ")


def test_each_has_a_title_and_requirements_that_exist() -> None:
    known = {name for dialect in ALL_DIALECTS for name in load_contract(dialect).requirements}
    for fault in FAULTS.values():
        assert fault.title.endswith((".", ")."))
        assert all(spoken_for((name,), known) for name in fault.breaks)


def test_every_requirement_of_the_catalogue_has_a_fault() -> None:
    """Those of keywords are proven one by one in tests/contract/test_judge.py."""
    broken = {name for fault in FAULTS.values() for name in fault.breaks}
    catalogue = {
        name
        for dialect in ALL_DIALECTS
        for name, requirement in load_contract(dialect).requirements.items()
        if not requirement.keyword
    }
    assert catalogue - broken == set()


def test_an_unknown_fault_is_named_with_those_that_are_close() -> None:
    with pytest.raises(KeyError, match=r"did you mean stream\.no_role"):
        find("stream.no_roles", load_contract("openai"))
