"""What a channel remembers of PIM programs, so that parts of them that come again are not served again."""
