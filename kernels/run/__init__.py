"""One run: simulate, account, heat, document."""
