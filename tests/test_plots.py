"""Plots: what is drawn, read back from the page by other means; what cannot be is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from ctypes import c_int, c_uint
from fractions import Fraction as F
from itertools import pairwise
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from one_problem import HEAD, is_refused, load_one, one_part
from plotted import Plotted

from generator.bank.exam import Exam
from generator.bank.plot import PlotError
from generator.commands.stress import stress_beside
from generator.compose.plot_paths import draw_plot
from generator.errors import InputError, ToolMissingError
from generator.exchange.questions import draw_questions
from generator.language.conventions import PLAIN
from generator.typeset.toolchain import check_bank_packages
from generator.work.progress import Progress


def pages_of(plotted: Plotted) -> list[tuple[Any, Any, Mapping[str, F]]]:
    """Page 2 of paper and key, and the values and answers of the copy."""
    found = []
    for made in plotted.made:
        values: dict[str, F] = {}
        for part in json.loads(made.key_json)["problems"][0]["parts"]:
            numbers = part.get("given", {}) | part.get("answers", {})
            values |= {name: F(it) for name, it in numbers.items()}
        pages = [pypdfium2.PdfDocument(it)[1] for it in (made.paper, made.key)]
        found.append((*pages, values))
    return found


def bars(page: Any) -> list[tuple[float, float, float, float]]:
    """The bars of a page, from left to right: what is filled with gray."""
    shade, mode, stroked = [c_uint() for _ in range(4)], c_int(), c_int()
    found = []
    for item in page.get_objects():
        if item.type == pdfium.FPDF_PAGEOBJ_PATH:
            pdfium.FPDFPageObj_GetFillColor(item.raw, *shade)
            pdfium.FPDFPath_GetDrawMode(item.raw, mode, stroked)
            if shade[0].value == 191 and mode.value:
                found.append(item.get_bounds())
    return sorted(found)


def test_bars_are_as_high_as_the_values(plotted: Plotted) -> None:
    for paper, key, values in pages_of(plotted):
        for page in (paper, key):
            heights = [top - bottom - 1 for _, bottom, _, top in bars(page)]
            assert len(heights) == 3
            wanted = [float(values[name]) for name in "abc"]
            scale = heights[0] / wanted[0]
            # The outline of a bar, which goes around it, is taken off.
            assert heights == pytest.approx([it * scale for it in wanted], abs=0.6)


def test_weights_of_a_graph_stand_between_its_nodes(plotted: Plotted) -> None:
    for paper, _, values in pages_of(plotted):
        text = paper.get_textpage()
        centers: dict[str, list[tuple[float, float]]] = {}
        for index in range(text.count_chars()):
            left, bottom, right, top = text.get_charbox(index)
            centers.setdefault(chr(pdfium.FPDFText_GetUnicode(text, index)), []).append(
                ((left + right) / 2, (bottom + top) / 2)
            )
        row = [max((it[1], it[0]) for it in centers[name] if it[1] < 560)[::-1] for name in "ABC"]
        for (x, y), (next_x, _), name in zip(row, row[1:], ("ab", "bc"), strict=False):
            assert next_x - x == pytest.approx(40 / 25.4 * 72, abs=2)
            middle = (x + next_x) / 2
            found = text.get_text_bounded(middle - 12, y + 2, middle + 12, y + 10)
            assert F(found.strip()) == values[name]


def test_the_key_draws_the_answer_and_the_paper_does_not(plotted: Plotted) -> None:
    for paper, key, values in pages_of(plotted):
        shapes = [
            {tuple(round(edge, 1) for edge in it.get_bounds()) for it in page.get_objects()}
            for page in (paper, key)
        ]
        # The line that rises to the answer; the axis, 200 high, is 30 mm without its surroundings.
        assert values["d"] > 0
        risen = [top - bottom for _, bottom, _, top in shapes[1] - shapes[0] if top - bottom > 5]
        axis = 30 / 25.4 * 72 - 7 - 14.3
        assert any(it == pytest.approx(axis * float(values["d"]) / 200, abs=2.5) for it in risen)


# What is drawn of which values


def loaded(folder: Path, plot: str, draw: str = "{names: [a, b], from: 1, to: 9}") -> Exam:
    problem = f"""{HEAD}draw: [{draw}]
