"""Forms of numbers: how they look on paper, in texts and in files."""

from __future__ import annotations

import json
from fractions import Fraction as F
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from one_problem import load_one, one_part
from shipped import question, reference_solutions

from generator.bank.exam import Exam
from generator.bank.template import Shown, read_text
from generator.compose.key_data import key_document
from generator.compose.worked_steps import worked_steps
from generator.errors import InputError
from generator.exact.numbers import NumberError
from generator.language.conventions import Conventions
from generator.language.forms import BASES, Form
from generator.language.units import behind_number, unit_tex
from generator.solve.printed import as_extracted, plain, tex

GERMAN = Conventions(language="de")
ENGLISH = Conventions()


@pytest.mark.parametrize(
    ("form", "value", "plain", "german", "english"),
    [
        (Form(), F(5, 2), "2.5", "2{,}5", "2.5"),
        (Form(digits=2), F(5), "5", "05", "05"),
        (Form(digits=2), F(-5), "-5", "-05", "-05"),
        (Form(thousands=True), F(1234567, 2), "617283.5", "617{.}283{,}5", "617{,}283.5"),
        (Form(thousands=True), F(1234), "1234", "1234", "1234"),
        (
            Form("scientific", significant=3),
            F(602214) * 10**18,
            "602000000000000000000000",
            r"6{,}02 \cdot 10^{23}",
            r"6.02 \cdot 10^{23}",
        ),
        (Form("scientific"), F(-1, 4000), "-0.00025", r"-2{,}5 \cdot 10^{-4}", None),
        (Form("scientific", significant=3), F(9996, 1000), "10.0", r"1{,}00 \cdot 10^{1}", None),
        (Form("scientific"), F(59, 10**21), f"0.{'0' * 19}59", r"5{,}9 \cdot 10^{-20}", None),
        (Form("scientific"), F(0), "0", "0", "0"),
        (Form("scientific"), F(7), "7", "7", "7"),
        (Form("engineering", significant=3), F(47123), "47100", r"47{,}1 \cdot 10^{3}", None),
        (Form("engineering", significant=2), F(1, 2500), "0.00040", r"400 \cdot 10^{-6}", None),
        (Form("fraction"), F(-1, 33), "-1/33", r"-\frac{1}{33}", None),
        (Form("fraction"), F(4, 2), "2", "2", "2"),
        (Form("mixed"), F(-7, 3), "-7/3", r"-2\,\frac{1}{3}", None),
        (Form("mixed"), F(2, 3), "2/3", r"\frac{2}{3}", None),
        (Form("percent"), F(195, 1000), "0.195", r"19{,}5\,\%", r"19.5\,\%"),
        (Form("percent", decimals=3), F(19, 100), "0.190", r"19{,}0\,\%", r"19.0\,\%"),
        (Form("currency"), F(-25, 2), "-12.50", r"-12{,}50\,\text{€}", r"-\text{€}12.50"),
        (Form("binary", digits=8, group=4), F(54), "54", r"\mathrm{0011\,0110}_{2}", None),
        (Form("currency"), F(7400), "7400.00", r"7{.}400{,}00\,\text{€}", r"\text{€}7{,}400.00"),
        (
            Form("currency", thousands=False),
            *(F(7400), "7400.00", r"7400{,}00\,\text{€}", r"\text{€}7400.00"),
        ),
        (
            Form("currency", symbol="CHF"),
            F(-25, 2),
            "-12.50",
            r"-12{,}50\,\mathrm{CHF}",
            r"-\mathrm{CHF}\,12.50",
        ),
        (Form("octal"), F(64), "64", r"\mathrm{100}_{8}", None),
        (Form("hexadecimal"), F(47), "47", r"\mathrm{2F}_{16}", None),
    ],
)
def test_numbers_look_as_their_form_says(
    form: Form, value: F, plain: str, german: str, english: str | None
) -> None:
    assert form.plain(value) == plain
    assert form.math(value, GERMAN) == german
    if english is not None:
        assert form.math(value, ENGLISH) == english


@given(st.fractions(), st.sampled_from(["fraction", "mixed"]))
def test_fractions_read_back(value: F, kind: str) -> None:
    form = Form(kind)  # type: ignore[arg-type]
    whole, _, rest = form.text(value, ENGLISH).rpartition(" ")
    sign = -1 if whole.startswith("-") else 1
    assert F(form.plain(value)) == value
    assert F(whole or 0) + sign * F(rest) == value


