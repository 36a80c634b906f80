"""What all models have."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, GetJsonSchemaHandler
from pydantic_core import CoreSchema


class Model(BaseModel):
    """Base of all: frozen, and what is not described is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class TextToo:
    """Adds to the schema that a text is enough."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [{"type": ["string", "number"]}, handler(schema)]}


def short_for(key: str) -> BeforeValidator:
    """A text alone stands for the mapping that has it under this key."""
    return BeforeValidator(lambda value: {key: value} if isinstance(value, str) else value)
