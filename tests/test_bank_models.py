"""Each kind of value is read as its field says, and refused in words that say what is expected."""

from __future__ import annotations

import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from generator.bank import models
from generator.bank.fields import credit, occasion, quantities, words
from generator.bank.fields.quantities import Member
from generator.bank.kinds import ProblemFile
from generator.bank.kinds.alternatives import AlternativesFields
from generator.bank.kinds.multiple_choice import StatementFields
from generator.bank.kinds.open_question import OpenFields
from generator.bank.kinds.options import FixedFields
from generator.bank.kinds.order import OrderFields
from generator.bank.kinds.statements import PoolFields
from generator.bank.parsed_file import Parsed, near_names, parse_file
from generator.bank.yaml import Scalar
from generator.errors import Complaint

FIELDS = {**vars(words), **vars(quantities), **vars(credit), **vars(occasion)}


def plain(text: str) -> Scalar:
    return Scalar(text, plain=True)


def quoted(text: str) -> Scalar:
    return Scalar(text, plain=False)


def read(kind: Any, value: Any) -> Any:
    return TypeAdapter(kind).validate_python(value)


def refusal(kind: Any, value: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        read(kind, value)
    (error,) = caught.value.errors()
    return error["msg"].removeprefix("Value error, ")


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("TextField", "012", "012"),
        ("Exact", "-0.50", Fraction(-1, 2)),
        ("Exact", "1e-5", Fraction(1, 100_000)),
        ("Points", "8.5", Fraction(17, 2)),
        ("Points", ".5", Fraction(1, 2)),
        ("Earned", "0", Fraction(0)),
        ("Flag", "true", True),
        ("Flag", "false", False),
        ("Millimeters", "45 mm", Fraction(45)),
        ("Millimeters", "4.5cm", Fraction(45)),
        ("Name", "w_21", "w_21"),
        ("Word", "right", "right"),
        ("Decimals", "12", 12),
        ("Pages", "20", 20),
        ("Spare", "2", 2),
        ("Spare", "2.5 %", Fraction(1, 40)),
        ("Day", "2024-02-29", datetime.date(2024, 2, 29)),
        ("Time", "08:05", datetime.time(8, 5)),
        ("ExamId", "cit-i2dl-1-20230210", "cit-i2dl-1-20230210"),
        ("FileName", "problem-3.yaml", "problem-3.yaml"),
        ("PartId", "3.10", "3.10"),
    ],
)
def test_values_are_read(kind: str, text: str, value: object) -> None:
    found = read(FIELDS[kind], plain(text))
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("TextField", None, "expected a text, got nothing"),
        ("TextField", [], "expected a text, got a list"),
        ("Filled", quoted(" "), "expected a text, got ' '"),
        ("Exact", plain("nan"), "expected a number such as -1.5 or 2/3, got 'nan'"),
        ("Exact", {}, "expected a number such as -1.5 or 2/3, got a mapping"),
        ("Points", plain("0"), "expected points from 0.5 to 1000, got '0'"),
        ("Points", plain("1001"), "expected points from 0.5 to 1000, got '1001'"),
        ("Points", plain("0.75"), "expected whole or half points, got '0.75'"),
        ("Points", plain("two"), "expected points such as 2 or 0.5, got 'two'"),
        ("Earned", plain("-1"), "expected points from 0 to 1000, got '-1'"),
        ("Flag", plain("yes"), "expected true or false, got 'yes'"),
        ("Millimeters", plain("45"), "expected a length such as 45 mm or 4.5 cm, got '45'"),
        ("Millimeters", plain("0 mm"), "expected a length of at most 250 mm, got '0 mm'"),
        ("Millimeters", plain("30 cm"), "expected a length of at most 250 mm, got '30 cm'"),
        ("Name", plain("1a"), "expected a name (a letter, then letters, digits and _), got '1a'"),
        ("Name", plain("é"), "expected a name (a letter, then letters, digits and _), got 'é'"),
        ("Name", plain("sum"), "expected a name that is not a word of the expressions or of the"),
        ("Name", plain("right"), "expected a name that is not a word of the expressions or of"),
        ("Name", plain("fallback_a"), "expected a name without fallback_ or _from_fallback, which"),
        ("Name", plain("a_from_fallback"), "expected a name without fallback_ or _from_fallback"),
        ("Name", plain("a" * 41), "expected a name of at most 40 characters, got 'aaaa"),
        ("Decimals", plain("13"), "expected a whole number from 0 to 12, got '13'"),
        ("Decimals", plain("1.5"), "expected a whole number from 0 to 12, got '1.5'"),
        ("Pages", plain("18"), "expected a multiple of 4, got '18'"),
        ("Spare", plain("101 %"), "expected a number of copies up to 10000 or a share such as 5 %"),
        ("Spare", plain("-1"), "expected a number of copies up to 10000 or a share such as 5 %"),
        ("Day", plain("10.2.2023"), "expected a date such as 2023-02-10, got '10.2.2023'"),
        ("Day", plain("20230210"), "expected a date such as 2023-02-10, got '20230210'"),
        ("Time", plain("24:00"), "expected a time such as \"18:30\", got '24:00'"),
        ("ExamId", plain("Exam-1"), "expected small letters a-z and digits, with single hyphens"),
        ("ExamId", plain("exam--1"), "expected small letters a-z and digits, with single hyphens"),
        ("FileName", plain("../x"), "expected the name of a file, without a folder, got '../x'"),
        ("FileName", plain("x\ny"), "expected the name of a file, without a folder, got 'x\\ny'"),
        ("PartId", plain("3"), "expected an id such as \"3.1\": the problem, a point, got '3'"),
        ("TextField", ["x"] * 99, "expected a text, got a list"),
        ("Exact", plain("9" * 500), "expected a number such as -1.5 or 2/3, got '9999"),
    ],
)
def test_values_are_refused(kind: str, value: object, message: str) -> None:
    found = refusal(FIELDS[kind], value)
    assert found.startswith(message)
    assert len(found) < 200


