"""DRAM and flash at command level."""
