"""The pytest plugin: requirements as tests, one run for all, and servers for tests of clients."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from chatproof.contract import load_contract
from chatproof.reference import serving
from tests.conftest import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

pytest_plugins = ("pytester",)

FAULTS = ("usage.wrong_total", "stream.crlf")
"""One breaks a MUST, the other a SHOULD."""
INSTALLED = importlib.metadata.entry_points(group="pytest11", name="chatproof")
LOADED = () if INSTALLED else ("-p", "chatproof.pytest_plugin")
"""An environment that was set up before the plugin was written does not know of it."""


@pytest.fixture(autouse=True)
def _strict(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nfilterwarnings = error\naddopts = --strict-markers\n")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving("openai", faults=FAULTS) as address:
        yield address


def asked(pytester: pytest.Pytester, url: str, *arguments: str) -> pytest.RunResult:
    """pytest, told of a server, in this process."""
    plain = ("--chatproof-dialect=openai", "--chatproof-config=none", "--chatproof-examples=0")
    rest = (*plain, "-p", "no:timeout", *arguments)
    return pytester.runpytest_inprocess(*LOADED, f"--chatproof-url={url}", *rest)


def test_each_requirement_is_a_test(pytester: pytest.Pytester, url: str) -> None:
    result = asked(pytester, url, "--collect-only", "-q")
    requirements = load_contract("openai").requirements
    assert result.outlines[: len(requirements)] == [f"chatproof::{name}" for name in requirements]
    result.stdout.fnmatch_lines([f"{len(requirements)} tests collected*"])


def test_verdicts_become_outcomes(pytester: pytest.Pytester, url: str) -> None:
    result = asked(pytester, url, "-k", "usage.total or grammar or auth.wrong", "-rs", "-v")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert result.parseoutcomes()["warnings"] == 1
    result.stdout.fnmatch_lines(
        [
            "collecting * collected * items / * deselected / * selected",
            "chatproof::stream.chunk.usage.total_tokens.required PASSED*",
            "chatproof::auth.wrong SKIPPED*",
            "chatproof::usage.total FAILED*",
            "chatproof::stream.grammar.line_ends PASSED*",
            "`total_tokens` is the sum of *",
            "total_tokens is * (/usage/total_tokens)",
            "expected: *",
            "actual: *",
            "curl -sS *",
            "and * more like it",
            "*ShouldWarning: stream.grammar.line_ends: Lines end with LF.",
            "SKIPPED*no key is configured*",
        ]
    )
    result.stdout.no_fnmatch_line("*requirement_tests.py*in *")


def test_strict_makes_failures_of_shoulds(pytester: pytest.Pytester, url: str) -> None:
    result = asked(pytester, url, "-k", "stream.grammar.line_ends", "--chatproof-strict")
    result.assert_outcomes(failed=1, deselected=len(load_contract("openai").requirements) - 1)


def test_a_marker_has_class_and_level(pytester: pytest.Pytester, url: str) -> None:
    marked = 'chatproof(cls="streaming", level="SHOULD")'
    result = asked(pytester, url, "--collect-only", "-q", "-m", marked)
    requirements = load_contract("openai").requirements.values()
    names = [r.id for r in requirements if (r.cls, r.level) == ("streaming", "SHOULD")]
    assert result.outlines[: len(names)] == [f"chatproof::{name}" for name in names]
    assert "tests collected" in result.outlines[-1]


def test_the_first_failure_ends_it(pytester: pytest.Pytester, url: str) -> None:
    result = asked(pytester, url, "-x", "-k", "usage.total or usage.cached")
    assert result.parseoutcomes()["failed"] == 1
    result.stdout.fnmatch_lines(["*stopping after 1 failures*"])


def test_the_tests_of_a_project_are_run_as_well(pytester: pytest.Pytester, url: str) -> None:
    pytester.makepyfile("def test_of_mine(): pass")
    result = asked(pytester, url, "-k", "test_of_mine or usage.total", "-q")
    assert result.parseoutcomes()["failed"] == 1
    pytester.runpytest_inprocess(*LOADED).assert_outcomes(passed=1)


def test_workers_share_one_run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server sees as many requests as the report of a single run has."""
    module = sys.modules["chatproof.reference.serving"]
    original = module.reference_app
    requests: list[str] = []

    def counting(*given: Any) -> Any:
        app = original(*given)

        async def counted(scope: Any, receive: Any, send: Any) -> None:
            requests.append(scope["path"])
            await app(scope, receive, send)

        return counted

    monkeypatch.setattr(module, "reference_app", counting)
    with serving("openai", faults=FAULTS) as url:
        result = pytester.runpytest_subprocess(
            *LOADED,
            f"--chatproof-url={url}",
            "--chatproof-dialect=openai",
            "--chatproof-config=none",
            "--chatproof-examples=0",
            "--chatproof-class=core",
            "--chatproof-report=json=r.json",
            *("-k", "usage.total", "-n", "2"),
        )
    assert result.parseoutcomes()["failed"] == 1
    result.stdout.fnmatch_lines(["FAILED chatproof::usage.total*"])
    report = json.loads((pytester.path / "r.json").read_text())
    assert len(requests) == report["cost"]["requests"]


