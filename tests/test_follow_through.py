"""Follow-through: what is right after a student's own value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from one_problem import load_one, one_part
from shipped import Batch, find

from generator.bank.exam import Exam
from generator.cli import main
from generator.codes.check_character import check_character
from generator.codes.page_code import CodeError
from generator.codes.typed_code import read_copy_code
from generator.correct.follow_through import follow_through, lines, read_pairs, read_value
from generator.correct.lookup import CopyMatch, Seating, lookup_lines
from generator.correct.results import Result as Found
from generator.correct.written import read_complex, read_written
from generator.draw.draw import reference_draw
from generator.errors import InputError
from generator.exact.numbers import Complex, NumberError
from generator.expressions.parse import parse
from generator.expressions.reach import reach
from generator.language.conventions import Conventions
from generator.language.forms import Form, FormKind
from generator.solve.follow import follow, recompute
from generator.solve.solve import Solution, solve_problem


def reference(exam: Exam) -> dict[str, Solution]:
    return {it.id: solve_problem(it, reference_draw(it)) for it in exam.problems}


def statuses(exam: Exam, problem: str, **written: str) -> dict[str, tuple[object, str]]:
    own = find(exam, problem)
    values = {name: Fraction(text) for name, text in written.items()}
    found = follow(own, solve_problem(own, reference_draw(own)).values, values)
    return {name: (it.printed, it.status) for name, it in found.items()}


# --- recomputation --------------------------------------------------------------------------------


def test_follows_from_a_wrong_first_step(exam: Exam) -> None:
    # By hand: h3 = 3, o1 = 3 * 0.5 - 1, o2 = -3 + 0.5, d = (-0.5, -3), d_h3 = -0.25 + 3.
    assert statuses(exam, "3", h1="3") == {
        "h3": ("3.0", "follow-through"),
        "o1": ("0.5", "follow-through"),
        "o2": ("-2.5", "follow-through"),
        "mse": ("4.625", "follow-through"),
        "d_o1": ("-0.5", "follow-through"),
        "d_o2": ("-3.0", "follow-through"),
        "d_h3": ("2.75", "follow-through"),
        "d_h1": ("2.75", "follow-through"),
        "grad_w21": ("-2.75", "follow-through"),
        "w21_new": ("0.775", "follow-through"),
    }


def test_a_unit_that_is_dead_either_way_changes_nothing(exam: Exam) -> None:
    assert {status for _, status in statuses(exam, "3", h2="-3").values()} == {"same"}


def test_a_dead_unit_is_trivial(exam: Exam) -> None:
    found = statuses(exam, "3", h1="-1")
    assert found["h3"] == ("0.0", "trivial")
    assert found["o1"] == ("-1.0", "trivial")
    assert found["grad_w21"] == ("0.0", "trivial")
    assert found["w21_new"] == ("0.5", "trivial")
    # Both errors are there to be squared.
    assert found["mse"] == ("2.0", "follow-through")


def test_a_zero_gradient_is_trivial(exam: Exam) -> None:
    assert statuses(exam, "3", d_h1="0") == {
        "grad_w21": ("0.0", "trivial"),
        "w21_new": ("0.5", "trivial"),
    }


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("sum([(x - m)**2 for x in v])/5", {"m", "v"}),
        ("sum([m*x for x in v if x > k])", {"m", "v", "k"}),
        ("sum([m*x for x in v if x < k])", {"v", "k"}),
        ("sum([m for x in v])", {"m"}),
        ("sum([0*m*x for x in v])", set()),
    ],
)
def test_what_a_list_that_is_made_item_by_item_depends_on(text: str, names: set[str]) -> None:
    values = {"m": Fraction(2), "k": Fraction(1), "v": (Fraction(3), Fraction(4))}
    assert reach(parse(text), values) == names


def test_a_clipped_state_is_trivial_afterward_and_an_unclipped_one_is_not(exam: Exam) -> None:
    assert statuses(exam, "7", h2="-1") == {"h3": ("0", "trivial")}
    assert statuses(exam, "7", h1="-1") == {
        "h2": ("3", "follow-through"),
        "h3": ("3", "follow-through"),
    }


def network(values: Mapping[str, object]) -> dict[str, Fraction]:
    """The sample exam's problem 3 once more, after h1 and h2, without the expression language."""
    v: dict[str, Fraction] = {k: it for k, it in values.items() if isinstance(it, Fraction)}
    h3, h4 = max(v["h1"], Fraction(0)), max(v["h2"], Fraction(0))
    o1, o2 = h3 * v["w31"] + h4 * v["w41"] + v["b3"], h3 * v["w32"] + h4 * v["w42"] + v["b4"]
    d_h1 = ((o1 - v["t1"]) * v["w31"] + (o2 - v["t2"]) * v["w32"]) * (v["h1"] > 0)
    return {
        "o1": o1,
        "o2": o2,
        "mse": ((o1 - v["t1"]) ** 2 + (o2 - v["t2"]) ** 2) / 2,
        "w21_new": v["w21"] - v["alpha"] * d_h1 * v["i2"],
    }


