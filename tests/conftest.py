"""Hypothesis draws the same examples in every run, so that a change fails for what it changed; to search on:
`pytest --hypothesis-profile=search`."""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile("repeatable")
