"""Cases of units in files: reading them, and the places of their faults."""
