"""Dialects as data: what they say of levels, and how mistakes in them are named."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from tools import check, overlays

from chatproof import contract as contracts
from chatproof.contract import SpecError, dialect_names, load_contract
from chatproof.contract.document import spec_folder
from chatproof.contract.levels import DialectLevels, LevelRule, level_in
from chatproof.contract.relations import RELATIONS
from chatproof.experiments.relations import CASES
from tests.conftest import ALL_DIALECTS, base, failed, run_reference

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOURCED = "description: d, x-source: [OA-SPEC], x-date: 2026-08-21"


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the specification that a test may spoil, in the place of the real one."""
    folder = tmp_path / "spec"
    shutil.copytree(spec_folder(), folder)
    for module in (contracts, check, overlays):
        monkeypatch.setattr(module, "spec_folder", lambda: folder)
    load_contract.cache_clear()
    yield folder
    load_contract.cache_clear()


def written(spec: Path, name: str, text: str) -> None:
    """An overlay with these lines, which begin on line 3 of the file."""
    head = "overlay: 1.1.0\ninfo: {title: t, version: 1}\n"
    (spec / "dialects" / f"{name}.yaml").write_text(head + text)


TEMPERATURE = "$.components.schemas.ChatCompletionRequest.properties.temperature"
GOOD = f"actions:\n- {{target: $.info, update: {{x-mine: 1}}, {SOURCED}}}\n"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (
            f"actions:\n- {{target: $.info.no, remove: true, {SOURCED}}}",
            4,
            "selects nothing; correct the path",
        ),
        (
            (
                f"actions:\n- {{target: {TEMPERATURE}, update: {{maximum: 1}}, {SOURCED}}}\n"
                f"- {{target: {TEMPERATURE}.maximum, update: 1.2, {SOURCED}}}"
            ),
            5,
            "/properties/temperature/maximum to 1.2, which action 1 sets to 1",
        ),
        ("actions:\n- {target: $.info, update: {a: 1}}", 4, "has no source; give it 'x-source'"),
        ("actions:\n- {target: $.info, update: {a: 1}}", 4, "has no date; give it 'x-date'"),
        ("actions:\n- {target: $.info, update: {a: 1}}", 4, "give it a 'description'"),
        (
            GOOD.replace("OA-SPEC", "OA-SPAC"),
            4,
            "'OA-SPAC', which sources.yaml does not list",
        ),
        (
            GOOD + f"x-levels:\n- {{requirements: [stream.terminater], level: MAY, {SOURCED}}}",
            6,
            "has no requirement 'stream.terminater'; did you mean stream.terminator?",
        ),
        (
            GOOD + f"x-levels:\n- {{requirements: [a.b], level: OUGHT, {SOURCED}}}",
            6,
            "the level 'OUGHT' is none of MUST, SHOULD, MAY, none; correct it",
        ),
        (
            GOOD + f"x-levels:\n- {{level: MAY, {SOURCED}}}",
            6,
            "names no requirements; list them",
        ),
        (
            GOOD + "x-levels:\n- {requirements: [stream.terminator], level: MAY}",
            6,
            "level 1 has no source",
        ),
        (
            GOOD
            + f"x-levels:\n- {{requirements: [stream.ends], level: MAY, {SOURCED}}}\n"
            + f"- {{requirements: [stream.ends], level: SHOULD, {SOURCED}}}",
            7,
            "stream.ends is given the level SHOULD here and MAY at",
        ),
        ("x-base: mine\n" + GOOD, 3, "builds on itself (mine -> mine); correct its x-base"),
        ("x-base: klingon\n" + GOOD, 3, "unknown dialect 'klingon'; choose one of cerebras"),
        ("x-base: openai\nx-base: cerebras\n" + GOOD, 4, "the key 'x-base' stands twice here"),
    ],
)
def test_a_mistake_in_an_overlay_fails_the_check(
    spec: Path, capsys: pytest.CaptureFixture[str], text: str, line: int, words: str
) -> None:
    written(spec, "mine", text)
    assert check.main() == 1
    told = [said for said in capsys.readouterr().err.splitlines() if words in said]
    assert len(told) == 1
    assert f"mine.yaml:{line}:" in told[0]


