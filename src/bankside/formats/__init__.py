"""Files of other tools, read into cases and written from results."""
