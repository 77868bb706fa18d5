"""The state of a channel's banks: what may be issued when, refresh."""
