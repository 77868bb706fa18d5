"""A short name for the content of a validated specification."""

import json
from hashlib import sha256

from pydantic import BaseModel


def digest_of(*specs: BaseModel) -> str:
    """16 hex digits over the values of `specs`, independent of key order, units written, and provenance."""
    content = [spec.model_dump(mode="json") for spec in specs]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return sha256(text.encode()).hexdigest()[:16]
