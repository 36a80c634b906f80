"""Complex numbers: drawn, computed with, printed."""

from __future__ import annotations

import cmath
import json
from fractions import Fraction as F
from pathlib import Path

import pytest
from one_problem import load_one, one_part

from generator.bank.problem import Problem
from generator.compose.worked_steps import worked_steps
from generator.draw.draw import Dice, Draw, draw_problem
from generator.errors import InputError
from generator.exact.numbers import Complex, Value
from generator.expressions import EvaluationError, compile_expression
from generator.record.copy import Recorded, decode_problems, encode_problems
from generator.record.record import why_inadmissible
from generator.solve.printed import plain, read, tex
from generator.solve.solve import solve_problem
from generator.verify.tokens import first_missing

Z, W = Complex(F(3), F(-2)), Complex(F(1, 2), F(4))


def as_python(value: Value) -> complex:
    if isinstance(value, Complex):
        return complex(float(value.real), float(value.imaginary))
    assert not isinstance(value, (str, tuple))
    return complex(value)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("z + w", lambda z, w: z + w),
        ("z - w", lambda z, w: z - w),
        ("2 - z", lambda z, w: 2 - z),
        ("z*w", lambda z, w: z * w),
        ("z/w", lambda z, w: z / w),
        ("1/z", lambda z, w: 1 / z),
        ("z**3", lambda z, w: z**3),
        ("z**-2", lambda z, w: z**-2),
        ("-z", lambda z, w: -z),
        ("abs(w)", lambda z, w: abs(w)),
        ("arg(z)", lambda z, w: cmath.phase(z)),
        ("conj(z)", lambda z, w: z.conjugate()),
        ("re(z) + im(w)", lambda z, w: z.real + w.imag),
        ("z*conj(z)", lambda z, w: z * z.conjugate()),
        ("polar(2, 1)", lambda z, w: cmath.rect(2, 1)),
        ("complex(1, 2)*complex(1, -2)", lambda z, w: 5),
        ("sum([z, w, 1])", lambda z, w: z + w + 1),
        ("2*[z, w][1]", lambda z, w: 2 * w),
    ],
)
def test_as_python_has_it(source: str, expected: object) -> None:
    expression = compile_expression(source)
    found = as_python(expression.evaluate({"z": Z, "w": W}))
    assert found == pytest.approx(expected(as_python(Z), as_python(W)))  # type: ignore[operator]
    assert expression.record({"z": Z, "w": W})[0] == expression.evaluate({"z": Z, "w": W})


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("z < w", "needs a real number, not the complex number 3 - 2i"),
        ("sqrt(z)", "needs a real number"),
        ("z/(z - z)", "division by zero"),
        ("z**0.5", "must be a whole number"),
        ("2**z", "is not real"),
        ("max(z, w)", "needs a real number"),
    ],
)
def test_what_has_no_value(source: str, said: str) -> None:
    with pytest.raises(EvaluationError, match=said):
        compile_expression(source).evaluate({"z": Z, "w": W})


def test_an_absolute_value_is_exact_where_it_is_rational() -> None:
    assert compile_expression("abs(complex(3, 4))").evaluate({}) == F(5)
    assert compile_expression("complex(1, 1)*complex(1, -1)").evaluate({}) == F(2)


@pytest.fixture(scope="module")
def problem(tmp_path_factory: pytest.TempPathFactory) -> Problem:
    draw = "[{names: [z, w], complex: true, from: -3, to: 3, except: [0]}]"
    steps = (
        "{product: z*w, ratio: {is: z/w, decimals: 2}, size: {is: abs(z), decimals: 3}, "
        "angle: {is: arg(w), decimals: 3}, mirrored: conj(w)}"
    )
    text = one_part(draw, "{z: [3, -2], w: [-1, 1]}", "Compute $zw$ for << z >>, << w >>.", steps)
    return load_one(tmp_path_factory.mktemp("complex"), text).problems[0]


def test_printed_as_one_writes_it(problem: Problem) -> None:
    values = problem.reference_values
    shown = {name: read(problem, name, values[name]) for name in values}
    assert shown == {
        "z": "3 - 2i",
        "w": "-1 + i",
        "product": "-1 + 5i",
        "ratio": "-2.50 - 0.50i",
        "size": "3.606",
        "angle": "2.356",
        "mirrored": "-1 - i",
    }
    assert tex(problem, "z", values["z"]) == r"\ensuremath{3 - 2\,\mathrm{i}}"
    assert tex(problem, "z", Complex(F(0), F(-1))) == r"\ensuremath{-\mathrm{i}}"
    assert plain(problem, "z", Complex(F(0), F(1, 2))) == "0.5i"


def test_the_worked_solution_has_parentheses(problem: Problem) -> None:
    lines = list(worked_steps(problem, problem.parts[0], problem.reference_values))
    i = r"\,\mathrm{i}"
    assert (
        lines[0]
        == rf"$\mathrm{{product}} = z w = (3 - 2{i}) \cdot (-1 + \mathrm{{i}}) = -1 + 5{i}$"
    )
    assert lines[1].endswith(rf"= \frac{{3 - 2{i}}}{{-1 + \mathrm{{i}}}} = -2.50 - 0.50{i}$")


def test_drawn_recorded_and_known_again(problem: Problem) -> None:
    seen = set()
    for number in range(300):
        draw = draw_problem(problem, Dice(b"k" * 32, "exam", f"E{number}", problem.id, 0))
        seen.add(draw.values["z"])
        recorded = {problem.id: Recorded(draw, {})}
        assert decode_problems(json.loads(encode_problems(recorded)))["1"].draw == draw
        assert why_inadmissible(problem, draw) is None
        assert solve_problem(problem, draw).answers
    assert len(seen) == 36
    wrong = Draw(draw.problem, 0, 0, {**draw.values, "z": Complex(F(9), F(1))}, draw.choices)
    assert "not in its list" in str(why_inadmissible(problem, wrong))


@pytest.mark.parametrize(
    ("draw", "reference", "said"),
    [
        ("complex: true, from: 1, to: 3, count: 2", "[1, 2]", "count has no meaning with complex"),
        ("complex: true, one_of: [a, b]", "[1, 2]", "are numbers, not texts"),
        ("complex: true, from: 1, to: 3", "[1, 7]", "real part, imaginary part"),
        ("complex: true, from: 1, to: 3", "[1]", "real part, imaginary part"),
    ],
)
def test_what_is_wrong(tmp_path: Path, draw: str, reference: str, said: str) -> None:
    text = one_part(f"[{{names: [z], {draw}}}]", f"{{z: {reference}}}", "<< z >>", "{x: re(z)}")
    with pytest.raises(InputError) as caught:
        load_one(tmp_path, text)
    assert any(said in str(it) for it in caught.value.problems), caught.value.problems


def test_a_minus_before_the_imaginary_unit_is_read_on_cards() -> None:
    assert first_missing(["-18 - i", "2"], "\N{MINUS SIGN}18 \N{MINUS SIGN} i 2") is None
    assert first_missing(["-18 - i"], "\N{MINUS SIGN}18 + i") == "-18 - i"
