"""Work on processors in the banks: transfers and launches of the host, and loops of the busiest processor."""