def test_a_circle_of_dialects_fails_the_check(
    spec: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(spec, "one", "x-base: two\n" + GOOD)
    written(spec, "two", "x-base: one\n" + GOOD)
    assert check.main() == 1
    assert "two.yaml:3: builds on itself (one -> two -> one)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "dialects: {openai: SHOULD, cerebras: none}",
            "dialects: {klingon: MUST}",
            "there is no dialect 'klingon'; choose of cerebras, ",
        ),
        (
            "dialects: {openai: SHOULD, cerebras: none}",
            "dialects: {openai: SHOULD, openai: none}",
            "the key 'openai' stands twice here; remove one",
        ),
        (
            "dialects: {openai: SHOULD, cerebras: none}",
            "dialects: {llama-cpp: MAY}",
            "error.param is given the level none here and MAY in the catalogue",
        ),
        ("- id: error.param", "- id: error.message", "error.message stands twice; remove one"),
    ],
)
def test_a_mistake_in_the_catalogue_fails_the_check(
    spec: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, words: str
) -> None:
    path = spec / "requirements" / "error.yaml"
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    assert check.main() == 1
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("requirements/auth.yaml", b"- [a]", "auth.yaml:1: entry 1 is no object"),
        ("requirements/auth.yaml", b"\xff", "auth.yaml: is not UTF-8 text"),
        ("sources.yaml", b"sources: 3", "sources.yaml:1: has no list of sources"),
        (
            "evidence.yaml",
            b"request.user.type: [a/b#1]\nrequest.usr.type: [a/b#1]",
            "evidence.yaml:2: no dialect requires 'request.usr.type'",
        ),
    ],
)
def test_a_broken_file_fails_the_check(
    spec: Path, capsys: pytest.CaptureFixture[str], name: str, text: bytes, words: str
) -> None:
    (spec / name).write_bytes(text)
    assert check.main() == 1
    assert words in capsys.readouterr().err


def test_a_pointer_that_is_no_text_fails_the_check(
    spec: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = spec / "requirements" / "auth.yaml"
    path.write_text(re.sub(r"pointer: .*", "pointer: [paths]", path.read_text(), count=1))
    assert check.main() == 1
    assert "has the pointer ['paths'], which is no text; correct it" in capsys.readouterr().err


def test_what_is_committed_passes_the_check() -> None:
    assert list(overlays.problems()) == []


# Levels ------------------------------------------------------------------------------------------


def rules(name: str, *given: tuple[str, str] | tuple[str, str, str]) -> DialectLevels:
    """A dialect with these (pattern, level, instead of which)."""
    made = (
        LevelRule(g[0], g[1], f"{name} says so", "x.yaml:1", g[2] if len(g) > 2 else "")
        for g in given
    )
    return DialectLevels(name, tuple(made))


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        ([rules("a")], "MUST"),
        ([rules("a", ("x.y", "MAY"))], "MAY"),
        ([rules("a", ("x.*", "MAY"))], "MAY"),
        ([rules("a", ("x.*", "MAY"), ("x.y", "SHOULD"))], "SHOULD"),
        ([rules("a", ("*", "none"), ("x.*", "MAY"))], "MAY"),
        ([rules("a", ("y.*", "MAY"))], "MUST"),
        ([rules("a", ("x.y", "MAY")), rules("b", ("x.y", "none"))], "MAY"),
        ([rules("a"), rules("b", ("x.y", "none"))], "none"),
        ([rules("a", ("x.y", "SHOULD", "MUST"))], "SHOULD"),
        ([rules("a", ("x.y", "SHOULD", "MUST")), rules("b", ("x.y", "MAY"))], "MAY"),
    ],
)
def test_the_nearest_and_closest_statement_decides(
    chain: list[DialectLevels], expected: str
) -> None:
    assert level_in(chain, "x.y", "MUST")[0] == expected


def test_the_catalogue_speaks_for_a_dialect_too() -> None:
    chain = [rules("a"), rules("b", ("x.y", "MAY"))]
    assert level_in(chain, "x.y", "MUST", {"a": "none"}) == ("none", "")
    assert level_in(chain, "x.y", "MUST", {"c": "none"}) == ("MAY", "b says so")
    with pytest.raises(SpecError, match=r"MAY here and none in the catalogue"):
        level_in(chain, "x.y", "MUST", {"b": "none"})


def test_an_overlay_of_ones_own_may_give_levels(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "overlay: 1.1.0\nx-base: openai\nactions:\n- {target: $.info, update: {x-mine: 1}}\n"
        "x-levels:\n- {requirements: [stream.terminator], level: none, description: It hangs up.}\n"
        "- {requirements: [request.n.maximum], level: MUST, description: It has 128 slots.}\n"
    )
    mine = load_contract(str(path))
    assert "stream.terminator" not in mine.requirements
    assert mine.requirements["request.n.maximum"].level == "MUST"
    assert mine.requirements["request.n.maximum"].reason == "It has 128 slots."


# The dialects that there are ---------------------------------------------------------------------


def test_each_dialect_differs_from_all_others() -> None:
    words = {load_contract(name).document["info"]["summary"] for name in ALL_DIALECTS}
    assert len(words) == len(ALL_DIALECTS) >= 6


