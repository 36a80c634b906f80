"""Statistics of marks: each formula against another way to compute it, and what the page says."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from marked import do, mark, open_marks, papers_of
from scipy import stats
from small_bank import changed, load

from generator.bank.exam import NO_GRADES
from generator.files.svg_plots import Axis, scatter
from generator.marks.findings import find
from generator.marks.statistics import (
    adjusted,
    correlation,
    cronbach_alpha,
    discrimination,
    facility,
    interval,
    spread,
    upper_lower,
)
from generator.marks.statistics_page import statistics_page

HALVES = st.integers(0, 6).map(lambda it: it / 2)
TABLES = arrays(np.float64, st.tuples(st.integers(8, 30), st.integers(2, 6)), elements=HALVES)


@settings(max_examples=40)
@given(TABLES)
def test_alpha_and_discrimination_by_covariances(table: np.ndarray) -> None:
    matrix = np.cov(table.T)
    total = matrix.sum()
    alpha = cronbach_alpha(table)
    if total < 1e-9:
        assert alpha is None
        return
    count = len(matrix)
    assert alpha == pytest.approx(count / (count - 1) * (1 - np.trace(matrix) / total))
    # Of sums: cov(x, T - x) = cov(x, T) - var(x); var(T - x) = var(T) - 2 cov(x, T) + var(x).
    own = matrix[0].sum()
    rest = total - 2 * own + matrix[0, 0]
    found = discrimination(table, 0)
    if found is not None and rest > 1e-9:
        assert found == pytest.approx((own - matrix[0, 0]) / (matrix[0, 0] * rest) ** 0.5)


def test_alpha_of_a_table_worked_by_hand() -> None:
    # Variances 1, 1, 1; totals 3, 5, 7 with variance 4: 3/2 (1 - 3/4) = 3/8.
    table = np.array([[1.0, 1.0, 1.0], [2.0, 3.0, 0.0], [3.0, 2.0, 2.0]])
    assert cronbach_alpha(table) == pytest.approx(3 / 8)
    assert cronbach_alpha(table[:1]) is None
    same = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
    assert cronbach_alpha(same) == pytest.approx(1)


def test_what_is_missing_counts_only_where_it_must() -> None:
    table = np.array([[2.0, 1.0], [0.0, 0.0], [1.0, np.nan], [1.0, 2.0], [2.0, 2.0], [0.0, 1.0]])
    assert facility(table[:, 0], 2) == pytest.approx(0.5)
    assert facility(table[:, 1], 2) == pytest.approx(0.6)
    whole = table[[0, 1, 3, 4, 5]]
    assert discrimination(table, 0) == pytest.approx(np.corrcoef(whole.T)[0, 1])
    assert facility(np.array([np.nan]), 2) is None
    assert correlation(np.ones(9), np.arange(9.0)) is None


def test_best_and_weakest_by_hand() -> None:
    # Of ten, three are 27 %: totals 0, 1, 2 and 7, 8, 9.
    table = np.array([[float(at >= 7), float(at - (at >= 7))] for at in range(10)])
    assert upper_lower(table, 0, 1) == 1
    assert upper_lower(table, 1, 9) == pytest.approx(((6 + 7 + 8) / 3 - 1) / 9)


@settings(max_examples=30)
@given(arrays(np.float64, (15, 2), elements=st.floats(-5, 5).map(lambda it: round(it, 2))))
def test_correlations_and_their_intervals(table: np.ndarray) -> None:
    r = correlation(table[:, 0], table[:, 1])
    if r is None or min(np.ptp(table, axis=0)) < 0.5 or abs(r) > 0.999:
        return
    other = stats.pearsonr(table[:, 0], table[:, 1])
    assert r == pytest.approx(other.statistic)
    low, high = other.confidence_interval(0.95)
    assert interval(r, 15) == pytest.approx((low, high))


def test_variance_between_groups_and_its_chance() -> None:
    dice = np.random.default_rng(5)
    labels = ["a"] * 12 + ["b"] * 9 + ["c"] * 15
    points = dice.normal(size=36) + np.array([0.8] * 12 + [0.0] * 24)
    found = spread(labels, points)
    assert found is not None
    groups = [points[:12], points[12:21], points[21:]]
    test = stats.f_oneway(*groups)
    share = test.statistic * 2 / (test.statistic * 2 + 33)  # η² from F
    assert found.share == pytest.approx(share)
    # For normal marks the chance is that of the table of F.
    assert found.chance == pytest.approx(test.pvalue, abs=0.02)
    assert found.groups["b"] == (pytest.approx(groups[1].mean()), 9)
    assert spread(labels, points) == found
    assert spread(["a"] * 36, points) is None


def test_chance_of_small_groups_is_that_of_all_orders() -> None:
    points = np.array([0.0, 0.5, 1.0, 2.0, 2.5, 3.0])
    found = spread(list("aaabbb"), points)
    assert found is not None
    assert found.chance == pytest.approx(2 / 20, abs=0.01)  # of 20 choices of three, two are so far


@settings(max_examples=50)
@given(st.lists(st.floats(0.001, 1), min_size=1, max_size=30))
def test_adjusted_chances(chances: list[float]) -> None:
    assert adjusted(chances) == pytest.approx(list(stats.false_discovery_control(chances)))


# --- the page -------------------------------------------------------------------------------------


def test_the_page_says_what_the_marks_are(tmp_path: Path) -> None:
    codes = tuple(f"E{number:04d}" for number in range(1, 41))
    papers = papers_of(load(tmp_path), (*codes, "E0041"))
    with open_marks(tmp_path, papers) as marks:
        for at, code in enumerate(codes):
            # Copies that ask for the mean are three times as hard; eve gives half a point less.
            harder = papers.solution(code, "1").draw.values["mood"] == "mean"
            who = "eve" if at % 3 else "bob"
            points = (1.0 if harder else 2.0) - (0.5 if who == "eve" else 0)
            mark(marks, code, "1.1", f"{points:g}", who)
            mark(marks, code, "1.2", f"{at % 5 / 2:g}", who)
            right = papers.part(code, "2.1").right
            for label in "abcd" if at == 0 else right:
                do(marks, "tick", f"o:{label}", code=code, part="2.1", who=who)
            do(marks, "done", code=code, part="2.1", who=who)
            do(marks, "given", "total", "1", code=code, part="1.2", who=who) if at < 4 else None
            mark(marks, code, "1.3", "1", who)
        do(marks, "points", code=codes[1], part="1.1", who="eve")
        do(marks, "tick", "m0", code=codes[1], part="1.1", who="eve")
        for code in marks.order.sample("1.1", 5):
            again = marks.state(code, "1.1").total or 0
            mark(marks, code, "1.1", f"{float(again) + 0.5:g}", "ada", 3)
        # A spare that nobody has, marked with 0, and a mark that has moved.
        papers.unheld = frozenset(["E0041"])
        for part in papers.parts:
            mark(marks, "E0041", part, "0")
        do(
            marks,
            "untick",
            f"o:{min(papers.part(codes[3], '2.1').right)}",
            "1.1",
            code=codes[3],
            part="2.1",
            seen=99,
        )
        found = find(marks)

    assert (found.copies, found.unused, found.moved) == (40, 1, 1)
    assert found.totals == ()  # 2.2 and 2.3 are not marked
    items = {item.part: item for item in found.items}
    assert items["1.2"].facility == pytest.approx(0.5)
    assert (items["1.2"].without, items["1.2"].full, items["2.2"].count) == (8, 8, 0)
    first = next(it for it in found.variants if it.name == "mood")
    assert first.where == "1"
    assert first.found.groups["mean"][0] < first.found.groups["sum"][0]
    raters = {(it.part, it.who): it for it in found.raters}
    assert raters["1.1", "bob"].mean > raters["1.1", "eve"].mean
    again = [it for it in found.raters if it.pairs]
    assert sum(it.pairs for it in again) == 5
    assert {it.again for it in again} == {0.5}
    assert sum(it.crossed for it in found.options if it.part == "2.1") >= 4
    assert [(it.part, it.count, it.of) for it in found.follows] == [("1.2", 4, 40)]
    assert [(it.part, it.count) for it in found.mistakes if it.count] == [("1.1", 1)]

    german = load(tmp_path, exam=changed("exam.yaml", "pages: 8", "language: de\npages: 8"))
    # Points of so few that the axis has decimals.
    found = replace(found, loads=tuple(replace(it, maximum=1) for it in found.loads))
    for exam, words in ((papers.exam, "Was a variant harder?"), (german, "Exemplare ohne Person")):
        text = statistics_page(exam, found, NO_GRADES)
        assert words in text
        assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
        assert text.count("<svg") >= 1
        points = re.findall(r"<text [^>]*>[^<]*[0-9][.,][0-9][^<]*</text>", text)
        sign = exam.conventions.decimal_sign
        assert points
        assert not [it for it in points if (",", ".")[sign == ","] in it.partition(">")[2]]


def test_labels_of_a_map_never_cover_each_other() -> None:
    points = [(0.5, 0.5), (0.502, 0.502), (0.498, 0.5), (0.9, 0.1)]
    plot = scatter("", Axis("", 0, 1), Axis("", 0, 1), points, ["2.1", "2.2", "2.3", "1.4"])
    written = re.findall(r'class="caption">(\d\.\d)<', plot)
    assert written == ["1.4", "2.3"]  # what stands apart is named first
    assert re.findall("<title>([^<]+)</title>", plot) == ["2.1", "2.2", "2.3", "1.4"]
