"""What an in-order channel remembers of streams that it has served, so that equal ones are not served again."""
