"""Every mistake in a bank is reported at its place, all at once, and never as a traceback."""

from __future__ import annotations

import time
import tracemalloc
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_bank import CHOICE, EXAM, FILES, OPEN, changed, complaints, load, write_bank

from generator.bank.kinds import ProblemFile
from generator.bank.kinds.alternatives import AlternativesPart
from generator.bank.kinds.open_question import OpenPart
from generator.bank.kinds.statements import PoolPart
from generator.bank.parsed_file import parse_file
from generator.bank.plugins.own import Plugins
from generator.bank.read.exam_file import MAX_COMPLAINTS, load_exam
from generator.bank.read.problem_file import read_problem
from generator.errors import Complaint, InputError
from generator.language.conventions import PLAIN

TESTS = Path(__file__).resolve().parent
BANK = TESTS.parent / "bank"
FIGURES = TESTS.parent / "latex" / "figures"


# --- one mistake at a time ------------------------------------------------------------------------

MARK = "‸"


@dataclass(frozen=True)
class Case:
    """A mistake of bad_banks.txt: the file with it, its place, and what is to be said.

    The file there has three lines for each: what is wrong, ``FILE: PASSAGE ==> REPLACEMENT`` with a
    mark where the complaint must point, and ``FIELD: MESSAGE``, or the first words of it. Where
    the first line ends with … there may be complaints about the consequences, too.
    """

    name: str
    file: str
    text: str
    complaint: Complaint
    alone: bool


def read_case(block: str) -> Case:
    name, edit, expected = block.split("\n")
    file, _, passages = edit.partition(": ")
    old, new = (_unescape(passage) for passage in passages.split(" ==> "))
    text = changed(file, old, new)
    before = text[: text.index(MARK)].split("\n")
    where, message = expected.split(": ", 1)
    complaint = Complaint(file, len(before), len(before[-1]) + 1, where, message)
    return Case(name, file, text.replace(MARK, ""), complaint, not name.endswith("…"))


def _unescape(passage: str) -> str:
    return passage.replace(r"\\", "\0").replace(r"\n", "\n").replace("\0", "\\")