@pytest.mark.parametrize("h1", ["-1.5", "0", "0.25", "7"])
def test_recomputes_as_another_program_does(batch: Batch, h1: str) -> None:
    problem = find(batch.exam, "3")
    for solution in list(batch.of("3"))[:100]:
        found = recompute(problem, solution.values, {"h1": Fraction(h1)})
        expected = network({**solution.values, "h1": Fraction(h1)})
        assert {name: found[name] for name in expected} == expected


def test_later_steps_use_the_value_as_it_was_written_and_answers_are_rounded(
    tmp_path: Path,
) -> None:
    steps = "{third: {is: a / 3, decimals: 2}, nine: {is: third * 9, decimals: 1}}"
    draw, ask = "[{names: [a], one_of: [1, 2]}]", "Compute << a >>."
    exam = load_one(tmp_path, one_part(draw, "{a: 1}", ask, steps))
    [problem] = exam.problems
    solution = reference(exam)["1"]
    assert solution.answers["1.1"] == {"third": "0.33", "nine": "3.0"}
    found = follow(problem, solution.values, {"third": Fraction("0.3333")})
    assert (found["nine"].printed, found["nine"].status) == ("3.0", "same")
    found = follow(problem, solution.values, {"third": Fraction("0.34")})
    assert (found["nine"].printed, found["nine"].status) == ("3.1", "follow-through")


def test_a_step_without_a_value_says_why_and_so_do_those_after_it(tmp_path: Path) -> None:
    steps = "{first: a - 5, half: 6 / first, last: half + 1}"
    draw, ask = "[{names: [a], one_of: [2, 3]}]", "Compute << a >>."
    exam = load_one(tmp_path, one_part(draw, "{a: 2}", ask, steps))
    found = follow(exam.problems[0], reference(exam)["1"].values, {"first": Fraction(0)})
    assert [(it.value, it.status) for it in found.values()] == [(None, "trivial")] * 2
    assert all("division" in it.lost[0] for it in found.values())


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("1 == 2", "follow-through"),
        ("out == 0", "trivial"),
        ("out > 0", "follow-through"),
        ("1/out > 0", "trivial"),  # it has no value, so the rule decides
    ],
)
def test_the_rubric_says_what_is_trivial(tmp_path: Path, condition: str, status: str) -> None:
    steps = "{unit: relu(a), out: 2 * unit}"
    draw, ask = "[{names: [a], one_of: [2, 3]}]", "Compute << a >>."
    text = one_part(draw, "{a: 2}", ask, steps).replace(
        "{points: 2, step: unit}", f'{{points: 2, step: out, trivial: "{condition}"}}'
    )
    exam = load_one(tmp_path, text)
    found = follow(exam.problems[0], reference(exam)["1"].values, {"unit": Fraction(0)})
    assert found["out"].status == status


def test_a_trivial_condition_is_checked(tmp_path: Path) -> None:
    draw, ask = "[{names: [a], one_of: [2, 3]}]", "Compute << a >>."
    text = one_part(draw, "{a: 2}", ask, "{out: 2 * a}").replace(
        "{points: 2, step: out}", '{points: 2, for: "x", trivial: "nowhere == 0"}'
    )
    with pytest.raises(InputError) as caught:
        load_one(tmp_path, text)
    assert "nowhere is neither drawn nor a step" in str(caught.value)
    assert "expected beside step" in str(caught.value)


# --- what was written -----------------------------------------------------------------------------


