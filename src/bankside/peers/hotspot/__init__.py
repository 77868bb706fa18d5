"""HotSpot 7: its conventions of cells and package, its files, and its cases in JSON."""
