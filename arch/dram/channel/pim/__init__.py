"""Command programs of compute inside the DRAM die."""
