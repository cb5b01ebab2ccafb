"""The reference server stays right under variations: one of each kind, for a quick look.

All of them, and hundreds together, are tried by `make prove`.
"""

from __future__ import annotations

import sys

import pytest
from tools.proof.trials import TIMED

from chatproof.contract import load_contract
from chatproof.reference.variations import VARIATIONS, find
from tests.conftest import DIALECTS, failed, run_reference

MODULES = {v.action.__module__: v.id for v in reversed(VARIATIONS.values())}


def failed_with(dialect: str, *names: str) -> set[str]:
    """What fails if the server is different in these ways. What measures time is left out."""
    return failed(run_reference(dialect, variations=names, skip=tuple(TIMED), timeout=20.0))


@pytest.mark.parametrize("name", MODULES.values())
def test_a_variation_fails_nothing(name: str) -> None:
    dialect = (VARIATIONS[name].dialects or DIALECTS)[-1]
    assert failed_with(dialect, name) == set(VARIATIONS[name].warns)


def test_what_is_read_does_not_depend_on_the_process() -> None:
    """Python's bound on recursion is raised by test tools; a server that is right stays right."""
    usual = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(20 * usual)
        assert failed_with("cerebras") == set()
    finally:
        sys.setrecursionlimit(usual)


def test_there_are_many() -> None:
    assert len(VARIATIONS) >= 50


def test_what_warns_is_no_must() -> None:
    contracts = [load_contract(dialect) for dialect in DIALECTS]
    for name in {warned for variation in VARIATIONS.values() for warned in variation.warns}:
        levels = {c.requirements[name].level for c in contracts if name in c.requirements}
        assert levels == {"SHOULD"}


def test_an_unknown_variation_is_named_with_those_that_are_close() -> None:
    with pytest.raises(KeyError, match=r"did you mean events\.crlf"):
        find("events.crfl")
