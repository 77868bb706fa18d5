"""Parts of the unit `bit-serial`."""
