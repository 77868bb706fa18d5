"""On-chip networks and links."""
