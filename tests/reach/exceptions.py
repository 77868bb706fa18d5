"""What runs on shipped machines need not reach, each with its reason."""

from typing import Final

EXCEPTIONS: Final[dict[str, str]] = {}
"""Reasons by the beginning of `path in arch::function`."""
