"""The command line. Nothing heavy is imported before a command needs it: --help and list start at once."""

from bankside.cli.app import app, main

__all__ = ["app", "main"]
