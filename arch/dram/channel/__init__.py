"""One channel: the ways to serve what is asked of it."""
