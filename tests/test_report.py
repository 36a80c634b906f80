"""The examiner's report: what it counts, that it stands alone, that it is the same each time."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction as F
from html.parser import HTMLParser

import pytest
from shipped import SECRET, find
from small_project import EXAM_ID, Project

from generator.bank.exam import Exam
from generator.bank.kinds.order import OrderPart
from generator.bank.kinds.statements import PoolPart
from generator.draw.draw import Band, choosing_parts
from generator.draw.fairness import Measured, judge, measure
from generator.files import html as page
from generator.record.copy import Copy
from generator.record.record import record_copy
from generator.release.kept_tally import said_band
from generator.release.report import LISTED, entropy, is_even, make_report, tally
from generator.solve.solve import Solution

COUNT = 60


class Text(HTMLParser):
    """The tables and the text of a page, and whether its elements are nested as they should."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "rect", "line", "polyline"}:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag not in {"meta", "rect", "line", "polyline"}:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            return
        self.text += data
        if self.rows and ({"td", "th"} & set(self.open)):
            self.rows[-1][-1] += data


@pytest.fixture(scope="module")
def measured(exam: Exam) -> dict[str, Measured]:
    problems = [find(exam, number) for number in "237"]
    return {it.id: judge(it, measure(it, range(300))) for it in problems}


Drawn = list[tuple[Copy, Mapping[str, Solution]]]


@pytest.fixture(scope="module")
def drawn(exam: Exam, measured: dict[str, Measured]) -> Drawn:
    bands = {name: it.band for name, it in measured.items()}
    found = []
    for number in range(COUNT):
        spare = number if number % 10 == 0 else None
        copy = Copy(f"E{number + 1:04d}", f"HS <{number % 2}>", spare)
        outcome = record_copy(exam, copy, SECRET, (), bands)
        found.append((outcome.copy, outcome.solutions))
    return found


@pytest.fixture(scope="module")
def copies(drawn: Drawn) -> list[Copy]:
    return [copy for copy, _ in drawn]


# --- What is counted -----------------------------------------------------------------------------


def test_counts_are_those_of_the_solutions(
    exam: Exam, drawn: Drawn, copies: list[Copy], measured: dict[str, Measured]
) -> None:
    found = tally(exam, measured, copies)
    solutions = [solution for _, solution in drawn]
    assert found.copies == COUNT
    assert found.outliers == []
    loads = Counter(find(exam, "3").steps.load(it["3"].values).total for it in solutions)
    assert found.loads["3"] == loads
    assert set(found.loads) == {"2", "3", "7"}
    assert found.answers["3.3", "w21_new"] == Counter(
        json.dumps(it["3"].answers["3.3"]["w21_new"]) for it in solutions
    )
    shapes = Counter(json.dumps(it["2"].answers["2.4"]["shape"]) for it in solutions)
    assert found.answers["2.4", "shape"] == shapes
    assert len(found.variants["4"]) == 3
    assert len(found.variants[""]) == COUNT
    for part in choosing_parts(find(exam, "1")):
        options = [it["1"].options[part.id] for it in solutions]
        right = [[it.correct for it in four] for four in options]
        assert found.right[part.id] == Counter(map(sum, right))
        assert found.places.get(part.id, Counter()) == Counter(
            label for truths in right for label, truth in zip("abcd", truths, strict=True) if truth
        )
        if isinstance(part, PoolPart) and not part.computed:
            assert found.used[part.id] == Counter(it.option for four in options for it in four)


def test_computed_statements_and_orders_have_one_name_in_all_copies(
    exam: Exam, copies: list[Copy], measured: dict[str, Measured]
) -> None:
    found = tally(exam, measured, copies)
    for part in choosing_parts(find(exam, "1")):
        if not isinstance(part, PoolPart | OrderPart):
            continue
        expected = part.expected_use()
        assert set(found.used[part.id]) <= set(expected)
        # Four options are printed; as many of them are right as are counted right.
        assert sum(use.share for use in expected.values()) == pytest.approx(4)
        true = sum(found.used[part.id][name] for name, use in expected.items() if use.true)
        assert true == found.places[part.id].total()
        # As often as expected, to within five standard deviations.
        for name, use in expected.items():
            share = use.share
            spread = (share * (1 - share) * COUNT) ** 0.5
            assert abs(found.used[part.id][name] - share * COUNT) <= 5 * spread


