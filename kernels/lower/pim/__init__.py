"""Work inside the DRAM die, as commands of its channels."""
