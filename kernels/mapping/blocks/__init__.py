"""Products cut into thread blocks, as software of programmable cores cuts them."""
