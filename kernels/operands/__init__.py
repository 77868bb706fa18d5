"""Operands whose values decide what they cost: drawn by stated statistics, or read."""
