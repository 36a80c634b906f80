"""Figures of options that are drawn for each copy: alike in size and axes, and read back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from one_problem import HEAD, load_one
from plotted import SECRET, Plotted
from test_plots import bars

from generator.bank.kinds.option_figures import refuse_alike
from generator.bank.part import Crowded
from generator.commands.check import figures_that_stand_out
from generator.compose.plot_paths import draw_plot
from generator.desk.key_view import _options
from generator.draw.draw import draw_problem, reference_draw
from generator.errors import CopyError, InputError
from generator.exact.dice import Dice
from generator.language.conventions import PLAIN
from generator.pipeline.worker import Producer
from generator.pipeline.workshop import Composed, Workshop
from generator.record.copy import Copy
from generator.solve.solve import solve_problem
from generator.typeset.press import Side, variant_name
from generator.verify.leaks import Forbidden

Blocks = Mapping[str, str]


def keys_of(plotted: Plotted) -> list[tuple[Any, Any, list[dict[str, Any]]]]:
    """The page of paper and key of each copy that has the options, and these parts."""
    return [
        (
            *(pypdfium2.PdfDocument(it)[2] for it in (made.paper, made.key)),
            json.loads(made.key_json)["problems"][0]["parts"][2:],
        )
        for made in plotted.made
    ]


def test_each_option_has_the_bars_that_its_key_says(plotted: Plotted) -> None:
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


def test_labels_of_options_are_said_in_the_key(plotted: Plotted) -> None:
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


@pytest.mark.parametrize(
    ("columns", "paper", "room"), [(1, 1, 60), (2, 1, 60), (4, 1, 23), (1, 2, 51), (2, 2, 0)]
)
def test_a_plot_is_as_wide_as_there_is_room(
    columns: int, paper: int, room: int, tmp_path: Path
) -> None:
    problem = options("{kind: bar, y: '[a]'}", "{kind: bar, y: '[b]'}")
    problem = problem.replace("    options:", f"    columns: {columns}\n    options:")
    if not room:
        with pytest.raises(InputError, match="has room for 18 mm; a plot needs 20 mm: state fewer"):
            load_one(tmp_path, problem, f"columns: {paper}\n")
        return
    part = load_one(tmp_path, problem, f"columns: {paper}\n").problems[0].parts[0]
    assert {it.plot.width_mm for it in part.paper_figures() if it.plot} == {room}


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


def test_the_desk_says_what_figures_show(plotted: Plotted) -> None:
    problem = plotted.exam.problems[0]
    solution = solve_problem(problem, reference_draw(problem))
    said = [it.says for part in problem.parts[2:] for it in _options(problem, part, solution)]
    assert "[bar: 20, 31, 12]" in said
    assert "This: [roads: ab = 31, bc = 20]" in said
    assert "[black.svg]" in said


def test_check_warns_of_figures_of_several_sizes(plotted: Plotted) -> None:
    (found,) = figures_that_stand_out(plotted.exam, plotted.press)
    assert found.where == "1.4"
    assert "not of one size (12 × 6 mm, 32 × 8 mm)" in found.message
    assert found.line


# What is planted wrong is found


def exchanged(blocks: Blocks, one: str, other: str) -> Blocks:
    return {one: blocks[other], other: blocks[one]}


def changed(block: str, pattern: str, by: str) -> Callable[[Blocks], Blocks]:
    """A block in which the first match of a pattern is something else."""

    def change(blocks: Blocks) -> Blocks:
        made, count = re.subn(pattern, by, blocks[block], count=1)
        assert count == 1
        return {block: made}

    return change


def texts_exchanged(block: str, one: int, other: int) -> Callable[[Blocks], Blocks]:
    """A block in which two of its texts have changed places."""

    def change(blocks: Blocks) -> Blocks:
        lines = blocks[block].splitlines(keepends=True)
        said = [at for at, line in enumerate(lines) if "DrawText" in line or "SetLabel" in line]
        first, second = (lines[said[it]].rpartition("{") for it in (one, other))
        assert first[2] != second[2]
        lines[said[one]] = "".join((*first[:2], second[2]))
        lines[said[other]] = "".join((*second[:2], first[2]))
        return {block: "".join(lines)}

    return change


def images_exchanged(blocks: Blocks) -> Blocks:
    """The options with the two images call each the other one."""
    slots = ("1.4-option3", "1.4-option4")
    return {
        name: tex.replace(slots[0], "?").replace(slots[1], slots[0]).replace("?", slots[1])
        for name, tex in blocks.items()
        if name.startswith("1.4/option/")
    }


FAULTS: Mapping[str, tuple[Callable[[Blocks], Blocks], str]] = {
    "plots of options exchanged": (
        lambda it: exchanged(it, "1.3/option1/labels", "1.3/option2/labels"),
        "does not stand beside the box of option 1.3",
    ),
    "a bar is lower": (
        changed("1.3/option3/labels", r"re B", "re f"),
        "1.3-option3 is not there, or shows other values",
    ),
    "a number of an axis is another": (
        changed("1.3/option1/labels", r"\\ensuremath\{20\}", "25"),
        "1.3-option1 does not say '20' at",
    ),
    "two numbers of an axis exchanged": (
        texts_exchanged("1.3/option1/labels", 1, 2),
        "1.3-option1 does not say",
    ),
    "numbers of both axes exchanged": (
        texts_exchanged("1.3/option1/labels", 0, -1),
        "1.3-option1 does not say",
    ),
    "a number at the other axis": (
        changed("1.3/option2/labels", r"\{[\d.]+\}\{([\d.]+)\}\{r\}", r"{60}{\1}{r}"),
        "1.3-option2 does not say",
    ),
    "categories exchanged": (texts_exchanged("1.1/ask/labels", -1, -2), "1.1-ask does not say"),
    "numbers of a plot exchanged": (texts_exchanged("1.1/ask/labels", 0, 1), "1.1-ask does not"),
    "nodes exchanged": (texts_exchanged("1.2/ask/labels", 0, 1), "1.2-ask does not say"),
    "weights exchanged": (texts_exchanged("1.2/ask/labels", -1, -2), "the figure 1.2-ask"),
    "labels of an option exchanged": (
        texts_exchanged("1.4/option1/labels", 0, 1),
        "1.4-option1 does not say",
    ),
    "labels of two options exchanged": (
        lambda it: exchanged(it, "1.4/option1/labels", "1.4/option2/labels"),
        "1.4-option1",
    ),
    "images of options exchanged": (images_exchanged, "does not stand beside the box of option"),
}


class Planter(Workshop):
    """A workshop that gives TeX other blocks than it says."""

    faults: Mapping[str, Callable[[Blocks], Blocks]] = {}

    def contributed(self, side: Side, composed: Composed) -> dict[str, str]:
        blocks = {**composed.paper, **(composed.key if side.name == "key" else {})}
        change = self.faults[composed.given.code](blocks)
        return super().contributed(side, composed) | change


def produced(plotted: Plotted, planter: Planter, tmp_path: Path) -> list[str]:
    """What is wrong with the copies of all faults, in words."""
    copies = [planter.register(Copy(code, None, 1), ()).copy for code in planter.faults]
    producer = Producer(planter, plotted.press, Forbidden(), tmp_path)
    with pytest.raises(CopyError) as caught:
        assert list(producer.produce(copies)) == []
    return str(caught.value).splitlines()


def test_what_is_drawn_in_another_place_is_found(plotted: Plotted, tmp_path: Path) -> None:
    planter = Planter(plotted.exam, SECRET, 4)
    codes = {f"E{at:04d}": name for at, name in enumerate(FAULTS, 1)}
    planter.faults = {code: FAULTS[name][0] for code, name in codes.items()}
    messages = produced(plotted, planter, tmp_path)
    for code, name in codes.items():
        for what in (f": {code}, page", f": key of {code}, page"):
            own = [it for it in messages if what in it]
            assert any(FAULTS[name][1] in it for it in own), (name, what, own)


def test_images_of_options_that_are_exchanged_in_the_file_are_found(
    plotted: Plotted, tmp_path: Path
) -> None:
    workshop = Workshop(plotted.exam, SECRET, 4)
    producer = Producer(workshop, plotted.press, Forbidden(), tmp_path)
    for stock in producer._stocks.values():
        one, other = (variant_name(f"1.4-option{it}", 0) for it in (3, 4))
        stock.figures[one], stock.figures[other] = stock.figures[other], stock.figures[one]
    copy = workshop.register(Copy("E0001", None, 1), ()).copy
    with pytest.raises(CopyError) as caught:
        list(producer.produce([copy]))
    said = str(caught.value).splitlines()
    assert sum("the image 1.4-option" in it for it in said) == 4, said


def test_a_drawing_that_is_exchanged_for_another_in_the_file_is_found(
    plotted: Plotted, tmp_path: Path
) -> None:
    workshop = Workshop(plotted.exam, SECRET, 4)
    producer = Producer(workshop, plotted.press, Forbidden(), tmp_path)
    for stock in producer._stocks.values():
        other = stock.figures[variant_name("1.4-option3", 0)]
        stock.figures[variant_name("1.4-option1", 0)] = other
    copy = workshop.register(Copy("E0001", None, 1), ()).copy
    with pytest.raises(CopyError) as caught:
        list(producer.produce([copy]))
    said = str(caught.value).splitlines()
    for what in (": E0001: ", ": key of E0001: "):
        found = [it for it in said if what in it]
        assert ["the figure 1.4-option1 is another one" in it for it in found] == [True], said
