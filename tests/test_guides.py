"""README and the guides: every command in them runs, and code in them is that of the project."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from chatproof.cli import main
from chatproof.configuration import configuration
from chatproof.reference import serving
from chatproof.settings import SETTINGS
from tests.conftest import KEY
from tests.test_pytest_plugin import LOADED

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "conformance" / "docs"
RESULTS = (DOCS / "real-servers.md",)
"""Pages that show what came out, and ask nobody to do anything."""
PAGES = (ROOT / "README.md", *sorted(DOCS.glob("*.md")))
ACTION = ROOT / ".github" / "actions" / "chatproof" / "action.yml"
NOT_RUN = {
    "make": "each target is run by itself, and `make run` by .ci/run",
    "docker": "needs a container engine, and the network",
    "pip": "needs the network; tests/test_wheel.py installs what is built",
}
FAST = ("--only", "usage.*", "--examples", "0")
"""Given to runs as well: what they ask is tested elsewhere."""
URLS = r"http://127\.0\.0\.1:80\d\d/v1|\$URL"


@dataclass(frozen=True)
class Block:
    """A piece of code: the word after its fence, what is said beside it, and its lines."""

    language: str
    beside: str
    text: str


def blocks(page: Path) -> Iterator[Block]:
    """Fenced pieces, and indented ones, which have no language."""
    text = page.read_text(encoding="utf-8")
    fence = re.compile(r"^```(\w*) ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    yield from (Block(*found) for found in fence.findall(text))
    for found in re.findall(r"(?:^    .*\n)+", fence.sub("", text), re.MULTILINE):
        yield Block("", "", found)


def commands(page: Path) -> list[str]:
    words = (*NOT_RUN, "chatproof", ".venv/bin/chatproof", "pytest")
    lines = [line.strip().removeprefix("- ") for b in blocks(page) for line in b.text.splitlines()]
    return [line for line in lines if line.split(" ")[0] in words]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in, with the files that the pages speak of."""
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "GATEWAY_KEY", "SERVER_KEY"):
        monkeypatch.setenv(name, KEY)
    for setting in SETTINGS:
        monkeypatch.delenv(setting.variable, raising=False)
    Path("known.yaml").write_text("- {id: response.id.required, reason: not asked for here}\n")
    for page in PAGES:
        for block in blocks(page):
            if block.beside.startswith("name="):
                Path(block.beside.removeprefix("name=")).write_text(block.text)
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_runs(page: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = commands(page)
    assert found or page in RESULTS
    with (
        serving("openai") as url,
        serving("openai", faults=["usage.wrong_total"]) as faulty,
    ):
        for line in found:
            name, *arguments = shlex.split(re.sub(URLS, url, line).replace("$FAULTY_URL", faulty))
            if name not in NOT_RUN:
                code, words = perform(name, arguments, capsys)
                assert code == ("FAULTY" in line), f"{line}\n{words}"


def perform(name: str, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code of a command, and what it says."""
    if name == "pytest":
        call = [sys.executable, "-m", "pytest", *LOADED, *arguments, "--collect-only", "-q"]
        done = subprocess.run(call, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr
    if arguments[0] == "serve":
        return served(arguments)
    if arguments[0] == "run" and "--dry-run" not in arguments:
        arguments += FAST
    code = main(arguments)
    return code, str(capsys.readouterr())


def served(arguments: list[str]) -> tuple[int, str]:
    """A server prints its URL first, and serves until it is ended."""
    call = [sys.executable, "-m", "chatproof", *arguments]
    with subprocess.Popen(call, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        said = server.stdout.readline()
        server.terminate()
    return (0 if re.fullmatch(r"http://127\.0\.0\.1:\d+/v1\n", said) else 1), said


def quoted() -> list[tuple[Path, Block]]:
    found = [(page, block) for page in PAGES for block in blocks(page)]
    return [(page, block) for page, block in found if block.beside.startswith("file=")]


def test_what_a_guide_quotes_stands_in_the_file() -> None:
    assert len(quoted()) >= 4
    for page, block in quoted():
        path = ROOT / block.beside.removeprefix("file=")
        assert block.text in path.read_text(encoding="utf-8"), f"{page.name} quotes {path}"


def test_every_configuration_can_be_read(folder: Path) -> None:
    found = [block.text for page in PAGES for block in blocks(page) if block.language == "toml"]
    assert found
    for number, text in enumerate(found):
        path = folder / f"{number}.toml"
        path.write_text(text)
        assert configuration(str(path), folder).targets


def test_every_guide_is_linked_and_links_lead_somewhere() -> None:
    linked = re.findall(r"\]\((conformance/docs/[^)]+)\)", PAGES[0].read_text(encoding="utf-8"))
    assert {ROOT / link for link in linked} == set(PAGES[1:])
    for page in PAGES:
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            assert "://" in link or (page.parent / link).exists(), f"{page.name}: {link}"


def test_names_of_files_in_guides_exist() -> None:
    for page in PAGES[1:]:
        for name in re.findall(r"`((?:conformance|spec|tests|tools)/[^`*]+)`", page.read_text()):
            assert (ROOT / name).exists(), f"{page.name}: {name}"


def action() -> Any:
    return yaml.safe_load(ACTION.read_text(encoding="utf-8"))


def test_the_action_gives_its_inputs_as_options() -> None:
    step = action()["runs"]["steps"][-1]
    variables = set(step["env"]) - {"CHATPROOF_API_KEY", "ARGUMENTS"}
    assert variables <= {setting.variable for setting in SETTINGS}
    used = set(re.findall(r"inputs\.([\w-]+)", ACTION.read_text(encoding="utf-8")))
    assert used == set(action()["inputs"])
    scripts = [each["run"] for each in action()["runs"]["steps"] if "run" in each]
    assert [script for script in scripts if "${{" in script] == []  # an input is no script


@pytest.mark.parametrize(("faults", "code"), [((), 0), (("usage.wrong_total",), 1)])
def test_the_action_runs(faults: tuple[str, ...], code: int, folder: Path) -> None:
    step = action()["runs"]["steps"][-1]
    summary = folder / "summary.md"
    with serving("openai", faults=faults, key=KEY) as url:
        given = {
            "inputs.url": url,
            "inputs.dialect": "openai",
            "inputs.api-key": KEY,
            "inputs.api-key && 'CHATPROOF_API_KEY'": "CHATPROOF_API_KEY",
            "inputs.args": " ".join(FAST).replace("'", ""),
        }
        expressions = {name: value[4:-3] for name, value in step["env"].items()}
        said = {name: given.get(expression, "") for name, expression in expressions.items()}
        command = f'chatproof() {{ "{sys.executable}" -m chatproof "$@"; }}\n{step["run"]}'
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", command],
            env={**os.environ, **said, "GITHUB_STEP_SUMMARY": str(summary)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == code, done.stdout + done.stderr
    assert ("total_tokens is " in summary.read_text(encoding="utf-8")) == bool(code)


def test_what_the_container_copies_exists() -> None:
    text = (ROOT / "tools" / "Containerfile").read_text(encoding="utf-8")
    sources = [
        name for line in re.findall("^COPY (.*)", text, re.MULTILINE) for name in line.split()[:-1]
    ]
    assert sources
    assert [name for name in sources if not (ROOT / name).exists()] == []
    assert "USER chatproof" in text
    assert 'ENTRYPOINT ["chatproof"]' in text
