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

import yaml

from chatproof.contract import dialect_names, load_document

from .bindings import CLIENT_DIALECT, render
from .downgrade import DOWNGRADES, as_3_1
from .protocol import protocol

ROOT = Path(__file__).resolve().parents[1]
PROTOCOL = ROOT / "spec" / "protocol.md"
PYTHON = ROOT / "generated" / "python"
OPENAPI = ROOT / "generated" / "openapi"
TYPESCRIPT = ROOT / "generated" / "typescript"
NODE_MODULES = ROOT / "tools" / "node_modules"
HEADER = "# Generated from spec/openapi.yaml by tools/generate.py; do not edit."
COMMON = (
    "--input-file-type openapi --target-python-version 3.11 --enum-field-as-literal all "
    "--strict-nullable --naming-strategy parent-prefixed --infer-union-variant-names "
    "--collapse-root-models --use-field-description --disable-timestamp --formatters builtin"
).split()
MODELS = (
    "--output-model-type pydantic_v2.BaseModel --use-annotated --field-constraints "
    "--extra-fields allow"
).split()
PARAMS = ("--output-model-type", "typing.TypedDict")


def types(folder: Path, *options: str) -> str:
    """Types for all schemas, as Python source. `folder` is for intermediate files."""
    document, _ = load_document(CLIENT_DIALECT)
    source, target = folder / "openapi.json", folder / "generated.py"
    source.write_text(json.dumps(document), encoding="utf-8")
    command = [sys.executable, "-m", "datamodel_code_generator", *COMMON, *options]
    command += ["--input", str(source), "--output", str(target), "--custom-file-header", HEADER]
    subprocess.run(command, check=True, cwd=folder)
    return target.read_text(encoding="utf-8")


def typescript_types(folder: Path) -> str:
    """Types for all schemas and operations, as TypeScript source.

    Raises:
        SystemExit: the packages of Node are not there.
    """
    program = NODE_MODULES / "openapi-typescript" / "bin" / "cli.js"
    if not program.is_file():
        raise SystemExit("openapi-typescript is not installed; run `make generate`, not this alone")
    source, target = folder / "openapi-3.1.json", folder / "types.ts"
    document, _ = load_document(CLIENT_DIALECT)
    source.write_text(json.dumps(as_3_1(document)), encoding="utf-8")
    command = ["node", str(program), str(source), "--output", str(target)]
    subprocess.run(command, check=True, cwd=folder, capture_output=True)
    return "// " + HEADER.removeprefix("# ") + "\n\n" + target.read_text(encoding="utf-8")


def documents() -> dict[Path, str]:
    """The document of each dialect with its overlays applied, for every version of OpenAPI."""
    made = {}
    for dialect in dialect_names():
        for version, downgraded in DOWNGRADES.items():
            document = downgraded(load_document(dialect)[0])
            path = OPENAPI / f"{dialect}-{version}"
            as_json = json.dumps(document, indent=2, ensure_ascii=False)
            made[path.with_name(f"{path.name}.json")] = as_json + "\n"
            as_yaml = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
            made[path.with_name(f"{path.name}.yaml")] = f"{HEADER}\n\n{as_yaml}"
    return made


def everything() -> dict[Path, str]:
    """Each generated file and its content."""
    package = PYTHON / "chatproof_client"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = {
            package / "models.py": types(folder, *MODELS),
            package / "params.py": types(folder, *PARAMS),
            TYPESCRIPT / "src" / "types.ts": typescript_types(folder),
        }
    for language, target in (("python", PYTHON), ("typescript", TYPESCRIPT)):
        made |= {target / path: content for path, content in render(language).items()}
    made |= documents()
    return made | {PROTOCOL: protocol(PROTOCOL.read_text(encoding="utf-8"))}


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
