"""From operators to a program: split over nodes and cores, tile, and emit operations with their dependencies."""
