"""Processing elements: systolic arrays, vector lanes, nonlinear units."""