def test_tells_a_new_error_from_one_that_follows(exam: Exam) -> None:
    problem, solutions = find(exam, "3"), reference(exam)
    pairs = ["h1=3", "h2=-0.5", "h3=3", "o1=0.5", "o2=-1.5", "mse=9"]
    _, written = read_pairs(exam, solutions, pairs)
    found = follow_through(problem, solutions["3"], written)
    assert {it.step: it.verdict for it in found.written} == {
        "h1": "wrong",
        "h2": "right",
        "h3": "follow-through",
        "o1": "follow-through",
        "o2": "as in the key",
        "mse": "wrong",
    }


def test_recognizes_the_fallback(exam: Exam) -> None:
    problem, solutions = find(exam, "3"), reference(exam)
    written = {"o1": Fraction(2), "o2": Fraction(1, 2)}
    [alike] = follow_through(problem, solutions["3"], written).alike
    assert (alike.origin, alike.part) == ("printed fallback", "3.2")
    assert not follow_through(problem, solutions["3"], {"o1": Fraction(0)}).alike


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        # By hand with o1 = 2, o2 = 0.5, targets 1 and 0.5: L = 0.5; d_h3 = 0.5 + 0; the factor -1.
        ({"mse": "0.5"}, {"mse": "fallback"}),
        ({"o1": "3", "mse": "0.5"}, {"o1": "wrong", "mse": "fallback"}),
        ({"h1": "3", "grad_w21": "-0.5"}, {"h1": "wrong", "grad_w21": "fallback"}),
        # Wrong after the fallback, and what follows from that.
        ({"grad_w21": "7", "w21_new": "-0.2"}, {"grad_w21": "wrong", "w21_new": "follow-through"}),
        ({"d_h3": "9", "grad_w21": "-9"}, {"d_h3": "wrong", "grad_w21": "follow-through"}),
        ({"mse": "7"}, {"mse": "wrong"}),
    ],
)
def test_what_follows_from_the_fallback_counts(
    exam: Exam, written: dict[str, str], expected: dict[str, str]
) -> None:
    own = find(exam, "3")
    values = {name: Fraction(text) for name, text in written.items()}
    found = follow_through(own, solve_problem(own, reference_draw(own)), values)
    assert {it.step: it.verdict for it in found.written} == expected


@pytest.mark.parametrize(
    ("text", "comma", "value"),
    [
        ("3.5", False, "7/2"),
        (" \u22121.5 ", False, "-3/2"),
        ("3,5", True, "7/2"),
        ("3.5", True, "7/2"),
        ("-1/3", False, "-1/3"),
        ("1,5/3", True, "1/2"),
        ("1.234,5", True, "2469/2"),
        ("-1.234.567", True, "-1234567"),
        ("1,234.50", False, "2469/2"),
    ],
)
def test_reads_numbers_as_they_are_written(text: str, comma: bool, value: str) -> None:
    assert read_written(text, comma=comma) == Fraction(value)


MEASURED = [
    ("23.400,00 €", "", "1", "23400"),
    ("EUR 4.284,00", "", "1", "4284"),
    ("−€3,50", "", "1", "-7/2"),
    ("23.400,– €", "", "20000", "23400"),
    ("12 €", "€", "1", "12"),
    ("3 %", "", "0.03", "3/100"),
    ("35,5 %", "", "36", "71/2"),
    ("35,5 %", r"\,\%", "36", "71/2"),
    ("3/4 m", r"\mathrm{m}", "1", "3/4"),
    ("2,5 kV", r"\mathrm{V}", "1", "2500"),
    ("5 kg·m/s", r"\,\mathrm{kg\,m/s}", "1", "5"),
    ("90 °", "{}^{\\circ}", "1", "90"),
    ("1,5 Stück", r"\text{Stück}", "1", "3/2"),
]


@pytest.mark.parametrize(("text", "unit", "key", "value"), MEASURED)
def test_units_and_currencies_are_read_as_they_are_written(
    text: str, unit: str, key: str, value: str
) -> None:
    assert read_value(text, Fraction(key), True, unit) == Fraction(value)


FORMED = [
    ("1,5 · 10^3", "scientific", "1", "1500"),
    ("1,5×10⁻³", "scientific", "1", "3/2000"),
    ("-10^2", "decimal", "1", "-100"),
    ("1 1/2", "mixed", "1", "3/2"),
    ("−2 3/4", "mixed", "1", "-11/4"),
    ("1010", "binary", "10", "10"),
    ("0x1f", "hexadecimal", "31", "31"),
    ("-1F₁₆", "hexadecimal", "31", "-31"),
    ("FF 00", "hexadecimal", "31", "65280"),
    ("17_8", "octal", "15", "15"),
    ("35", "percent", "0.35", "7/20"),
    ("0,35", "percent", "0.35", "7/20"),
    ("12 kr", "currency", "12", "12"),
]


