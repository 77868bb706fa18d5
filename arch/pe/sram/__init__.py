"""The scratchpad: banks, ports, conflicts, double buffering."""
