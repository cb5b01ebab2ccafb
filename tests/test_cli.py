"""The command line: what it says when something is wrong, and the exit codes."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from chatproof.cli import main
from chatproof.contract import CLASSES
from chatproof.reference import serving
from tests.conftest import KEY

SAMPLES = Path(__file__).parent / "recording" / "samples"
CHROME = str(SAMPLES / "chrome.har")
QUICK = ["--examples", "0", "--timeout", "10"]


def called(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """The exit code, the output and the errors of a call."""
    try:
        code = main(arguments)
    except SystemExit as exit_:
        code = int(exit_.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "127.0.0.1:8000/v1"], "http://"),
        (["run", "ftp://127.0.0.1/v1"], "http"),
        (["run", "--dialect", "klingon"], "unknown dialect 'klingon'; choose one of cerebras"),
        (["run", "--only", "no.such.*"], "'no.such.*' matches no requirement"),
        (["run", "--class", "luck"], "unknown class 'luck'; choose of core"),
        (["run", "--report", "json"], "is not FORMAT=PATH"),
        (["run", "--report", "pdf=x.pdf"], "formats are badge, html, json, junit, markdown, sarif"),
        (["run", "--report", "badge=b"], "names neither a .json file nor a folder"),
        (["run", "--report", "json=/no/such/folder/r.json"], "cannot be written"),
        (["run", "--api-key-env", "CHATPROOF_TEST_UNSET"], "CHATPROOF_TEST_UNSET is not set"),
        (["run", "--concurrency", "0"], "--concurrency is 0; give at least 1"),
        (["run", "--timeout", "0"], "--timeout is 0.0"),
        (["run", "--known", "/no/such/file.yaml"], "cannot be read"),
        (["run", "--update-known"], "name it with --known FILE"),
        (["run", "--update-known", "--known", "/no/such/k.yaml"], "cannot be written"),
        (["run", "--shard", "4/3"], "--shard: there is no part 4 of 3; give K and N"),
        (["run", "--shard", "third"], "'third' is not K/N"),
        (["merge", "/no/such/file.json"], "/no/such/file.json: cannot be read"),
        (["merge", __file__], "is no JSON, line 1"),
        (["merge"], "required"),
        (["run", "--dialect", "/no/such/overlay.yaml"], "cannot be read"),
        (["serve", "--port", "70000"], "--port is 70000; give a number from 0 to 65535"),
        (["serve", "--pace", "-1"], "--pace is -1.0; give the seconds of a token"),
        (["serve", "--pace", "nan"], "--pace is nan"),
        (["serve", "--fault", "stream.no_roles"], "did you mean stream.no_role"),
        (["run", "--record", "/no/such/folder/r.har"], "cannot be written"),
        (["run", "--record", "/dev/null"], "is no plain file"),
        (["replay", "/no/such/file.har"], "/no/such/file.har: cannot be read"),
        (["replay", __file__], "is no JSON, line 1"),
        (["replay", CHROME, "--dialect", "klingon"], "unknown dialect 'klingon'"),
        (["replay", CHROME, "--only", "no.such.*"], "'no.such.*' matches no requirement"),
        (["replay", CHROME, "--class", "luck"], "unknown class 'luck'"),
        (["replay", CHROME, "--base", "http://x/v1"], "has no traffic of http://x/v1"),
        (["replay", CHROME, "--report", "json=/no/such/folder/r.json"], "cannot be written"),
        (["replay"], "required"),
        (["explain", "request.temprature.maximum"], "did you mean request.temperature.maximum"),
        (["run", "--seed", "x"], "invalid int value"),
        ([], "required"),
    ],
)
def test_wrong_usage_is_one_clear_line_and_exit_2(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = called(arguments, capsys)
    assert code == 2
    assert words in err
    assert "Traceback" not in err
    assert out == ""


def test_no_server_is_exit_3(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
    code, _, err = called(["run", url], capsys)
    assert code == 3
    assert err.startswith(f"chatproof: no server answers at {url}")


def test_a_run_that_was_none_leaves_no_file(tmp_path: Path) -> None:
    report, kept = tmp_path / "new.json", tmp_path / "old.json"
    kept.write_text("{}")
    for path in (report, kept):
        assert main(["run", "http://127.0.0.1:9/v1", "--report", f"json={path}"]) == 3
    assert not report.exists()
    assert kept.read_text() == "{}"


def test_an_empty_host_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--host", ""]) == 2
    assert "127.0.0.1" in capsys.readouterr().err


def test_a_port_that_is_taken_is_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, _, err = called(["serve", "--port", str(taken.getsockname()[1])], capsys)
    assert code == 2
    assert "choose another port" in err


def test_the_embedded_server_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "r.json"
    code, out, _ = called(["run", *QUICK, "--report", f"json={path}"], capsys)
    assert code == 0
    assert "Every MUST that was tested holds." in out
    assert json.loads(path.read_text())["summary"]["fail"] == 0


def faulty(
    fault: str, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    with serving("openai", faults=[fault]) as url:
        return called(["run", url, "--dialect", "openai", *QUICK, *arguments], capsys)


def test_a_failed_must_is_exit_1(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = faulty("answer.no_id", [], capsys)
    assert code == 1
    assert "MUST response.id.required" in out
    assert "curl -sS" in out


def test_a_failed_should_is_exit_1_only_where_strict(capsys: pytest.CaptureFixture[str]) -> None:
    assert faulty("stream.crlf", [], capsys)[0] == 0
    assert faulty("stream.crlf", ["--strict"], capsys)[0] == 1


def test_known_failures_do_not_fail_and_stale_ones_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = tmp_path / "known.yaml"
    known.write_text("- {id: response.id.required, reason: being mended}\n")
    assert faulty("answer.no_id", ["--known", str(known)], capsys)[0] == 0
    known.write_text(known.read_text() + "- {id: usage.total, reason: was wrong once}\n")
    code, out, _ = faulty("answer.no_id", ["--known", str(known)], capsys)
    assert code == 1
    assert "usage.total is listed as known and passes now" in out


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1", 1, "is no list"),
        ("- {id: usage.total}", 1, "has no reason"),
        ("- {id: usage.total, reason: r}\n- {id: no.such, reason: r}", 2, "'no.such' is no req"),
        ("- {id: usage.total, why: r}", 1, "has the keys id, reason, link and expires"),
        ("- {id: usage.total, reason: r, expires: soon}", 1, "write it like 2027-01-31"),
        ("- {id: usage.total, reason: r, expires: 5}", 1, "expires is no date"),
        ("- {id: [usage.total], reason: r}", 1, "is no requirement"),
    ],
)
def test_a_broken_list_of_known_failures_is_named(
    tmp_path: Path, text: str, line: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "known.yaml"
    path.write_text(text)
    code, _, err = called(["run", "--known", str(path)], capsys)
    assert code == 2
    assert f"known.yaml:{line}:" in err
    assert words in err


def test_a_report_that_cannot_be_written_in_the_end_is_exit_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["run", *QUICK, "--only", "usage.total", "--report", "json=/dev/full"]
    code, out, err = called(arguments, capsys)
    assert code == 2
    assert "Every MUST that was tested holds." in out
    assert err.startswith("chatproof: the report /dev/full cannot be written")


@pytest.mark.parametrize(
    ("base", "action", "words"),
    [
        ("[openai]", "{target: $.info, update: {title: x}}", ":2: x-base is no text"),
        (
            "openai",
            "{target: $.components.schemas.Usage.properties.total_tokens, update: {minimum: much}}",
            "at /components/schemas/Usage/properties/total_tokens/minimum",
        ),
        (
            "openai",
            "{target: $.components.schemas.TextPart.properties.text, update: {pattern: (}}",
            "at /components/schemas/TextPart/properties/text/pattern",
        ),
    ],
)
def test_an_overlay_that_makes_no_document_is_exit_2(
    tmp_path: Path, base: str, action: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"overlay: 1.1.0\nx-base: {base}\nactions: [{action}]\n")
    code, _, err = called(["run", "--dialect", str(path)], capsys)
    assert code == 2
    assert words in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("key", ["a\nb", "schlüssel", "two words"])
def test_a_key_that_no_header_can_carry_is_exit_2_and_not_shown(
    key: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHATPROOF_TEST_KEY", key)
    code, _, err = called(["run", "--api-key-env", "CHATPROOF_TEST_KEY"], capsys)
    assert code == 2
    assert "check how the variable was set" in err
    assert key not in err


def test_the_key_comes_from_the_environment_and_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHATPROOF_TEST_KEY", KEY)
    path = tmp_path / "r.json"
    with serving("openai", key=KEY, faults=["error.no_type"]) as url:
        arguments = ["run", url, "--dialect", "openai", *QUICK, "--report", f"json={path}"]
        code, _, err = called(arguments, capsys)
        assert code == 3
        assert "name the variable" in err
        code, out, err = called([*arguments, "--api-key-env", "CHATPROOF_TEST_KEY"], capsys)
    assert code == 1
    assert KEY not in out + err + path.read_text()


def test_a_recording_is_judged_again_without_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHATPROOF_TEST_KEY", KEY)
    path, first, second = (str(tmp_path / name) for name in ("r.har", "1.json", "2.json"))
    with serving("openai", key=KEY, faults=["answer.no_id"]) as url:
        arguments = ["run", url, "--dialect", "openai", *QUICK, "--record", path]
        arguments += ["--api-key-env", "CHATPROOF_TEST_KEY", "--class", "core"]
        code, out, _ = called([*arguments, "--report", f"json={first}"], capsys)
    assert code == 1
    assert f"wrote {path}" in out
    code, out, err = called(["replay", path, "--report", f"json={second}"], capsys)
    assert code == 1
    assert Path(second).read_text() == Path(first).read_text()
    assert KEY not in out + err + Path(path).read_text()
    assert called(["replay", path, "--only", "usage.total"], capsys)[0] == 0
    assert called(["replay", path, "--skip", "response.id.*"], capsys)[0] == 0
    code, _, err = called(["replay", path, "--base", url], capsys)
    assert code == 2
    assert "leave out --base" in err


def test_what_a_browser_recorded_is_judged_by_the_rules(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, _ = called(["replay", CHROME, "--dialect", "openai"], capsys)
    assert code == 0
    assert "passed over: exchanges that were broken off (1)" in out
    code, out, _ = called(["replay", str(SAMPLES / "firefox.har"), "--dialect", "openai"], capsys)
    assert code == 1
    assert "MUST stream.terminator" in out
    assert called(["replay", CHROME, "--dialect", "openai", "--class", "auth"], capsys)[0] == 3


def test_lists(capsys: pytest.CaptureFixture[str]) -> None:
    assert called(["list", "dialects"], capsys)[1].split()[0] == "cerebras"
    classes = called(["list", "classes"], capsys)[1].splitlines()
    assert [line.split()[0] for line in classes] == list(CLASSES)
    assert "stream.no_role " in called(["list", "faults"], capsys)[1]
    listed = called(["list", "requirements", "--dialect", "openai"], capsys)[1]
    assert "request.temperature.maximum" in listed


def test_explain_says_all_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(["explain", "request.temperature.maximum"], capsys)
    assert code == 0
    for words in ("SEED:S8", "maximum: 1.5", '"temperature": 1.5', "ignored.temperature.maximum"):
        assert words in out
    out = called(["explain", "stream.role.first"], capsys)[1]
    assert "https://github.com/maximhq/bifrost/issues/6523" in out


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert called(["--version"], capsys)[1].startswith("chatproof 0.")


def test_a_complaint_does_not_act_on_the_screen(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = called(["run", "--model", "\x1b[31mred\n", "--examples", "0"], capsys)
    assert code == 3
    assert "no model" in err
    assert err.count("\n") == 1
    assert "\x1b" not in err


def test_files_are_written_though_nobody_reads_what_is_printed(tmp_path: Path) -> None:
    one, two, three = (tmp_path / name for name in ("one.json", "two.json", "three.md"))
    for arguments in (
        ["run", *QUICK, "--verbose", "--report", f"json={one}", "--report", f"json={two}"],
        ["compare", str(one), str(two), "--report", f"markdown={three}"],
    ):
        command = [sys.executable, "-m", "chatproof", *arguments]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.close()
    assert all(path.stat().st_size for path in (one, two, three))
