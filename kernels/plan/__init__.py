"""Who computes what, where every tensor lies, and in which tiles: data only."""
