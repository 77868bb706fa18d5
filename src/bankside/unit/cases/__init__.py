"""Cases of units in files: reading, places of faults, columns of systolic cases."""
