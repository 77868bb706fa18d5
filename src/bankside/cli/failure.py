"""How the program ends when something is wrong: sentences on stderr, an exit code, never a traceback.

0 done; 1 a gated claim failed; 2 no result (bad input, or a defect of Bankside, which then says so);
130 interrupted; 141 the reader of a pipe has gone.
"""

import contextlib
import os
import sys
from typing import Any, Final

import typer
from typer.core import TyperGroup

BAD_INPUT: Final = 2
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141
TRACEBACK: Final = "BANKSIDE_TRACEBACK"


class FaceGroup(TyperGroup):
    """The group of all commands; turns whatever they raise into sentences."""

    def main(self, *args: Any, **options: Any) -> Any:
        """Run a command and exit with its code."""
        try:
            code = super().main(*args, **{**options, "standalone_mode": False})
            sys.stdout.flush()
        except (KeyboardInterrupt, typer.Abort):
            code = INTERRUPTED
        except BrokenPipeError:
            # Python would complain once more when it flushes stdout at exit.
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = PIPE_CLOSED
        except Exception as error:
            if os.environ.get(TRACEBACK):
                raise
            for sentence in sentences(error):
                sys.stderr.write(f"{sentence}\n")
            code = BAD_INPUT
        sys.exit(code if isinstance(code, int) else 0)


def sentences(error: Exception) -> list[str]:
    """What is wrong, in full sentences."""
    from bankside.arch.spec import ConfigError

    if isinstance(error, ConfigError):
        return list(error.errors)
    if hasattr(error, "format_message"):  # a usage error of the command line
        return [_usage(error)]
    if isinstance(error, OSError):
        named = f"{error.filename}: " if error.filename else ""
        return [f"{named}{error.strerror or error}."]
    return [
        f"This is a defect of Bankside, not of your input: {type(error).__name__}: {error}. "
        f"Please report it; {TRACEBACK}=1 shows where it happened."
    ]


def _usage(error: Any) -> str:
    message = str(error.format_message()).strip().replace("\n", " ")
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "bankside"
    return f"{message.rstrip('.')}. '{command} --help' lists what it takes."
