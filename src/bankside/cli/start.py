"""How the program starts, before anything of it is imported, and how it ends."""

import gc
import os
from typing import Final

GARBAGE_THRESHOLDS: Final = (100_000, 50, 1000)


def main() -> None:
    """Run the program on the arguments of the process.

    A command keeps what it makes and ends soon: Python looks for cycles of garbage rarely, from its imports on, and at
    the end not at all; that is a sixth of a warm command.
    numpy, not loaded yet, multiplies its small matrices on one thread where the user does not say otherwise: a second
    one spins between them, a quarter of a warm command's CPU time. pydantic looks for plugins in what every installed
    package says of itself; none of them would be ours."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    try:
        from bankside.cli.app import app

        app(prog_name="bankside")
    finally:
        gc.freeze()
