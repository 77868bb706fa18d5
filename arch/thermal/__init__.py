"""Heat in the stack of dies."""