reference: {{a: 7, b: 2}}
parts:
  - id: "1.1"
    points: 2
    space: 25 mm
    ask: What is << a >> + << b >>?
    figure: {{plot: {plot}}}
    steps: {{z: a + b}}
    rubric: [{{points: 2, step: z}}]
"""
    return load_one(folder, problem)


def drawn(exam: Exam, **values: int) -> str:
    figure = exam.problems[0].parts[0].figure
    assert figure is not None
    assert figure.plot is not None
    return draw_plot(figure.plot, {name: F(it) for name, it in values.items()}, PLAIN)


def test_a_histogram_counts_its_limits_once(tmp_path: Path) -> None:
    exam = loaded(tmp_path, '{kind: histogram, y: "[a, b, 10, 20, 30]", bins: [0, 10, 20, 30]}')
    figure = exam.problems[0].parts[0].figure
    assert figure is not None
    assert figure.plot is not None
    assert figure.plot.counts({"a": F(0), "b": F(9)}) == [2, 1, 2]
    with pytest.raises(PlotError, match="31 is in none of the bins"):
        figure.plot.counts({"a": F(31), "b": F(9)})


def test_a_curve_is_broken_where_the_function_has_no_value(tmp_path: Path) -> None:
    exam = loaded(tmp_path, '{kind: function, y: "a + b/(x - 1)", range_x: [0, 2]}')
    figure = exam.problems[0].parts[0].figure
    assert figure is not None
    assert figure.plot is not None
    left, right = figure.plot.curve({"a": F(1), "b": F(2)})
    assert left[-1][0] < 1 < right[0][0]
    assert dict(left)[F(1, 2)] == 1 + F(2) / (F(1, 2) - 1)


GRAPH = "kind: graph, nodes: {A: [0, 0], B: [40, 0], C: [20, 20]}"


def test_marked_edges_are_thick_either_way_round(tmp_path: Path) -> None:
    net = "{names: [net], edges: [A-B, B-C], from: 1, to: 9}"
    marked = f"{{{GRAPH}, of: net, marked: \"[['B', 'A']]\"}}"
    problem = one_part(f"[{net}]", "{net: [3, 5]}", "Look.", '{z: "net[0][2]"}')
    exam = load_one(
        tmp_path, problem.replace("    steps", f"    figure: {{plot: {marked}}}\n    steps")
    )
    figure = exam.problems[0].parts[0].figure
    assert figure is not None
    assert figure.plot is not None
    assert figure.labels.keys() == {"AtoB", "BtoC"}
    (line,) = re.findall(r"(\S+ \S+) m \S+ \S+ l q 2.2 w S Q", draw_plot(figure.plot, {}, PLAIN))
    assert [float(it) for it in line.split()] == pytest.approx(
        [5 / 25.4 * 72 + 10, 5 / 25.4 * 72], abs=0.01
    )


@pytest.mark.parametrize(
    ("marked", "message"),
    [("a", "no list"), ("[a]", "no pair"), ("[['A', 'C']]", "A, C, which is none of the edges")],
)
def test_what_is_no_edge_cannot_be_marked(marked: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        loaded(tmp_path, f'{{{GRAPH}, edges: [[A, B], [B, C]], marked: "{marked}"}}')


@pytest.mark.parametrize("values", [{"a": 1, "b": 9}, {"a": 2, "b": 1}, {"a": 9, "b": 7}])
def test_ticks_are_round_and_hold_all_values(values: dict[str, int], tmp_path: Path) -> None:
    exam = loaded(tmp_path, '{kind: scatter, y: "[a, b]", x: "[0, 1]"}')
    tex = drawn(exam, **values)
    shown = [F(it.split("{")[-1].strip("}%")) for it in tex.splitlines() if "{r}" in it]
    assert shown[0] <= min(values.values())
    assert shown[-1] >= max(values.values())
    assert len({after - before for before, after in pairwise(shown)}) == 1


def test_the_same_values_are_the_same_drawing(tmp_path: Path) -> None:
    exam = loaded(tmp_path, '{kind: function, y: "a*sin(b*x)", range_x: [0, 10]}')
    assert drawn(exam, a=2, b=3) == drawn(exam, a=2, b=3) != drawn(exam, a=2, b=4)


@pytest.mark.parametrize(
    ("plot", "where", "message"),
    [
        ("{kind: pie, y: a}", ".kind", "expected bar, line"),
        ("{kind: bar}", "plot", "needs y"),
        ("{kind: bar, y: '[a, z]'}", ".y", "z is an answer of 1.1"),
        ("{kind: bar, y: '[a, q]'}", ".y", "q is neither drawn"),
        ("{kind: bar, y: '[a'}", ".y", ""),
        ("{kind: bar, y: a, bins: [1, 2]}", ".bins", "a plot of kind bar has"),
        ("{kind: bar, y: a, label_x: << a >>}", ".label_x", "the same in every copy"),
        ("{kind: bar, y: a, width: 200 mm}", ".width", "20 to 165 mm"),
        ("{kind: histogram, y: a, bins: [2, 1]}", ".bins", "larger than the one before"),
        ("{kind: function, y: x, range_x: [2, 1]}", ".range_x", "the lower end"),
        ("{kind: function, y: x + q, range_x: [0, 1]}", ".y", "q is neither drawn"),
        ("{kind: graph, nodes: {A: [0, 0]}}", "plot", "needs edges, or of: a drawn graph"),
        ("{kind: graph, nodes: {A: [0, 0]}, of: a}", ".of", "a is no drawn graph"),
        ("{kind: graph, nodes: {A: [0, 0]}, of: q}", ".of", "q is neither drawn"),
        ("{kind: graph, nodes: {A: [0, 0]}, edges: [[A, B]]}", ".edges.0", "B is none of"),
        ("{kind: graph, nodes: {A: [0, 0]}, edges: [[A, A]]}", ".edges.0", "two nodes at"),
        ("{kind: graph, nodes: {A: [0, 0]}, edges: [[A]]}", ".edges.0", "expected two nodes"),
        ("{kind: graph, nodes: {A: [-1, 0]}, edges: [[A, A]]}", ".nodes.A", "from 0 to 155"),
    ],
)
def test_a_plot_that_is_declared_wrongly_is_refused(
    plot: str, where: str, message: str, tmp_path: Path
) -> None:
    is_refused(lambda: loaded(tmp_path, plot), 12, where, message)


def test_values_that_cannot_be_drawn_are_refused_with_the_bank(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r":12:\d+: 1.1-ask: .*y is no list"):
        loaded(tmp_path, "{kind: bar, y: a}")


def test_a_draw_that_cannot_be_drawn_is_named_at_its_plot(tmp_path: Path) -> None:
    """The reference can be drawn, others cannot: no draw may end in a traceback."""
    exam = loaded(tmp_path, '{kind: histogram, y: "[a, b, 5]", bins: [0, 8]}')
    found = r":12:\d+: 1.1-ask: 9 is in none of the bins; for the draw a=\d, b=\d; require"
    with pytest.raises(InputError, match=found):
        list(draw_questions(exam, 60, "a seed"))
    with stress_beside(exam, 1000, 1) as finish:
        stress = finish(Progress())["1"]
    (broken,) = stress.broken.values()
    assert re.search(found, str(broken.complaint))


def test_a_package_that_is_missing_is_named_with_what_installs_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "kpsewhich").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "kpsewhich").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(ToolMissingError, match=r"mhchem\.sty") as caught:
        check_bank_packages(["mhchem"])
    assert "texlive-science" in str(caught.value.advice)


def test_other_packages_are_refused_at_their_line(tmp_path: Path) -> None:
    problem = one_part("[{names: [a], one_of: [1, 2]}]", "{a: 1}", "<< a >>", "{b: a}")
    with pytest.raises(InputError, match=r"exam\.yaml:\d+:\d+: packages\.1: expected one of"):
        load_one(tmp_path, problem, "packages: [circuitikz, shellesc]\n")
