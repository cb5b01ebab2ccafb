"""The stock command line of schemathesis finds nothing wrong with the reference server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from chatproof.contract import load_document
from chatproof.reference import serving
from tests.conftest import DIALECTS, KEY

PROGRAM = Path(sys.executable).parent / "schemathesis"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_it_finds_nothing(dialect: str, tmp_path: Path) -> None:
    document = tmp_path / "openapi.json"
    document.write_text(json.dumps(load_document(dialect)[0]), encoding="utf-8")
    with serving(dialect, key=KEY) as url:
        command = [PROGRAM, "run", document, "--url", url.removesuffix("/v1"), "--seed", "1"]
        command += ["--no-color", "--max-examples", "10", "-H", f"Authorization: Bearer {KEY}"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "generated" in done.stdout
