"""Decides a plan: which core kind computes, how work is dealt to nodes, and how each of them tiles it."""
