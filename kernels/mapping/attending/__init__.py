"""Which core computes attention."""
