"""The clients: each is installed in an environment of its own, and talked to in a process."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import venv
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]
BUILD: Final = ROOT / "build" / "clients"
HANGING: Final = 45.0
"""Seconds after which a client is ended: it was told to wait for ten, and tries three times."""
WAKING: Final = 300.0
"""Seconds that a client may take to start; some import a great deal."""


@dataclass(frozen=True, slots=True)
class Client:
    """A client, by the name of its package.

    `dialects` are those that it is made for (empty: all).
    """

    name: str
    language: str
    script: str
    dialects: tuple[str, ...] = ()

    def command(self) -> list[str]:
        """What starts its script."""
        if self.language == "Python":
            python = BUILD / self.script / "bin" / "python"
            return [str(python), "-m", f"tools.clients.python.{self.script}"]
        node = BUILD / "node" / "node_modules" / ".bin" / "node"
        return [str(node), f"{self.script}.mjs", self.name]

    @property
    def title(self) -> str:
        """Its name, which is a package's in two languages where it says which."""
        return f"{self.name} ({self.language})" if self.name == "openai" else self.name

    @property
    def folder(self) -> Path:
        """Where its script is run."""
        return ROOT if self.language == "Python" else BUILD / "node"


CLIENTS: Final = (
    Client("openai", "Python", "openai"),
    Client("cerebras-cloud-sdk", "Python", "cerebras", ("cerebras", "cerebras-v2")),
    Client("litellm", "Python", "litellm"),
    Client("langchain-openai", "Python", "langchain"),
    Client("openai", "JavaScript", "openai"),
    Client("@ai-sdk/openai-compatible", "JavaScript", "ai"),
    Client("@ai-sdk/openai", "JavaScript", "ai"),
)


def install() -> None:
    """Set up every environment that is not there as its list of packages says.

    Raises:
        CalledProcessError: pip or npm could not.
        FileNotFoundError: there is no npm.
    """
    for name in sorted({each.script for each in CLIENTS if each.language == "Python"}):
        _install_python(BUILD / name, HERE / "python" / f"{name}.txt")
    _install_node(BUILD / "node")


def _install_python(folder: Path, wanted: Path) -> None:
    done = folder / wanted.name
    if done.is_file() and done.read_text() == wanted.read_text():
        return
    print(f"installing {wanted.stem} for Python", file=sys.stderr)
    venv.create(folder, with_pip=True, clear=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--requirement", str(wanted)], check=True)
    shutil.copy(wanted, done)


def _install_node(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lock = HERE / "node" / "package-lock.json"
    done = folder / "node_modules" / "installed.json"
    for path in (HERE / "node").iterdir():
        if path.is_file():
            shutil.copy(path, folder)
    if done.is_file() and done.read_text() == lock.read_text():
        return
    print("installing packages for JavaScript", file=sys.stderr)
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError("there is no npm; install Node 20 or newer")
    subprocess.run([npm, "ci", "--silent", "--no-progress"], check=True, cwd=folder)
    shutil.copy(lock, done)


class Conversation:
    """A client's process, which is started again where it has ended."""

    def __init__(self, command: Sequence[str], folder: Path = ROOT) -> None:
        self._command, self._folder = command, folder
        self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            self._command,
            cwd=self._folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        hello = self._line(WAKING)
        if hello is None:
            self.end()
            raise RuntimeError(f"this does not start: {' '.join(self._command)}")
        self.versions: dict[str, str] = hello["versions"]
        self.scenarios: list[str] = hello["scenarios"]

    def ask(self, url: str, model: str, scenario: str) -> dict[str, Any]:
        """What the user of the client gets in one scenario."""
        assert self._process.stdin is not None
        asked = {"url": url, "model": model, "scenario": scenario}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        outcome = self._line(HANGING)
        if outcome is None:
            self.end()
            self._start()
            return {"raised": "Ended", "message": "the process hung, or came to its end"}
        return outcome

    def _line(self, patience: float) -> dict[str, Any] | None:
        """The next line; None if the process ends before, or is ended because it hangs."""
        assert self._process.stdout is not None
        watch = threading.Timer(patience, self._process.kill)
        watch.start()
        try:
            line = self._process.stdout.readline()
        finally:
            watch.cancel()
        return json.loads(line) if line else None

    def end(self) -> None:
        """End the process: its standard input does."""
        with self._process:
            pass


@contextmanager
def conversation(command: Sequence[str], folder: Path = ROOT) -> Iterator[Conversation]:
    """A client's process as long as it is needed.

    Raises:
        RuntimeError: it does not start.
    """
    made = Conversation(command, folder)
    try:
        yield made
    finally:
        made.end()
