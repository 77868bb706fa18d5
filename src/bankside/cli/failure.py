"""How the program ends when something is wrong: sentences on stderr, an exit code, never a traceback.

0 done; 1 a gated claim failed; 2 no result (bad input, or a defect of Bankside, which then says so);
130 interrupted; 141 the reader of a pipe has gone.
"""

import errno
import os
import sys
from typing import Any, Final

import typer
from typer.core import TyperGroup

from bankside.cli.streams import abandon, mend, reader_gone, tell

BAD_INPUT: Final = 2
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141
TRACEBACK: Final = "BANKSIDE_TRACEBACK"


class FaceGroup(TyperGroup):
    """The group of all commands; turns whatever they raise into sentences."""

    def main(self, *args: Any, **options: Any) -> Any:
        """Run a command and exit with its code."""
        mend()
        try:
            code = super().main(*args, **{**options, "standalone_mode": False})
            sys.stdout.flush()
        except (KeyboardInterrupt, typer.Abort):
            code = INTERRUPTED
        except (Exception, SystemExit) as error:
            code = self._end(error)
        sys.exit(code if isinstance(code, int) else 0)

    @staticmethod
    def _end(error: Exception | SystemExit) -> Any:
        """Say what is wrong; the code to exit with."""
        if reader_gone(error):
            abandon(sys.stdout)
            return PIPE_CLOSED
        if isinstance(error, SystemExit):
            return error.code
        if os.environ.get(TRACEBACK):
            raise error
        for sentence in sentences(error):
            tell(sentence)
        if isinstance(error, OSError):
            abandon(sys.stdout)
        return BAD_INPUT


def sentences(error: Exception) -> list[str]:
    """What is wrong, in full sentences."""
    from bankside.arch.spec import ConfigError

    if isinstance(error, ConfigError):
        return list(error.errors)
    if hasattr(error, "format_message"):  # a usage error of the command line
        return [_usage(error)]
    if isinstance(error, OSError):
        if error.errno == errno.EBADF:
            return ["Standard output is closed, so nothing can be shown."]
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
