"""Number formats: what an element takes in memory, and which values it can have."""

from bankside.kernels.formats.format import Format
from bankside.kernels.formats.known import FORMATS, TORCH_DTYPES

__all__ = ["FORMATS", "TORCH_DTYPES", "Format"]
