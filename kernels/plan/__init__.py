"""Who computes what, and in which tiles: data only."""
