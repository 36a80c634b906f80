"""Warnings of what is computed and printed without a word."""

from __future__ import annotations

from pathlib import Path

import pytest
from probe_bank import DRAW, probe, question

from generator.commands.lint import lint
from generator.commands.stress import stress_problem


def warned(folder: Path, problem: str) -> list[tuple[int, str]]:
    exam = probe(folder, problem)
    stress = stress_problem(exam, exam.problems[0], range(300))
    assert not stress.broken
    return [(it.line, it.message) for it in lint(exam.problems[0], stress, None)]


@pytest.mark.parametrize(
    ("ask", "steps", "said"),
    [
        ("Add << a >> to << b >>.", "z: {is: a/2 + b, decimals: 0}", "middle of two rounded"),
        ("Add << a >> to << b >>.", "z: {is: (a + b)/200, significant: 1}", "middle of two"),
        (
            "Divide << a >> by << b >>.",
            "y: {is: b/a, decimals: 1}\n      z: {is: 1000*y, decimals: 0}",
            "because y is rounded before",
        ),
        ("Compute $<< a >> + << c >>x << b >>$.", "z: a + b + c", "a + or - stands before a neg"),
        ("Compute $<< a >> + << c >>x << b >>$.", "z: a + b + c", "a factor 1 is printed before"),
        ("How large is $|<< c >>|$, $|<< a >> - << b >>|$?", "z: a + b + c", "a bar stands before"),
        ("At << a >>:<< b >>.", "z: a*60 + b", "behind a colon"),
        ("At << a >>.<< b >> Uhr", "z: a*60 + b", "a point or a comma stands between"),
        ("The code is << a >>,<< b >>.", "z: a*60 + b", "a point or a comma stands between"),
        ("$<< a >> << b >>$", "z: a*60 + b", "two numbers stand side by side"),
        ("<% if a > 30 %><< b >><% endif %>", "z: a*60 + b", "a text is empty"),
        ("Room << a >><< b >>", "z: a*60 + b", "two numbers stand side by side"),
        ("Solve $3 << a >> = << b >>$.", "z: a*60 + b", "a digit and a number stand side"),
        ("$<< c >>^2 + << a >><< b >>$", "z: a + b + c", "a negative number has an exponent"),
        (r"$<< a >>\cdot << c >> << b >>$", "z: a + b + c", "behind a sign of multiplication"),
        ("Add << a >> to << b >>.", "z: round(a/8, 2) + b", "middle of two rounded"),
        ("Add << a >> to << b >>.", "z: {is: exp(log(a/8)), decimals: 2}", "middle of two"),
    ],
)
def test_silent_readings_are_said(ask: str, steps: str, said: str, tmp_path: Path) -> None:
    draw = DRAW
    if "<< c >>" in ask:
        draw = DRAW.replace("reference: {", "  - {names: [c], from: -2, to: 2}\nreference: {c: 2, ")
    problem = question(ask, draw, steps)
    ((line, _), *_) = [it for it in warned(tmp_path, problem) if said in it[1]]
    name = "y:" if "y is rounded" in said else "z:"
    there = problem.splitlines()[line - 1]
    assert there.strip().startswith(name) or there.strip() == ask


@pytest.mark.parametrize(
    ("ask", "steps"),
    [
        ("Add << a >> to << b >>.", "z: {is: a/3 + b, decimals: 1}"),
        ("Half << a >>, << b >>.", "z: {is: a/2 + b, decimals: 0, ties: half_up}"),
        ("Half << a >>, << b >>.", "z: {is: a/2 + b, decimals: 0, accept: either rounding}"),
        ("At << a >>:<% if b < 10 %>0<% endif %><< b >>.", "z: a*60 + b"),
        ("Compute $<< a >> - << b >>x$ and $2^{-<< b >>}$.", "z: a*60 + b"),
        ("On << a >>.<< b >>.2030, $(<< a >>,<< b >>)$, $<< b >>^2$", "z: a*60 + b"),
        (r"$\left|-<< a >>\right| \lvert << b >>\rvert$, $|<< a >>|$", "z: a*60 + b"),
        (r"$\frac{<< a >>}{<< b >>}$, $x^2 << a >>$, $a_1 << b >>$, 0.<< a >>", "z: a*60 + b"),
    ],
)
def test_sound_readings_are_not(ask: str, steps: str, tmp_path: Path) -> None:
    assert warned(tmp_path, question(ask, DRAW, steps)) == []


def test_a_sign_before_a_negative_fraction(tmp_path: Path) -> None:
    draw = DRAW.replace("from: 2, to: 19", "from: -0.5, to: 0.5, step: 0.25, form: fraction")
    problem = question("Compute $<< a >> - << b >>$.", draw.replace("b: 7", "b: -0.5"))
    assert "a + or - stands before a neg" in warned(tmp_path, problem)[0][1]


@pytest.mark.parametrize(
    ("member", "advice"),
    [("'1,5'", "with a point"), ("'1/3'", "without quotes"), (r"'5 \%'", "such as 0.05")],
)
def test_texts_that_look_like_numbers(member: str, advice: str, tmp_path: Path) -> None:
    draw = DRAW.replace("from: 20, to: 60", f"one_of: [{member}, '7']")
    problem = question("Take << a >> and << b >>.", draw.replace("a: 25", "a: '7'"), "z: 3*b")
    ((line, message),) = warned(tmp_path, problem)
    assert line == 6
    assert "is a text, printed as it is, and no number" in message
    assert advice in message


def test_leading_zeros(tmp_path: Path) -> None:
    draw = DRAW.replace("from: 20, to: 60", "one_of: [007, 25, 30]")
    ((line, message), *_) = [
        it for it in warned(tmp_path, question("Add << a >> to << b >>.", draw)) if "007" in it[1]
    ]
    assert (line, message) == (6, '007 is the number 7; for the zeros, write "007"')
