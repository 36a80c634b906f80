"""Figures: every variant's coordinates, read as TikZ reads them."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import combinations, pairwise
from typing import TypeAlias

import numpy as np
import pytest
from independent_6 import Line, end_level, independent_order, initial_slope, read_line, rise_time
from shipped import ROOT

from generator.bank.exam import Exam
from generator.bank.group import variants
from generator.bank.plugins.figures import (
    ACCURACY_EPOCHS,
    ACCURACY_HEIGHT_MM,
    ACCURACY_WIDTH_MM,
    BAR_HEIGHT_MM,
    FIGURES,
    LOSS_EPOCHS,
    LOSS_HEIGHT_MM,
    LOSS_TOP,
    LOSS_WIDTH_MM,
    NONLINEARITY_RANGE,
    NONLINEARITY_WIDTH_MM,
    figure,
)
from generator.bank.problem import Figure
from generator.exact.numbers import Value

Texts: TypeAlias = Mapping[str, str]
MAX_VARIANTS = 64
RATES = ("large", "good", "small")

F = Fraction


def all_figures(exam: Exam) -> Iterator[tuple[Figure, list[dict[str, Value]]]]:
    """Every figure of the exam with the values of all of its variants."""
    for problem in exam.problems:
        for found in problem.figures():
            drawn = variants(problem.variables, found.values)
            yield found, [dict(zip(found.values, values, strict=True)) for values in drawn]


def made(exam: Exam, name: str) -> list[tuple[dict[str, Value], Texts]]:
    """The variants of the figure that a file of that name draws, with what is computed."""
    ((found, drawn),) = [it for it in all_figures(exam) if it[0].name == name]
    assert found.compute is not None
    return [(values, found.compute(values)) for values in drawn]


def fraction(value: Value) -> Fraction:
    assert isinstance(value, Fraction)
    return value


class TestAll:
    def test_they_are_those_of_the_exam(self, exam: Exam) -> None:
        drawn = {found.name: len(values) for found, values in all_figures(exam)}
        assert drawn == {
            **{"network": 1, "empty-axes": 1, "relu-answer": 1, "fitting-axes": 1},
            **{"fitting-answer": 1, "autoencoder": 27, "nonlinearity": 30, "training-curves": 48},
            **{"rnn-cell": 64, "loss-steps": 12},
        }

    def test_none_has_more_variants_than_can_be_made(self, exam: Exam) -> None:
        for found, drawn in all_figures(exam):
            assert 1 <= len(drawn) <= MAX_VARIANTS, found.name
            assert len({tuple(values.values()) for values in drawn}) == len(drawn)

    def test_all_that_a_file_asks_for_is_there(self, exam: Exam) -> None:
        for found, drawn in all_figures(exam):
            tex = (ROOT / "latex" / "figures" / f"{found.name}.tex").read_text("utf-8")
            for values in drawn:
                texts = {*values, *(found.compute(values) if found.compute else {})}
                for name in re.findall(r"\\(?:FigureValue|Curve(?:\[.*\])? )\{([^}]*)\}", tex):
                    # In a loop it stands for several: curve_\label.
                    pattern = re.sub(r"\\\\[A-Za-z]+", r"\\w+", re.escape(name))
                    assert any(re.fullmatch(pattern, it) for it in texts), (found.name, name)

    def test_texts_are_plain_numbers_and_labels(self, exam: Exam) -> None:
        for found, drawn in all_figures(exam):
            for values in drawn if found.compute else ():
                assert found.compute is not None
                for name, text in found.compute(values).items():
                    if name.startswith("curve"):
                        assert re.fullmatch(r"\(-?\d+\.\d\d,-?\d+\.\d\d\)( \(-?[\d.,]+\))*", text)
                        assert "-0.00" not in text
                    elif not name.startswith("tick"):
                        assert re.fullmatch(r"\d+\.\d\d", text), (name, text)

    def test_the_same_values_give_the_same_texts(self, exam: Exam) -> None:
        for found, drawn in all_figures(exam):
            if found.compute is not None:
                for values in drawn[::7]:
                    turned = dict(reversed(values.items()))
                    assert found.compute(values) == found.compute(dict(values))
                    assert found.compute(turned) == found.compute(values)

    def test_another_process_gives_the_same_texts(self, exam: Exam) -> None:
        # Nothing depends on the order of a set, on a hash, or on who computed before.
        program = (
            "import sys; sys.path[:0] = ['tests', '.']\n"
            "from shipped import shipped_exam\n"
            "from test_figures import digest\n"
            "print(digest(shipped_exam()))"
        )
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={"PYTHONHASHSEED": "7"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == digest(exam)

    def test_a_name_is_taken_once(self) -> None:
        with pytest.raises(ValueError, match="two figures are called 'autoencoder'"):
            figure("autoencoder")(lambda values: {})

    def test_all_functions_are_used(self, exam: Exam) -> None:
        used = {found.compute for found, _ in all_figures(exam)} - {None}
        assert used == set(FIGURES.values())


def digest(exam: Exam) -> str:
    """Of all texts of all variants."""
    texts = [
        sorted(found.compute(values).items())
        for found, drawn in all_figures(exam)
        for values in drawn
        if found.compute is not None
    ]
    return hashlib.sha256(repr(texts).encode()).hexdigest()


class TestTrainingCurves:
    """6.5: speed and level tell the same story in every variant, and can be read off."""

    @pytest.fixture(scope="class", name="figures")
    @classmethod
    def _figures(cls, exam: Exam) -> list[tuple[dict[str, Value], dict[str, Line], Texts]]:
        return [
            (values, {rate: read_line(texts[f"curve_{values[rate]}"]) for rate in RATES}, texts)
            for values, texts in made(exam, "training-curves")
        ]

    def test_each_epoch_is_a_point_within_the_axes(self, figures) -> None:  # type: ignore[no-untyped-def]
        width, height = float(ACCURACY_WIDTH_MM), float(ACCURACY_HEIGHT_MM)
        for _, lines, _ in figures:
            for line in lines.values():
                steps = np.linspace(0, width, ACCURACY_EPOCHS + 1)
                assert line[:, 0] == pytest.approx(steps, abs=0.006)
                assert line[:, 1].min() >= 0
                assert line[:, 1].max() <= height  # 100 percent

    def test_axes_are_those_of_the_drawing(self) -> None:
        tex = (ROOT / "latex" / "figures" / "training-curves.tex").read_text("utf-8")
        assert f"(0, 0) rectangle ({ACCURACY_WIDTH_MM}, {ACCURACY_HEIGHT_MM})" in tex
        assert "0.4*\\percent" in tex
        assert ACCURACY_HEIGHT_MM == 40

    def test_all_start_at_chance(self, figures) -> None:  # type: ignore[no-untyped-def]
        for _, lines, _ in figures:
            assert {tuple(line[0]) for line in lines.values()} == {(0.0, 4.0)}  # 10 percent

    def test_levels_are_apart(self, figures) -> None:  # type: ignore[no-untyped-def]
        # Low, middle and high by 10 percent points (4 mm) or more: the large rate, the small one,
        # the good one.
        for _, lines, _ in figures:
            large, small, good = (end_level(lines[rate]) for rate in ("large", "small", "good"))
            assert large + 4 <= small
            assert small + 4 <= good

    def test_ends_do_not_cross(self, figures) -> None:  # type: ignore[no-untyped-def]
        # In the last fifth, no noise takes a line to the level of the next one.
        for _, lines, _ in figures:
            ends = {rate: line[-20:, 1] for rate, line in lines.items()}
            assert ends["large"].max() < ends["small"].min()
            assert ends["small"].max() < ends["good"].min()

    def test_speeds_are_apart(self, figures) -> None:  # type: ignore[no-untyped-def]
        for _, lines, _ in figures:
            large, good, small = (initial_slope(lines[rate]) for rate in RATES)
            assert large > 1.4 * good > 1.4 * 2 * small
            large, good, small = (rise_time(lines[rate]) for rate in RATES)
            assert 2 * large < good < small / 1.5

    def test_at_first_the_fastest_is_on_top(self, figures) -> None:  # type: ignore[no-untyped-def]
        # A student sees the order of the lines as they leave the corner.
        for values, lines, _ in figures:
            for epoch in (1, 2, 3):
                heights = [lines[rate][epoch, 1] for rate in reversed(RATES)]
                assert min(np.diff(heights)) > 1, values

    def test_all_have_converged(self, figures) -> None:  # type: ignore[no-untyped-def]
        # A straight line through the last 40 epochs moves by less than 3 percent points; that of
        # a large rate, which bounces, by less than 6.
        for values, lines, _ in figures:
            for rate, line in lines.items():
                slope = np.polyfit(line[-40:, 0], line[-40:, 1], 1)[0]
                moved = abs(slope) * np.ptp(line[-40:, 0])
                assert moved < (2.4 if rate == "large" else 1.2), (values, rate)

    def test_the_drawing_orders_the_rates(self, figures) -> None:  # type: ignore[no-untyped-def]
        for values, lines, _ in figures:
            labels = {str(values[rate]): line for rate, line in lines.items()}
            assert independent_order(labels) == [values[rate] for rate in RATES]

    def test_labels_stand_at_the_ends(self, figures) -> None:  # type: ignore[no-untyped-def]
        for values, lines, texts in figures:
            for rate, line in lines.items():
                assert abs(float(texts[f"end_{values[rate]}"]) - end_level(line)) < 1
            heights = sorted(float(texts[f"end_{label}"]) for label in "ABC")
            assert min(np.diff(heights)) > 3.5  # a capital letter is 2.5 mm high

    def test_lines_are_noisy_as_real_ones(self, figures) -> None:  # type: ignore[no-untyped-def]
        for _, lines, _ in figures:
            for line in lines.values():
                assert 0.05 < line[-40:, 1].std() < 3
                assert (np.diff(line[-40:, 1]) < 0).sum() > 10

    def test_no_two_variants_have_the_same_lines(self, figures) -> None:  # type: ignore[no-untyped-def]
        seen = [line.tobytes() for _, lines, _ in figures for line in lines.values()]
        assert len(set(seen)) == 3 * 48

    def test_labels_say_nothing(self, figures) -> None:  # type: ignore[no-untyped-def]
        counts = {label: dict.fromkeys(RATES, 0) for label in "ABC"}
        for values, _, _ in figures:
            for rate in RATES:
                counts[str(values[rate])][rate] += 1
        assert all(set(count.values()) == {16} for count in counts.values())

    def test_speed_and_level_that_disagree_are_noticed(self, figures) -> None:  # type: ignore[no-untyped-def]
        _, lines, _ = figures[0]
        slow_and_high = lines["small"].copy()
        slow_and_high[:, 1] = 4 + (slow_and_high[:, 1] - 4) * 1.6
        with pytest.raises(ValueError, match=r"speed says .*, levels say "):
            independent_order({**lines, "small": slow_and_high})


class TestNonlinearity:
    def test_curve_is_the_function(self, exam: Exam) -> None:
        for values, texts in made(exam, "nonlinearity"):
            line = read_line(texts["curve"])
            x = (line[:, 0] / float(NONLINEARITY_WIDTH_MM) * 2 - 1) * NONLINEARITY_RANGE
            argument = float(fraction(values["scale"])) * x
            if values["function"] == "tanh":
                height = (np.tanh(argument) + 1) / 2
                ticks = ["$-1$", "$0$", "$1$"]
            else:
                height = 1 / (1 + np.exp(-argument))
                ticks = ["$0$", "$0.5$", "$1$"]
            # The limits are at 3 and 25 mm; where the graph is steep, x is rounded, too.
            assert line[:, 1] == pytest.approx(3 + 22 * height, abs=0.06)
            assert [texts[f"tick_{name}"] for name in ("low", "middle", "high")] == ticks
            assert (line[0, 0], line[-1, 0]) == (0, 44)

    def test_it_saturates_within_the_axes(self, exam: Exam) -> None:
        for values, texts in made(exam, "nonlinearity"):
            line = read_line(texts["curve"])
            assert np.diff(line[:, 1]).min() >= 0
            assert abs(line[0, 1] - 3) + abs(line[-1, 1] - 25) < 0.35, values
            # The middle is at x = 0, and the slope is largest there.
            middle = len(line) // 2
            assert tuple(line[middle]) == (22, 14)
            slopes = np.diff(line[:, 1])
            assert slopes[middle] == pytest.approx(slopes.max(), abs=0.011)

    def test_scales_can_be_told_apart(self, exam: Exam) -> None:
        middles: dict[Value, set[float]] = {}
        for values, texts in made(exam, "nonlinearity"):
            line = read_line(texts["curve"])
            slope = line[len(line) // 2 + 4, 1]
            middles.setdefault(values["function"], set()).add(slope)
        assert all(len(slopes) == 3 for slopes in middles.values())
        assert all(min(np.diff(sorted(slopes))) > 0.1 for slopes in middles.values())

    @pytest.mark.parametrize("function", ["relu", F(1)])
    def test_other_functions_are_refused(self, function: Value) -> None:
        with pytest.raises(ValueError, match="expected sigmoid or tanh"):
            FIGURES["nonlinearity"]({"function": function, "scale": F(1)})


class TestAutoencoder:
    def test_bars_are_ordered_as_the_layers(self, exam: Exam) -> None:
        for values, texts in made(exam, "autoencoder"):
            halves = [float(texts[f"half_{layer}"]) for layer in ("input", "hidden", "code")]
            assert halves[0] > 1.3 * halves[1] > 1.3**2 * halves[2] > 1.3**2 * 1.5
            assert halves[0] <= float(BAR_HEIGHT_MM) / 2
            # In proportion to the roots of the widths.
            for half, layer in zip(halves, ("input", "hidden", "code"), strict=True):
                width = float(fraction(values[f"n_{layer}"]))
                assert half == pytest.approx(14 * np.sqrt(width / 1024), abs=0.006)

    def test_bars_stay_within_the_drawing(self) -> None:
        tex = (ROOT / "latex" / "figures" / "autoencoder.tex").read_text("utf-8")
        (top,) = re.findall(r"\\draw\[span\] \(\\from, ([\d.]+)\)", tex)
        assert float(top) > BAR_HEIGHT_MM / 2


class TestLossSteps:
    def test_each_half_epoch_is_a_point_within_the_axes(self, exam: Exam) -> None:
        for _, texts in made(exam, "loss-steps"):
            line = read_line(texts["curve"])
            steps = np.linspace(0, float(LOSS_WIDTH_MM), 2 * LOSS_EPOCHS + 1)
            assert line[:, 0] == pytest.approx(steps, abs=0.006)
            assert line[:, 1].min() > 0
            assert line[:, 1].max() < float(LOSS_HEIGHT_MM)

    def test_axes_are_those_of_the_drawing(self) -> None:
        tex = (ROOT / "latex" / "figures" / "loss-steps.tex").read_text("utf-8")
        assert f"(0, 0) rectangle ({LOSS_WIDTH_MM}, {LOSS_HEIGHT_MM})" in tex
        assert f"{LOSS_HEIGHT_MM}/{LOSS_TOP}" in tex

    def test_the_loss_drops_at_the_decays_and_nowhere_else(self, exam: Exam) -> None:
        for values, texts in made(exam, "loss-steps"):
            loss = read_line(texts["curve"])[:, 1] / float(LOSS_HEIGHT_MM) * float(LOSS_TOP)
            decays = [int(epoch) for epoch in str(values["decay_epochs"]).split(",")]
            assert decays == sorted(decays)
            # The mean of 3 epochs from the second after a decay on, against the 3 before it.
            for epoch in range(20, 94):
                before = loss[2 * epoch - 5 : 2 * epoch + 1].mean()
                after = loss[2 * epoch + 4 : 2 * epoch + 10].mean()
                if epoch in decays:
                    assert after < 0.68 * before, (values, epoch)
                elif min(abs(epoch - decay) for decay in decays) > 4:
                    assert after > 0.9 * before, (values, epoch)

    def test_levels_are_flat_and_apart(self, exam: Exam) -> None:
        for values, texts in made(exam, "loss-steps"):
            loss = read_line(texts["curve"])[:, 1] / float(LOSS_HEIGHT_MM) * float(LOSS_TOP)
            decays = [int(epoch) for epoch in str(values["decay_epochs"]).split(",")]
            edges = [(10, decays[0]), *zip(decays, [*decays[1:], LOSS_EPOCHS], strict=True)]
            levels = [loss[2 * start + 10 : 2 * end] for start, end in edges]
            for one, other in pairwise(levels):
                assert one.min() > other.max()
            assert loss[0] > 2


@pytest.mark.parametrize("name", ["training-curves", "loss-steps"])
def test_noise_depends_on_all_values(exam: Exam, name: str) -> None:
    variants_of = made(exam, name)
    for (one, first), (two, second) in combinations(variants_of[:12], 2):
        assert one != two
        assert first != second
