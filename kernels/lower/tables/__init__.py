"""Rows of tables that are looked up, as operations."""
