"""Families of models: adapters from a config.json's keys to a `Model`, by `model_type`."""

from collections.abc import Callable
from typing import Final

from bankside.kernels.models.families import (
    deepseek,
    encoders,
    gemma,
    hybrid,
    kin,
    llama,
    mixtures,
    parallel,
    qwen,
    qwen_next,
    tables,
)
from bankside.kernels.models.families.bert import bert
from bankside.kernels.models.families.deepseek_v4 import deepseek_v4
from bankside.kernels.models.families.gpt2 import gpt2
from bankside.kernels.models.families.kimi import kimi_linear
from bankside.kernels.models.families.llama4 import llama4
from bankside.kernels.models.families.nemotron_nas import nemotron_nas
from bankside.kernels.models.families.t5 import t5
from bankside.kernels.models.model import Model
from bankside.kernels.models.reader import Reader

Adapter = Callable[[Reader], Model]

_ADAPTERS: Final[dict[Adapter, str]] = {
    bert: "bert",
    deepseek.deepseek_v2: "deepseek_v2",
    deepseek.deepseek_v3: "deepseek_v3 kimi_k2 kimi_k25 glm4_moe_lite",
    deepseek.deepseek_v32: "deepseek_v32",
    deepseek.glm_moe_dsa: "glm_moe_dsa",
    deepseek_v4: "deepseek_v4 deepseek_ref",
    encoders.distilbert: "distilbert",
    encoders.modernbert: "modernbert",
    encoders.nomic_bert: "nomic_bert",
    encoders.roberta: "roberta xlm-roberta camembert",
    gemma.gemma: "gemma",
    gemma.gemma2: "gemma2",
    gemma.gemma3: "gemma3 gemma3_text",
    gemma.gemma4: "gemma4 gemma4_text gemma4_unified gemma4_unified_text",
    gpt2: "gpt2 gpt_bigcode",
    hybrid.granitemoehybrid: "granitemoehybrid",
    hybrid.jamba: "jamba",
    hybrid.mamba: "mamba falcon_mamba",
    hybrid.mamba2: "mamba2",
    hybrid.nemotron_h: "nemotron_h",
    kimi_linear: "kimi_linear kimi_k3",
    kin.baichuan: "baichuan",
    kin.exaone: "exaone",
    kin.exaone4: "exaone4",
    kin.glm: "glm glm4",
    kin.granite: "granite",
    kin.granitemoe: "granitemoe granitemoeshared",
    kin.internlm: "internlm2 internlm3",
    kin.olmo: "olmo",
    kin.olmo2: "olmo2 olmo3",
    kin.olmoe: "olmoe",
    kin.phi3: "phi3",
    kin.phimoe: "phimoe",
    kin.smollm3: "smollm3",
    llama.llama: "llama",
    llama.mistral: "mistral mistral3 ministral ministral3",
    llama.mixtral: "mixtral",
    llama4: "llama4 llama4_text",
    mixtures.glm4_moe: "glm4_moe",
    mixtures.gpt_oss: "gpt_oss",
    mixtures.mimo: "mimo",
    mixtures.mimo_v2: "mimo_v2_flash",
    mixtures.minimax_m2: "minimax_m2",
    mixtures.minimax_m3: "minimax_m3 minimax_m3_vl minimax_m3_vl_text",
    mixtures.qwen2_moe: "qwen2_moe",
    mixtures.step3p5: "step3p5 step3p7 step3p7_text",
    nemotron_nas: "nemotron-nas",
    parallel.cohere: "cohere",
    parallel.cohere2: "cohere2",
    parallel.falcon: "falcon RefinedWeb RefinedWebModel",
    parallel.gpt_neox: "gpt_neox",
    parallel.gptj: "gptj",
    parallel.phi: "phi",
    parallel.stablelm: "stablelm stablelm_epoch",
    qwen.qwen2: "qwen2 qwen2_vl qwen2_5_vl qwen2_vl_text qwen2_5_vl_text",
    qwen.qwen3: "qwen3 qwen3_vl qwen3_vl_text",
    qwen.qwen3_moe: "qwen3_moe qwen3_vl_moe qwen3_vl_moe_text",
    qwen_next.qwen3_5: "qwen3_5 qwen3_5_text",
    qwen_next.qwen3_next: "qwen3_next qwen3_5_moe qwen3_5_moe_text",
    t5: "t5 mt5 umt5",
    tables.bloom: "bloom",
    tables.dbrx: "dbrx",
    tables.mpt: "mpt",
    tables.nemotron: "nemotron",
    tables.opt: "opt",
    tables.starcoder2: "starcoder2",
}

FAMILIES: Final[dict[str, Adapter]] = {
    name: adapter
    for adapter, names in sorted(_ADAPTERS.items(), key=lambda item: item[1])
    for name in names.split()
}
