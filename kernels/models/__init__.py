"""Models from Hugging Face config.json files: what they are, how many parameters, how much KV cache."""

from bankside.kernels.models.load import FAMILIES, load, names, path_of
from bankside.kernels.models.model import Mla, Model, Moe
from bankside.kernels.models.parameters import Parameters, parameters

__all__ = ["FAMILIES", "Mla", "Model", "Moe", "Parameters", "load", "names", "parameters", "path_of"]
