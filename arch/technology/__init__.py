"""What things are made of: processes, packaging, clocks, and the tables of energy and area."""
