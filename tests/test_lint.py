"""What many draws of a problem show, and the warnings that follow; each is provoked once."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from generator.bank.exam import Exam
from generator.bank.read.exam_file import load_exam
from generator.commands.check import Checked, check_exam, listings, make_page, show, summary
from generator.commands.lint import fair_share, lint
from generator.commands.stress import Stress, stress_beside, stress_problem
from generator.draw.draw import draw_problem
from generator.draw.fairness import judge, measure, public_dice, show_branches
from generator.errors import Complaint
from generator.solve.solve import solve_problem
from generator.work.progress import Progress

EXAM = """\
id: lint-1
university: University of Lindenau
chair: Chair of Tests
course: Testing
module: T1
title: Endterm
examiner: Prof. Dr. Ada Musterfrau
date: 2023-02-10
start: "18:30"
end: "20:00"
credits: 5
pages: 8
additional_pages: 2
spare_copies: {per_room: 1}
problems: [one.yaml]
"""

SOUND = """\
id: "1"
title: One
points: 5
draw:
  - {names: [a, b], from: 2, to: 19}
  - {names: [mood], one_of: [glad, sad, calm]}
require:
  - a != b
  - total > 8
  - fallback_total != total
reference: {a: 3, b: 7, mood: sad}
parts:
  - id: "1.1"
    points: 2
    space: 40 mm
    ask: |
      Add $a = << a >>$ to $b = << b >>$ in a << mood >> way.
    steps:
      total: a + b
      half: {is: total/2, working: true}
    rubric: [{points: 2, step: total}]
  - id: "1.2"
    points: 2
    space: 40 mm
    ask: |
      Multiply the sum (otherwise, take << fallback.total >>) by $a$. Is it below or above 100?
    fallback: {total: {from: 11, to: 29, step: 2}}
    reference_fallback: {total: 15}
    steps:
      product: total*a
      side: "'below' if product < 100 else 'above'"
    rubric: [{points: 2, step: product}]
  - id: "1.3"
    points: 1
    space: 40 mm
    ask: Why?
    answer: Therefore.
    rubric: [{points: 1, for: Because}]
"""

ALTERNATIVES = """\
  - id: "1.3"
    points: 1
    alternatives:
      - ask: What is $<< a >> + << b >>$?
        space: 40 mm
        steps: {sum1: a + b}
        rubric: [{points: 1, step: sum1}]
      - ask: What is $<< a >> - << b >>$?
        space: 40 mm
        steps: {sum2: a - b}
        rubric: [{points: 1, step: sum2}]
"""
PLAIN = SOUND[SOUND.index('  - id: "1.3"') :]

POOL = """\
id: "1"
title: One
points: 5
kind: choice
parts:
  - id: "1.1"
    points: 5
    ask: Which are right?
    draw: [{names: [n, m], one_of: [2, 3, 4]}]
    reference_values: {n: 2, m: 3}
    reference: [yes1, yes2, no1, no2]
    statements:
      yes1: {correct: true, say: Yes 1, why: So}
      yes2: {correct: true, say: Yes 2, why: So}
      yes3: {correct: true, say: Yes 3, why: So}
      yes4: {correct: true, say: Yes 4, why: So}
      no1: {correct: false, say: No 1, why: So}
      no2: {correct: false, say: No 2, why: So}
      no3: {correct: false, say: No 3, why: So}
      no4: {correct: false, say: No 4, why: So}
    computed:
      sum: {right: n + m, wrong: [n*m, n + m + 1], say: "<< n >> + << m >> = << shown >>", why: So}
