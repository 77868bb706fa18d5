"""Bit-serial and sparse processing elements, whose cycles the bits of their operands decide."""
