"""Reading JSON reports back: nothing is lost, and what is no report is named."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from chatproof.contract.document import spec_folder
from chatproof.options import BadOption
from chatproof.reports import WRITERS
from chatproof.reports.reading import read
from chatproof.sharding import Shards
from tests.reports.samples import REPORT

if TYPE_CHECKING:
    from pathlib import Path

FORMS = [
    REPORT,
    dataclasses.replace(REPORT, latency=None, latency_by_class={}, started=None),
    dataclasses.replace(REPORT, shards=Shards((1, 3), 4), complete=False, exchanges=()),
    dataclasses.replace(REPORT, judgements=(), note=""),
]


@pytest.mark.parametrize("made", FORMS)
def test_what_is_written_is_read(made: Any, tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text(WRITERS["json"](made, False))
    back = read(path)
    assert back == made
    assert WRITERS["json"](back, False) == path.read_text()
    assert WRITERS["html"](back, True) == WRITERS["html"](made, True)


def value() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(WRITERS["json"](REPORT, False))
    return made


LATER = ("python", "request_kept", "reply_kept", "event_count", "events", "places")


def test_members_that_came_later_may_be_missing(tmp_path: Path) -> None:
    old = value()
    for exchange in old["exchanges"]:
        for name in (*LATER, "request_head", "request_body", "reply_head"):
            del exchange[name]
    for requirement in old["requirements"]:
        for name in ("pointer", "evidence", "level_reason"):
            del requirement[name]
    del old["shards"], old["started"], old["latency"]["by_class"]
    schema = json.loads((spec_folder() / "report.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(old)
    path = tmp_path / "old.json"
    path.write_text(json.dumps(old))
    back = read(path)
    assert [j.verdict for j in back.judgements] == [j.verdict for j in REPORT.judgements]
    for write in WRITERS.values():
        assert write(back, False)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no JSON, line 1"),
        ("{\n,", "is no JSON, line 2"),
        ("[]", "is no report of chatproof (at /: "),
        ("{}", "is no report of chatproof"),
        ("[" * 100_000, "nested too deep"),
        (json.dumps(value() | {"seed": "1"}), "at /seed"),
        (json.dumps(value() | {"started": 1e300}), "at /started"),
        (json.dumps(value() | {"started": float("nan")}), "NaN is no number"),
        (json.dumps(value() | {"shards": {"numbers": [], "of": 1}}), "at /shards/numbers"),
    ],
)
def test_what_is_no_report_is_named(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text(text)
    with pytest.raises(BadOption) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert words in str(caught.value)
    assert len(str(caught.value)) < 500 + len(str(path))


def test_bytes_that_are_none_are_named(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    broken = value()
    broken["exchanges"][0]["reply_kept"]["pieces"][0]["base64"] = "!"
    path.write_text(json.dumps(broken))
    with pytest.raises(BadOption, match="is no report of chatproof"):
        read(path)


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadOption, match="cannot be read"):
        read(tmp_path / "none.json")
    (tmp_path / "b.json").write_bytes(b"\xff\xfe")
    with pytest.raises(BadOption, match="is no report of chatproof"):
        read(tmp_path / "b.json")
