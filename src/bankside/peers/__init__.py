"""Other simulators' conventions and files."""
