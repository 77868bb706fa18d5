"""A machine: its YAML, and what it compiles to."""
