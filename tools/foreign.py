"""Clients in other languages, by openapi-generator, from the 3.0 form of the document.

python -m tools.foreign

What its users would see is seen here first: every language has to be written without an error, and
without a warning that is not explained. Java 17 or newer is needed, and the package
openapi-generator-cli, which `make foreign` installs.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = Path(sys.executable).parent / "openapi-generator-cli"
LANGUAGES = ("java", "go", "rust", "csharp")
DIALECTS = ("cerebras", "openai", "compatible")
EXPLAINED = {
    r"type cannot be used as a field/variable name": "a keyword of Rust; it becomes r#type",
    r"r#type cannot be used as a field/variable name": "the same, seen a second time",
    r"(ApplicationJson|TextEventStream) cannot be used as a model name": (
        "the media types of a reply that is an answer or a stream make two variants of an enum"
    ),
    r"vec<.*> cannot be used as a field/variable name": (
        "a list in a union makes a variant, whose name Rust writes in words"
    ),
}
"""Warnings that are the language's or the generator's own, and why."""


def unexplained(output: str) -> list[str]:
    """The errors and warnings in what the generator printed that nothing here explains."""
    lines = [line for line in output.splitlines() if re.search(r"\b(WARN|ERROR)\b", line)]
    return [line for line in lines if not any(re.search(known, line) for known in EXPLAINED)]


def main() -> int:
    if not PROGRAM.is_file():
        raise SystemExit("openapi-generator-cli is not installed; run `make foreign`")
    failed = 0
    for dialect in DIALECTS:
        source = ROOT / "generated" / "openapi" / f"{dialect}-3.0.json"
        for language in LANGUAGES:
            with tempfile.TemporaryDirectory() as folder:
                command = [str(PROGRAM), "generate", "-i", str(source), "-g", language]
                done = subprocess.run(
                    [*command, "-o", folder], capture_output=True, text=True, check=False
                )
                count = sum(path.is_file() for path in Path(folder).rglob("*"))
            problems = unexplained(done.stdout + done.stderr)
            failed += bool(done.returncode or problems)
            print(f"{dialect} {language}: exit {done.returncode}, {count} files")
            print("".join(f"  {problem}\n" for problem in problems), end="")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
