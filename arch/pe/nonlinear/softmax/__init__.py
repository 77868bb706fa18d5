"""Softmax units as published: what they compute, bit by bit, and how they pass over a row."""
