"""The reference server stays right under every variation, alone and with others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chatproof.contract import load_contract
from chatproof.reference.variations import VARIATIONS, find
from tests.conftest import DIALECTS, failed, run_reference
from tests.test_faults import TIMED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


def allowed_in(name: str) -> list[str]:
    return [d for d in DIALECTS if d in (VARIATIONS[name].dialects or DIALECTS)]


def by_turns() -> Iterator[tuple[str, str]]:
    """Each variation in one dialect, the dialects by turns."""
    for number, name in enumerate(VARIATIONS):
        dialects = allowed_in(name)
        yield dialects[number % len(dialects)], name


def failed_with(dialect: str, *names: str) -> set[str]:
    """What fails if the server is different in these ways. What measures time is left out."""
    return failed(run_reference(dialect, variations=names, skip=TIMED, timeout=20.0))


def warned(names: Collection[str]) -> set[str]:
    return {name for one in names for name in VARIATIONS[one].warns}


@pytest.mark.parametrize(("dialect", "name"), list(by_turns()))
def test_a_variation_fails_nothing(dialect: str, name: str) -> None:
    assert failed_with(dialect, name) == warned([name])


@settings(
    max_examples=6,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.data(), st.sampled_from(DIALECTS))
def test_many_at_once_fail_nothing(data: st.DataObject, dialect: str) -> None:
    fit = [name for name in VARIATIONS if dialect in allowed_in(name)]
    names = data.draw(st.lists(st.sampled_from(fit), min_size=2, max_size=6, unique=True))
    assert failed_with(dialect, *names) <= warned(names)


def test_there_are_many() -> None:
    assert len(VARIATIONS) >= 50


def test_what_warns_is_no_must() -> None:
    contracts = [load_contract(dialect) for dialect in DIALECTS]
    for name in warned(VARIATIONS):
        levels = {c.requirements[name].level for c in contracts if name in c.requirements}
        assert levels == {"SHOULD"}


def test_an_unknown_variation_is_named_with_those_that_are_close() -> None:
    with pytest.raises(KeyError, match=r"did you mean events\.crlf"):
        find("events.crfl")
