"""The generated packages as those who publish them would make them."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

GENERATED = Path(__file__).resolve().parents[2] / "generated"


def test_the_python_package_builds(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path)]
    subprocess.run([*build, str(GENERATED / "python")], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("chatproof_client-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    wanted = {
        "__init__.py",
        "client.py",
        "errors.py",
        "models.py",
        "params.py",
        "py.typed",
        "sse.py",
    }
    assert {f"chatproof_client/{name}" for name in wanted} <= set(names)
    metadata = next(name for name in names if name.endswith("METADATA"))
    needs = zipfile.ZipFile(wheel).read(metadata).decode().splitlines()
    required = [line for line in needs if line.startswith("Requires-Dist")]
    assert [line.split()[1].partition(">")[0] for line in required] == ["httpx2", "pydantic"]


def test_typescript_knows_every_event() -> None:
    types = (GENERATED / "typescript" / "src" / "types.ts").read_text(encoding="utf-8")
    assert '"text/event-stream": components["schemas"]["ChatCompletionEvent"]' in types
