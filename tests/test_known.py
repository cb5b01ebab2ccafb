"""Known failures: what is news, what has expired, and the list kept up to date."""

from __future__ import annotations

import dataclasses
import datetime
from typing import TYPE_CHECKING

import pytest
import yaml

from chatproof.cli import main
from chatproof.contract import load_contract
from chatproof.known import UNEXPLAINED, Known, News, compare, read_known, updated
from chatproof.reports import WRITERS
from chatproof.sharding import Shards
from chatproof.verdicts import Judgement, Verdict
from tests.reports.samples import report, requirement

if TYPE_CHECKING:
    from pathlib import Path

TODAY = datetime.date(2026, 6, 1)


def judged(**verdicts: Verdict) -> Judgement:
    ((name, verdict),) = verdicts.items()
    return Judgement(requirement(name.replace("_", ".")), verdict)


MADE = report(
    judged(a_new="fail"), judged(a_old="fail"), judged(a_good="pass"), judged(a_open="skip")
)


def test_what_is_news_expired_and_stale() -> None:
    known = [
        Known("a.old", "r", expires=TODAY),
        Known("a.good", "r"),
        Known("a.open", "r", expires=datetime.date(2000, 1, 1)),
    ]
    assert compare(MADE, known, strict=False, today=TODAY) == News(["a.new"], [], ["a.good"])
    later = TODAY + datetime.timedelta(1)
    assert compare(MADE, known, strict=False, today=later).expired == [known[0]]


@pytest.mark.parametrize("written", ["2027-01-31", "'2027-01-31'", "2027-01-31 10:00:00"])
def test_a_date_may_be_written_as_yaml_does(written: str, tmp_path: Path) -> None:
    path = tmp_path / "k.yaml"
    path.write_text(f"- {{id: usage.total, reason: r, expires: {written}}}\n")
    (entry,) = read_known(path, load_contract("openai").requirements)
    assert entry.expires == datetime.date(2027, 1, 31)
    assert not entry.expired(datetime.date(2027, 1, 31))
    assert entry.expired(datetime.date(2027, 2, 1))


NEWS = News(["a.new"], [], ["a.stale", "b.stale"])
HEAD = "# ours\n\n"
KEPT = "# of the rest\n- id: a.kept  # since May\n  reason: 'r'\n  expires: 2027-01-31\n# end"
ADDED = f"- id: a.new\n  reason: {UNEXPLAINED}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ADDED),
        ("# ours\n", "# ours\n" + ADDED),
        (
            HEAD + "- id: a.stale\n  reason: >\n    long\n    words\n\n" + KEPT,
            HEAD + KEPT + "\n" + ADDED,
        ),
        (
            "- {id: a.stale, reason: r}\n- {id: a.kept, reason: r}",
            "- {id: a.kept, reason: r}\n" + ADDED,
        ),
        ("- {id: a.stale,\n   reason: r}\n- {reason: r, id: b.stale}\n", ADDED),
        (
            "  - reason: r\n    id: b.stale\n  - id: a.kept\n    reason: |\n      r\n",
            f"  - id: a.kept\n    reason: |\n      r\n  - id: a.new\n    reason: {UNEXPLAINED}\n",
        ),
        (
            "[{id: a.kept, reason: r}, {id: a.stale, reason: r}]\n",
            "- id: a.kept\n  reason: r\n" + ADDED,
        ),
        (
            "-\n  id: a.stale\n  reason: r\n-\n  id: a.kept\n  reason: r\n",
            "- id: a.kept\n  reason: r\n" + ADDED,
        ),
    ],
)
def test_the_list_keeps_what_it_can(before: str, after: str) -> None:
    made = updated(before, NEWS)
    assert made == after
    names = [entry["id"] for entry in yaml.safe_load(made)]
    assert names == (["a.kept", "a.new"] if "a.kept" in before else ["a.new"])
    assert updated(made, News([], [], [])) == made


def test_the_command_line_updates_the_list(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known, path = tmp_path / "known.yaml", tmp_path / "r.json"
    path.write_text(WRITERS["json"](dataclasses.replace(MADE, shards=Shards((1,), 1)), False))
    arguments = ["merge", str(path), "--known", str(known), "--update-known"]
    assert main(arguments) == 0
    assert f"wrote {known}: 2 added, 0 taken off" in capsys.readouterr().out
    assert main(arguments[:-1]) == 0
    known.write_text(
        "# kept\n- {id: a.old, reason: r, expires: 2001-01-01}\n- {id: a.good, reason: r}\n"
    )
    assert main(arguments[:-1]) == 1
    out = capsys.readouterr().out
    assert "a.old was excused until 2001-01-01 and fails still; mend it" in out
    assert "a.good is listed as known and passes now" in out
    assert main(arguments) == 1  # the date is for people to change
    assert f"wrote {known}: 1 added, 1 taken off" in capsys.readouterr().out
    assert known.read_text() == (
        f"# kept\n- {{id: a.old, reason: r, expires: 2001-01-01}}\n{ADDED}"
    )
