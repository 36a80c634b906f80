"""How a key works out its steps: in full, short, not at all, or as the author writes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from probe_bank import DRAW, HEAD, probe

from generator.bank.exam import Exam
from generator.compose.worked_steps import worked_steps
from generator.draw.draw import reference_draw
from generator.errors import InputError
from generator.expressions import compile_expression
from generator.solve.solve import solve_problem
from generator.typeset.preparation import prepare_press

LONG = "a + b + 1 + 2 + 3 + 4 + 5"


def bank(folder: Path, steps: str, more: str = "", space: str = "45 mm") -> Exam:
    """A question with steps, the last of which is called z."""
    listed = "".join(f"      {line}\n" for line in steps.strip().split("\n"))
    part = (
        f'parts:\n  - id: "1.1"\n    points: 2\n    space: {space}\n    ask: << a >>, << b >>?\n'
        f"{more}    steps:\n{listed}    rubric:\n      - {{points: 2, step: z}}\n"
    )
    return probe(folder, HEAD + DRAW + part)


def lines(exam: Exam) -> list[str]:
    (problem,) = exam.problems
    solution = solve_problem(problem, reference_draw(problem))
    return list(worked_steps(problem, problem.parts[0], solution.values))


def test_steps_are_worked_out_in_full(tmp_path: Path) -> None:
    sums = f"= {LONG} = 25 + 7 + 1 + 2 + 3 + 4 + 5"
    assert lines(bank(tmp_path, f"z: {LONG}")) == [f"$z {sums} = 47$"]


def test_long_sums_have_dots_where_it_is_to_be_short(tmp_path: Path) -> None:
    short = r"$z = a + b + \dots + 5 = 25 + 7 + \dots + 5 = 47$"
    assert lines(bank(tmp_path, f"z: {{is: {LONG}, worked: short}}")) == [short]
    assert lines(bank(tmp_path, f"z: {LONG}", "    worked: short\n")) == [short]
    full = bank(tmp_path, f"z: {{is: {LONG}, worked: full}}", "    worked: short\n")
    assert r"\dots" not in lines(full)[0]


def test_a_problem_may_have_a_form_of_its_own(tmp_path: Path) -> None:
    text = HEAD + "form: fraction\n" + DRAW
    part = (
        'parts:\n  - id: "1.1"\n    points: 2\n    space: 45 mm\n    ask: << a >>, << b >>?\n'
        "    steps: {z: a/b, y: {is: b/4, form: decimal}}\n    rubric: [{points: 2, step: z}]\n"
    )
    exam = probe(tmp_path, text + part)
    assert lines(exam)[0].endswith(r"= \frac{25}{7}$")
    assert lines(exam)[1].endswith("= 1.75$")


@pytest.mark.parametrize(
    ("source", "symbols"),
    [
        ("x1 - x2 + x3 + x4", "x_{1} - x_{2} + x_{3} + x_{4}"),
        ("x1 - x2 + x3 + x4 - x5", r"x_{1} - x_{2} + \dots - x_{5}"),
        ("mean([x1, x2, x3, x4, x5])", r"\frac{x_{1} + x_{2} + \dots + x_{5}}{5}"),
    ],
)
def test_what_has_dots(source: str, symbols: str) -> None:
    assert compile_expression(source).symbolic(short=True) == symbols


def test_only_results_stand_where_it_is_off(tmp_path: Path) -> None:
    steps = "y: {is: a*b, working: true}\nz: y + 1"
    assert lines(bank(tmp_path, steps, "    worked: off\n")) == ["$z = 176$"]
    rounded = "z: {is: a/b, decimals: 2, worked: off}"
    assert lines(bank(tmp_path, rounded)) == [r"$z \approx 3.57$"]


def test_an_author_may_work_it_out(tmp_path: Path) -> None:
    steps = r"z: {is: a*b, worked: 'So $z = << b >> \cdot << a >> = << z >>$.'}"
    (line,) = lines(bank(tmp_path, steps))
    assert line.replace(r"\ensuremath", "") == r"So $z = {7} \cdot {25} = {175}$."
    word = "z: {is: \"'even' if a > 30 else 'odd'\", worked: It is << z >>.}"
    assert lines(bank(tmp_path, word)) == ["It is odd."]


@pytest.mark.parametrize(
    ("steps", "more", "message"),
    [
        ("z: {is: a*b, worked: shrt}", "", "shrt is none of full, short and off"),
        ("z: {is: a*b, worked: 'So << q >>.'}", "", "q is neither"),
        ("z: {is: a*b, worked: 'So {.'}", "", "never closed"),
        ("z: a*b", "    worked: sometimes\n", "expected full, short or off"),
    ],
)
def test_what_is_no_working_is_refused_at_its_line(
    steps: str, more: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(
        InputError, match=rf"problem-1.yaml:1\d:\d+: parts.1.1.*worked: .*{message}"
    ):
        bank(tmp_path, steps, more)


def terms(count: int) -> str:
    return f'z: {{is: "mean([{", ".join(["a + 10000.25"] * count)}])", decimals: 3}}'


def test_what_is_wider_than_its_line_is_made_narrower(tmp_path: Path) -> None:
    prepare_press(bank(tmp_path / "bank", terms(10)), tmp_path / "cache", 2)


def test_what_is_far_too_wide_is_said_at_its_line(tmp_path: Path) -> None:
    wide = bank(tmp_path / "bank", terms(12).replace("a + 10000.25", "a*10000.25 + b*1000.25"))
    with pytest.raises(InputError) as caught:
        prepare_press(wide, tmp_path / "cache", 2)
    assert "problem-1.yaml:15:1: step z: LaTeX says: a worked step is" in str(caught.value)
    assert "shorten it: worked: short, or off" in str(caught.value)
    short = (
        terms(12)
        .replace("a + 10000.25", "a*10000.25 + b*1000.25")
        .replace("3}", "3, worked: short}")
    )
    prepare_press(bank(tmp_path / "short", short), tmp_path / "cache", 2)
