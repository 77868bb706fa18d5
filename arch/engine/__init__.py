"""The event-driven engine: programs of tile operations and their execution."""
