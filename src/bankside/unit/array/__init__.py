"""Cases of the systolic unit: what their columns say, and the columns of their results."""
