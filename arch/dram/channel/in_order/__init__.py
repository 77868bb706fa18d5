"""Streams served in order with a window of row commands ahead."""