@pytest.mark.parametrize(("text", "kind", "key", "value"), FORMED)
def test_results_are_read_in_the_form_in_which_they_are_printed(
    text: str, kind: FormKind, key: str, value: str
) -> None:
    form = Form(kind, symbol="kr")
    assert read_value(text, Fraction(key), True, "", form) == Fraction(value)


@pytest.mark.parametrize(("text", "kind"), [("102", "binary"), ("x", "octal"), ("1,5", "binary")])
def test_digits_of_another_base_are_refused(text: str, kind: FormKind) -> None:
    with pytest.raises(NumberError, match="base"):
        read_value(text, Fraction(1), True, "", Form(kind))


@pytest.mark.parametrize(
    ("text", "unit"), [("3 m", ""), ("3 s", r"\mathrm{m}"), ("3 €", r"\mathrm{m}"), ("x €", "")]
)
def test_another_unit_is_refused(text: str, unit: str) -> None:
    with pytest.raises(NumberError, match=r"unit|no number"):
        read_value(text, Fraction(1), True, unit)


def test_one_group_is_of_thousands_where_the_key_has_some() -> None:
    assert read_value("7.400", Fraction(7350), comma=True) == 7400
    assert read_value("7.400", Fraction(7), comma=True) == Fraction("7.4")


@pytest.mark.parametrize(
    ("text", "comma", "real", "imaginary"),
    [
        ("1+2i", False, "1", "2"),
        ("-i", False, "0", "-1"),
        ("1/2 - 0,5j", True, "1/2", "-1/2"),
        ("\u22122\u22123i", False, "-2", "-3"),
        ("1e-3+2e-2i", False, "1/1000", "1/50"),
        ("3", False, "3", "0"),
    ],
)
def test_reads_complex_numbers(text: str, comma: bool, real: str, imaginary: str) -> None:
    found = read_complex(text, comma=comma)
    expected = Complex(Fraction(real), Fraction(imaginary))
    assert found == (expected if expected.imaginary else expected.real)


@pytest.mark.parametrize("text", ["1+2", "i2", "1+2i+3", "", "2ii", "1,5+i"])
def test_what_is_no_complex_number_is_refused(text: str) -> None:
    with pytest.raises(NumberError):
        read_complex(text)


@pytest.mark.parametrize(
    ("text", "comma"),
    [
        ("3,5", False),
        ("1.23,5", True),
        ("1,234", False),
        ("x", False),
        ("", True),
        ("1/0", False),
        ("1/2/3", True),
    ],
)
def test_what_is_no_number_is_refused(text: str, comma: bool) -> None:
    with pytest.raises(NumberError, match="no number"):
        read_written(text, comma=comma)


@pytest.mark.parametrize("code", ["E0312", "E0743", "E0011", "E0312.1", "E0312.12"])
def test_reads_codes_however_they_are_typed(code: str) -> None:
    check = check_character(code)
    typed = [code, f"{code}-{check}", f"{code}{check}", f" {code.lower()} {check.lower()}"]
    typed += [code.replace("0", "O"), code.replace("1", "I"), f"{code}\u2013{check}"]
    typed += [f"some-exam-{code}-17", f"SOME-EXAM-{code}-17-ABCDEFGH", f"some-exam-{code}-4 KEY"]
    assert {read_copy_code(text, 4, "some-exam") for text in typed} == {code}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("E0312-Z", "not the check character"),
        ("E312", "no copy code"),
        ("E03125", "not the check character"),
        ("other-E0312-4", "a page of other"),
        ("", "no copy code"),
    ],
)
def test_wrong_codes_say_what_is_wrong(text: str, reason: str) -> None:
    with pytest.raises(CodeError, match=reason):
        read_copy_code(text, 4, "some-exam")


# --- the command ----------------------------------------------------------------------------------


def ask(tmp_path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["follow-through", "--out", str(tmp_path), *arguments])


