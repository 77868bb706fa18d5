"""Models from Hugging Face config.json files: what they are, how many parameters, how much KV cache."""

from bankside.kernels.models.feed_forward import Dense, Moe
from bankside.kernels.models.heads import Heads
from bankside.kernels.models.latent import Mla
from bankside.kernels.models.layer import Layer
from bankside.kernels.models.load import FAMILIES, load, names, path_of
from bankside.kernels.models.model import Model
from bankside.kernels.models.parameters import Parameters, parameters

__all__ = [
    "FAMILIES",
    "Dense",
    "Heads",
    "Layer",
    "Mla",
    "Model",
    "Moe",
    "Parameters",
    "load",
    "names",
    "parameters",
    "path_of",
]