def test_entropy() -> None:
    assert entropy([5]) == 0
    assert str(entropy([5])) == "0.0"
    assert entropy([1, 1]) == 1
    assert entropy([1, 1, 1, 1]) == 2
    assert entropy([3, 1]) == pytest.approx(0.8113, abs=1e-4)
    assert entropy([]) == 0


def test_what_is_not_even(exam: Exam) -> None:
    parts = {part.id: part for part in choosing_parts(find(exam, "1"))}
    pool, order, fixed = parts["1.1"], parts["1.6"], parts["1.7"]
    halves = dict.fromkeys("abcd", 500)
    sevenths = {0: 143, 1: 286, 2: 142, 3: 286, 4: 143}
    assert is_even(pool, sevenths, halves)
    assert not is_even(pool, sevenths, {**halves, "a": 600})
    assert not is_even(pool, {**sevenths, 0: 203, 4: 83}, halves)
    assert not is_even(pool, {2: 1000}, halves)
    assert is_even(order, {1: 1000}, dict.fromkeys("abcd", 250))
    assert not is_even(order, {1: 1000}, {"a": 320, "b": 230, "c": 230, "d": 220})
    assert is_even(fixed, {2: 1000}, {"b": 1000, "c": 1000})
    assert is_even(pool, {}, {})


# --- What is said --------------------------------------------------------------------------------


def test_sound_batch(exam: Exam, copies: list[Copy], measured: dict[str, Measured]) -> None:
    read = Text(make_report(exam, tally(exam, measured, copies), measured, {}))
    assert "Every copy is in the band of each problem, and no two copies are alike." in read.text
    assert ["HS <0>", "24", "6", "30"] in read.rows
    assert ["all", "54", "6", "60"] in read.rows
    assert ["3", "Backpropagation", "60", "1"] in read.rows
    found = tally(exam, measured, copies)
    (row,) = [row for row in read.rows if row[:2] == ["3", "Backpropagation"] and len(row) == 7]
    band = measured["3"].band
    assert row[2] == str(measured["3"].median)
    assert row[3].startswith(f"{-(-band.lowest // 1)} to {band.highest // 1} (±5")
    assert row[4:] == [str(min(found.loads["3"])), str(max(found.loads["3"])), "0"]
    (bits,) = [row for row in read.rows if row[0] == "7.4 forget"]
    assert bits[1] == "3"
    gates = found.answers["7.4", "forget"]
    assert bits[2].strip() == f"{entropy(gates.values()):.1f} bits"
    assert "Which keys were revised?" not in read.text


def test_copies_outside_a_band_are_listed(
    exam: Exam, copies: list[Copy], measured: dict[str, Measured]
) -> None:
    # As after an edit of the bank: what is recorded stays, and is reported.
    loads = tally(exam, measured, copies).loads["3"]
    highest = max(loads)
    three, seven = measured["3"], measured["7"]
    changed = {
        **measured,
        "3": replace(three, band=replace(three.band, highest=F(highest - 1))),
        "7": replace(seven, band=replace(seven.band, branches=frozenset([("relu:9",)]))),
    }
    read = Text(make_report(exam, tally(exam, changed, copies), changed, {}))
    outliers = [it for it in tally(exam, changed, copies).outliers if it.problem == "3"]
    assert {it.load for it in outliers} == {highest}
    assert len(outliers) == loads[highest]
    assert f"Problem 3: {len(outliers)} of 60 are outside the band." in read.text
    assert "Problem 7: 60 of 60 are outside the band." in read.text
    (row,) = [row for row in read.rows if row[:2] == ["3", "load"]]
    assert row[2] == str(len(outliers))
    assert row[3].startswith(f"{outliers[0].code} ({highest})")
    patterns = [row for row in read.rows if row[:1] == ["7"] and row[1].startswith("branch")]
    assert {row[1] for row in patterns} == {
        "branch pattern relu:0 relu:1 relu:1",
        "branch pattern relu:1 relu:0 relu:1",
    }
    assert any(row[3].endswith(" more") for row in patterns)  # 30 are listed


