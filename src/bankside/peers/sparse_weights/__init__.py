"""Sparse weights as SCALE-Sim sets them up, n:m patterns and random rows of blocks, matched by real indices."""