@given(st.integers(), st.sampled_from(sorted(BASES)))
def test_digits_of_a_base_read_back(value: int, kind: str) -> None:
    form = Form(kind)  # type: ignore[arg-type]
    index = form.text(F(value), ENGLISH).rstrip("₀₁₂₃₄₅₆₇₈₉")
    assert int(index, BASES[kind]) == value


@given(st.fractions(min_value=-(10**9), max_value=10**9), st.integers(1, 6))
def test_powers_of_ten_read_back(value: F, significant: int) -> None:
    for kind, largest in (("scientific", 10), ("engineering", 1000)):
        form = Form(kind, significant=significant)  # type: ignore[arg-type]
        front, _, power = form.math(value, ENGLISH).partition(r" \cdot 10^")
        exponent = int(power.strip("{}") or 0)
        assert F(front) * F(10) ** exponent == F(form.plain(value))
        assert not value or 1 <= abs(F(front)) < largest


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("-1/33", "-1 33"),
        ("2 1/3", "2 1 3"),
        ("6,02 · 10²³", "6,02 · 10 23"),
        ("2,5 · 10⁻⁴", "2,5 · 10 -4"),
        ("1011 0110₂", "1011 0110 2"),
        ("12,5", "12,5"),
        ("12,50 €", "12,50"),
        ("€12.50", "12.50"),
        ("19 %", "19"),
    ],
)
def test_forms_as_they_come_out_of_a_pdf(text: str, page: str) -> None:
    assert as_extracted(text) == page


def test_what_is_not_whole_has_no_digits_of_another_base() -> None:
    with pytest.raises(NumberError, match="1/2 is not whole"):
        Form("binary").math(F(1, 2), ENGLISH)


# --- in a bank ------------------------------------------------------------------------------------


def german(folder: Path, steps: str, more: str = "") -> Exam:
    draw = (
        "[{names: [h, m], one_of: [5, 9, 12], form: {digits: 2}}, {names: [a, b], from: 2, to: 30}]"
    )
    reference = "{h: 9, m: 5, a: 25, b: 7}"
    ask = "Um << h >>:<< m >>: $<< a >>x + << b >>y = 1$"
    return load_one(folder, one_part(draw, reference, ask, steps), f"language: de\n{more}")


def worked(exam: Exam) -> list[str]:
    (problem,) = exam.problems
    return list(worked_steps(problem, problem.parts[0], reference_solutions(exam)["1"].values))  # type: ignore[arg-type]


def test_time_and_fraction_in_question_key_and_file(tmp_path: Path) -> None:
    exam = german(tmp_path, "{x: {is: 1/(a + b), form: fraction}}")
    solutions = reference_solutions(exam)
    assert question(exam, "1.1", solutions["1"]).startswith(
        r"Um \ensuremath{09}:\ensuremath{05}: $\ensuremath{25}x"
    )
    assert worked(exam) == [
        r"$x = \frac{1}{a + b} = \frac{1}{25 + 7} = \frac{1}{32}$",
    ]
    document = json.loads(json.dumps(key_document(exam, "E0743", "", 1, solutions)))
    part = document["problems"][0]["parts"][0]
    assert document["language"] == "de"
    assert part["given"]["h"] == "9"
    assert part["answers"] == {"x": "1/32"}


def test_worked_steps_have_decimal_commas_and_say_when_they_round(tmp_path: Path) -> None:
    steps = "{z: {is: 'a*1.5 if a > b else 0.5'}, q: {is: a/b, significant: 3, form: scientific}}"
    assert worked(german(tmp_path, steps.replace("{z:", "{z:"))) == [
        r"$z = \begin{cases} a \cdot 1{,}5 & \text{falls } a > b \\ 0{,}5 & \text{sonst} "
        r"\end{cases} = 25 \cdot 1{,}5 = 37{,}5$",
        r"$q = \frac{a}{b} = \frac{25}{7} \approx 3{,}57$",
    ]


