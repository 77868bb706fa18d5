"""A small processor of many threads beside a bank: its instructions, its DMA engine, and loops that run on it."""
