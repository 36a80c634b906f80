"""Graphs whose weights are drawn: values, printing, formulas, refusals."""

from __future__ import annotations

import json
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from one_problem import load_one, one_part

from generator.bank.problem import Problem
from generator.compose.worked_steps import worked_steps
from generator.draw.draw import Dice, Draw, draw_problem
from generator.errors import InputError
from generator.record.copy import Recorded, decode_problems, encode_problems
from generator.record.record import why_inadmissible
from generator.solve.printed import plain, shown_value

EDGES = "[A-B, A-C, B-C]"
STEPS = (
    "{total: sum(weights(g)), way: \"weight(g, 'C', 'A') + weight(g, 'A', 'B')\", "
    "last: 'g[2][2]', first: 'sum([e[2] for e in g if e[0] == \"A\"])', "
    "square: 'adjacency(g)', names: 'len(nodes(g))'}"
)


def problem_of(folder: Path, edges: str = EDGES, reference: str = "[4, 2, 0.5]") -> Problem:
    draw = f"[{{names: [g], edges: {edges}, from: 0.5, to: 9, step: 0.5}}]"
    text = one_part(draw, f"{{g: {reference}}}", "Look: << g | table >>, << g[0][2] >>.", STEPS)
    return load_one(folder, text).problems[0]


@pytest.fixture(scope="module")
def problem(tmp_path_factory: pytest.TempPathFactory) -> Problem:
    return problem_of(tmp_path_factory.mktemp("graph"))


def test_formulas_look_into_a_graph(problem: Problem) -> None:
    values = problem.reference_values
    assert values["g"] == (("A", "B", F(4)), ("A", "C", F(2)), ("B", "C", F(1, 2)))
    assert [values[name] for name in ("total", "way", "last", "first", "names")] == [
        F(13, 2),
        6,
        F(1, 2),
        6,
        3,
    ]
    square = np.array([[float(cell) for cell in row] for row in values["square"]])  # type: ignore[union-attr]
    assert (square == square.T).all()
    assert square.sum() == 2 * 6.5


def test_the_worked_solution_has_the_weights(problem: Problem) -> None:
    lines = list(worked_steps(problem, problem.parts[0], problem.reference_values))
    assert lines[0].endswith("= 4 + 2 + 0.5 = 6.5$")
    assert lines[1].endswith("= 2 + 4 = 6$")


def test_printed_in_every_form(problem: Problem) -> None:
    shown = shown_value(problem, "g", problem.reference["g"])
    cells = [rf"\ensuremath{{{number}}}" for number in ("4.0", "2.0", "0.5")]
    assert (
        shown.forms["list"]
        == str(shown)
        == ", ".join(
            f"{edge}: {cell}" for edge, cell in zip(("A--B", "A--C", "B--C"), cells, strict=True)
        )
    )
    assert "A--B & A--C & B--C" in shown.forms["table"]
    assert " & ".join(cells) in shown.forms["table"]
    assert f"A &  & {cells[0]} & {cells[1]}" in shown.forms["matrix"]
    assert f"B--C & {cells[2]}" in shown.forms["column_table"]
    assert plain(problem, "g", problem.reference["g"])[0] == ["A", "B", "4.0"]


def test_directed_edges(tmp_path: Path) -> None:
    steps = "{square: 'directed_adjacency(g)'}"
    draw = "[{names: [g], edges: [A->B, B->A], from: 1, to: 9}]"
    text = one_part(draw, "{g: [4, 2]}", "Look: << g | list >>.", steps)
    problem = load_one(tmp_path, text).problems[0]
    assert problem.reference_values["square"] == ((0, 4), (2, 0))
    assert r"A\ensuremath{\to}B" in str(shown_value(problem, "g", problem.reference["g"]))


def test_a_draw_is_recorded_and_known_again(problem: Problem) -> None:
    draw = draw_problem(problem, Dice(b"k" * 32, "exam", "E1", problem.id, 0))
    recorded = {problem.id: Recorded(draw, {})}
    assert decode_problems(json.loads(encode_problems(recorded)))["1"].draw == draw
    assert why_inadmissible(problem, draw) is None
    other = {"g": (("A", "B", F(4)), ("A", "D", F(2)), ("B", "C", F(1)))}
    wrong = Draw(draw.problem, 0, 0, {**draw.values, **other}, draw.choices)
    assert "not in its list" in str(why_inadmissible(problem, wrong))


@pytest.mark.parametrize(
    ("edges", "reference", "said"),
    [
        ("[A-B, B-A, B-C]", "[4, 2, 1]", "the edge between A and B is there twice"),
        ("[A-B, B->C, A-C]", "[4, 2, 1]", "all have a direction, or none"),
        ("[A-A, B-C, A-C]", "[4, 2, 1]", "leads to where it begins"),
        ("[AB, B-C, A-C]", "[4, 2, 1]", "edges such as"),
        (EDGES, "[4, 2]", "the weights of the 3 edges in their order"),
        (EDGES, "[4, 2, 77]", "the weights of the 3 edges in their order"),
        (f"{EDGES}, count: 3", "[4, 2, 1]", "count has no meaning with edges"),
        (f"{EDGES}, unit: km", "[4, 2, 1]", "unit has no meaning with edges"),
    ],
)
def test_what_is_wrong_with_a_graph(tmp_path: Path, edges: str, reference: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        problem_of(tmp_path, edges, reference)
    assert any(said in str(it) for it in caught.value.problems), caught.value.problems