@pytest.mark.parametrize(
    ("dialect", "body", "broken"),
    [
        ("cerebras-v2", {"temperature": 2}, set()),
        ("cerebras-v2", {"temperature": 2.1}, {"request.temperature.maximum"}),
        ("cerebras-v2", {"store": True}, {"request.additional_properties"}),
        ("cerebras-v2", {"tool_choice": "auto"}, {"request.tool_choice.needs_tools"}),
        ("vllm", {"stop": list("abcde")}, set()),
        ("vllm", {"top_p": 0}, {"request.top_p.exclusive_minimum"}),
        ("vllm", {"tools": []}, {"request.tools.min_items"}),
        (
            "vllm",
            {"stream_options": {"include_usage": True}},
            {"request.stream_options.needs_stream"},
        ),
        ("llama-cpp", {"temperature": 5}, set()),
        ("llama-cpp", {"stop": []}, set()),
        ("llama-cpp", {"top_p": 2}, {"request.top_p.maximum"}),
        ("compatible", {"temperature": 2.1}, {"request.temperature.maximum"}),
    ],
)
def test_what_a_dialect_makes_of_a_request(
    dialect: str, body: dict[str, object], broken: set[str]
) -> None:
    found = load_contract(dialect).breaches({**base(dialect), **body})
    assert {breach.requirement for breach in found} == broken


@pytest.mark.parametrize(
    ("dialect", "requirement", "level"),
    [
        ("cerebras-v2", "request.tool_choice.needs_tools", "MUST"),
        ("cerebras-v2", "request.messages.tool.known_call", "MUST"),
        ("cerebras", "request.messages.tool.known_call", None),
        ("openai", "request.messages.tool.known_call", None),
        ("compatible", "stream.role.first", "MUST"),
        ("compatible", "stream.terminator", "SHOULD"),
        ("compatible", "request.temperature.maximum", "SHOULD"),
        ("compatible", "request.metadata.type", "MAY"),
        ("compatible", "response.choices.items.message.refusal.required", None),
        ("llama-cpp", "request.top_p.maximum", "MAY"),
        ("llama-cpp", "tools.required", "MUST"),
        ("llama-cpp", "error.status.client_fault", "MUST"),
        ("llama-cpp", "error.param", None),
        ("vllm", "tools.required", "MUST"),
        ("vllm", "request.model.required", None),
    ],
)
def test_levels_of_the_dialects(dialect: str, requirement: str, level: str | None) -> None:
    found = load_contract(dialect).requirements.get(requirement)
    assert (found.level if found else None) == level


@pytest.mark.parametrize("served", ["cerebras", "openai"])
def test_who_conforms_to_a_vendor_is_compatible(served: str) -> None:
    report = run_reference("compatible", served=served, examples=20)
    assert report.failed() == ()
    assert report.summary["pass"] > 300


@pytest.mark.parametrize(
    ("dialect", "faults"),
    [
        ("vllm", ("error.code_as_number",)),
        ("llama-cpp", ("error.code_as_number", "error.no_param", "answer.no_refusal")),
    ],
)
def test_an_engines_own_ways_fail_in_the_vendors_dialect_alone(
    dialect: str, faults: tuple[str, ...]
) -> None:
    assert run_reference("openai", *faults).failed()
    assert failed(run_reference(dialect, *faults)) == set()


def test_what_hurts_users_fails_in_an_engines_dialect_too() -> None:
    report = run_reference("llama-cpp", "tools.required_ignored", "error.as_500")
    assert {"tools.required", "error.status.client_fault"} <= failed(report)


# Relations between the parts of a request --------------------------------------------------------


def test_each_relation_has_cases() -> None:
    assert set(CASES) == set(RELATIONS)


@pytest.mark.parametrize("name", RELATIONS)
def test_a_relation_is_broken_by_its_cases_and_by_no_other(name: str) -> None:
    contracts = map(load_contract, dialect_names())
    contract = next(c for c in contracts if name in c.requirements)
    valid, broken = CASES[name]
    assert contract.breaches({**base(contract.dialect), **valid}) == []
    for words, body in broken:
        found = contract.breaches({**base(contract.dialect), **body})
        assert {breach.requirement for breach in found} == {name}, words
        assert all(breach.location.startswith("/") and breach.message for breach in found)
        for dialect in (d for d in ALL_DIALECTS if name not in load_contract(d).requirements):
            assert load_contract(dialect).breaches({**base(dialect), **body}) == []


def test_a_schema_that_is_none_is_no_reason_to_fail() -> None:
    """Within a schema anything may stand; what is not understood is not judged."""
    odd = {"type": "object", "additionalProperties": False, "anyOf": 5, "properties": [1]}
    odd |= {"items": True, "$defs": "x"}
    schema = {"name": "a", "strict": True, "schema": odd}
    body = {"response_format": {"type": "json_schema", "json_schema": schema}}
    assert load_contract("cerebras-v2").breaches({**base("cerebras-v2"), **body}) == []