def test_copies_that_are_alike_are_said(
    exam: Exam, copies: list[Copy], measured: dict[str, Measured]
) -> None:
    twice = [*copies, replace(copies[0], code="E0999")]
    read = Text(make_report(exam, tally(exam, measured, twice), measured, {}))
    assert "1 copy has the same draws as another copy." in read.text
    assert "Every copy is" not in read.text


def test_revisions_are_put_together(
    exam: Exam, copies: list[Copy], measured: dict[str, Measured]
) -> None:
    changes = {
        ("E0002", 2): json.dumps(["3.2 mse: 2.5 -> 2.25"]),
        ("E0001", 2): json.dumps(["3.2 mse: 1 -> <2>", "3.3 w21_new: 1 -> 2"]),
        ("E0001", 3): json.dumps([]),
        ("E9999", 2): json.dumps(["3.2 mse: 5 -> 6"]),  # not in the batch any more
    }
    revisions = {"E0001": 3, "E0002": 2}
    revised = [replace(it, key_revision=revisions.get(it.code, 1)) for it in copies]
    read = Text(make_report(exam, tally(exam, measured, revised), measured, changes))
    assert ["2", "3.2 mse", "2", "E0001, E0002", "E0001: 1 -> <2>"] in read.rows
    assert ["2", "3.3 w21_new", "1", "E0001", "E0001: 1 -> 2"] in read.rows
    assert ["3", "texts of the key", "1", "E0001", ""] in read.rows
    assert "E9999" not in read.text


def test_of_many_revised_copies_some_are_named(
    exam: Exam, copies: list[Copy], measured: dict[str, Measured]
) -> None:
    for count in (LISTED, LISTED + 1):
        codes = [copy.code for copy in copies[:count]]
        changes = {(code, 2): json.dumps(["3.2 mse: 1 -> 2"]) for code in codes}
        revised = [replace(it, key_revision=2 if it.code in codes else 1) for it in copies]
        read = Text(make_report(exam, tally(exam, measured, revised), measured, changes))
        rest = " and 1 more" if count > LISTED else ""
        named = ", ".join(codes[:LISTED]) + rest
        assert ["2", "3.2 mse", str(count), named, f"{codes[0]}: 1 -> 2"] in read.rows


def test_how_even_options_are_is_said_of_each_question(
    exam: Exam, copies: list[Copy], measured: dict[str, Measured]
) -> None:
    found = tally(exam, measured, copies)
    parts = [it for it in choosing_parts(find(exam, "1")) if it.right_share is not None]
    found.places[parts[0].id] = Counter(a=found.places[parts[0].id].total())
    read = Text(make_report(exam, found, measured, {}))
    said = {row[0]: row[-1] for row in read.rows if row and row[-1] in {"even", "uneven"}}
    assert said == {
        it.id: "even"
        if is_even(it, found.right[it.id], found.places.get(it.id, Counter()))
        else "uneven"
        for it in parts
    }
    assert set(said.values()) == {"even", "uneven"}


def test_the_most_frequent_answers_are_said_as_they_are_read(
    exam: Exam, copies: list[Copy], measured: dict[str, Measured]
) -> None:
    found = tally(exam, measured, copies)
    read = Text(make_report(exam, found, measured, {}))
    for part, name in (("3.3", "w21_new"), ("2.4", "shape")):
        written, _ = min(found.answers[part, name].items(), key=lambda it: (-it[1], it[0]))
        answer = json.loads(written)
        shown = answer if isinstance(answer, str) else ", ".join(answer)
        (row,) = [row for row in read.rows if row[0] == f"{part} {name}"]
        assert any(cell.startswith(shown) for cell in row[1:]), row


def test_the_same_whatever_the_order(
    exam: Exam, copies: list[Copy], measured: dict[str, Measured]
) -> None:
    reverse = {name: measured[name] for name in reversed(measured)}
    found, other = tally(exam, measured, copies), tally(exam, reverse, copies[::-1])
    assert make_report(exam, found, measured, {}) == make_report(exam, other, reverse, {})


def test_exam_without_arithmetic_or_choice(exam: Exam, copies: list[Copy]) -> None:
    short = replace(exam, problems=(find(exam, "4"),))
    read = Text(make_report(short, tally(short, {}, copies), {}, {}))
    assert "Is every copy as much work?" not in read.text
    assert "Is multiple choice even?" not in read.text
    assert "57 copies have the same draws as another copy." in read.text
    nothing = tally(exam, {}, [])
    assert Text(make_report(exam, nothing, {}, {})).text


