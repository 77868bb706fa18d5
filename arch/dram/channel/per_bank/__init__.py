"""Controllers with a queue a bank (as DRAMsim3)."""
