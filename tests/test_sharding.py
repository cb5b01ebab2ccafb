"""Shards: together they are the whole run, and merging does not care for the order."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from functools import reduce
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatproof import runner
from chatproof.budget import Cost
from chatproof.checks import EXPERIMENTS
from chatproof.cli import main
from chatproof.contract import load_contract
from chatproof.merging import join, merge
from chatproof.options import Options
from chatproof.recording import read as read_recording
from chatproof.reference import serving
from chatproof.replay import replay
from chatproof.reports import WRITERS
from chatproof.runner import run
from chatproof.sharding import SHARED, Shard, Shards, elsewhere, parse_shard
from chatproof.verdicts import IN_ANOTHER_SHARD, NOT_SO_HERE, UNTESTED, Finding, Judgement
from tests.conftest import KEY, MODELS, run_reference
from tests.reports.samples import PLAIN, REPORT, STREAM, report, requirement, summary

if TYPE_CHECKING:
    from pathlib import Path

    from chatproof.report import Report

assert runner  # imported for the experiments

counts = pytest.mark.parametrize("of", [1, 2, 3, 7, 12])


def shards(of: int) -> list[Shard]:
    return [Shard(number, of) for number in range(1, of + 1)]


@counts
def test_shards_partition_the_experiments(of: int) -> None:
    dealt = Counter(each.name for shard in shards(of) for each in shard.deal(EXPERIMENTS))
    for each in EXPERIMENTS:
        assert dealt[each.name] == (of if each.turn == SHARED else 1)
    sizes = [len(shard.deal(EXPERIMENTS)) for shard in shards(of)]
    assert max(sizes) - min(sizes) <= 1


@counts
def test_shards_partition_the_requirements(of: int) -> None:
    requirements = load_contract("openai").requirements
    shares = Counter(name for name in requirements for shard in shards(of) if shard.takes(name))
    assert set(shares.values()) == {1}
    assert shares.keys() == requirements.keys()
    away = [elsewhere(shard, EXPERIMENTS, requirements) for shard in shards(of)]
    assert not frozenset.intersection(*away)


def test_the_assignment_is_stable() -> None:
    """The shards of one run are dealt on different machines."""
    expected = {
        "usage.total": 2,
        "stream.role.first": 1,
        "response.id.required": 2,
        "request.model.type": 1,
    }
    for name, number in expected.items():
        assert Shard(number, 3).takes(name)


@pytest.mark.parametrize("text", ["", "1", "0/3", "4/3", "1/0", "a/b", "1/3/5", "-1/3", "1.0/3"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not K/N|there is no part"):
        parse_shard(text)
    assert parse_shard("2/3") == Shard(2, 3)


# Merging as a value ---------------------------------------------------------------------------

NAMES = ("a.must", "a.may", "b.other")
LEVELS = {"a.must": "MUST", "a.may": "MAY", "b.other": "SHOULD"}
finding = st.builds(
    Finding,
    st.sampled_from(["wrong", "late"]),
    st.sampled_from([None, 1, {"a": 1}]),
    st.sampled_from([None, 2, [1.5]]),
    st.sampled_from(["/a", "/b"]),
    st.sampled_from(["e1", "e2", "e9"]),
)


@st.composite
def judgements(draw: st.DrawFn, name: str) -> Judgement:
    demand = requirement(name, LEVELS[name])
    verdict = draw(st.sampled_from(["pass", "fail", "inconclusive", "skip"]))
    if verdict == "fail":
        some = draw(st.lists(finding, min_size=1, max_size=4))
        kept = {(f.exchange, f.message): f for f in some}
        found = tuple(kept.values())
        hidden = draw(st.integers(0, 5))
        return Judgement(demand, "fail", found[0].message, found, len(found) + hidden)
    reasons = {
        "pass": [""],
        "inconclusive": [UNTESTED, "no call was made", "a reason"],
        "skip": [IN_ANOTHER_SHARD, "the budget is spent", f"{NOT_SO_HERE}wrong"],
    }
    return Judgement(demand, verdict, draw(st.sampled_from(reasons[verdict])))  # type: ignore[arg-type]


ONCE = summary(PLAIN)
exchanges = st.lists(
    st.sampled_from(
        [
            ONCE,
            summary(PLAIN, "/late/0"),
            dataclasses.replace(ONCE, seconds=9.0),
            summary(STREAM),
        ]
    ),
    max_size=2,
    unique_by=lambda each: each.id,
)
costs = st.builds(Cost, *[st.integers(0, 100)] * 4)


@st.composite
def parts(draw: st.DrawFn) -> list[Report]:
    of = draw(st.integers(3, 4))
    return [
        dataclasses.replace(
            REPORT,
            judgements=tuple(draw(judgements(name)) for name in NAMES),
            exchanges=tuple(draw(exchanges)),
            cost=draw(costs),
            cost_by_class=draw(st.dictionaries(st.sampled_from(["core", "tools"]), costs)),
            seconds=draw(st.integers(0, 10**6)) / 1000,
            note=draw(st.sampled_from(["", "a note", "another", "a note; another"])),
            complete=draw(st.booleans()),
            started=draw(st.none() | st.floats(0, 1e9)),
            shards=Shards((number,), of),
        )
        for number in range(1, of + 1)
    ]


def unordered(made: Report) -> Report:
    """Reports alike but for the order of what has none."""
    exchanges = tuple(sorted(made.exchanges, key=lambda each: each.id))
    return dataclasses.replace(made, exchanges=exchanges)


@given(parts())
@settings(max_examples=60, deadline=None)
def test_merging_is_commutative_and_associative(made: list[Report]) -> None:
    one, two, three = made[:3]
    assert unordered(join(one, two)) == unordered(join(two, one))
    assert join(join(one, two), three) == join(one, join(two, three))
    whole = reduce(join, made)
    assert whole.cost.requests == sum(each.cost.requests for each in made)
    assert whole.shards == Shards(tuple(range(1, len(made) + 1)), len(made))


@given(parts())
@settings(max_examples=30, deadline=None)
def test_a_merged_verdict_is_that_of_a_run_that_saw_it_all(made: list[Report]) -> None:
    whole = merge([(f"{n}.json", each) for n, each in enumerate(made)])
    for position, judgement in enumerate(whole.judgements):
        each = [part.judgements[position] for part in made]
        verdicts = {j.verdict for j in each}
        denied = any(j.reason.startswith(NOT_SO_HERE) for j in each)
        if "fail" in verdicts:
            assert judgement.verdict == "fail"
            assert judgement.found >= max(j.found for j in each if j.verdict == "fail")
            assert judgement.reason == judgement.findings[0].message
            places = {(f.exchange, f.message) for j in each for f in j.findings}
            assert {(f.exchange, f.message) for f in judgement.findings} == places
        elif denied:
            assert judgement.verdict == "skip"
        elif "pass" in verdicts:
            assert judgement.verdict == "pass"
        elif "inconclusive" in verdicts:
            assert judgement.verdict == "inconclusive"
        else:
            assert judgement.verdict == "skip"


# The command line -----------------------------------------------------------------------------


def part(number: int, of: int = 2, **others: Any) -> Report:
    judgement = Judgement(requirement("a.must"), "pass" if number == 1 else "skip")
    made = report(judgement)
    return dataclasses.replace(made, shards=Shards((number,), of), exchanges=(), **others)


def merged(made: list[Report], tmp_path: Path, capsys: Any, *more: str) -> tuple[int, str, str]:
    paths = []
    for position, each in enumerate(made):
        path = tmp_path / f"{position}.json"
        path.write_text(WRITERS["json"](each, False))
        paths.append(str(path))
    code = main(["merge", *paths, *more])
    return code, *capsys.readouterr()


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ([part(1), part(2, url="http://elsewhere/v1")], "are of different servers"),
        ([part(1), part(2, model="other")], "are of different models"),
        ([part(1), part(2, dialect="vllm")], "are of different dialects"),
        ([part(1), part(2, version="2")], "are of different versions of chatproof"),
        ([part(1), part(2, spec="2")], "are of different versions of the specification"),
        ([part(1), part(2, seed=2)], "are of different seeds"),
        ([part(1), part(2, of=3)], "are of different numbers of shards"),
        ([part(1, of=3), part(3, of=3)], "shard 2/3 is missing; give all 3"),
        ([part(2, of=10**6)], "shard 1/1000000, 3/1000000"),
        ([part(1), part(1)], "shard 1/2 is there more than once"),
        ([report()], "is a whole run"),
    ],
)
def test_what_is_not_one_run_is_exit_2(
    made: list[Report], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = merged(made, tmp_path, capsys)
    assert (code, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1


def test_merging_exits_like_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "whole.json"
    code, out, _ = merged([part(2), part(1)], tmp_path, capsys, "--report", f"json={path}")
    assert code == 0
    assert "Every MUST that was tested holds." in out
    assert json.loads(path.read_text())["shards"] is None
    nothing = dataclasses.replace(part(1), judgements=part(2).judgements)
    assert merged([nothing, part(2)], tmp_path, capsys)[0] == 3
    broken = Judgement(requirement("a.must"), "fail", "wrong", (), 1)
    wrong = dataclasses.replace(part(2), judgements=(broken,))
    assert merged([part(1), wrong], tmp_path, capsys)[0] == 1
    known = tmp_path / "known.yaml"
    known.write_text("- {id: a.must, reason: being mended}\n")
    assert merged([part(1), wrong], tmp_path, capsys, "--known", str(known))[0] == 0


def test_three_shards_are_the_whole_run() -> None:
    faults = ["answer.no_id", "error.no_type", "stream.no_role"]
    with serving("openai", faults=faults, key=KEY) as url:
        asked = Options(url, "openai", MODELS["openai"], KEY, examples=0, timeout=10.0)
        whole = run(asked)
        made = [run(dataclasses.replace(asked, shard=shard)) for shard in shards(3)]
    together = merge([(str(each.shards), each) for each in made])
    assert {j.requirement.id: j.verdict for j in together.judgements} == {
        j.requirement.id: j.verdict for j in whole.judgements
    }
    assert together.summary["fail"] >= 3
    requests = [each.cost.requests for each in made]
    assert together.cost.requests == sum(requests) < 1.3 * whole.cost.requests
    assert max(requests) < 0.5 * whole.cost.requests
    assert all(j.reason != IN_ANOTHER_SHARD for j in together.judgements)
    assert any(j.reason == IN_ANOTHER_SHARD for j in made[0].judgements)


def test_a_recorded_shard_is_judged_again_as_a_shard(tmp_path: Path) -> None:
    path = tmp_path / "2.har"
    given: dict[str, Any] = {"classes": ("logprobs", "models"), "shard": Shard(2, 3)}
    made = run_reference("openai", record=path, **given)
    recording = read_recording(path, None)
    again = replay(recording, recording.options())
    assert again.shards == made.shards == Shards((2,), 3)
    assert [(j.verdict, j.reason) for j in again.judgements] == [
        (j.verdict, j.reason) for j in made.judgements
    ]
