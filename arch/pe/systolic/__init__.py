"""Systolic arrays: exact cycle counts of matrix products, dense and sparse, in two named conventions."""