CASES = [read_case(it) for it in (TESTS / "bad_banks.txt").read_text("utf-8").strip().split("\n\n")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mistake_is_reported_at_its_place(case: Case, tmp_path: Path) -> None:
    found = complaints(tmp_path, **{case.file.removesuffix(".yaml"): case.text})
    wanted = case.complaint
    assert [it for it in found if _says(it, wanted)], "\n".join(map(str, found))
    assert not case.alone or len(found) == 1, "\n".join(map(str, found))


def _says(found: Complaint, wanted: Complaint) -> bool:
    places = [(it.file, it.line, it.column, it.where) for it in (found, wanted)]
    return places[0] == places[1] and wanted.message in found.message


def test_the_bank_without_a_mistake_is_read(tmp_path: Path) -> None:
    exam = load(tmp_path)
    assert [problem.id for problem in exam.problems] == ["1", "2"]
    assert exam.minutes == 90
    assert exam.spares.count("Main hall", 100) == 3
    assert exam.spares.count("Attic", 41) == 3  # 5 % are 2.05


# --- all of them at once --------------------------------------------------------------------------


def test_all_mistakes_of_all_files_are_reported_at_once(tmp_path: Path) -> None:
    found = complaints(
        tmp_path,
        exam=EXAM.replace("credits: 13.5", "credit: 13.5").replace(
            "open.yaml", "opne.yaml, open.yaml"
        ),
        open=OPEN.replace("title: Open", "titel: Open").replace("total: a + b", "total: a + c"),
        choice=CHOICE.replace("[n + n, 2]", "[n + m, 2]").replace('say: "FC"', 'sag: "FC"'),
    )
    assert [(it.file, it.where) for it in found] == [
        ("choice.yaml", "parts.2.1.computed.square.wrong.0"),
        ("choice.yaml", "parts.2.3.options.2"),
        ("choice.yaml", "parts.2.3.options.2.sag"),
        ("exam.yaml", "credits"),
        ("exam.yaml", "credit"),
        ("exam.yaml", "problems.0"),
        ("open.yaml", "title"),
        ("open.yaml", "titel"),
    ]


def test_a_part_that_cannot_be_read_does_not_hide_what_is_wrong_elsewhere(tmp_path: Path) -> None:
    text = OPEN.replace("space: 45 mm", "space: 45").replace("total * k", "total * half * kk")
    found = complaints(tmp_path, open=text)
    # Of part 1.1, which is left out, total and half are known all the same.
    assert [it.where for it in found] == ["parts.1.1.space", "parts.1.2.steps.scaled"]
    assert "kk is neither drawn nor a step" in found[1].message


def test_several_mistakes_in_one_list_of_steps(tmp_path: Path) -> None:
    text = OPEN.replace("total: a + b", "total: a + b + half\n      d: a +\n      e: f + g")
    assert [it.message.split(";")[0].split(" at")[0] for it in complaints(tmp_path, open=text)] == [
        "a cycle: total needs half needs total",
        "invalid syntax",
        "f is neither drawn nor a step",
        "g is neither drawn nor a step",
    ]


def test_missing_files_are_reported_with_the_others(tmp_path: Path) -> None:
    exam = write_bank(tmp_path, choice=CHOICE.replace("title: Choice", "title:"))
    (tmp_path / "open.yaml").unlink()
    before = exam.read_text().partition("open.yaml")[0].splitlines()
    line = f"{len(before)}:{len(before[-1]) + 1}"
    with pytest.raises(InputError) as caught:
        load_exam(exam, tmp_path / "figures")
    assert str(caught.value).splitlines() == [
        f"{tmp_path}/choice.yaml:2:7: title: expected a text, got nothing",
        f"{tmp_path}/exam.yaml:{line}: problems.0: there is no file {tmp_path}/open.yaml; "
        "check the name, or leave it out",
    ]


def test_a_missing_exam_is_reported(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"exam\.yaml: there is no such file"):
        load_exam(tmp_path / "exam.yaml", tmp_path)


def test_the_same_id_in_two_files(tmp_path: Path) -> None:
    choice = CHOICE.replace('id: "2', 'id: "1')
    (found,) = complaints(tmp_path, choice=choice)
    assert (found.file, found.line, found.column, found.where) == ("choice.yaml", 1, 5, "id")
    assert "the problem id 1 is that of" in found.message


def test_files_that_are_not_utf_8(tmp_path: Path) -> None:
    exam = write_bank(tmp_path)
    for name in ("open.yaml", "choice.yaml"):
        (tmp_path / name).write_bytes(
            FILES[name].replace("title: ", "title: \N{MICRO SIGN}").encode("latin-1")
        )
    with pytest.raises(InputError) as caught:
        load_exam(exam, tmp_path / "figures")
    assert str(caught.value).splitlines() == [
        f"{tmp_path}/{name}:2:8: not UTF-8: byte 0xb5; save the file as UTF-8"
        for name in ("choice.yaml", "open.yaml")
    ]


def test_a_flood_of_mistakes_is_cut_short(tmp_path: Path) -> None:
    text = OPEN.replace(
        "title: Open\n", "title: Open\n" + "".join(f"k{i}: 1\n" for i in range(999))
    )
    found = complaints(tmp_path, open=text)
    assert len(found) == MAX_COMPLAINTS + 1
    assert found[-1].message == "there is more; mend the others first"


def test_the_kinds_of_problems(tmp_path: Path) -> None:
    found = complaints(tmp_path, open=OPEN.replace("title: Open", "title: Open\nkind: choice"))
    assert [it.where for it in found] == ["parts.1.1", "parts.1.2", "parts.1.3"]
    assert "a problem of kind: choice has only multiple choice" in found[0].message


def test_a_reference_without_a_value_points_at_the_name(tmp_path: Path) -> None:
    (found,) = complaints(tmp_path, open=OPEN.replace(", y: 1, z: 2}", ", z: 2}"))
    assert str(found) == "open.yaml:12:16: draw.2.names.1: reference gives no value for y; add it"


def test_a_fallback_value_that_is_never_printed(tmp_path: Path) -> None:
    (found,) = complaints(tmp_path, open=OPEN.replace("<< fallback.total >>", "6"))
    assert str(found) == (
        "open.yaml:51:7: parts.1.2.fallback.total: no question prints the fallback value; "
        "write << fallback.total >> in ask"
    )


def test_a_part_without_a_solution(tmp_path: Path) -> None:
    text = OPEN.replace("        answer: |\n          Because.\n", "")
    (found,) = complaints(tmp_path, open=text)
    assert (found.line, found.where) == (60, "parts.1.3.alternatives.0")
    assert found.message == "there is no solution; add steps, a solver or an answer"


# --- what is read ---------------------------------------------------------------------------------


def test_texts_know_the_line_on_which_they_begin(tmp_path: Path) -> None:
    first, second, _ = load(tmp_path).problems[0].parts
    assert isinstance(first, OpenPart)
    lines = OPEN.split("\n")
    assert lines[first.ask.line - 1].strip() == first.ask.source.split("\n")[0]
    assert lines[first.answer.line - 1].strip() == first.answer.source
    assert first.mistakes[0].text.source in lines[first.mistakes[0].text.line - 1]
    assert lines[second.ask.line - 1].strip() == second.ask.source


def test_conditions_know_their_places(tmp_path: Path) -> None:
    requires = load(tmp_path).problems[0].requires
    assert [(it.line, it.column, it.where) for it in requires] == [
        (15, 5, "require.0"),
        (16, 5, "require.1"),
    ]


def test_places_and_units_of_steps(tmp_path: Path) -> None:
    problem = load(tmp_path).problems[0]
    assert problem.places["half"] == (29, 7)
    assert problem.places["k"] == (48, 18)
    assert problem.units == {"half": r"\,\mathrm{s}"}


def test_working_steps_are_no_answers_and_may_be_printed(tmp_path: Path) -> None:
    text = changed("open.yaml", "<< x >> + << y >>", "<< half >> + << x >> + << y >>")
    part = load(tmp_path, open=text).problems[0].parts[0]
    assert isinstance(part, OpenPart)
    assert (part.steps, part.answers) == (("total", "half"), ("total",))


def test_lists_are_in_order_and_without_what_is_excepted(tmp_path: Path) -> None:
    problem = load(tmp_path).problems[0]
    members = problem.variables["a"].members
    assert members == tuple(Fraction(n, 2) for n in range(-4, 5) if n)
    assert (problem.variables["a"].decimals, problem.variables["x"].decimals) == (1, 0)
    assert problem.variables["x"].different
    assert problem.variables["k"].part == "1.2"
    assert problem.variables["fallback_total"].fallback


def test_computed_statements_are_read(tmp_path: Path) -> None:
    part = load(tmp_path).problems[1].parts[0]
    assert isinstance(part, PoolPart)
    square = part.computed["square"]
    values = {"n": Fraction(3)}
    assert square.right.evaluate(values) == 9
    assert [wrong.evaluate(values) for wrong in square.wrong] == [6, 2]


@pytest.mark.parametrize("file", sorted(BANK.glob("problem-*.yaml")), ids=lambda file: file.name)
def test_the_shipped_problems_have_no_mistake(file: Path) -> None:
    found: list[Complaint] = []
    parsed = parse_file(file, ProblemFile, found)
    assert parsed is not None
    problem = read_problem(
        parsed, FIGURES, found, PLAIN, Plugins(file.parent / "plugins", found), 1
    )
    assert found == []
    assert problem is not None


# --- alternatives ---------------------------------------------------------------------------------


def test_a_part_with_alternatives_stands_for_that_of_the_reference(tmp_path: Path) -> None:
    problem = load(tmp_path).problems[0]
    part = problem.parts[2]
    assert isinstance(part, AlternativesPart)
    assert part.reference_alternative == 1
    assert part.ask == part.alternatives[1].ask
    assert {it.id for it in part.alternatives} == {"1.3"}
    assert {it.marks for it in (part, *part.alternatives)} == {(0, 1, 2, 3)}


def test_a_copy_has_one_of_the_alternatives(tmp_path: Path) -> None:
    problem = load(tmp_path).problems[0]
    part = problem.parts[2]
    assert isinstance(part, AlternativesPart)
    for index, question in enumerate(part.alternatives):
        resolved = problem.resolve({"1.3": index})
        assert resolved.parts == (*problem.parts[:2], question)
        assert resolved is problem.resolve({"1.3": index})
        assert resolved.resolve({}) is resolved
    assert len(list(problem.questions())) == 4


def test_nothing_is_left_of_the_other_alternatives(tmp_path: Path) -> None:
    text = changed(
        "open.yaml",
        "{names: [p], one_of: [1, 2]}",
        "{names: [p], one_of: [1, 2]}\n        require: [p < 2]",
    )
    problem = load(tmp_path, open=text).problems[0]
    first, second = (problem.resolve({"1.3": index}) for index in (0, 1))
    assert {"p", "q"} <= problem.variables.keys()
    assert "p" in first.variables
    assert "q" not in first.variables
    assert "next_q" not in first.steps
    assert [it.where for it in first.requires][2:] == ["parts.1.3.alternatives.0.require.0"]
    assert second.variables.keys() == second.reference.keys() == second.steps.given
    assert second.steps.evaluate(second.reference)["next_q"] == 2
    assert len(second.requires) == 2


def test_what_follows_from_a_fallback_value_in_an_alternative(tmp_path: Path) -> None:
    text = changed("open.yaml", "next_q: q + 1", "next_q: q + total")
    problem = load(tmp_path, open=text).problems[0]
    assert problem.followed["1.3"] == (("total",), ("next_q",))
    assert "1.3" not in problem.resolve({"1.3": 0}).followed
    assert problem.resolve({"1.3": 1}).followed["1.3"] == (("total",), ("next_q",))


# --- never a traceback ----------------------------------------------------------------------------

JUNK: list[Any] = [
    *(None, "", "x", "0", "-1", "1e99", "1e400", "9" * 300, "<< a >>", "<% if a %>", "{", "a +"),
    *("a" * 5000, "lambda: 0", "\u202e", "../x", "2**9**9", [], {}, ["a"], [[]], {"a": "b"}),
    *([["a", "b"]], {"names": ["a"]}, [{}], {"id": {}}, "<< " * 50, "[" * 300, "a." * 200, "%"),
    *("total", "scaled_from_fallback", "mood", "true", "3", "total/0", "log(0 - a)", "mood + 1"),
]


def read(folder: Path, name: str, content: str | bytes) -> None:
    """Reads a bank with one file changed: it is read or refused with places."""
    exam = write_bank(folder)
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    (folder / name).write_bytes(raw)
    for problem in problems_of(exam):
        assert problem.file
        assert problem.message
        assert len(str(problem)) < 2000


def problems_of(exam: Path) -> tuple[Complaint, ...]:
    """All that is wrong with a bank; nothing if it is read."""
    try:
        load_exam(exam, exam.parent / "figures")
    except InputError as error:
        return error.problems
    return ()


def nodes(data: Any, route: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The routes to all values of some data."""
    if not isinstance(data, dict | list):
        return [route]
    pairs = data.items() if isinstance(data, dict) else enumerate(data)
    return [route, *(it for key, value in pairs for it in nodes(value, (*route, key)))]


def with_changed(data: Any, route: tuple[Any, ...], change: str, junk: Any) -> Any:
    """A copy of data with the value at a route replaced, dropped, doubled or renamed."""
    if not route:
        return junk
    copy = dict(data) if isinstance(data, dict) else list(data)
    key = route[0]
    if len(route) > 1:
        copy[key] = with_changed(copy[key], route[1:], change, junk)
    elif change == "drop":
        del copy[key]
    elif change == "double" and isinstance(copy, list):
        copy.insert(key, copy[key])
    elif change == "rename" and isinstance(copy, dict):
        copy[junk if isinstance(junk, str) else "x"] = copy.pop(key)
    else:
        copy[key] = junk
    return copy


LOADED = {name: yaml.load(text, Loader=yaml.BaseLoader) for name, text in FILES.items()}
ROUTES = [(name, route) for name, data in LOADED.items() for route in nodes(data)]
FUZZ = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@FUZZ
@given(
    where=st.sampled_from(ROUTES),
    change=st.sampled_from(["replace", "replace", "replace", "drop", "double", "rename"]),
    junk=st.sampled_from(JUNK) | st.text(max_size=20),
)
def test_any_value_of_any_type_anywhere(
    where: tuple[str, tuple[Any, ...]], change: str, junk: Any, tmp_path: Path
) -> None:
    name, route = where
    data = with_changed(LOADED[name], route, change, junk)
    read(tmp_path, name, yaml.safe_dump(data, allow_unicode=True, sort_keys=False))


@FUZZ
@given(
    name=st.sampled_from(sorted(FILES)),
    position=st.floats(0, 1),
    length=st.integers(0, 30),
    inserted=st.binary(max_size=8)
    | st.sampled_from(list(b"<>%{}:-[]&*!|'\"#\n\t \\")).map(lambda b: bytes([b])),
)
def test_any_bytes_anywhere(
    name: str, position: float, length: int, inserted: bytes, tmp_path: Path
) -> None:
    raw = FILES[name].encode()
    start = int(position * len(raw))
    read(tmp_path, name, raw[:start] + inserted + raw[start + length :])


@FUZZ
@given(content=st.binary(max_size=200) | st.text(max_size=200))
def test_any_file_at_all(content: str | bytes, tmp_path: Path) -> None:
    for name in sorted(FILES):
        read(tmp_path, name, content)


def bombs() -> dict[str, str]:
    aliases = "".join(
        f"{a}: &{a} [{', '.join(['*' + b] * 9)}]\n"
        for a, b in zip("bcdefgh", "abcdefg", strict=True)
    )
    parts = OPEN.index("parts:")
    draw = "draw:\n  - {names: [w], one_of: [" + ", ".join(map(str, range(20_000))) + "]}\n"
    many = "".join(f"      s{i}: t{i}\n" for i in range(5000))
    text = "<% if a == 1 %>" * 600
    return {
        "aliases": f"a: &a [x]\n{aliases}",
        "lists in lists": "a: " + "[" * 100_000,
        "mappings in mappings": "\n".join(" " * i + "a:" for i in range(1200)),
        "too large": "a: " + "x" * 2_000_000,
        "many values": "a: [" + "x," * 400_000 + "x]",
        "many parts": OPEN[:parts] + "parts: [" + "1," * 40_000 + "1]",
        "long key": "a" * 500_000 + ": 1",
        "long list": OPEN.replace("draw:\n", draw, 1),
        "many steps": OPEN.replace("      total: a + b\n", "      total: a + b\n" + many),
        "conditions in conditions": OPEN.replace("  Let $a", f"  {text} Let $a"),
        "open tags": OPEN.replace("  Let $a", f"  {'<< ' * 300_000} Let $a"),
        "brackets": OPEN.replace("total: a + b", f"total: {'(' * 50_000}a"),
        "brackets in a text": OPEN.replace("  Let $a", f"  << {'(' * 3000} >> Let $a"),
        "powers": OPEN.replace("total: a + b", "total: 9**9**9**9"),
        "number": OPEN.replace("  Let $a", f"  <% if a == {'9' * 9000} %> Let $a"),
        "words that are alike": OPEN.replace(
            "total: a + b", "total: " + " + ".join(["totl"] * 300)
        ),
    }


def test_a_text_is_compared_with_what_it_can_be(tmp_path: Path) -> None:
    (found,) = complaints(
        tmp_path, open=OPEN.replace('<% if mood == "mean" %>', '<% if mood == "Mean" %>')
    )
    assert "compares mood with 'Mean', which is not in its list ('mean', 'sum')" in found.message
    assert "did you mean mean?" in found.message
    assert found.line


def test_a_step_compares_with_what_can_be(tmp_path: Path) -> None:
    text = OPEN.replace("total: a + b", "total: a + b if mood != 'Sum' else a")
    (found,) = complaints(tmp_path, open=text)
    assert found.where == "step total"
    assert "compares mood with 'Sum', which is not in its list ('mean', 'sum')" in found.message
    assert text.splitlines()[found.line - 1].strip().startswith("total:")


@pytest.mark.parametrize("bomb", bombs())
def test_bombs_are_refused_in_a_second_and_in_flat_memory(bomb: str, tmp_path: Path) -> None:
    exam = write_bank(tmp_path, open=bombs()[bomb])
    start = time.process_time()
    found = problems_of(exam)
    assert time.process_time() - start < 1
    tracemalloc.start()
    assert problems_of(exam) == found
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60_000_000
    assert found
    assert {Path(it.file).name for it in found} <= {"open.yaml", "exam.yaml"}
    assert max(len(str(it)) for it in found) < 1500


def test_a_figure_with_an_image_is_refused_at_its_name(tmp_path: Path) -> None:
    file = write_bank(tmp_path)
    (tmp_path / "figures" / "bars.tex").write_text("\\begin{tikzpicture}\n\\includegraphics{x}")
    with pytest.raises(InputError) as caught:
        load_exam(file, tmp_path / "figures")
    (found,) = caught.value.problems
    assert found.where == "parts.1.2.figure.name"
    assert "bars.tex, line 2, shows an image file" in found.message
