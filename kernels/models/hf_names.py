"""Hugging Face's names of modules, in ours."""

import re
from typing import Final

# Matched on the end of a module path; those of a family that names two modules alike come with their parent.
ENDINGS: Final[dict[str, str]] = {
    "lm_head": "head",
    "self_attn.kv_a_proj_with_mqa": "attn.kv_a_proj",
    "block_sparse_moe.gate": "moe.router",
    "mlp.gate": "moe.router",
    "mlp.c_fc": "mlp.up_proj",
    "mlp.c_proj": "mlp.down_proj",
    "attn.c_proj": "attn.o_proj",
    "attention.self.query": "attn.q_proj",
    "attention.self.key": "attn.k_proj",
    "attention.self.value": "attn.v_proj",
    "attention.output.dense": "attn.o_proj",
    "intermediate.dense": "mlp.up_proj",
    "output.dense": "mlp.down_proj",
    "experts.w1": "moe.experts.gate_proj",
    "experts.w3": "moe.experts.up_proj",
    "experts.w2": "moe.experts.down_proj",
}

_PREFIX: Final = re.compile(r"^(model\.|transformer\.|bert\.|encoder\.)*((layers?|h)\.\d+\.)?")
_EXPERT: Final = re.compile(r"experts\.\d+\.")


def our_name(name: str) -> str:
    """Our operator for a module path such as "model.layers.7.self_attn.q_proj"; ours map to themselves."""
    name = _EXPERT.sub("experts.", _PREFIX.sub("", name))
    for ending in sorted(ENDINGS, key=len, reverse=True):
        if name == ending or name.endswith("." + ending):
            return ENDINGS[ending]
    name = name.replace("mlp.shared_experts.", "moe.shared.")
    name = name.replace("mlp.experts.", "moe.experts.").replace("block_sparse_moe.experts.", "moe.experts.")
    return name.replace("self_attn.", "attn.")
