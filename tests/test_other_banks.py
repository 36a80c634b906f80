"""Banks as lecturers of other subjects write them: what is good builds, what is not is refused."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest
from one_problem import HEAD, load_one, one_part, write_one
from probe_bank import DRAW, probe, question
from test_ink import ROSTER

from generator.bank.read.exam_file import read_bank
from generator.bank.template import TextError, check_tex
from generator.commands.check import check_exam
from generator.compose.places import COVER, complain_of
from generator.correct.sheet_template import _digits
from generator.errors import InputError
from generator.files.program import FIGURES
from generator.solve.printed import set_by_itself, shown, tex
from generator.typeset.preparation import prepare_press
from generator.typeset.survey import key_snippets
from generator.verify.tokens import first_missing
from generator.verify.visible import segments

KINDS = r"""
id: "1"
title: Many subjects
points: 9
constants: {G: 6.674e-11}
symbols: {D_day: 'D_{\mathrm{Tag}}'}
draw:
  - {names: [tone], one_of: ["c'", "e♭'", "f♯'"]}
  - {names: [p, q], one_of: [1/2, 1/3, 3/4], distinct: true}
  - {names: [mass], one_of: [1.99e30, 5.97e24], form: scientific, unit: kg}
  - {names: [m], from: -3, to: 3, except: [0]}
  - {names: [n], from: 12, to: 60, count: 3}
reference: {tone: "c'", p: 1/2, q: 3/4, mass: 5.97e24, m: 2, n: [20, 30, 25]}
parts:
  - id: "1.1"
    points: 2
    space: 30 mm
    ask: |
      Which triad stands on << tone >> (♯, ♭, ♮)? Describe the sounds [ʃ], [ŋ], [ə] and [ˈaː].
      Is it H⁺ + OH⁻ ⇌ H₂O, CₙH₂ₙ₊₂, SO₄²⁻?
    answer: A third and a fifth above << tone >>, $a_{\text{if $x^2$}}$ ✓.
    rubric: [{points: 2, for: 'Triad, $\text{if $x^2$}$'}]
  - id: "1.2"
    points: 3
    space: 60 mm
    ask: |
      Let $p = << p >>$, $q = << q >>$, $M = << mass >>$, $m = << m >>$, $n = << n | list >>$.
      Is $\notin$ $\mapsto << m >>$, $\models$ $\ne << m >>$ and $\iff$ $\Longrightarrow << m >>$?
    steps:
      total: {is: p + q, form: fraction}
      force: {is: G*mass, significant: 3, form: scientific}
      L_rel: {is: 10**(0.4*(4.83 - m)), significant: 3}
      share: {is: "n[0]/sum(n)", decimals: 3}
      D_day: 3*m
      E_SI: {is: 1.2*m**2, unit: MJ}
      verdict: "'übermäßig' if m > 0 else 'Präadipositas'"
    results: [D_day]
    rubric: [{points: 3, step: total}]
  - id: "1.3"
    points: 4
    ask: In which order does it proceed?
    order:
      steps:
        - >
          The first of the steps is one that takes more than a line to say, since it is said with
          so many words that nobody reads it to its end.
        - >
          The second of the steps is one that takes more than a line to say, since it is said with
          so many words that nobody reads it to its end.
        - Then it is over.
      wrong: [[2, 1, 3], [1, 3, 2], [3, 2, 1], [3, 1, 2]]
    reference_order:
      labels: [C, A, B]
      options: [[C, A, B], [A, C, B], [C, B, A], [B, A, C]]
"""


@pytest.mark.slow
def test_what_lecturers_write_is_set_and_read_back_with_its_cards(tmp_path: Path) -> None:
    exam = write_one(tmp_path, KINDS)
    exam.write_text(exam.read_text().replace("credits: 2", "credits: 9"))
    roster = tmp_path / "roster.csv"
    roster.write_text(ROSTER)
    assert check_exam(exam, roster, tmp_path / "out", 60, 1).errors == ()


def test_fractions_of_a_list_are_numbers_and_printed_as_such(tmp_path: Path) -> None:
    draw = "[{names: [p], one_of: [1/2, 2/3]}, {names: [s], from: 1/4, to: 1, step: 1/4}]"
    problem = one_part(draw, "{p: 2/3, s: 3/4}", "Add << p >> and << s >>.", "{z: 12*p + 4*s}")
    (own,) = load_one(tmp_path, problem).problems
    assert own.variables["p"].members == (Fraction(1, 2), Fraction(2, 3))
    assert own.variables["s"].members[2] == Fraction(3, 4)
    assert r"\frac{2}{3}" in tex(own, "p", Fraction(2, 3))
    assert r"\frac{3}{4}" in tex(own, "s", Fraction(3, 4))


def test_a_fraction_in_quotes_is_a_text(tmp_path: Path) -> None:
    draw = "[{names: [p], one_of: ['3/4', '6/8']}, {names: [z0], from: 1, to: 9}]"
    problem = one_part(draw, "{p: '3/4', z0: 1}", "In << p >> of << z0 >>?", "{z: 2*z0}")
    (own,) = load_one(tmp_path, problem).problems
    assert own.variables["p"].members == ("3/4", "6/8")


def test_a_fraction_that_is_there_twice_may_be_a_text(tmp_path: Path) -> None:
    draw = "[{names: [p], one_of: [3/4, 6/8]}]"
    with pytest.raises(InputError, match=r"is there twice.*quotes make a text of it, as in '6/8'"):
        load_one(tmp_path, one_part(draw, "{p: 3/4}", "In << p >>?", "{z: 2*p}"))


GAPS_ALONE = """
id: "1"
title: Gaps
points: 2
parts:
  - id: "1.1"
    points: 2
    ask: The thing is << gap.handed >> over.
    gaps: {handed: handed}
    rubric: [{points: 2, for: Handed}]
