"""Lanes that multiply and add: side by side for vectors, in a tree for dot products, or fed by a bank's columns."""
