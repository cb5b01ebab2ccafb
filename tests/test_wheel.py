"""The wheel: built, installed into an empty environment, and run outside of the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.timeout(300)
def test_a_wheel_works_outside_of_the_checkout(tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(dist)]
    subprocess.run([*build, str(ROOT)], check=True, capture_output=True)
    (wheel,) = dist.glob("*.whl")
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=True)
    scripts = environment / ("Scripts" if os.name == "nt" else "bin")
    constraints = ROOT / "tools" / "constraints.txt"
    subprocess.run(
        [scripts / "python", "-m", "pip", "install", "-q", f"{wheel}[client]", "-c", constraints],
        check=True,
        capture_output=True,
    )
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    for command in (
        ["run", "--examples", "2", "--report", "html=report.html"],
        ["explain", "usage.total"],
    ):
        done = subprocess.run(
            [scripts / "chatproof", *command],
            cwd=tmp_path,
            env=clean,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    code = "import chatproof_client.models as m; print(m.ChatCompletion.__name__)"
    done = subprocess.run(
        [scripts / "python", "-c", code],
        cwd=tmp_path,
        env=clean,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "ChatCompletion"