@pytest.mark.slow
def test_the_report_of_a_batch(built: Project) -> None:
    text = (built.out / "examiner" / "report.html").read_text()
    assert EXAM_ID in text
    assert "Every copy is in the band of each problem" in text
    assert "3.3 w21_new" in text
    assert not re.search(r"(src|href)=|@import|url\(|<script", text)
    secret = (built.out / "examiner" / "secret.key").read_text().strip()
    for hidden in (secret, "Müller", "00123456", str(built.folder)):
        assert hidden not in text


# --- The page ------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["<b>", '"&"', "a < b"])
def test_texts_are_escaped(value: str) -> None:
    html = page.tag("p", value, title=value)
    assert ET.fromstring(html).text == value
    assert ET.fromstring(html).get("title") == value


def test_bars_are_as_tall_as_their_counts() -> None:
    svg = ET.fromstring(page.bars("<numbers>", [("0", 30), ("1", 0), ("<2>", 10)], 15))
    assert svg.findtext(f"{SVG}title") == "<numbers>"
    tall = [float(it.get("height", "")) for it in svg.iter(f"{SVG}rect")]
    assert tall == [tall[0], 0, pytest.approx(tall[0] / 3, abs=0.1)]
    assert [it.text for it in svg.iter(f"{SVG}text")] == ["30", "0", "0", "1", "10", "<2>"]
    axis, dashed = (float(it.get("y1", "")) for it in svg.iter(f"{SVG}line"))
    assert axis - dashed == pytest.approx(tall[0] / 2, abs=0.1)


SVG = "{http://www.w3.org/2000/svg}"


def test_histogram_shows_shares_and_the_band() -> None:
    shown = page.histogram(
        "loads", Counter({5: 2, 9: 6}), Counter({0: 9}), page.MarkedRange(4, 6, 5)
    )
    svg = ET.fromstring(shown)
    band, *bars = svg.iter(f"{SVG}rect")
    assert len(bars) == 10
    tall = {index: float(it.get("height", "")) for index, it in enumerate(bars) if it.get("height")}
    # The tallest is the outline: all of what is compared with is in one place.
    assert tall[9] == pytest.approx(3 * tall[5], abs=0.2)
    assert sum(tall.values()) == pytest.approx(float(band.get("height", "")), abs=0.2)
    middle = float(bars[5].get("x", "")) + float(bars[5].get("width", "")) / 2
    left, width = float(band.get("x", "")), float(band.get("width", ""))
    assert left + width / 2 == pytest.approx(middle, abs=0.1)
    assert width == pytest.approx(3 * float(bars[5].get("width", "")) / 0.8, abs=0.2)
    labels = [it.text for it in svg.iter(f"{SVG}text")]
    assert labels == ["5", "0", "9", "100\u202f%", "0", "load"]
    many = ET.fromstring(page.histogram("loads", Counter(range(1000)), {}, None))
    assert len(list(many.iter(f"{SVG}rect"))) <= 36
    assert "nothing to show" in page.histogram("loads", {}, {}, None)


def test_columns_of_numbers_are_flush_right() -> None:
    html = page.table(("id", "count", "share", "words"), [("3", 1234567, "12.5%", "3 of 4")])
    assert [it.get("class") for it in ET.fromstring(html).iter("td")] == [
        "words",
        "number",
        "number",
        "words",
    ]
    assert [it.get("class") for it in ET.fromstring(html).iter("th")][1:3] == ["number", "number"]
    assert "1\u202f234\u202f567" in html


def test_kept_counts_are_found_again_whatever_the_order_of_a_set() -> None:
    patterns = [(f"relu {number}",) for number in range(500)]

    def said(order: list[tuple[str, ...]]) -> str:
        return said_band(Band(F(1), F(2), frozenset(order), ("h1",)))

    one, another = frozenset(patterns), frozenset(reversed(patterns))
    assert repr(one) != repr(another)
    assert said(patterns) == said(patterns[::-1])
    assert said(patterns) != said(patterns[1:])
