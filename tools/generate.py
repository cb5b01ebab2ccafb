"""Make generated/ and the tables of spec/protocol.md from spec/: the same bytes every time.

python -m tools.generate            write
python -m tools.generate --check    write nothing; exit 1 when something would change
"""

from __future__ import annotations

import argparse
import difflib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from chatproof.contract import load_document

from .protocol import protocol

ROOT = Path(__file__).resolve().parents[1]
PROTOCOL = ROOT / "spec" / "protocol.md"
PACKAGE = ROOT / "generated" / "python" / "chatproof_client"
HEADER = "# Generated from spec/openapi.yaml by tools/generate.py; do not edit."
OPTIONS = (
    "--input-file-type openapi --output-model-type pydantic_v2.BaseModel "
    "--target-python-version 3.11 --use-annotated --field-constraints "
    "--enum-field-as-literal all --strict-nullable --naming-strategy parent-prefixed "
    "--infer-union-variant-names --collapse-root-models --extra-fields allow "
    "--use-field-description --disable-timestamp --formatters builtin"
).split()


def models(folder: Path) -> str:
    """The pydantic models, as source text. `folder` is for intermediate files."""
    document, _ = load_document()
    source, target = folder / "openapi.json", folder / "models.py"
    source.write_text(json.dumps(document), encoding="utf-8")
    command = [sys.executable, "-m", "datamodel_code_generator", *OPTIONS]
    command += ["--input", str(source), "--output", str(target), "--custom-file-header", HEADER]
    subprocess.run(command, check=True, cwd=folder)
    return target.read_text(encoding="utf-8")


def everything() -> dict[Path, str]:
    """Each generated file and its content."""
    with tempfile.TemporaryDirectory() as folder:
        return {
            PACKAGE / "models.py": models(Path(folder)),
            PROTOCOL: protocol(PROTOCOL.read_text(encoding="utf-8")),
        }


def main() -> int:
    parser = argparse.ArgumentParser(prog="tools.generate", description="Make generated/.")
    parser.add_argument("--check", action="store_true", help="only say what would change")
    check = parser.parse_args().check
    changed = 0
    for path, content in everything().items():
        old = path.read_text(encoding="utf-8") if path.is_file() else ""
        if old == content:
            continue
        changed += 1
        name = str(path.relative_to(ROOT))
        if check:
            lines = (old.splitlines(), content.splitlines())
            print("\n".join(difflib.unified_diff(*lines, f"{name} (committed)", name, lineterm="")))
            print(f"{name} is not what spec/ makes; run `make generate` and commit the result")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
            print(f"wrote {name}")
    return 1 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
