"""Who looks rows of tables up."""
