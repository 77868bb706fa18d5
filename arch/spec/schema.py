"""JSON Schema for editors: what the loader accepts, provenance and `extends` included."""

from typing import Any

from pydantic import BaseModel

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(cls: type[BaseModel]) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the files of `cls`."""
    raise NotImplementedError
