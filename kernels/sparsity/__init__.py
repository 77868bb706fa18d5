"""Sparse matrices: which elements are kept, how their places are stored, and what decoding takes."""
