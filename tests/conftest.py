"""Hypothesis draws the same examples in every run, so that a change fails for what it changed, and without a deadline,
as first calls compile; to search on: `pytest --hypothesis-profile=search`."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile("repeatable")