def test_members_are_numbers_only_without_quotes() -> None:
    assert read(Member, plain("-0.5")) == Fraction(-1, 2)
    assert read(Member, quoted("-0.5")) == "-0.5"
    assert read(Member, plain("1/2")) == Fraction(1, 2)
    assert read(Member, plain("true")) == "true"


def test_models_are_frozen() -> None:
    statement = StatementFields.model_validate({"correct": "true", "say": "a", "why": "b"})
    with pytest.raises(ValidationError, match="frozen"):
        statement.say = "c"  # type: ignore[misc]


def test_a_step_may_be_a_text() -> None:
    part = {"steps": {"a": "1 + b"}, "ask": "x", "space": "1 mm", "rubric": [{"points": "1"}]}
    question = models.Question.model_validate(part)
    assert question.steps["a"] == models.Step.model_validate({"is": "1 + b"})


# --- files ----------------------------------------------------------------------------------------


def parse(folder: Path, text: str) -> tuple[Parsed[ProblemFile], list[str]]:
    file = folder / "it.yaml"
    file.write_text(text)
    problems: list[Complaint] = []
    parsed = parse_file(file, ProblemFile, problems)
    assert parsed is not None
    return parsed, [str(it).removeprefix(f"{folder}/") for it in sorted(problems)]


HEAD = 'id: "3"\ntitle: T\npoints: 1\nparts:\n'
PART = '  - {id: "3.%d", points: 1, ask: A, space: 9 mm, rubric: [{points: 1, for: B}]}\n'


def test_unknown_keys_are_left_out(tmp_path: Path) -> None:
    parsed, problems = parse(tmp_path, f"titel: T\n{HEAD}{PART % 1}")
    assert problems == ["it.yaml:1:1: titel: unknown key 'titel'; did you mean title?"]
    assert parsed.model is not None
    assert parsed.whole


def test_parts_with_errors_are_left_out(tmp_path: Path) -> None:
    broken = PART % 2
    parsed, problems = parse(tmp_path, HEAD + PART % 1 + broken.replace("9 mm", "9") + PART % 3)
    assert problems == [
        "it.yaml:6:43: parts.3.2.space: expected a length such as 45 mm or 4.5 cm, got '9'"
    ]
    assert parsed.model is not None
    assert [part.id for part in parsed.model.parts] == ["3.1", "3.3"]
    assert parsed.kept == (0, 2)
    assert not parsed.whole


def test_errors_at_the_top_leave_nothing(tmp_path: Path) -> None:
    parsed, problems = parse(tmp_path, HEAD.replace("points: 1", "points: one") + PART % 1)
    assert problems == ["it.yaml:3:9: points: expected points such as 2 or 0.5, got 'one'"]
    assert parsed.model is None
    assert not parsed.whole


@pytest.mark.parametrize(
    ("key", "form"),
    [
        ("statements", PoolFields),
        ("order", OrderFields),
        ("options", FixedFields),
        ("alternatives", AlternativesFields),
        ("steps", OpenFields),
    ],
)
def test_a_part_is_told_by_its_keys(
    key: str, form: type[models.PartFields], tmp_path: Path
) -> None:
    _, problems = parse(tmp_path, f'{HEAD}  - {{id: "3.1", points: 1, {key}: 1, nonsense: 2}}\n')
    (found,) = [it for it in problems if "nonsense" in it]
    known = sorted(info.alias or name for name, info in form.model_fields.items())
    assert found.endswith(f"known here: {', '.join(known)}")


def test_hints_are_of_the_same_model_only(tmp_path: Path) -> None:
    # "space" is a key of parts, "spare" would be near to it.
    _, problems = parse(tmp_path, HEAD.replace("title: T", "title: T\nspace: 1 mm") + PART % 1)
    (found,) = problems
    assert "did you mean" not in found
    known = "about, constants, draw, fairness, figure, form, id"
    assert found.startswith(f"it.yaml:3:1: space: unknown key 'space'; known here: {known}")


def test_missing_fields_come_with_an_example(tmp_path: Path) -> None:
    _, problems = parse(tmp_path, HEAD + PART.replace(", ask: A", "") % 1)
    assert problems == [
        "it.yaml:5:5: parts.3.1.ask: the field ask is missing; add it (The question, in TeX; << "
        "name "
        ">> prints a drawn value), for example ask: Compute $h_1$ for $i_1 = << i1 >>$."
    ]


def test_near_names() -> None:
    assert near_names("titel", ["title", "points"]) == "title"
    assert near_names("w12", ["w11", "w21", "b"]) == "w21 or w11"
    assert near_names("x" * 100_000, ["y"]) == ""
