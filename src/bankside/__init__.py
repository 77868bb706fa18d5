"""Bankside: cycle-approximate models of computing in, near and away from DRAM."""

from pathlib import Path

__version__ = "0.1.0"

_HERE = Path(__file__).resolve().parent
if not (_HERE / "arch").is_dir():
    # A checkout without link support: the four folders are found at the repository's root.
    __path__.append(str(_HERE.parents[1]))