def test_known_failures_are_expected_and_stale_ones_fail(
    pytester: pytest.Pytester, url: str
) -> None:
    known = "- {id: usage.total, reason: being mended}\n- {id: usage.cached, reason: was so}\n"
    pytester.path.joinpath("known.yaml").write_text(known)
    arguments = ("-k", "usage.total or usage.cached", "--chatproof-known=known.yaml", "-rx")
    result = asked(pytester, url, *arguments)
    outcomes = result.parseoutcomes()
    assert (outcomes["xfailed"], outcomes["failed"]) == (1, 1)
    result.stdout.fnmatch_lines(["*usage.cached is listed as known and passes now; *"])


def test_targets_of_a_configuration(pytester: pytest.Pytester, url: str) -> None:
    pytester.path.joinpath("chatproof.toml").write_text(
        f'dialect = "openai"\nexamples = 0\n[targets.one]\nurl = "{url}"\n'
        '[targets.two]\nurl = "http://127.0.0.1:1/v1"\n'
    )
    arguments = (*LOADED, "-p", "no:timeout", "-k", "usage.total", "-v")
    result = pytester.runpytest_inprocess(*arguments, "--chatproof-target=one")
    result.stdout.fnmatch_lines(["chatproof-one::usage.total FAILED*"])
    result = pytester.runpytest_inprocess(*arguments, "--chatproof-target=two")
    assert result.parseoutcomes()["failed"] == 1
    result.stdout.fnmatch_lines(["!*chatproof: no server answers at http://127.0.0.1:1/v1*"])


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("--chatproof-dialect=klingon", "chatproof: unknown dialect 'klingon'"),
        ("--chatproof-concurrency=0", "chatproof: --chatproof-concurrency is 0; give at least 1"),
        ("--chatproof-report=pdf=x", "is not FORMAT=PATH"),
        ("--chatproof-url=ftp://x/v1", "http"),
    ],
)
def test_wrong_usage_is_told_before_any_test(
    argument: str, words: str, pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    result = asked(pytester, "http://127.0.0.1:1/v1", argument)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert words in result.stderr.str()
    assert "Traceback" not in result.stderr.str()


def test_a_fixture_gives_servers(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        f"""
        import json, urllib.error, urllib.request
        import pytest

        def usage(url, key):
            body = {{"model": "chatproof-reference", "max_completion_tokens": 1,
                    "messages": [{{"role": "user", "content": "Say hello."}}]}}
            headers = {{"Content-Type": "application/json", "Authorization": f"Bearer {{key}}"}}
            data = json.dumps(body).encode()
            asked = urllib.request.Request(f"{{url}}/chat/completions", data, headers)
            with urllib.request.urlopen(asked) as reply:
                return json.load(reply)["usage"]

        def test_client(chatproof_server):
            with chatproof_server(dialect="openai", key="{KEY}") as url:
                with pytest.raises(urllib.error.HTTPError) as refused:
                    usage(url, "wrong")
                refused.value.close()
                right = usage(url, "{KEY}")
            assert right["total_tokens"] == right["prompt_tokens"] + right["completion_tokens"]
            with chatproof_server("openai", faults=["usage.wrong_total"]) as url:
                assert usage(url, "")["total_tokens"] == right["total_tokens"] + 1
        """
    )
    pytester.runpytest_subprocess(*LOADED).assert_outcomes(passed=1)


def test_what_is_not_used_is_not_loaded(pytester: pytest.Pytester) -> None:
    code = "import sys, chatproof.pytest_plugin; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name for name in done.stdout.split() if name.startswith("chatproof")}
    assert loaded == {
        "chatproof",
        "chatproof.budget",
        "chatproof.checks",
        "chatproof.limiting",
        "chatproof.options",
        "chatproof.pytest_plugin",
        "chatproof.reports",
        "chatproof.settings",
        "chatproof.sharding",
    }
