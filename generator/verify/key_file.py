"""What is wrong with the data of a key: its answers are those that are recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from generator.record.copy import Copy


def wrong_data(document: bytes, copy: Copy) -> list[str]:
    """What the data of a key say that the record does not, in words.

    Args:
        document: The JSON file of the key.
    """
    data = json.loads(document)
    what = f"data of the key of {copy.code}"
    wrong = [
        f"{what}: {name} is {data[name]!r}, expected {value!r}"
        for name, value in (("code", copy.code), ("record", copy.mark))
        if data[name] != value
    ]
    shown = {part["id"]: part for problem in data["problems"] for part in problem["parts"]}
    for problem in copy.problems.values():
        for part, answers in problem.answers.items():
            if part in shown:
                wrong += _wrong_answers(shown[part], answers, what)
            else:
                wrong.append(f"{what}: {part} is missing")
    return wrong


def _wrong_answers(
    part: Mapping[str, Any], recorded: Mapping[str, Any], what: str
) -> Iterator[str]:
    shown = part.get("answers", {})
    if "options" in part:
        right = [option["label"] for option in part["options"] if option["correct"]]
        shown = {"correct": right}
    for name, value in recorded.items():
        if shown.get(name) != _as_data(value):
            yield f"{what}: {part['id']}: {name} is {shown.get(name)!r}, recorded is {value!r}"


def _as_data(value: Any) -> Any:
    """A recorded value as JSON has it: tables are nested tuples in the record."""
    if not isinstance(value, list | tuple):
        return value
    return [_as_data(it) if isinstance(it, list | tuple) else it for it in value]
