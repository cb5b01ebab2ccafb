"""Options have one name everywhere, a source that goes before the others, and a line to blame."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chatproof.cli import main
from chatproof.configuration import line_of, targets
from chatproof.options import BadOption
from chatproof.reference import serving
from chatproof.settings import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatproof.configuration import Target

TWO = """
timeout = 3
only = "usage.*"
report = ["json=out/{target}.json"]

[targets.first]
url = "http://127.0.0.1:1/v1"
dialect = "openai"

[targets.second]
url = "http://127.0.0.1:2/v1"
dialect = "mine.yaml"
timeout = 4.5
known = "known.yaml"
"""


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.variable, raising=False)


def settled(folder: Path, environ: dict[str, str] | None = None, **given: Any) -> list[Target]:
    return list(targets(given, environ or {}, folder))


def test_without_a_file_there_is_one_target_with_the_defaults(tmp_path: Path) -> None:
    (target,) = settled(tmp_path, config="none")
    assert target.name == ""
    assert target.values == {s.dest: s.default for s in SETTINGS} | {"config": "none"}


def test_a_file_names_targets_and_what_they_share(tmp_path: Path) -> None:
    (tmp_path / "chatproof.toml").write_text(TWO)
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    first, second = settled(below)
    assert (first.name, second.name) == ("first", "second")
    assert first.values["timeout"] == 3.0
    assert second.values["timeout"] == 4.5
    assert first.values["only"] == second.values["only"] == ["usage.*"]
    assert first.values["dialect"] == "openai"
    assert second.values["dialect"] == str(tmp_path / "mine.yaml")
    assert second.values["known"] == tmp_path / "known.yaml"
    assert first.values["report"] == [f"json={tmp_path}/out/first.json"]
    assert second.values["report"] == [f"json={tmp_path}/out/second.json"]
    assert [t.name for t in settled(below, target=["second"])] == ["second"]


def test_pyproject_has_the_same(tmp_path: Path) -> None:
    table = re.sub(r"\[targets", "[tool.chatproof.targets", TWO)
    (tmp_path / "pyproject.toml").write_text(f'[project]\nname = "x"\n[tool.chatproof]{table}')
    first, second = settled(tmp_path)
    assert first.values["timeout"] == 3.0
    assert second.values["timeout"] == 4.5


def test_what_is_nearer_is_read_and_a_pyproject_of_others_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "chatproof.toml").write_text(TWO)
    below = tmp_path / "below"
    below.mkdir()
    (below / "pyproject.toml").write_text('tool = 1\nname = "chatproof"')
    assert len(settled(below)) == 2
    (below / "pyproject.toml").write_text("broken [")
    assert len(settled(below)) == 2
    (below / "pyproject.toml").write_text("[tool.chatproof]\nseed = 7")
    assert [t.values["seed"] for t in settled(below)] == [7]


def test_command_line_before_environment_before_file_before_default(tmp_path: Path) -> None:
    (tmp_path / "chatproof.toml").write_text("seed = 2\nquick = true")
    assert settled(tmp_path)[0].values["seed"] == 2
    environ = {"CHATPROOF_SEED": "3", "CHATPROOF_QUICK": "no", "CHATPROOF_MODEL": ""}
    (target,) = settled(tmp_path, environ)
    assert target.values["seed"] == 3
    assert target.values["quick"] is False
    assert target.values["model"] is None
    (target,) = settled(tmp_path, environ, seed=4)
    assert target.values["seed"] == 4
    assert settled(tmp_path, environ, config="none")[0].values["quick"] is False


def test_a_list_in_a_variable_is_written_as_in_a_shell(tmp_path: Path) -> None:
    environ = {"CHATPROOF_REPORT": "json=a.json 'junit=with space.xml'"}
    values = settled(tmp_path, environ, config="none")[0].values
    assert values["report"] == ["json=a.json", "junit=with space.xml"]


def test_a_url_stands_for_the_targets_or_for_that_of_one(tmp_path: Path) -> None:
    (tmp_path / "chatproof.toml").write_text(TWO)
    (plain,) = settled(tmp_path, url="http://127.0.0.1:3/v1")
    assert (plain.name, plain.values["dialect"]) == ("", "cerebras")
    (first,) = settled(tmp_path, {"CHATPROOF_URL": "http://127.0.0.1:3/v1"}, target=["first"])
    assert (first.name, first.values["dialect"]) == ("first", "openai")
    assert first.values["url"] == "http://127.0.0.1:3/v1"
    with pytest.raises(BadOption, match="give --target once"):
        settled(tmp_path, url="http://127.0.0.1:3/v1", target=["first", "second"])


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("seed = 1\nseed = 2", 2, "is not TOML"),
        ("seed = [\n", 1, "is not TOML"),
        ("\nbudget_tokens = 1", 2, "unknown key 'budget_tokens'; did you mean budget-tokens?"),
        ("\n\nxyz = 1", 3, "unknown key 'xyz'; choose of url, dialect"),
        ("config = 'x'", 1, "unknown key 'config'"),
        ("seed = true", 1, "seed is True; give a whole number"),
        ("timeout = 'long'", 1, "timeout is 'long'; give a number"),
        ("timeout = 0", 1, "timeout is 0; give a number above 0"),
        ("concurrency = 0", 1, "concurrency is 0; give at least 1"),
        ("quick = 'yes'", 1, "quick is 'yes'; give true or false"),
        ("only = [1]", 1, "only is [1]; give a list of texts"),
        ("model = 1", 1, "model is 1; give a text"),
        ("url = 'http://x/v1'", 1, "a url belongs to a target"),
        ("targets = 1", 1, "targets is no table"),
        ("seed = 1\n[targets]\na = 1", 3, "a is no table"),
        ("[targets.a]\nseed = 1", 1, "the target a has no url"),
        ("[targets.'a/b']\nurl = ''", 1, "'a/b' is no name of a target"),
        ("[targets.a]\nurl = 'http://x/v1'\n[targets.b]\nurl = 'x'\nseeds = 2", 5, "'seeds'"),
        ("class = [\n 'core',\n 'luck',\n]", 1, "unknown class 'luck'"),
        ("\ndialect = 'klingon'", 2, "unknown dialect 'klingon'"),
        ("\nonly = 'no.such'", 2, "'no.such' matches no requirement"),
        ("\nskip = 'no.such'", 2, "'no.such' matches no requirement"),
        ("\nknown = 'none.yaml'", 2, "cannot be read"),
        ("\nreport = 'pdf=x'", 2, "is not FORMAT=PATH"),
        ("\nrecord = 'no/such/r.har'", 2, "cannot be written"),
        ("\napi-key-env = 'CHATPROOF_TEST_UNSET'", 2, "CHATPROOF_TEST_UNSET is not set"),
        ("[targets.a]\nurl = 'ftp://x'", 2, "http"),
    ],
)
def test_what_is_wrong_in_a_file_is_one_line_with_its_place(
    text: str,
    line: int,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "chatproof.toml"
    path.write_text(text)
    assert main(["run"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"chatproof: {path}:{line}: ")
    assert words in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("CHATPROOF_SEED", "x", "CHATPROOF_SEED is 'x'; give a whole number"),
        ("CHATPROOF_QUICK", "maybe", "CHATPROOF_QUICK is 'maybe'; give true or false"),
        ("CHATPROOF_ONLY", "'open", "give a list of texts"),
        ("CHATPROOF_EXAMPLES", "-1", "CHATPROOF_EXAMPLES is -1; give at least 0"),
        ("CHATPROOF_DIALECT", "klingon", "CHATPROOF_DIALECT: unknown dialect"),
        ("CHATPROOF_CONFIG", "/no/such.toml", "/no/such.toml: cannot be read"),
        ("CHATPROOF_TARGET", "x", "has no target 'x'"),
    ],
)
def test_what_is_wrong_in_a_variable_names_it(
    variable: str,
    value: str,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(variable, value)
    assert main(["run"]) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "keys", "line"),
    [
        ("a = 1\n[t]\nb = 2", ("t", "b"), 3),
        ("a.b.c = 1\na.b.d = 2", ("a", "b", "d"), 2),
        ("[t.'x.y']\nb = 2", ("t", "x.y", "b"), 2),
        ("x = 1\nt = {a = 1, b = 2}", ("t", "b"), 2),
        ('s = """\nt = 1\n"""\n[u]\nt = 2', ("u", "t"), 5),
        ("a = 1", ("z",), 1),
    ],
)
def test_a_line_is_found(text: str, keys: Sequence[str], line: int) -> None:
    tomllib.loads(text)
    assert line_of(text, tuple(keys)) == line


def test_several_targets_run_in_turn_and_the_worst_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with serving("openai") as good, serving("openai", faults=["usage.wrong_total"]) as bad:
        addresses = {"good": good, "bad": bad, "gone": "http://127.0.0.1:1/v1"}
        tables = "\n".join(f'[targets.{n}]\nurl = "{url}"' for n, url in addresses.items())
        common = (
            'dialect = "openai"\nonly = ["usage.*"]\nexamples = 0\nreport = "json={target}.json"'
        )
        (tmp_path / "chatproof.toml").write_text(f"{common}\n{tables}\n")
        assert main(["run", "--target", "good"]) == 0
        assert main(["run", "--target", "good", "--target", "bad"]) == 1
        capsys.readouterr()
        assert main(["run", "--dry-run"]) == 0
        assert "Target bad" in capsys.readouterr().out
        assert main(["run"]) == 3
    out, err = capsys.readouterr()
    assert re.findall("^Target .*", out, re.MULTILINE) == [
        "Target good",
        "Target bad",
        "Target gone",
    ]
    assert "no server answers at http://127.0.0.1:1/v1" in err
    summaries = [json.loads(Path(f"{n}.json").read_text())["summary"] for n in ("good", "bad")]
    assert [summary["fail"] > 0 for summary in summaries] == [False, True]


def test_two_targets_do_not_write_to_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "chatproof.toml").write_text(
        TWO.replace("out/{target}", "r").split('dialect = "m')[0]
    )
    assert main(["run"]) == 2
    assert "put {target} into the path" in capsys.readouterr().err


def test_init_writes_a_file_that_run_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    url = "http://127.0.0.1:3/v1"
    assert main(["init", "--url", url, "--dialect", "openai"]) == 0
    written = Path("chatproof.toml").read_text()
    (target,) = settled(tmp_path)
    assert (target.name, target.values["url"], target.values["dialect"]) == ("main", url, "openai")
    capsys.readouterr()
    assert main(["init"]) == 2
    assert "is there already" in capsys.readouterr().err
    assert Path("chatproof.toml").read_text() == written
    # Each line that is commented out may be used as it stands.
    Path("chatproof.toml").write_text(re.sub(r"(?m)^# (?=[a-z-]+ = )", "", written))
    values = settled(tmp_path)[0].values
    assert [s.name for s in SETTINGS if s.in_file and values[s.dest] in (None, [])] == []


@pytest.mark.parametrize("arguments", ["--url ftp://x", "--dialect klingon"])
def test_init_writes_nothing_wrong(
    arguments: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init", *shlex.split(arguments)]) == 2
    assert not Path("chatproof.toml").exists()


def test_every_option_of_a_run_can_be_said_everywhere(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    flags = set(re.findall(r"^ +(--[a-z-]+)", capsys.readouterr().out, re.MULTILINE))
    only_there = {"--dry-run"}
    assert flags - only_there == {s.flag for s in SETTINGS if s.name != "url"}
