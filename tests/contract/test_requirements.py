"""Requirements: derived ones, those of the catalogue, and what they are traced to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tools import check
from tools.check import catalogue_problems

from chatproof.checks import RULES
from chatproof.contract import SpecError, load_contract
from chatproof.contract.document import read_yaml, spec_folder
from chatproof.contract.levels import DialectLevels
from chatproof.contract.requirements import read_catalogue

if TYPE_CHECKING:
    from pathlib import Path

    from chatproof.contract import Contract


def test_a_keyword_is_a_requirement() -> None:
    requirement = load_contract().requirements["request.temperature.maximum"]
    assert requirement.level == "MUST"
    assert requirement.cls == "sampling"
    assert requirement.source == ("SEED:S8",)
    assert "`1.5`" in requirement.statement


@pytest.mark.parametrize(
    ("name", "cerebras", "openai"),
    [
        ("request.additional_properties", "MUST", None),
        ("request.n.maximum", "MAY", "SHOULD"),
        ("request.frequency_penalty.maximum", "MAY", "MUST"),
        ("request.user.null", "MUST", "MAY"),
        ("stream.terminator", None, "MUST"),
        ("stream.usage.finish_chunk", "SHOULD", None),
        ("response.choices.items.message.refusal.required", None, "MUST"),
        ("error.body.message.required", "MUST", None),
        ("error.body.error.required", None, "MUST"),
    ],
)
def test_dialects_differ_in_level(name: str, cerebras: str | None, openai: str | None) -> None:
    for dialect, level in (("cerebras", cerebras), ("openai", openai)):
        requirement = load_contract(dialect).requirements.get(name)
        assert (requirement.level if requirement else None) == level


def test_every_statement_of_the_seed_is_a_requirement() -> None:
    statements = set(read_yaml(spec_folder() / "sources.yaml")["statements"])
    cited = {
        source.removeprefix("SEED:")
        for requirement in load_contract().requirements.values()
        for source in requirement.source
        if source.startswith("SEED:") and requirement.level == "MUST"
    }
    assert len(statements) == 14
    # S5 promises a best effort and no more.
    seed = load_contract().requirements["seed.repeatable"]
    assert seed.level == "SHOULD"
    assert statements <= cited


def test_every_requirement_has_words(contract: Contract) -> None:
    for requirement in contract.requirements.values():
        assert requirement.statement.endswith(".")
        assert requirement.why.endswith(".")
        assert requirement.source


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id: 1", "is no list"),
        ("- {id: Bad Id, level: MUST}", "dotted path"),
        ("- {id: a.b, level: MUST}", "misses 'class'"),
        ("- {id: a.b, levels: MUST}", "unknown key 'levels'"),
        ("- {id: a.b, level: OUGHT, class: core}", "none of MUST, SHOULD, MAY"),
        ("- {id: a.b, level: MUST, class: odd}", "the class 'odd'"),
    ],
)
def test_a_broken_entry_is_named_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "area.yaml").write_text(text)
    with pytest.raises(SpecError, match=words) as error:
        list(read_catalogue(tmp_path, (DialectLevels("cerebras"),)))
    assert "area.yaml:1:" in str(error.value)


def test_every_requirement_has_a_source_and_somebody_who_speaks_for_it(contract: Contract) -> None:
    assert [name for name, r in contract.requirements.items() if not r.source] == []
    assert list(catalogue_problems(contract.dialect)) == []


def test_a_requirement_for_which_nobody_speaks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    voices = [made for made in RULES if "usage.total" not in made.speaks_for]
    monkeypatch.setattr(check, "RULES", voices)
    words = "usage.total: no rule and no experiment speaks for it; write one"
    assert list(catalogue_problems("openai")) == [words]


def test_what_binds_one_vendor_binds_no_other() -> None:
    from tools.check import binding

    assert binding(["SEED:S8"], "cerebras-v2")
    assert not binding(["SEED:S8", "CB-DOC"], "openai")
    assert not binding(["SEED:S8"], "vllm")
    assert not binding(["OA-SPEC"], "cerebras")
    assert binding(["OA-SPEC"], "llama-cpp")
    assert binding(["RFC9110"], "cerebras")
    assert binding(["VLLM-OBS"], "vllm")