def test_the_command_answers_as_json(tmp_path: Path) -> None:
    done = ask(tmp_path, "EO743-4", "h1=3", "--json")
    assert done.exit_code == 0
    data = json.loads(done.stdout)
    assert data["code"] == "E0743"
    assert data["given"] == {"h1": "3"}
    assert data["values"]["o1"] == {"value": "0.5", "status": "follow-through"}
    # With w12 and w21 interchanged, h1 is 3, too.
    [like] = data["looks_like"]
    assert (like["part"], like["origin"], like["earns"]) == ("3.1", "mistake", "2")
    assert set(data) == {"code", "given", "values", "looks_like"}
    assert "7:h1=3" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["E0743-5", "h1=3"], "not the check character"),
        (["E0001", "h1=3"], "no batch was built there"),
        (["E0743", "h9=3"], "there is no step h9"),
        (["E0743", "mes=3"], "did you mean mse?"),
        (["E0743", "i1=3"], "i1 is drawn and stands on the paper (2.0)"),
        (["E0743", "h1=3,5"], "'3,5' is no number"),
        (["E0743", "h1"], "expected STEP=VALUE"),
        (["E0743"], "nothing was given"),
        (["E0743", "h1=1", "h1=2"], "h1 is there twice"),
        (["E0743", "mse=1", "parameters=2"], "steps of different problems"),
        (["E0743", "9:h1=1"], "there is no problem 9"),
    ],
)
def test_the_command_says_what_is_wrong(tmp_path: Path, arguments: list[str], says: str) -> None:
    done = ask(tmp_path, *arguments)
    assert done.exit_code == 2
    assert says in done.stderr
    assert not done.stdout


def test_a_value_within_the_tolerance_is_right(tmp_path: Path) -> None:
    steps = "{third: {is: a / 3, decimals: 2, accept: 0.05}, nine: {is: third * 9, accept: 0.5}}"
    draw, question = "[{names: [a], one_of: [1, 2]}]", "Compute << a >>."
    exam = load_one(tmp_path, one_part(draw, "{a: 1}", question, steps))
    [problem], solution = exam.problems, reference(exam)["1"]

    def verdicts(**written: str) -> list[str]:
        values = {name: Fraction(text) for name, text in written.items()}
        return [it.verdict for it in follow_through(problem, solution, values).written]

    assert verdicts(third="0.36") == ["right"]
    assert verdicts(third="0.39") == ["wrong"]
    assert verdicts(third="0.4", nine="3.9") == ["wrong", "follow-through"]
    assert verdicts(third="0.4", nine="4.2") == ["wrong", "wrong"]


def test_correctors_are_told_in_the_language_of_the_exam(exam: Exam) -> None:
    problem = find(exam, "3")
    solution = solve_problem(problem, reference_draw(problem))
    german = Conventions(language="de")
    written = {"h1": Fraction(5, 2), "grad_w21": Fraction(3, 2)}
    text = "\n".join(lines("E0743", follow_through(problem, solution, written), german))
    assert text.startswith("E0743, Aufgabe 3\nTeil  da steht")
    assert "2,5" in text
    assert "2.5" not in text
    assert "folgt daraus" in text
    result = Found("3.1", "h1", Fraction(5, 2), "2.5", "mistake", 0)
    found = [CopyMatch("E0001", Seating("HS 1", "A 3"), (result,), 2)]
    text = "\n".join(lookup_lines("3.1", "h1", "2.5", found, 10, german))
    assert "h1 = 2,5 (3.1) steht in den Lösungen von 1 der 10 Exemplare:" in text
    assert "Fehler (3.1) [HS 1 A 3, 2 Plätze entfernt]" in text
    assert "kein Beweis" in text
    assert "steht in keiner Lösung" in next(lookup_lines("3.1", "h1", "2.5", [], 10, german))


def test_one_copy_a_line_is_answered_and_what_is_wrong_is_said(tmp_path: Path) -> None:
    typed = "E0743 h1=3\n\nE0744 h1=3\nE0743-4 h1=x\nE0743 mse=1\n"
    done = CliRunner().invoke(main, ["follow-through", "--out", str(tmp_path), "-"], input=typed)
    assert done.exit_code == 0
    assert done.stdout.count("E0743, problem 3") == 2
    assert "follows (earns 0.5)" in done.stdout
    assert "E0744" in done.stderr
    assert "'x' is no number" in done.stderr
