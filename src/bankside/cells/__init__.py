"""Cells of the cases that drive a unit alone: read and checked on the way in, reported on the way out."""
