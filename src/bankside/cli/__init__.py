"""The command line. Nothing heavy is imported before a command needs it: --help and list start at once."""

from bankside.cli.start import main

__all__ = ["main"]