"""


def test_what_belongs_into_gaps_is_a_solution(tmp_path: Path) -> None:
    (part,) = load_one(tmp_path, GAPS_ALONE).problems[0].parts
    assert [gap.name for gap in part.gaps] == ["handed"]


def test_a_picture_of_one_node_is_the_image_in_it(tmp_path: Path) -> None:
    (tmp_path / "own.tex").write_text(
        "\\begin{tikzpicture} % one image\n\\useasboundingbox (0,0) rectangle (4,3);\n"
        "\\node at (2,1) {\\includegraphics[width=2.5cm]{figures/dot.svg}};\n\\end{tikzpicture}\n"
    )
    (tmp_path / "dot.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">'
        '<rect width="9" height="9"/></svg>'
    )
    problem = question("What is << a >>, << b >>?").replace(
        "    steps:", "    figure: {name: own}\n    steps:"
    )
    (figure,) = load_one(tmp_path, problem).problems[0].figures()
    assert figure.is_image
    assert (figure.name, figure.width_mm) == ("dot.svg", 25)


def test_a_unit_may_be_read_right_behind_its_number() -> None:
    assert first_missing(["7.2", "14"], "E 7\n.2MJ v 14m") is None
    assert first_missing(["7.2"], "E 7.25MJ") == "7.2"


def test_signs_of_parts_in_a_row_are_read_in_any_order() -> None:
    assert next(it.pieces for it in segments(r"$a \doteq \mapsto \x b$")) == ("a",)
    (whole,) = segments(r"$a \doteq b \mapsto c$")
    assert "".join(whole.pieces) == "a.=b7c"


def test_a_number_with_many_digits_is_short_on_a_sheet(tmp_path: Path) -> None:
    exam = load_one(
        tmp_path, one_part("[{names: [a], from: 1, to: 9}]", "{a: 1}", "<< a >>", "{z: 2*a}")
    )
    assert _digits(exam, "1990000000000000000000000000000") == "1.99e30"
    assert _digits(exam, "-0.00000000000000000000123") == "-1.23e-21"
    assert _digits(exam, "0.00000000006674") == "0.00000000006674"


def test_a_build_refuses_what_nobody_can_see(tmp_path: Path) -> None:
    text = r"\textcolor{white}{Weiß} and << a >> and << b >>."
    exam = probe(tmp_path / "bank", question(text))
    with pytest.raises(InputError) as refused:
        prepare_press(exam, tmp_path / "cache")
    (complaint,) = refused.value.problems
    assert complaint.line > 0
    assert "'Weiß' cannot be seen" in complaint.message


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        (r"a \begin{itemize} b", 2),
        (r"a \end{itemize}", 2),
        (r"\begin{a}\begin{b}\end{a}\end{b}", 18),
        (r"\begin{a} x \\[2mm] y\\\begin{b}\end{b}\end{a}", None),
        (r"a $x$ and $y", 10),
        (r"\$5 or \\$\text{$x$}$ $$y$$ <% if a %>$x<% else %>$y<% endif %>$", None),
    ],
)
def test_environments_and_formulas_are_closed(text: str, offset: int | None) -> None:
    if offset is None:
        check_tex(text)
        return
    with pytest.raises(TextError) as refused:
        check_tex(text)
    assert refused.value.offset == offset


def test_what_follows_on_the_cover_is_not_said(tmp_path: Path) -> None:
    exam = probe(tmp_path / "bank", question(r"\begingroup << a >> and << b >>."))
    with pytest.raises(InputError) as refused:
        prepare_press(exam, tmp_path / "cache")
    assert {Path(it.file).name for it in refused.value.problems} == {"problem-1.yaml"}


def test_a_cover_that_is_too_high_is_said_at_its_longest_text(tmp_path: Path) -> None:
    exam = load_one(
        tmp_path, one_part("[{names: [a], from: 1, to: 9}]", "{a: 1}", "<< a >>", "{z: 2*a}")
    )
    long = "Prof. Dr. Maximiliane Mustermann-Schmidtlein, " * 7
    file = write_one(
        tmp_path, (tmp_path / "problem-1.yaml").read_text(), f"second_examiner: {long}"
    )
    exam = read_bank(file, FIGURES).exam
    assert exam is not None
    complaint = complain_of(exam, COVER, "page 1 is 33 mm too high")
    lines = file.read_text().splitlines()
    assert lines[complaint.line - 1].startswith("second_examiner")


FIGURE = r"""\begin{tikzpicture}
  \useasboundingbox (0,0) rectangle (4,1); % 中
  \node {%s};
