"""The shipped JSON Schemas are those of the models, and the shipped bank validates against them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from small_bank import CHOICE, EXAM, OPEN

from generator.bank.schema import FILES, FOLDER, schema, schema_text, write_schemas

BANK = FOLDER.parent
PROBLEM = schema(FILES["problem.schema.json"])


def load(text: str) -> Any:
    """YAML as an editor reads it: dates are texts."""
    return json.loads(json.dumps(yaml.safe_load(text), default=str))


def errors(text: str, name: str = "problem.schema.json") -> list[str]:
    return [it.message for it in Draft7Validator(schema(FILES[name])).iter_errors(load(text))]


# --- the schemas ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_the_shipped_schema_is_that_of_the_models(name: str) -> None:
    shipped = (FOLDER / name).read_text("utf-8")
    assert shipped == schema_text(FILES[name]), "run: python -m generator.bank.schema"


@pytest.mark.parametrize("name", FILES)
def test_schemas_are_valid(name: str) -> None:
    Draft7Validator.check_schema(schema(FILES[name]))


def test_schemas_are_written(tmp_path: Path) -> None:
    written = write_schemas(tmp_path / "new")
    assert [path.read_text("utf-8") for path in written] == [
        (FOLDER / path.name).read_text("utf-8") for path in written
    ]


def properties(node: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for model, definition in {"": node, **node["$defs"]}.items():
        for name, field in definition["properties"].items():
            yield f"{model}.{name}", field


@pytest.mark.parametrize("name", FILES)
def test_every_field_has_a_description_and_an_example(name: str) -> None:
    for field, node in properties(schema(FILES[name])):
        assert node.get("description", "").endswith((".", "}).")), field
        assert node.get("examples"), field


@pytest.mark.parametrize("name", FILES)
def test_examples_are_valid(name: str) -> None:
    made = schema(FILES[name])
    for field, node in properties(made):
        for example in node["examples"]:
            found = list(Draft7Validator({**node, "$defs": made["$defs"]}).iter_errors(example))
            assert not found or field in INCOMPLETE, (field, found)


INCOMPLETE = {"OrderFields.order", "OrderFields.reference_order", "FixedFields.options"} | {
    "PoolFields.statements"
}
"""Whose examples would be too long if they had all that is needed."""


@pytest.mark.parametrize("name", FILES)
def test_unknown_keys_are_refused_in_every_mapping(name: str) -> None:
    made = schema(FILES[name])
    for definition in (made, *made["$defs"].values()):
        assert definition["additionalProperties"] is False


def test_keys_are_called_as_in_the_files() -> None:
    entry = PROBLEM["$defs"]["DrawEntry"]["properties"]
    assert {"from", "except"} <= entry.keys()
    assert "is" in PROBLEM["$defs"]["Step"]["properties"]
    assert "for" in PROBLEM["$defs"]["RubricItem"]["properties"]


# --- the bank -------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", sorted(BANK.glob("*.yaml")), ids=lambda file: file.name)
def test_the_shipped_bank_is_valid(file: Path) -> None:
    name = "exam.schema.json" if file.name == "exam.yaml" else "problem.schema.json"
    text = file.read_text("utf-8")
    assert text.startswith(f"# yaml-language-server: $schema=schema/{name}\n")
    assert errors(text, name) == []


def test_one_of_everything_is_valid() -> None:
    assert errors(EXAM, "exam.schema.json") == []
    assert errors(OPEN) == []
    assert errors(CHOICE) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: Open", "titel: Open"),
        ('id: "1"\n', "id: 1\n"),
        ("title: Open\n", ""),
        ("points: 7.5", "points: 7.3"),
        ("points: 7.5", "points: many"),
        ("45 mm", "45"),
        ("from: -2, to: 2", "from: -2"),
        ("from: -2, to: 2", "from: low, to: 2"),
        ("names: [a, b]", "names: a"),
        ("names: [a, b]", "names: [1a, b]"),
        ('one_of: ["mean", "sum"]', 'one_off: ["mean", "sum"]'),
        ('one_of: ["mean", "sum"]', 'one_of: ["mean", "sum"], from: 1, to: 2'),
        ("new_page: true", "new_page: often"),
        ("working: true", "worked: true"),
        ("total: a + b", "to-tal: a + b"),
        ("total: a + b", "total: [a, b]"),
        ("decimals: 2", "decimals: -1"),
        ("{points: 1.5, step: total}", "{points: 1.5}"),
        ("{points: 1.5, step: total}", "{points: 1.5, step: total, for: it}"),
        ('is: "Something else", earns: 0.5', 'is: "Something else"'),
        ("reference_alternative: 2", "reference_alternative: second"),
        ("figure: {name: bars, values: [k]}", "figure: [bars]"),
    ],
)
def test_typical_mistakes_are_not_valid(old: str, new: str) -> None:
    assert OPEN.count(old) == 1
    assert errors(OPEN.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("kind: choice", "kind: quiz"),
        ('{correct: true, say: "First", why: "So"}', '{say: "First", why: "So"}'),
        ('{correct: true, say: "First", why: "So"}', '{correct: 1, say: "First", why: "So"}'),
        ("[t1, f1, t2, f2]", "[]"),
        ("reference: [t1, f1, t2, f2]", "reference: [t1]\n    right: [9]"),
        ("[[2, 1, 3], [1, 3, 2], [3, 2, 1]]", "[]"),
        ("[2, 1, 3], ", "[two, 1, 3], "),
        ('say: "None", why: "Some are"}', 'saying: "None", why: "Some are"}'),
    ],
)
def test_typical_mistakes_in_choices_are_not_valid(old: str, new: str) -> None:
    assert CHOICE.count(old) == 1
    assert errors(CHOICE.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("id: small-1", "id: Small 1"),
        ("pages: 8\n", "pages: 9\n"),
        ('start: "18:30"', "start: early"),
        ("problems: [open.yaml, choice.yaml]", "problems: []"),
        ("problems: [open.yaml, choice.yaml]", "problems: [../open.yaml]"),
        ("credits: 13.5\n", ""),
        ("{per_room: 5 %, rooms: {Main hall: 3}}", "3"),
    ],
)
def test_typical_mistakes_in_exams_are_not_valid(old: str, new: str) -> None:
    assert EXAM.count(old) == 1
    assert errors(EXAM.replace(old, new), "exam.schema.json")