def test_the_exam_says_how_all_numbers_look_and_a_name_says_more(tmp_path: Path) -> None:
    steps = "{x: a*10000, y: {is: a*10000, form: {thousands: false}}}"
    exam = german(tmp_path, steps, 'numbers: {thousands: " "}\nform: thousands\n')
    assert worked(exam)[0].endswith(r"= 250\,000$")
    (problem,) = exam.problems
    assert problem.form("y").math(F(250000), problem.conventions) == "250000"


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("form: roman", "expected decimal, scientific, "),
        ("form: {as: binary, digits: 0}", "expected a whole number from 1 to 64, got '0'"),
        ("form: {places: 2}", "unknown key 'places'"),
    ],
)
def test_other_forms_are_refused(tmp_path: Path, step: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        german(tmp_path, f"{{x: {{is: a, {step}}}}}")


@pytest.mark.parametrize(
    ("unit", "tex"),
    [
        ("kΩ", r"\mathrm{k}\Omega"),
        ("m/s²", r"\mathrm{m}/\mathrm{s}^{2}"),
        ("kg·m² s⁻²", r"\mathrm{kg}\,\mathrm{m}^{2}\,\mathrm{s}^{-2}"),
        ("m^2", r"\mathrm{m}^{2}"),
        ("µF", r"\text{µ}\mathrm{F}"),
        ("°C", r"{}^{\circ}\mathrm{C}"),
        ("%", r"\%"),
        (r"\mathrm{mV}", r"\mathrm{mV}"),
    ],
)
def test_units_have_names(unit: str, tex: str) -> None:
    assert unit_tex(unit) == tex


@pytest.mark.parametrize(
    ("unit", "behind"),
    [("°", r"{}^{\circ}"), ("°C", r"\,{}^{\circ}\mathrm{C}"), ("%", r"\,\%"), ("", "")],
)
def test_degrees_of_angles_stand_close(unit: str, behind: str) -> None:
    assert behind_number(unit_tex(unit)) == behind


def test_drawn_numbers_are_printed_with_their_unit_and_computed_with_without(
    tmp_path: Path,
) -> None:
    draw = "[{names: [R], one_of: [2.2, 4.7], unit: kΩ}]"
    problem = one_part(draw, "{R: 2.2}", "<< R >>", "{I: {is: 6/R, significant: 3, unit: mA}}")
    exam = load_one(tmp_path, problem, "language: de\n")
    solution = reference_solutions(exam)["1"]
    assert question(exam, "1.1", solution) == r"\ensuremath{2{,}2\,\mathrm{k}\Omega}"
    assert worked(exam) == [r"$I = \frac{6}{R} = \frac{6}{2{,}2} \approx 2{,}73\,\mathrm{mA}$"]


# --- signed terms ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value", "printed"),
    [
        ("x^2 << +t >>x", 3, r"x^2 + \ensuremath{3}x"),
        ("x^2 << +t >>x", -3, r"x^2 \ensuremath{-3}x"),
        ("x^2 << +t >>x", 1, "x^2 + x"),
        ("x^2 << +t >>x", -1, "x^2 - x"),
        ("x^2 << +t >>x = 0", 0, "x^2  = 0"),
        ("x << +t >>", 1, r"x + \ensuremath{1}"),
        ("x << +t >>$", 0, "x $"),
        (r"x << +t >>\alpha_1^{2}y", 0, "x "),
        (r"x << +t >>\cdot y", 0, r"x + \ensuremath{0}\cdot y"),
        ("x << +t >>y << +t >>z", -1, "x - y - z"),
        ("$f = << +t >>x << +t >>y$", 1, "$f = x + y$"),
        ("$<< +t >>x << +t >>y$", 3, r"$\ensuremath{3}x + \ensuremath{3}y$"),
        ("$f(x) = << +t >>x^2 - 1$", -1, "$f(x) = - x^2 - 1$"),
        ("of $x$ << +t >>", 2, r"of $x$ + \ensuremath{2}"),
    ],
)
def test_terms_have_signs(text: str, value: int, printed: str) -> None:
    shown = {"t": Shown(F(value), rf"\ensuremath{{{value}}}")}
    assert read_text(text).render(shown) == printed


def test_places_of_a_list_are_none_before_a_power_of_ten(tmp_path: Path) -> None:
    """The smallest member has seven places, which the largest is not to show."""
    for kind, printed in (("engineering", r"47 \cdot 10^{3}"), ("scientific", r"4.7 \cdot 10^{4}")):
        draw = f"[{{names: [f], one_of: [47000, 0.0000033], form: {kind}}}]"
        text = one_part(draw, "{f: 47000}", "<< f >>", "{g: 2*f}")
        problem = load_one(tmp_path, text).problems[0]
        assert tex(problem, "f", problem.reference["f"]) == rf"\ensuremath{{{printed}}}"
        assert plain(problem, "f", problem.reference["f"]) == "47000"