\end{tikzpicture}
"""


@pytest.mark.parametrize(("label", "wrong"), [("Москва λόγος ʃ", False), ("中", True)])
def test_letters_in_figures_are_looked_for(label: str, wrong: bool, tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "own.tex").write_text(FIGURE.replace("%s", label), "utf-8")
    problem = question("What is << a >>, << b >>?", DRAW).replace(
        "    steps:", "    figure: {name: own}\n    steps:"
    )
    found = read_bank(write_one(tmp_path, problem), FIGURES)
    if wrong:
        (complaint,) = found.complaints
        assert complaint.file.endswith("own.tex")
        assert (complaint.line, complaint.column) == (3, 10)
    else:
        assert found.complaints == ()
        assert found.exam is not None
        assert set("Москваλόγоςʃ") - set("о") <= set(found.exam.letters) | set("о")


def test_members_of_a_list_are_terms_of_a_sum(tmp_path: Path) -> None:
    problem = one_part(
        "[{names: [c], from: -3, to: 3, count: 3}]",
        "{c: [1, -1, 2]}",
        "Let $p(x) = << +c[0] >>x^2 << +c[1] >>x << +c[2] >>$.",
        "{z: sum(c)}",
    )
    (own,) = load_one(tmp_path, problem).problems
    said = own.parts[0].ask.render(shown(own, own.reference_values))
    assert "p(x) = x^2 - x + \\ensuremath{2}" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("50 %", "TeX ignores the line from % on"),
        ("a_b", "_ stands for something else there; write \\_, or a formula between $ and $"),
        ("R&D", "& stands for something else there"),
        ("{x", "this { is never closed"),
        ("$x_1$ and R\\&D", ""),
        ("\\land", ""),
    ],
)
def test_a_text_of_a_step_is_tex(text: str, said: str, tmp_path: Path) -> None:
    step = f"{{z: \"'{text}' if n > 4 else 'no'\"}}".replace("\\", "\\\\")
    problem = one_part("[{names: [n], from: 2, to: 9}]", "{n: 3}", "Is << n >>?", step)
    if said:
        with pytest.raises(InputError, match=re.escape(f"the result {text!r} is TeX: {said}")):
            load_one(tmp_path, problem)
    else:
        load_one(tmp_path, problem)


def test_words_in_a_list_are_text_and_texts_of_formulas_are_formulas(tmp_path: Path) -> None:
    steps = "{f: {is: \"'x^2' if n > 4 else '1'\", working: true}, z: \"['R\\\\&D', 'B']\"}"
    ask = "Is $<< f >>$?"
    (own,) = load_one(
        tmp_path, one_part("[{names: [n], from: 2, to: 9}]", "{n: 3}", ask, steps)
    ).problems
    assert tex(own, "z", ("R\\&D", "B")) == r"\ensuremath{(\text{R\&D}, B)}"
    assert set_by_itself(own, "f", "x^2") == r"\ensuremath{x^2}"
    assert set_by_itself(own, "z", "x^2") == "x^2"


def test_each_branch_of_a_formula_is_surveyed_by_itself(tmp_path: Path) -> None:
    step = '{z: "n if n > 4 else floor(n/2)"}'
    exam = load_one(
        tmp_path, one_part("[{names: [n], from: 2, to: 9}]", "{n: 5}", "Is << n >>?", step)
    )
    assert any(
        r"$\left\lfloor \frac{8}{2} \right\rfloor$" in it.text.source for it in key_snippets(exam)
    )


@pytest.mark.parametrize(
    ("members", "rows"), [("from: 10, to: 99", 1), ("from: 1000000, to: 9999999, step: 1000", 2)]
)
def test_a_table_is_no_wider_than_its_line(members: str, rows: int, tmp_path: Path) -> None:
    members = members.replace("9999999", "9999000")
    low = 10 if rows == 1 else 1000000
    draw, reference = f"[{{names: [x], {members}, count: 12}}]", f"{{x: {[low] * 12}}}"
    problem = one_part(draw, reference, "<< x | table >>", "{z: sum(x)}")
    (own,) = load_one(tmp_path, problem).problems
    table = shown(own, own.reference_values)["x"].forms["table"]
    assert table.count(r"\\ \hline") == rows


def test_yes_is_no_truth(tmp_path: Path) -> None:
    options = "options: [{correct: yes, say: A}, {correct: false, say: B}]"
    problem = f'{HEAD}parts: [{{id: "1.1", points: 2, ask: "Which?", {options}}}]\n'
    with pytest.raises(InputError, match="expected true, false or a condition, got 'yes'"):
        load_one(tmp_path, problem)
