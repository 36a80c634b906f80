"""Figures of options that are drawn for each copy: alike in size and axes, and read back."""

from __future__ import annotations

import json
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from one_problem import HEAD, load_one
from test_plots import bars

from generator.bank.kinds.option_figures import refuse_alike
from generator.bank.part import Crowded
from generator.compose.plot_paths import draw_plot
from generator.draw.draw import draw_problem
from generator.errors import InputError
from generator.exact.dice import Dice
from generator.language.conventions import PLAIN


def keys_of(plotted: Path) -> list[tuple[Any, Any, list[dict[str, Any]]]]:
    """The page of paper and key of each copy that has the options, and these parts."""
    found = []
    for file in sorted((plotted / "correctors" / "keys").glob("*.json")):
        paper = plotted / "print-shop" / "papers" / f"{file.stem}.pdf"
        pages = [pypdfium2.PdfDocument(it)[2] for it in (paper, file.with_suffix(".pdf"))]
        found.append((*pages, json.loads(file.read_text())["problems"][0]["parts"][2:]))
    return found


def test_each_option_has_the_bars_that_its_key_says(plotted: Path) -> None:
    for paper, key, parts in keys_of(plotted):
        given = parts[0]["given"]
        for page in (paper, key):
            found = bars(page)
            assert len(found) == 12
            scale = None
            for option, at in zip(parts[0]["options"], range(0, 12, 3), strict=True):
                wanted = [float(it) for it in option["text"].strip("[]").split(": ")[1].split(", ")]
                heights = [top - bottom - 1 for _, bottom, _, top in found[at : at + 3]]
                scale = scale or heights[0] / wanted[0]  # all have the same axis
                assert heights == pytest.approx([it * scale for it in wanted], abs=0.6)
                right = [float(given[name]) for name in "pqr"]
                assert option["correct"] is (wanted == right)


def test_labels_of_options_are_said_in_the_key(plotted: Path) -> None:
    for paper, _, parts in keys_of(plotted):
        p, q = (parts[0]["given"][name] for name in "pq")
        texts = {it["text"]: it["correct"] for it in parts[1]["options"]}
        assert texts == {
            f"[roads: ab = {p}, bc = {q}]": True,
            f"This: [roads: ab = {q}, bc = {p}]": False,
            "[black.svg]": False,
            "[white.svg]": False,
        }
        assert "This:" in paper.get_textpage().get_text_bounded()


def options(*plots: str, more: str = "") -> str:
    listed = "\n".join(f"      - {{correct: false, figure: {{plot: {it}}}}}" for it in plots)
    return (
        f"{HEAD}draw:\n  - {{names: [a, b], from: 1, to: 4}}\nreference: {{a: 1, b: 3}}\n"
        f'parts:\n  - id: "1.1"\n    points: 2\n    ask: Which? << a >>\n{more}'
        f"    options:\n{listed}\n"
    )


def test_plots_have_the_axes_of_all_and_a_size_for_their_columns(tmp_path: Path) -> None:
    problem = options(
        "{kind: bar, y: '[a, b]'}", "{kind: bar, y: '[10*a, b]'}", more="    columns: 4\n"
    )
    part = load_one(tmp_path, problem).problems[0].parts[0]
    first, second = (it.plot for it in part.paper_figures() if it.plot is not None)
    assert (first.width_mm, first.height_mm) == (23, 22)
    values = {"a": F(3), "b": F(1)}
    assert first.span_y(values) == second.span_y(values) == (0, 30)
    said = [
        [line for line in draw_plot(plot, values, PLAIN).splitlines() if "{r}" in line]
        for plot in (first, second)
    ]
    assert said[0] == said[1]
    assert len(said[0]) > 1


@pytest.mark.parametrize(
    ("plot", "message"),
    [
        ("{kind: bar, y: '[b]', width: 50 mm}", "has width: 60 mm, this one 50 mm"),
        ("{kind: bar, y: '[b]', range_y: [0, 9]}", "has range_y: none, this one [0, 9]"),
    ],
)
def test_a_plot_that_stands_out_is_refused(plot: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_one(tmp_path, options("{kind: bar, y: '[a]'}", plot))
    (found,) = caught.value.problems
    assert message in found.message
    assert "of line 13" in found.message
    assert found.line == 14


def test_no_copy_has_two_plots_that_look_the_same(tmp_path: Path) -> None:
    line = "{{kind: function, y: {}, range_x: [0, 5]}}"
    exam = load_one(tmp_path, options(line.format("a*x"), line.format("b*x")))
    for number in range(30):
        draw = draw_problem(exam.problems[0], Dice(b"k", "one", str(number), "1", 0))
        assert draw.values["a"] != draw.values["b"]
    part = exam.problems[0].parts[0]
    with pytest.raises(Crowded):
        refuse_alike("1.1", list(part.paper_figures()), {"a": F(2), "b": F(2)})


def test_plots_that_never_differ_are_refused_with_the_reason(tmp_path: Path) -> None:
    exam = load_one(tmp_path, options("{kind: bar, y: '[a]'}", "{kind: bar, y: '[a + 0*b]'}"))
    with pytest.raises(InputError, match="plots of options that look the same refused 2000"):
        draw_problem(exam.problems[0], Dice(b"k", "one", "1", "1", 0))
