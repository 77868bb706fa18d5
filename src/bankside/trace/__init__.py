"""Traces of memory requests and commands: read, replayed, written."""
