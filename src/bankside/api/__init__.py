"""Kernels, machines and results that show themselves: a line in a list, a table in a terminal and in a notebook.

Each in its own module, so that asking for a machine does not import what computes.
"""