"""


def load(folder: Path, *edits: tuple[str, str], text: str = SOUND) -> Exam:
    for old, new in edits:
        assert text.count(old) == 1, (old, text.count(old))
        text = text.replace(old, new)
    (folder / "exam.yaml").write_text(EXAM)
    (folder / "one.yaml").write_text(text)
    return load_exam(folder / "exam.yaml", folder)


def stressed(exam: Exam, draws: int = 300) -> Stress:
    return stress_problem(exam, exam.problems[0], range(draws))


def warnings(
    folder: Path, *edits: tuple[str, str], text: str = SOUND, draws: int = 300, bands: bool = True
) -> list[Complaint]:
    exam = load(folder, *edits, text=text)
    (problem,) = exam.problems
    stress = stressed(exam, draws)
    assert not stress.broken
    measured = judge(problem, measure(problem, range(draws))) if bands else None
    return sorted(lint(problem, stress, measured))


def only(found: list[Complaint]) -> Complaint:
    assert len(found) == 1, found
    return found[0]


# --- What draws show -----------------------------------------------------------------------------


def test_draws_are_counted_as_they_are(tmp_path: Path) -> None:
    exam = load(tmp_path)
    (problem,) = exam.problems
    stress = stressed(exam, 200)
    solutions = [
        solve_problem(problem, draw_problem(problem, public_dice(problem, it))) for it in range(200)
    ]
    totals = Counter(str(it.answers["1.1"]["total"]) for it in solutions)
    assert stress.answers["1.1 total"] == totals
    assert (stress.tried, stress.draws) == (200, 200)
    assert stress.attempts == 200 + sum(it.draw.attempt for it in solutions)
    assert len(stress.variants) == len({str(it.draw.values) for it in solutions})
    # Each condition is asked of the attempts that met the ones before it.
    asked = [stress.asked[it.line, it.column] for it in problem.requires]
    met = [stress.met[it.line, it.column] for it in problem.requires]
    assert asked == [stress.attempts, *met[:-1]]
    assert met[-1] == 200
    assert met[0] / asked[0] == pytest.approx(17 / 18, abs=0.05)
    seconds, number, values = stress.slowest
    assert 0 < seconds < 5
    assert values.startswith(f"a={solutions[number].draw.values['a']}, b=")


def test_tasks_add_up_in_any_order(tmp_path: Path) -> None:
    exam = load(tmp_path, ("half: {is: total/2", "half: {is: total/2 + 0/(a - 4)"))
    with stress_beside(exam, 700, 2) as finish:
        whole = finish(Progress())["1"]
    parts = [stress_problem(exam, exam.problems[0], it) for it in (range(500, 700), range(500))]
    for part in parts[1:]:
        parts[0].add(part)
    whole.slowest = parts[0].slowest = (0.0, 0, "")
    assert whole == parts[0]
    (broken,) = whole.broken.values()
    assert 20 < broken.count < 70


def test_the_band_follows_from_the_draws_that_were_looked_at(tmp_path: Path) -> None:
    (problem,) = (exam := load(tmp_path)).problems
    assert stressed(exam, 40).work == measure(problem, range(40))


def test_broken_promise_with_the_first_draw(tmp_path: Path) -> None:
    exam = load(tmp_path, ("half: {is: total/2", "half: {is: total/2 + 0/(a - 4)"))
    stress = stressed(exam)
    (broken,) = stress.broken.values()
    assert broken.complaint.line == SOUND[: SOUND.index("half:")].count("\n") + 1
    assert "half: 0/(a - 4): division by zero" in broken.complaint.message
    assert "for the draw a=4, b=" in broken.complaint.message
    assert stress.draws == 300 - broken.count
    (problem,) = exam.problems
    for number in range(broken.draw + 1):
        dice = public_dice(problem, number)
        assert (draw_problem(problem, dice).values["a"] == 4) is (number == broken.draw)


def test_working_that_cannot_be_printed(tmp_path: Path) -> None:
    # No answer, but the key prints it.
    stress = stressed(load(tmp_path, ("half: {is: total/2", "half: {is: total/3")))
    complaint = next(it.complaint for it in stress.broken.values() if it.complaint.line)
    assert "half: " in complaint.message
    assert "no finite decimal expansion" in complaint.message
    assert "for the draw a=" in complaint.message


def test_conditions_that_nothing_meets(tmp_path: Path) -> None:
    exam = load(tmp_path)
    problem = replace(exam.problems[0], reference={})
    impossible = replace(problem.requires[0], expression=problem.requires[1].expression)
    groups = tuple(replace(it, members=it.members[:2]) for it in problem.groups)
    problem = replace(problem, groups=groups, requires=(impossible, *problem.requires))
    stress = stress_problem(exam, problem, range(3))
    (broken,) = stress.broken.values()
    assert (stress.tried, stress.draws, broken.count) == (3, 0, 3)
    assert "'total > 8' refused 2000 of 2000 draws" in broken.complaint.message
    assert list(lint(problem, stress, None)) == []


# --- Warnings ------------------------------------------------------------------------------------


def test_sound_problem_has_no_warning(tmp_path: Path) -> None:
    assert warnings(tmp_path, ("parts:", "fairness: {band: 20 %}\nparts:")) == []


def test_decimal_comma_in_a_list(tmp_path: Path) -> None:
    narrow = ("one_of: [glad, sad, calm]", "one_of: [glad, sad,calm]")
    wide = ("from: 2, to: 19}", "one_of: [3, 7,1, 5, 4,12,2, 11]}")
    assert warnings(tmp_path, narrow, bands=False) == []
    found = only(warnings(tmp_path, narrow, wide, bands=False))
    assert found.message == "8 members? a decimal is written with a point: 1.5"
    assert (found.line, found.column, found.where) == (5, 29, "problem 1: one_of")
    plain = ("from: 2, to: 19}", "one_of: [3,7,1,5,4,2,11]}")
    assert warnings(tmp_path, plain, bands=False) == []


def test_drawn_value_that_nobody_sees(tmp_path: Path) -> None:
    found = only(warnings(tmp_path, ("to $b = << b >>$", "to $b$"), bands=False))
    assert found.message == "b is drawn, but no question and no figure shows it"
    assert (found.file, found.where) == (str(tmp_path / "one.yaml"), "problem 1")
    assert SOUND.splitlines()[found.line - 1][found.column - 1 :].startswith("b]")


def test_names_in_other_brackets(tmp_path: Path) -> None:
    edits = ("to $b = << b >>$", "to $b = << b >>$, < b >>, {{b}}, $a < b > 1$ and < c >")
    assert [it.message for it in warnings(tmp_path, edits, bands=False)] == [
        "'< b >>' is printed as it stands; << b >> prints the value",
        "'{{b}}' is printed as it stands; << b >> prints the value",
    ]


def test_answer_that_is_nearly_always_the_same(tmp_path: Path) -> None:
    found = warnings(tmp_path, ("product: total*a", "product: min(a, 3) + 0*total"), bands=False)
    product, side = found
    share = float(product.message.removeprefix("product is 3 in ").split("%")[0])
    assert share == pytest.approx(100 * 17 / 18, abs=4)
    assert side.message == "side is below in 100.0% of the draws"
    assert (side.where, product.where) == ("1.2", "1.2")
    assert SOUND.splitlines()[side.line - 1].startswith("      side:")
    half = ("product: total*a", "product: min(a, 10) + 0*total")
    assert [it.message for it in warnings(tmp_path, half, bands=False)] == [side.message]


def test_answer_that_the_question_prints(tmp_path: Path) -> None:
    for step, is_printed in (("a + 0*total", True), ("10*a + 0*total", False)):
        found = warnings(tmp_path, ("product: total*a", f"product: {step}"), bands=False)
        message = (
            "the question prints the answer product: it is the value of a in 100.0% of the draws"
        )
        assert (message in [it.message for it in found]) is is_printed


def test_answer_in_the_text_of_the_question(tmp_path: Path) -> None:
    # Both of below and above are listed: a choice. One that only follows the draw is not.
    edit = ("side: \"'below' if product < 100 else 'above'\"", "side: mood")
    (same,) = warnings(tmp_path, edit, bands=False)
    assert "prints the answer side: it is the value of mood" in same.message
    shown = ("(otherwise,", "(<< mood >>ly;")
    added = ("side: \"'below'", "side: \"mood if b > 0 else 'below'")
    messages = [it.message for it in warnings(tmp_path, shown, added, bands=False)]
    assert "the question has the answer side in its text in 100.0% of the draws" in messages


def test_fallback_that_is_the_true_value(tmp_path: Path) -> None:
    exam = load(tmp_path, ("  - fallback_total != total\n", ""))
    (broken,) = stressed(exam).broken.values()
    found = broken.complaint
    assert found.message.startswith("the fallback value of total can be the true one")
    assert "require fallback_total != total; for the draw " in found.message
    lines = SOUND.replace("  - fallback_total != total\n", "").splitlines()
    assert lines[found.line - 1].startswith("    fallback: {total:")


def test_long_expansions(tmp_path: Path) -> None:
    found = warnings(tmp_path, ("half: {is: total/2", "half: {is: total/64"), bands=False)
    assert only(found).message.startswith("half has up to 6 decimal places; state its decimals")
    rounded = ("half: {is: total/2", "half: {decimals: 6, is: total/64")
    assert warnings(tmp_path, rounded, bands=False) == []


def test_few_distinct_draws(tmp_path: Path) -> None:
    edits = [
        ("from: 2, to: 19", "one_of: [3, 7]"),
        ("[glad, sad, calm]", "[glad, sad]"),
        ("from: 11, to: 29, step: 2", "one_of: [15]"),
        ("a != b\n  - total > 8", "total > 8"),
    ]
    found = [it.message for it in warnings(tmp_path, *edits, bands=False)]
    # (3, 7), (7, 3) and (7, 7), glad and sad.
    assert "only 6 distinct draws: of more copies, some are alike in this problem" in found


def test_distractor_that_is_right(tmp_path: Path) -> None:
    found = only(
        [it for it in warnings(tmp_path, text=POOL, bands=False) if "wrong value" in it.message]
    )
    # 2 + 2 = 2*2: one draw of nine.
    assert found.where == "1.1.computed.sum"
    share = float(found.message.split(" in ")[1].split("%")[0])
    assert share == pytest.approx(100 / 9, abs=6)
    assert found.message.startswith("the wrong value number 1 is the right one in ")
    right = ("wrong: [n*m, n + m + 1]", "wrong: [n*m + 9, n + m + 1]")
    assert warnings(tmp_path, right, text=POOL, bands=False) == []


def test_no_wrong_value_is_left(tmp_path: Path) -> None:
    exam = load(tmp_path, ("wrong: [n*m, n + m + 1]", "wrong: [n*m]"), text=POOL)
    (broken,) = stressed(exam).broken.values()
    assert broken.complaint.file.endswith("one.yaml")
    assert "every wrong value equals the right one for the draw n=2, m=2" in (
        broken.complaint.message
    )


def test_alternatives_that_are_not_the_same_work(tmp_path: Path) -> None:
    assert warnings(tmp_path, (PLAIN, ALTERNATIVES), bands=False, draws=100) == []
    hard = ALTERNATIVES.replace("sum2: a - b", "sum2: a*b*(a + b) - a*a*b")
    found = only(warnings(tmp_path, (PLAIN, hard), bands=False, draws=100))
    assert found.where == "1.3"
    assert "the alternatives are not the same work: their median loads are " in found.message
    assert found.message.endswith("of number 2")


def test_which_of_several_numbers_is_the_largest_is_left_to_chance(tmp_path: Path) -> None:
    maximum = ("product: total*a", "product: total*a + max(a, b, 11)")
    assert not [it for it in warnings(tmp_path, maximum) if "fairness" in it.where]


def test_branch_patterns_that_never_occur(tmp_path: Path) -> None:
    maximum = ("product: total*a", "product: total*a + max(a, b, 11)")
    (problem,) = load(tmp_path, maximum).problems
    known = show_branches(judge(problem, measure(problem, range(100))).patterns()[0][0])
    listed = ("parts:", f"fairness: {{branches: ['{known}', 'max:7'], band: 50 %}}\nparts:")
    found = [it.message for it in warnings(tmp_path, maximum, listed)]
    assert [
        it for it in found if it.startswith("no draw has the branch pattern max:7; take it out")
    ]
    assert not [it for it in found if f"pattern {known};" in it]


def test_band_that_few_draws_meet(tmp_path: Path) -> None:
    narrow = ("parts:", "fairness: {band: 0 %}\nparts:")
    more = ("product: total*a", "product: total*a*b*(a + b)*(a + 2*b)*(2*a + b)")
    rare = ("  - total > 8", "  - total > 8 and mood == 'sad' and fallback_total < 17")
    found = warnings(tmp_path, narrow, more, rare, draws=1_000)
    messages = [it.message for it in found if it.where == "problem 1: fairness"]
    assert any("attempts or so; widen the band (loads from " in it for it in messages), messages


# --- What is said --------------------------------------------------------------------------------


@pytest.fixture
def checked(tmp_path: Path) -> Checked:
    edits = [("to $b = << b >>$", "to $b$"), ("total*a", "max(total, 20)*a")]
    exam = load(tmp_path, *edits)
    (problem,) = exam.problems
    measured = judge(problem, measure(problem, range(300)))
    stress = stressed(exam)
    error = Complaint("<b>.yaml", 3, 1, "1.1", "an <error> & more")
    found = tuple(sorted(lint(problem, stress, measured)))
    return Checked(exam, {"1": stress}, {"1": measured}, (error,), found, ("a note",))


def test_tables_say_what_was_counted(checked: Checked) -> None:
    stress, measured = checked.stress["1"], checked.measured["1"]
    problems, conditions, patterns, answers = listings(checked)
    assert problems.rows[0][:4] == ("1", "One", 300, f"{300 / stress.attempts:.1%}")
    assert problems.rows[0][4] == f"{fair_share(measured):.1%}"
    assert conditions.rows[0][:3] == ("1", "a != b", stress.attempts)
    assert conditions.rows[-1][1].startswith(f"load from {-(-measured.band.lowest // 1)} to ")  # type: ignore[union-attr]
    assert sum(float(str(row[2]).rstrip("%")) for row in patterns.rows) == pytest.approx(100, 0.01)
    assert [row[3] for row in patterns.rows] == ["yes", "yes"]
    (total,) = [row for row in answers.rows if row[0] == "1.1 total"]
    values = sorted(map(int, stress.answers["1.1 total"].elements()))
    spread = (values[0], statistics.median_low(values), values[-1])
    assert total[1:5] == (len(set(values)), *map(str, spread))
    (side,) = [row for row in answers.rows if row[0] == "1.2 side"]
    assert side[2:5] == ("", "", "")


def test_terminal_has_colors_and_a_file_has_none(checked: Checked) -> None:
    for terminal in (True, False):
        stream = StringIO()
        show(checked, Console(file=stream, force_terminal=terminal, width=100, highlight=False))
        text = stream.getvalue()
        assert ("\x1b[" in text) is terminal
        assert "[bold" not in text
        if not terminal:
            assert "error: <b>.yaml:3:1: 1.1: an <error> & more\n" in text
            assert "note: a note\n" in text
            assert text.endswith(summary(checked) + "\n")
            assert text.isascii()


def test_page_says_the_same_and_escapes_it(checked: Checked) -> None:
    html = make_page(checked)
    assert "&lt;b&gt;.yaml:3:1: 1.1: an &lt;error&gt; &amp; more" in html
    assert "b is drawn, but no question and no figure shows it" in html
    assert html.count("<svg") == 1
    assert "max(total, 20)" not in html  # a step, no condition
    assert "1.2 product" in html


@pytest.mark.slow
def test_check_without_a_roster(tmp_path: Path) -> None:
    load(tmp_path)
    roster = tmp_path / "none.csv"
    found = check_exam(tmp_path / "exam.yaml", roster, tmp_path / "out", draws=50)
    assert any(it.file == str(roster) for it in found.errors)
