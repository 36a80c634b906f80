"""Lists, matrices and permutations that are drawn member by member."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from fractions import Fraction as F
from pathlib import Path

import pytest
from probe_bank import HEAD, probe
from small_bank import changed, complaints, load

from generator.bank.group import Group, count_variants, variants
from generator.bank.problem import Problem
from generator.draw.draw import Dice, Draw, draw_problem, reference_draw
from generator.record.copy import Recorded, decode_problems, encode_problems
from generator.record.record import broken_condition, why_inadmissible
from generator.solve.printed import plain, shown_value, tex

KEY = b"k" * 32
DATA = """  - {names: [data], from: 1, to: 6, count: 4}
  - {names: [few], from: 1, to: 6, count: 3, distinct: true, sorted: true}
  - {names: [grid], one_of: [-1, 0.5], count: [2, 3]}
  - {names: [order], permutation_of: [A, B, C], count: 3}
"""
"""What is drawn beside one_of and from."""


@pytest.fixture(scope="module")
def problem(tmp_path_factory: pytest.TempPathFactory) -> Problem:
    folder = tmp_path_factory.mktemp("lists")
    first = "draw:\n  - {names: [a, b]"
    text = changed("open.yaml", first, first.replace("draw:\n", "draw:\n" + DATA))
    text = text.replace(
        "reference: {a: 1,",
        "reference: {data: [6, 1, 6, 2], few: [1, 3, 4], grid: [[-1, 0.5, 0.5], [-1, -1, 0.5]], "
        "order: [C, A, B], a: 1,",
    )
    text = text.replace(
        "Let $a = << a >>$.",
        "Let $a = << a >>$: << data | table >>, << few | list >>, << grid >>, << order[1] >>.",
    )
    return load(folder, open=text).problems[0]


def draws(problem: Problem, count: int) -> list[Draw]:
    return [
        draw_problem(problem, Dice(KEY, "exam", f"E{number}", problem.id, 0))
        for number in range(count)
    ]


def test_members_are_uniform_and_independent(problem: Problem) -> None:
    found = draws(problem, 600)
    for place in range(4):
        counts = Counter(draw.values["data"][place] for draw in found)  # type: ignore[index]
        assert set(counts) == {F(number) for number in range(1, 7)}
        # Chi-squared with 5 degrees of freedom: beyond 20.5 in one of a thousand.
        assert sum((count - 100) ** 2 / 100 for count in counts.values()) < 20.5
    pairs = Counter(draw.values["data"][:2] for draw in found)  # type: ignore[index]
    assert len(pairs) == 36


def test_distinct_sorted_and_permuted(problem: Problem) -> None:
    found = draws(problem, 200)
    for draw in found:
        few = draw.values["few"]
        assert isinstance(few, tuple)
        assert list(few) == sorted(set(few))  # type: ignore[type-var]
        assert len(few) == 3
        assert sorted(draw.values["order"]) == ["A", "B", "C"]  # type: ignore[arg-type, type-var]
    assert len({draw.values["few"] for draw in found}) == 20
    assert len({draw.values["order"] for draw in found}) == 6


def test_a_member_depends_on_its_name_alone(problem: Problem) -> None:
    dice = Dice(KEY, "exam", "E1", problem.id, 0)
    (draw,) = [draw_problem(problem, dice)]
    expected = tuple(F(1 + dice.index(f"data[{place}]", draw.attempt, 6)) for place in range(4))
    assert draw.values["data"] == expected


def test_record_keeps_lists_and_knows_what_fits(problem: Problem) -> None:
    draw = draws(problem, 1)[0]
    recorded = {problem.id: Recorded(draw, {})}
    assert decode_problems(json.loads(encode_problems(recorded)))["1"].draw == draw
    assert why_inadmissible(problem, draw) is None
    for name, value in {
        "data": (F(1), F(2), F(3), F(7)),
        "few": (F(3), F(2), F(1)),
        "grid": (F(-1), F(-1)),
        "order": ("A", "A", "B"),
    }.items():
        wrong = Draw(draw.problem, 0, 0, {**draw.values, name: value}, draw.choices)
        assert "not in its list" in str(why_inadmissible(problem, wrong)), name


def test_a_name_that_is_new_or_gone_makes_a_record_unfit(problem: Problem) -> None:
    draw = draws(problem, 1)[0]
    more = replace(draw, values={**draw.values, "gone": F(1)})
    assert why_inadmissible(problem, more) == "gone was drawn, but is not in the bank any more"
    less = replace(draw, values={name: it for name, it in draw.values.items() if name != "few"})
    assert str(why_inadmissible(problem, less)).startswith("few is drawn now")


def test_names_that_must_differ_since_then_are_doubted(problem: Problem) -> None:
    [draw] = draws(problem, 1)
    alike = replace(draw, values={**draw.values, "a": F(1), "b": F(1)})
    free = replace(problem, requires=())
    assert broken_condition(free, alike) is None
    [both] = (it for it in problem.groups if it.names == ("a", "b"))
    others = [it for it in problem.groups if it is not both]
    apart = replace(free, groups=(*others, replace(both, different=True)))
    assert broken_condition(apart, alike) == "a, b must differ now"


def test_printed_as_list_table_and_matrix(problem: Problem) -> None:
    values = reference_draw(problem).values
    data = shown_value(problem, "data", values["data"])
    six, one, two = (rf"\ensuremath{{{number}}}" for number in (6, 1, 2))
    assert data.forms["list"] == f"{six}, {one}, {six}, {two}"
    row = f"{six} & {one} & {six} & {two}"
    assert data.forms["table"] == (
        rf"\begin{{tabular}}{{|r|r|r|r|}} \noalign{{\vskip 3pt}}\hline {row} \\ \hline "
        r"\noalign{\vskip 3pt}\end{tabular}"
    )
    assert str(data[1]) == one
    assert str(shown_value(problem, "grid", values["grid"])[0][1]) == r"\ensuremath{0.5}"
    assert tex(problem, "grid", values["grid"]).count("pmatrix") == 2
    assert plain(problem, "grid", values["grid"]) == [
        ["-1.0", "0.5", "0.5"],
        ["-1.0", "-1.0", "0.5"],
    ]
    rendered = problem.intro.render(
        {name: shown_value(problem, name, values[name]) for name in problem.intro.names}
    )
    assert rendered.startswith(r"Let $a = \ensuremath{1.0}$: \begin{tabular}")
    assert rendered.endswith(", A.")


def test_long_tables_have_several_rows_of_one_length(problem: Problem) -> None:
    found = shown_value(problem, "data", tuple(Fraction(number) for number in range(26)))
    assert found.forms["table"].count(r"\\ \hline") == 3
    assert found.forms["table"].count("r|") == 9


def test_variants_of_lists() -> None:
    group = Group(("v",), (F(1), F(2)), False, 0, None, shape=(3,))
    assert count_variants({"v": group}, ["v"]) == len(variants({"v": group}, ["v"])) == 8
    sparse = Group(
        ("v",), (F(1), F(2), F(3)), False, 0, None, shape=(2,), ordered=True, repeats=False
    )
    assert variants({"v": sparse}, ["v"]) == [((1, 2),), ((1, 3),), ((2, 3),)]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("count: 4", "count: 300", "a number of members up to 256, or [rows, columns]"),
        ("count: 4", "count: [2, 3, 4]", "a number of members up to 256, or [rows, columns]"),
        ("few], from: 1, to: 6", "few], from: 1, to: 2", "a list of 3 different members"),
        ("count: 4}", "sorted: true}", "sorted is for lists"),
        ("data: [6, 1, 6, 2]", "data: [6, 1, 6]", "a list of 4 members of the list"),
        ("data: [6, 1, 6, 2]", "data: 6", "a list of 4 members of the list"),
        ("few: [1, 3, 4]", "few: [3, 1, 4]", "a list of 3 different ascending members"),
        ("order: [C, A, B]", "order: [C, A, A]", "a list of 3 different members"),
        ("order[1]", "order[3]", "there is no << order[3] >>"),
        ("order[1]", "order[1] >> << a[0]", "<< a[0] >> needs a list, and a is 1"),
        ("data | table", "data | sum", "a list is printed as << name | FORM >>"),
        ("data | table", "data[-1]", "a member of a list is printed as << name[0] >>"),
    ],
)
def test_what_is_wrong_with_a_list(
    problem: Problem, tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in problem.source
    found = complaints(tmp_path, open=problem.source.replace(old, new))
    assert any(message in str(it) for it in found), "\n".join(map(str, found))


def test_a_part_with_options_states_its_list_for_the_reference_copy(tmp_path: Path) -> None:
    problem = HEAD + (
        'parts:\n  - id: "1.1"\n    points: 2\n    ask: "Which holds for $v = << v >>$?"\n'
        "    draw: [{names: [v], one_of: [1, 2, 3], count: 3}]\n"
        "    reference_values: {v: [1, 3, 1]}\n    options:\n"
        '      - {correct: "max(v) > 2", say: one}\n      - {correct: false, say: two}\n'
    )
    (found,) = probe(tmp_path, problem).problems
    assert found.reference == {"v": (1, 3, 1)}
