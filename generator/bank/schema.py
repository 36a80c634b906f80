"""JSON Schemas of the bank's files, made from the models, so that editors check while one types.

``python -m generator.bank.schema`` writes them to ``bank/schema``; the first line of each bank file
refers to them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from generator.bank import models
from generator.bank.kinds import ProblemFile
from generator.files.program import SCHEMAS

FOLDER = SCHEMAS

FILES: Mapping[str, type[BaseModel]] = {
    "exam.schema.json": models.ExamFile,
    "problem.schema.json": ProblemFile,
}
"""File name to the model that it describes."""

DIALECT = "http://json-schema.org/draft-07/schema#"
"""What the language servers of YAML know best."""

_FORMS = {
    "DrawList": (("from", "to"), ("one_of",)),
    "DrawEntry": (("from", "to"), ("one_of",), ("permutation_of",)),
    "RubricItem": (("for",), ("step",)),
}
"""Of these sets of keys exactly one stands in the mapping."""


def schema(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of a file."""
    made: dict[str, Any] = _plain(model.model_json_schema(by_alias=True))
    definitions = made.pop("$defs", {})
    for name, forms in _FORMS.items():
        if name in definitions:
            definitions[name]["oneOf"] = [{"required": list(keys)} for keys in forms]
    definitions = {name: definitions[name] for name in sorted(definitions)}
    return {"$schema": DIALECT, **made, "$defs": definitions}


def schema_text(model: type[BaseModel]) -> str:
    """The JSON Schema of a file, as it is shipped."""
    return json.dumps(schema(model), ensure_ascii=False, indent=2) + "\n"


def write_schemas(folder: Path = FOLDER) -> list[Path]:
    """Writes all schemas.

    Returns:
        The files that were written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, model in FILES.items():
        written.append(folder / name)
        written[-1].write_text(schema_text(model), "utf-8")
    return written


def _plain(node: Any) -> Any:
    """A schema as an author of YAML sees the format: no null, no titles, no empty defaults."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("type") == "object":
        return _object(node)
    fields = {key: _plain(value) for key, value in node.items() if key not in {"title", "examples"}}
    if "examples" in node:
        fields["examples"] = node["examples"]
    if fields.get("default", "") in (None, "", [], {}):
        fields.pop("default", None)
    choices = [choice for choice in fields.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        del fields["anyOf"]
        fields = {**choices[0], **fields}
    if "$ref" in fields and len(fields) > 1:
        # In draft 7 what stands beside a reference has no effect.
        fields["allOf"] = [{"$ref": fields.pop("$ref")}]
    return fields


def _object(node: dict[str, Any]) -> dict[str, Any]:
    """Mappings: names of properties are no keywords, and unknown keys are refused everywhere."""
    fields = {
        key: {name: _plain(value) for name, value in values.items()}
        if key in {"properties", "patternProperties", "$defs"}
        else _plain(values)
        for key, values in node.items()
        if key not in {"title", "default", "examples"}
    }
    if "patternProperties" in fields:
        fields["additionalProperties"] = False
    if "examples" in node:
        fields["examples"] = node["examples"]
    return fields


if __name__ == "__main__":
    for path in write_schemas():
        print(path)
