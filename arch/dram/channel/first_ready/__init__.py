"""First-ready controllers (as Ramulator): queues, admission, picks, turns."""
