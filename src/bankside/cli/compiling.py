"""A word to the user before the one slow start: models are compiled on first use and kept."""

import sys
from typing import Final

COLD_START_S: Final = 40  # processor time of the first comparison of five machines, 33 s, rounded up


def announce() -> None:
    """Say on a terminal that models are being compiled, when none are in the cache."""
    if not sys.stderr.isatty():
        return
    from bankside.arch.jit import cache_home, source_digest

    folder = cache_home() / source_digest()
    if not any(folder.rglob("*.nbi")):
        sys.stderr.write(f"compiling models, once, about {COLD_START_S} s\n")
