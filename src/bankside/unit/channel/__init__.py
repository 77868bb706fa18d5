"""Requests of the units `dram` and `trace`: streams by name, and the energy of the commands that serve them."""
