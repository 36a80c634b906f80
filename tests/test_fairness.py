"""Fairness: the band of a problem, draws held to it, and what is said where none can be."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import pytest
from one_problem import load_one, one_part
from shipped import ROOT, SECRET, dice, find
from small_bank import EXAM
from test_draw import _all_draws, _count_distinct

from generator.bank.exam import Exam
from generator.bank.group import Group, variants
from generator.bank.problem import Fairness, Problem, Require
from generator.bank.read.exam_file import load_exam
from generator.draw import fairness
from generator.draw.draw import Band, Draw, draw_problem, first_violated, reference_draw
from generator.draw.fairness import (
    PUBLIC_KEY,
    Measured,
    counted_steps,
    is_measured,
    judge,
    loads_by_piece,
    measure,
    measure_exam,
    problem_digest,
    public_dice,
)
from generator.errors import InputError
from generator.exact.dice import Dice
from generator.expressions import Step, Steps, compile_expression
from generator.files.program import python_files
from generator.record.copy import Copy
from generator.record.record import record_copy

CODES = [f"E{number:04d}" for number in range(40)]
FIRST_CLIPPED = ("relu:0", "relu:1", "relu:1")
SECOND_CLIPPED = ("relu:1", "relu:0", "relu:1")


def settings(problem: Problem, **changes: object) -> Problem:
    return replace(problem, fairness=replace(problem.fairness, **changes))  # type: ignore[arg-type]


def quick(exam: Exam, draws: int = 300) -> Exam:
    """The exam with fewer draws for the median."""
    return replace(exam, problems=tuple(settings(it, draws=draws) for it in exam.problems))


def measured(problem: Problem, draws: int = 300) -> Measured:
    return judge(problem, measure(problem, range(draws)))


@pytest.fixture(scope="module")
def bands(exam: Exam) -> dict[str, Band]:
    """Of the problems that have one."""
    found = measure_exam(quick(exam, 500), None, 1)
    return {name: it.band for name, it in found.items()}


def load(problem: Problem, draw: Draw) -> tuple[int, tuple[str, ...]]:
    found = problem.steps.load(draw.values, counted_steps(problem))
    return found.total, found.branches


def test_what_is_known_of_operations_adds_up_to_the_load(exam: Exam) -> None:
    """Also of lists, and of numbers that are no fractions."""
    made = Steps(
        [Step("a", compile_expression("sum([x, 2, x*x]) + sqrt(2)*x")),
         Step("b", compile_expression("relu(-x) if x < a and x > 0 else max(x, 3)"))],
        ["x"],
    )  # fmt: skip
    tried = [(made, {"x": F(it, 2)}, made.order) for it in (-3, 1, 3, -3)]
    for problem in exam.problems:
        for number in range(20):
            values = draw_problem(problem, public_dice(problem, number)).values
            tried.append((problem.steps, dict(values), counted_steps(problem)))
    for steps, values, names in tried:
        load = steps.load(values, names)
        assert steps.weigh(values, names) == (load.branches, load.total)


# --- The band ------------------------------------------------------------------------------------


def test_band_is_around_the_median_of_admissible_draws(exam: Exam) -> None:
    problem = find(exam, "3")
    found = measured(problem)
    loads = []
    for number in range(300):
        draw = draw_problem(problem, Dice(PUBLIC_KEY, "fairness", str(number), "3", 0))
        assert first_violated(problem, draw.values) is None
        loads.append(problem.steps.load(draw.values).total)
    assert found.median == statistics.median_low(loads)
    assert (found.band.lowest, found.band.highest) == (
        found.median * F(95, 100),
        found.median * F(105, 100),
    )
    assert found.spread() == Counter(loads)
    assert len(set(loads)) > 50  # equal operators, other digits: another load
    wide = measured(settings(problem, band=F(1, 2)))
    assert (wide.median, wide.band.lowest) == (found.median, F(found.median, 2))


def test_most_common_branches_are_asked_for(exam: Exam) -> None:
    problem = settings(find(exam, "7"), branches=None)
    found = measured(problem)
    assert {pattern for pattern, _ in found.patterns()} == {FIRST_CLIPPED, SECOND_CLIPPED}
    common = found.patterns()[0][0]
    assert found.band.branches == {common}
    # The median is that of draws that copies can have.
    fitting = Counter[int]()
    for (branches, total), count in found.loads.items():
        if branches == common:
            fitting[total] += count
    assert found.median == statistics.median_low(fitting.elements())
    assert sum(fitting.values()) < 300


MEDIAN_BY_HAND = """\
id: "1"
title: By hand
points: 2
draw:
  - {names: [x1, x2, x3, x4, x5], from: 10, to: 60}
  - {names: [kind], one_of: [low, high]}
