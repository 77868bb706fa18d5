"""Families of models: adapters from a config.json's keys to a `Model`, by `model_type`."""

from collections.abc import Callable
from typing import Final

from bankside.kernels.models.families.bert import bert
from bankside.kernels.models.families.deepseek import deepseek_v2, deepseek_v3
from bankside.kernels.models.families.gpt2 import gpt2
from bankside.kernels.models.families.llama import llama, mistral, mixtral
from bankside.kernels.models.families.qwen import qwen2, qwen3, qwen3_moe
from bankside.kernels.models.model import Model
from bankside.kernels.models.reader import Reader

FAMILIES: Final[dict[str, Callable[[Reader], Model]]] = {
    "bert": bert,
    "deepseek_v2": deepseek_v2,
    "deepseek_v3": deepseek_v3,
    "gpt2": gpt2,
    "llama": llama,
    "mistral": mistral,
    "mixtral": mixtral,
    "qwen2": qwen2,
    "qwen3": qwen3,
    "qwen3_moe": qwen3_moe,
}
