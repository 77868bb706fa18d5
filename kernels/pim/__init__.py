"""Microkernels as programs of PIM commands for one channel: GEMV, elementwise operations, attention, host streams."""