reference: {x1: 12, x2: 31, x3: 18, x4: 44, x5: 52, kind: low}
parts:
  - id: "1.1"
    points: 2
    space: 45 mm
    ask: |
      The << kind >> of << x1 >>, << x2 >>, << x3 >>, << x4 >>, << x5 >>?
    steps:
      z: min(x1, x2, x3, x4, x5) if kind == 'low' else max(x1, x2, x3, x4, x5)
      apart: abs(x1 - x2) + abs(x3 - x4) + indicator(x4 > x5) + indicator(x1 > x2)
    rubric:
      - {points: 1, step: z}
      - {points: 1, step: apart}
"""


def test_nothing_that_is_meant_to_vary_is_pinned_by_default(tmp_path: Path) -> None:
    header = EXAM.replace("[open.yaml, choice.yaml]", "[one.yaml]").replace("13.5", "2")
    (tmp_path / "exam.yaml").write_text(header, "utf-8")
    (tmp_path / "one.yaml").write_text(MEDIAN_BY_HAND, "utf-8")
    (problem,) = load_exam(tmp_path / "exam.yaml", tmp_path).problems
    found = measured(problem, 1000)
    assert len(found.patterns()) > 50
    assert found.band.branches is None
    inside = sum(
        count
        for load_, count in found.spread().items()
        if found.band.lowest <= load_ <= found.band.highest
    )
    assert 2 * inside >= 1000
    drawn = [
        draw_problem(problem, Dice(b"k" * 32, "e", str(number), "1", 0), found.band)
        for number in range(200)
    ]
    assert {draw.values["kind"] for draw in drawn} == {"low", "high"}
    for name in ("x1", "x2", "x3", "x4", "x5"):
        assert len({draw.values[name] for draw in drawn}) > 40
    # A band that the bank states is as narrow as it says.
    narrow = measured(settings(problem, band=F(1, 100), stated=True), 1000)
    assert narrow.band.highest == narrow.median * F(101, 100)


def test_patterns_are_listed_shortest_first_and_not_by_the_page() -> None:
    patterns = [(("relu:1",) * length, 10 * length) for length in range(1, 40)]
    listed = fairness.shortest_first(patterns, 5)
    assert [len(pattern) for pattern, _ in listed] == [35, 36, 37, 38, 39]
    band = Band(F(1), F(2), frozenset(pattern for pattern, _ in patterns), ())
    assert str(band).startswith("loads from 1 to 2, branch pattern relu:1 or relu:1 relu:1 or ")
    assert str(band).endswith(" or one of 35 more")


@pytest.mark.parametrize(
    ("usual", "others", "asked"), [(50, 50, True), (49, 51, False), (51, 49, True)]
)
def test_half_of_the_draws_make_a_pattern_usual(
    exam: Exam, usual: int, others: int, asked: bool
) -> None:
    rare = {((f"relu:{number}",), 100): others // 7 for number in range(2, 9)}
    loads = Counter({(("relu:1",), 100): usual, (("relu:9",), 100): others % 7, **rare})
    allowed = judge(settings(find(exam, "3"), branches=None), loads).band.branches
    assert (allowed == {("relu:1",)}) is asked


@pytest.mark.parametrize(("own", "others", "asked"), [(25, 75, True), (24, 76, False)])
def test_a_quarter_of_a_piece_of_a_list_is_enough(
    exam: Exam, own: int, others: int, asked: bool
) -> None:
    loads = Counter({(("relu:1",), 100): 90, (("relu:0",), 100): 10})
    piece = Counter({(("relu:1",), 100): own, (("relu:0",), 100): others})
    allowed = judge(settings(find(exam, "3"), branches=None), loads, {("i1", 0): piece}).band
    assert (allowed.branches == {("relu:1",)}) is asked


def test_listed_branches_or_any(exam: Exam) -> None:
    problem = find(exam, "7")
    assert measured(problem).band.branches == {FIRST_CLIPPED, SECOND_CLIPPED}
    only = measured(settings(problem, branches=(SECOND_CLIPPED,)))
    assert only.band.branches == {SECOND_CLIPPED}
    assert sum(only.spread().values()) < sum(measured(problem).spread().values())
    assert measured(settings(problem, branches=())).band.branches is None


def test_listed_branches_that_no_draw_has(exam: Exam) -> None:
    problem = settings(find(exam, "7"), branches=(("relu:0", "relu:0", "relu:1"),))
    with pytest.raises(InputError) as caught:
        measured(problem)
    (complaint,) = caught.value.problems
    assert complaint.where == "problem 7: fairness.branches"
    assert "none of 300 draws has a listed branch pattern; they have: relu:" in complaint.message


def test_texts_are_looked_up_and_do_not_count(exam: Exam) -> None:
    assert counted_steps(find(exam, "7")) == ("parameters", "h1", "h2", "h3")
    measurable = [problem.id for problem in exam.problems if is_measured(problem)]
    assert measurable == ["2", "3", "7"]


def test_band_does_not_depend_on_jobs_or_exam(exam: Exam) -> None:
    two = replace(exam, problems=(find(exam, "2"), find(exam, "7")))
    small = quick(two, 600)  # more than one chunk
    alone = measure_exam(small, None, 1)
    assert measure_exam(small, None, 2) == alone
    other = replace(small, id="other", problems=small.problems[::-1])
    assert measure_exam(other, None, 1) == alone


def test_step_without_value_is_found_before_copies_are_drawn(exam: Exam) -> None:
    """Each piece of work stops at a draw of its own; the mistake is said once."""
    problem = settings(find(exam, "7"), draws=2 * fairness.CHUNK)
    division = replace(
        problem.steps["parameters"],  # type: ignore[type-var]
        expression=compile_expression("n_h/(n_x - 3)"),
    )
    members = [division if it.gives == ("parameters",) else it for it in problem.steps.members]
    broken = replace(problem, steps=type(problem.steps)(members, problem.steps.given))
    with pytest.raises(InputError) as caught:
        measure_exam(replace(exam, problems=(broken,)), None, 1)
    (complaint,) = caught.value.problems
    assert "parameters: n_h/(n_x - 3): division by zero" in complaint.message
    assert "for the draw n_x=3, n_h=" in complaint.message
    assert (complaint.line, complaint.column) == problem.places["parameters"]


# --- Draws in the band ---------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["2", "3", "7"])
def test_draws_are_in_the_band(exam: Exam, bands: dict[str, Band], number: str) -> None:
    problem, band = find(exam, number), bands[number]
    free = [load(problem, draw_problem(problem, dice(exam, it, number))) for it in CODES]
    assert not all(_inside(band, *it) for it in free)
    for code in CODES:
        draw = draw_problem(problem, dice(exam, code, number), band)
        assert _inside(band, *load(problem, draw))
        assert first_violated(problem, draw.values) is None


def _inside(band: Band, total: int, branches: tuple[str, ...]) -> bool:
    assert band.branches is not None
    return band.lowest <= total <= band.highest and branches in band.branches


def test_only_what_is_outside_is_drawn_again(exam: Exam, bands: dict[str, Band]) -> None:
    problem, band = find(exam, "3"), bands["3"]
    for code in CODES:
        free = draw_problem(problem, dice(exam, code, "3"))
        held = draw_problem(problem, dice(exam, code, "3"), band)
        if _inside(band, *load(problem, free)):
            assert held == free
        else:
            assert held.attempt > free.attempt
            # All between them are outside of the band, or not admissible.
            skipped = Counter[object]()
            draw_problem(problem, dice(exam, code, "3"), band, skipped)  # type: ignore[arg-type]
            assert sum(skipped.values()) == held.attempt
            assert skipped["the load"] >= 1


def test_other_problems_and_copies_do_not_matter(exam: Exam, bands: dict[str, Band]) -> None:
    together = record_copy(exam, _copy("E0001"), SECRET, (), bands).solutions
    for name in ("1", "2", "4", "5", "6", "7", "8"):
        # Without a band of problem 3, and after another copy, the others are what they were.
        rest = {key: band for key, band in bands.items() if key != "3"}
        record_copy(exam, _copy("E0002"), SECRET, (), rest)
        alone = draw_problem(find(exam, name), dice(exam, "E0001", name), rest.get(name))
        assert together[name].draw == alone


def test_recorded_draws_stay_when_the_band_changes(exam: Exam, bands: dict[str, Band]) -> None:
    first = record_copy(exam, _copy("E0003"), SECRET, (), bands)
    narrow = {name: replace(band, lowest=F(1), highest=F(1)) for name, band in bands.items()}
    second = record_copy(exam, first.copy, SECRET, (), narrow)
    assert second.refusals == ()
    assert second.copy == first.copy


def _copy(code: str) -> Copy:
    return Copy(code, None, 1)


def test_band_that_no_draw_meets(exam: Exam, bands: dict[str, Band]) -> None:
    problem = find(exam, "7")
    heavy = replace(bands["7"], lowest=F(400), highest=F(441))
    with pytest.raises(InputError) as caught:
        draw_problem(problem, dice(exam, "E0001", "7"), heavy)
    complaint = _about(caught.value, "fairness")
    assert complaint.file == problem.file
    assert complaint.where == "problem 7: fairness"
    assert complaint.message.startswith("the load (loads from 400 to 441, branch pattern relu:0 ")
    assert "of 2000 draws, and no draw met all conditions; the last was n_x=" in complaint.message
    assert complaint.message.endswith("widen the band or change the lists")
    unseen = replace(bands["7"], branches=frozenset([("relu:0",)]))
    with pytest.raises(InputError) as caught:
        draw_problem(problem, dice(exam, "E0001", "7"), unseen)
    assert _about(caught.value, "fairness").message.startswith("the branch pattern (")
    # The conditions that refused most are accounted for, too.
    assert _about(caught.value, "require").message.startswith("'V*h0 + W*x1 != 0")


def _about(error: InputError, where: str):  # type: ignore[no-untyped-def]
    return next(it for it in error.problems if it.where.endswith(where))


# --- Distinct draws with the band ----------------------------------------------------------------


def held(
    problem: Problem, band: Band, names: list[str], steps: Iterable[str]
) -> Iterator[tuple[F, ...]]:
    """Draws of some names for which the other names can be drawn so that all is in the band."""
    others = [name for name in problem.variables if name not in names]
    rest = [step for step in band.steps if step not in steps]
    found = {it for it, _ in _loads(problem, others, rest)}
    for (total, branches), drawn in _loads(problem, names, list(steps)):
        if any(_inside(band, total + more, branches + path) for more, path in found):
            yield drawn


def _loads(
    problem: Problem, names: list[str], steps: list[str]
) -> Iterator[tuple[tuple[int, tuple[str, ...]], tuple[F, ...]]]:
    reference = reference_draw(problem).values
    for drawn in variants(problem.variables, names):
        values = {**reference, **dict(zip(names, drawn, strict=True))}
        if first_violated(problem, values) is None:
            own = problem.steps.load(values, steps)
            yield (own.total, own.branches), drawn  # type: ignore[misc]


@pytest.fixture(scope="module")
def true_bands(exam: Exam) -> dict[str, Band]:
    """Of two problems, from all 10,000 draws."""
    two = replace(exam, problems=(find(exam, "2"), find(exam, "7")))
    assert {problem.fairness.draws for problem in two.problems} == {10_000}
    return {name: it.band for name, it in measure_exam(two, None, 2).items()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("part", "names", "steps", "least"),
    [
        ("7.1", "n_x n_h", "parameters", 60),
        ("7.3", "V W h0 x1 x2 x3", "h1 h2 h3", 200),
        ("2.3", "k1 k2 k3 s1 s2 s3", "receptive_field", 50),
    ],
)
def test_enough_distinct_draws_are_in_the_band(
    exam: Exam, true_bands: dict[str, Band], part: str, names: str, steps: str, least: int
) -> None:
    problem = find(exam, part[0])
    outcomes = dict(_all_draws(problem, part, names.split()))
    members = [problem.variables[name].members for name in names.split()]
    fair = {
        tuple(own.index(value) for own, value in zip(members, drawn, strict=True))
        for drawn in held(problem, true_bands[part[0]], names.split(), steps.split())
    }
    kept = {drawn: outcome for drawn, outcome in outcomes.items() if drawn in fair}
    assert _count_distinct(kept) >= least
    if part == "2.3":
        assert len(set(kept.values())) >= 12


@pytest.mark.slow
def test_bands_are_the_same_everywhere(true_bands: dict[str, Band]) -> None:
    # Written down once: another Python, machine or order of work must not give other bands.
    assert str(true_bands["2"]) == "loads from 55 to 59, branch pattern none"
    assert str(true_bands["7"]) == (
        "loads from 78 to 86, branch pattern relu:0 relu:1 relu:1 or relu:1 relu:0 relu:1"
    )


def test_problems_without_arithmetic_have_no_band(exam: Exam, bands: dict[str, Band]) -> None:
    # So 6.5 has its 24 draws; 2.4 and 7.4 are free of their problems' bands.
    assert "6" not in bands
    assert {"shape", "weights", "rule"}.isdisjoint(bands["2"].steps)
    assert {"forget", "update", "output"}.isdisjoint(bands["7"].steps)


def test_backpropagation_keeps_more_than_ten_thousand_draws(
    exam: Exam, bands: dict[str, Band]
) -> None:
    # Of 10,000 draws, 500 copies would take some twice: 12.5 pairs are expected, so that to see
    # none has a chance of 4 in a million. w41 and w42 change nothing (h4 is 0).
    problem = find(exam, "3")
    names = [name for name in problem.variables if name not in {"w41", "w42"}]
    seen = set()
    for number in range(500):
        draw = draw_problem(problem, dice(exam, f"E{number:04d}", "3"), bands["3"])
        seen.add(tuple(draw.values[name] for name in names))
    assert len(seen) == 500


# --- What is kept --------------------------------------------------------------------------------


def test_loads_are_kept_and_found_again(exam: Exam, tmp_path: Path) -> None:
    small = replace(exam, problems=(settings(find(exam, "7"), draws=100),))
    first = measure_exam(small, tmp_path, 1)
    (file,) = tmp_path.iterdir()
    # What is read is what was kept: with other loads in the file, the band is another.
    text = file.read_text()
    loads = '[[["relu:0", "relu:1", "relu:1"], 1000, 100]]'
    file.write_text(f'{{"loads": {loads}, "pieces": null}}')
    assert measure_exam(small, tmp_path, 1)["7"].median == 1000
    file.write_text(text[:50])
    assert measure_exam(small, tmp_path, 1) == first
    assert file.read_text() == text
    # The band is no matter of the draws.
    wide = replace(exam, problems=(settings(small.problems[0], band=F(1, 5)),))
    assert measure_exam(wide, tmp_path, 1)["7"].band != first["7"].band
    assert len(list(tmp_path.iterdir())) == 1


def test_digest_is_of_all_that_loads_depend_on(exam: Exam) -> None:
    problem = find(exam, "3")
    before = problem_digest(problem)
    group = problem.variables["b1"]
    longer = _with_group(problem, group, replace(group, members=(*group.members, F(3))))
    different = _with_group(problem, group, replace(group, different=True))
    condition = Require(compile_expression("h1 > 1"), 1)
    stricter = replace(problem, requires=(*problem.requires, condition))
    steps = [
        replace(it, decimals=1) if it.gives == ("mse",) else it  # type: ignore[type-var]
        for it in problem.steps.members
    ]
    rounded = replace(problem, steps=type(problem.steps)(steps, problem.steps.given))
    part = replace(problem.parts[1], fallback=("o1",))  # type: ignore[call-arg]
    other = replace(problem, parts=(problem.parts[0], part, problem.parts[2]))
    more = settings(problem, draws=20_000)
    edited = [longer, different, stricter, rounded, other, more]
    assert len({before, *map(problem_digest, edited)}) == 7
    # But not of words.
    ask = replace(problem.parts[0], ask=problem.parts[1].ask, new_page=True)
    for same in (
        replace(problem, title="Other", parts=(ask, *problem.parts[1:])),
        replace(problem, symbols={}, intro=problem.parts[0].ask),
        settings(problem, band=F(1, 2), branches=()),
    ):
        assert problem_digest(same) == before


def _with_group(problem: Problem, old: Group, new: Group) -> Problem:
    return replace(problem, groups=tuple(new if it is old else it for it in problem.groups))


def test_digest_is_of_the_program_too() -> None:
    # All modules that draws come from, but for those that only report, check and start processes.
    code = (
        "import sys, generator.draw.draw;"
        "print(*(m for m in sys.modules if m.startswith('generator')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    files = {
        str(file.relative_to(ROOT).with_suffix("")).replace("/", ".")
        for file in python_files(*fairness.SOURCES)
    }
    modules = {name for name in done.stdout.split() if f"{name}.__init__" not in files}
    # These name errors, rooms and sizes of paper, lock, find files, and read rosters: no draw
    # depends on them.
    others = ("errors", "files", "layout", "rooms", "roster", "work")
    assert {module.split(".")[1] for module in modules - files - {"generator"}} <= set(others)


def test_settings_by_default() -> None:
    assert Fairness() == Fairness(F(1, 20), None, 10_000)


VARIED = {
    "a length": ("[{names: [n], from: 2, to: 12}]", "{n: 4}", "sum([i*i for i in range(n)])"),
    "a 1 among factors": (
        "[{names: [n], from: 3, to: 8}, {names: [k], from: 1, to: 3}]",
        "{n: 4, k: 2}",
        "binomial(n, k) + n*k",
    ),
    "a sign": ("[{names: [a, b], from: -9, to: 9}]", "{a: 3, b: 4}", "max(a, b) + relu(a)"),
    "a zero": ("[{names: [x, y], from: 0, to: 9}]", "{x: 3, y: 4}", "x*y + 12"),
    "a long list": ("[{names: [x], from: 1, to: 200}]", "{x: 3}", "x**2"),
    "a mode": (
        "[{names: [m], one_of: [one, two, all]}, {names: [a, b], from: 11, to: 99}]",
        "{m: one, a: 12, b: 34}",
        "a if m == 'one' else (a + b if m == 'two' else a*b*b)",
    ),
}


@pytest.mark.parametrize("kind", VARIED)
def test_the_usual_band_leaves_no_value_out(tmp_path: Path, kind: str) -> None:
    """Each member of a list, or each tenth of a long one, is among what is handed out."""
    draw, reference, step = VARIED[kind]
    ask = "Look: " + ", ".join(f"<< {name} >>" for name in re.findall(r"(\w+):", reference)) + "."
    text = one_part(draw, reference, ask, f'{{q: "{step}"}}')
    text = text.replace("branches: any, draws: 100", "draws: 300")
    problem = load_one(tmp_path, text).problems[0]
    band = judge(problem, measure(problem, range(300)), loads_by_piece(problem)).band
    seen: dict[tuple[str, int], list[bool]] = {}
    for number in range(600):
        draw_ = draw_problem(problem, Dice(b"k" * 32, "exam", f"E{number}", problem.id, 0))
        free = band.refusal(problem, draw_.values) is None
        for name, value in draw_.values.items():
            members = problem.variables[name].members
            tenth = members.index(value) * min(10, len(members)) // len(members)
            seen.setdefault((name, tenth), []).append(free)
    rare = {it: sum(found) / len(found) for it, found in seen.items()}
    assert min(rare.values()) > 0.08, rare


def test_a_band_that_is_stated_is_kept_to_the_letter(tmp_path: Path) -> None:
    draw, reference, step = VARIED["a length"]
    text = one_part(draw, reference, "<< n >>", f'{{q: "{step}"}}')
    text = text.replace("branches: any, draws: 100", "draws: 300, band: 5 %")
    problem = load_one(tmp_path, text).problems[0]
    loads = measure(problem, range(300))
    assert judge(problem, loads, loads_by_piece(problem)).band == judge(problem, loads).band
