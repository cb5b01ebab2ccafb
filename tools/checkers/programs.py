"""The checkers: how each is installed, run against a base URL, and read."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from chatproof.contract import load_contract

from .checker import DIALECT, KEY, MODEL, VARIABLE, Checker, NoVerdict, done, printed

HOME = Path(__file__).parents[2] / "build" / "checkers"
SCRIPTS = Path(sys.executable).parent
PYPI = {"llm-comply": "0.5.0", "trustedrouter-provider-check": "0.1.8", "apiwells": "0.2.3"}
NPM = {"llmprobe": "0.6.12", "compatcanary": "0.2.2"}
_FAILURE = re.compile(r"^- (.+)$", re.MULTILINE)
"""What schemathesis calls a failure, in the list below the request that shows it."""


def checkers() -> list[Checker]:
    """All of them, installed. Where a checker has levels, each of them is a complaint."""
    return [
        Checker("chatproof", _chatproof),
        Checker("chatproof --quick", lambda url, folder: _chatproof(url, folder, "--quick")),
        Checker("schemathesis", _schemathesis),
        Checker(f"llmprobe {NPM['llmprobe']}", _llmprobe),
        Checker(f"trustedrouter {PYPI['trustedrouter-provider-check']}", _trustedrouter),
        Checker(f"llm-comply {PYPI['llm-comply']}", _llm_comply),
        Checker(f"compatcanary {NPM['compatcanary']}", _compatcanary),
        Checker(f"apiwells {PYPI['apiwells']}", _apiwells),
    ]


def install() -> None:
    """What is not among our own packages, into a folder of its own.

    Raises:
        FileNotFoundError: there is no npm.
    """
    wanted = json.dumps([PYPI, NPM])
    marker = HOME / "installed.json"
    if marker.is_file() and marker.read_text(encoding="utf-8") == wanted:
        return
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError("there is no npm; install Node 20 or newer")
    venv.create(HOME, with_pip=True)
    pip = [_python("python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *map("==".join, PYPI.items())], check=True)
    add = [npm, "install", "--prefix", str(HOME), "--no-audit", "--no-fund", "--silent"]
    subprocess.run([*add, *map("@".join, NPM.items())], check=True)
    marker.write_text(wanted, encoding="utf-8")


def _python(name: str) -> str:
    return str(HOME / "bin" / name)


def _node(name: str) -> str:
    return str(HOME / "node_modules" / ".bin" / name)


def _chatproof(url: str, folder: Path, *options: str) -> frozenset[str]:
    report = folder / "report.json"
    command = [str(SCRIPTS / "chatproof"), "run", url, "--config", "none", "--dialect", DIALECT]
    command += ["--api-key-env", VARIABLE, "--database", "none", "--report", f"json={report}"]
    ended = done([*command, *options], folder)
    if not report.exists():
        raise NoVerdict(ended.stderr[-300:])
    found = json.loads(report.read_text(encoding="utf-8"))["requirements"]
    return frozenset(each["id"] for each in found if each["verdict"] == "fail")


def _schemathesis(url: str, folder: Path) -> frozenset[str]:
    document = folder / "openapi.json"
    document.write_text(
        json.dumps(load_contract(DIALECT).for_model(MODEL).document), encoding="utf-8"
    )
    command = [str(SCRIPTS / "schemathesis"), "run", str(document), "--seed", "1", "--no-color"]
    command += ["--url", url.removesuffix("/v1"), "--header", f"Authorization: Bearer {KEY}"]
    ended = done(command, folder)
    if ended.returncode not in (0, 1):
        raise NoVerdict(ended.stdout[-300:])
    return frozenset(_FAILURE.findall(ended.stdout) if ended.returncode else ())


def _llmprobe(url: str, folder: Path) -> frozenset[str]:
    """What it lists as missing is no complaint: it does not say that a server is wrong there."""
    saved = folder / "saved.json"  # of what it prints into a pipe 64 KiB arrive
    command = [_node("llmprobe"), url, "-k", KEY, "-m", MODEL, "--no-bench", "--no-save"]
    ended = done([*command, "--save", str(saved)], folder)
    if not saved.exists():
        raise NoVerdict(ended.stderr[-300:])
    said = json.loads(saved.read_text(encoding="utf-8"))["conformance"]
    failed = [each["id"] for each in said["results"] if each["outcome"] == "fail"]
    return frozenset(failed) | {json.dumps(each) for each in said["warnings"] + said["nits"]}


def _trustedrouter(url: str, folder: Path) -> frozenset[str]:
    """All but the tier that measures speed."""
    command = [_python("trustedrouter-provider-check"), "--base-url", url, "--api-key", KEY]
    said = printed([*command, "--model", MODEL, "--tier", "5", "--json", "-"], folder, "checks")
    return frozenset(each["id"] for each in said if each["status"] in ("fail", "warn"))


def _llm_comply(url: str, folder: Path) -> frozenset[str]:
    command = [_python("llm-comply"), "-u", url, "-k", KEY, "--json"]
    command += ["-m", MODEL, "--format", "openai-chat", "--timeout", "20"]
    said = printed(command, folder, "results")
    return frozenset(each["id"] for each in said if each["status"] == "failed")


def _compatcanary(url: str, folder: Path) -> frozenset[str]:
    command = [_node("compatcanary"), "scan", "--base-url", url, "--model", MODEL]
    command += ["--api-key-env", VARIABLE, "--profile", "chat", "--format", "json"]
    said = printed(command, folder, "results")
    return frozenset(each["id"] for each in said if each["status"] != "pass")


def _apiwells(url: str, folder: Path) -> frozenset[str]:
    command = [_python("apiwells"), "doctor", "--base-url", url, "--api-key-env", VARIABLE]
    said = printed([*command, "--deep", "--model", MODEL, "--v2-json"], folder, "probes")
    return frozenset(f"{p['name']}: {p['error_code']}" for p in said if p["status"] == "FAIL")
