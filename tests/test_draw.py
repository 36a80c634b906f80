"""Draws: fixed for ever, independent of everything but their names, even, and many."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

import pytest
from evenness import is_even
from hypothesis import given, settings
from hypothesis import strategies as st
from shipped import SECRET, Batch, dice, find, reference_solutions

from generator.bank.exam import Exam
from generator.bank.group import Group, variants
from generator.bank.kinds.open_question import OpenPart
from generator.bank.problem import Problem, Require
from generator.draw.draw import (
    MAX_ATTEMPTS,
    Band,
    Draw,
    Reason,
    avoided_mistakes,
    draw_problem,
    first_violated,
    reference_draw,
)
from generator.errors import InputError
from generator.exact.dice import Dice
from generator.exact.numbers import Value
from generator.exact.secret import Secret
from generator.expressions import compile_expression
from generator.record.copy import Copy
from generator.record.record import record_copy
from generator.solve.solve import solve_problem

F = Fraction
CODES = [f"E{number}" for number in range(1000, 1040)]
CONSTRAINED = ("1", "2", "3", "7")


def draw(exam: Exam, code: str, number: str, epoch: int = 0) -> Draw:
    return draw_problem(find(exam, number), dice(exam, code, number, epoch))


def values_of(text: str) -> dict[str, Value]:
    """``i1=-2 w12=1/2`` as exact numbers."""
    pairs = (pair.split("=") for pair in text.split())
    return {name: F(value) for name, value in pairs}


# --- Golden values -------------------------------------------------------------------------------


class TestGolden:
    """Values that must not change; a batch that is printed is drawn once more after a loss.

    They were drawn once with the secret 00 01 … 1f and written down. They depend on the lists and
    conditions in the bank: after a change there, look at what differs, and renew them.
    """

    EXAM = "cit-i2dl-1-20230210"

    @pytest.mark.parametrize(
        ("code", "epoch", "attempt", "values"),
        [
            (
                *("E0001", 0, 12),
                "i1=-1 i2=-2 w11=-1 w12=-1 w21=1/2 w22=1/2 w31=1 w32=-1 w41=-1/2 w42=1/2 b1=1 "
                "b2=-1 b3=1/2 b4=1/2 t1=-1 t2=1/2 alpha=1/5 fallback_o1=1/2 fallback_o2=-1",
            ),
            (
                *("E0001", 1, 19),
                "i1=2 i2=-1 w11=1 w12=-1 w21=1 w22=1 w31=-1 w32=1 w41=1/2 w42=-1/2 b1=2 b2=-3/2 "
                "b3=1 b4=-1 t1=-1 t2=1/2 alpha=1/5 fallback_o1=1 fallback_o2=-2",
            ),
            (
                *("E9999", 0, 12),
                "i1=2 i2=-2 w11=-1 w12=1 w21=-1 w22=1 w31=-1/2 w32=1 w41=1 w42=-1/2 b1=1 b2=-2 "
                "b3=-1 b4=1 t1=-1 t2=-1 alpha=1/2 fallback_o1=-1 fallback_o2=1",
            ),
        ],
    )
    def test_backpropagation(
        self, exam: Exam, code: str, epoch: int, attempt: int, values: str
    ) -> None:
        assert exam.id == self.EXAM
        drawn = draw(exam, code, "3", epoch)
        assert (drawn.values, drawn.attempt) == (values_of(values), attempt)

    @pytest.mark.parametrize(
        ("code", "attempt", "values"),
        [
            (
                *("E0001", 5),
                "n_x=5 n_h=12 V=2 W=1 h0=-3 x1=3 x2=2 x3=-1 n_forget=2 n_update=3 n_output=1",
            ),
            (
                *("E0002", 2),
                "n_x=6 n_h=13 V=2 W=3 h0=-1 x1=1 x2=-3 x3=1 n_forget=3 n_update=1 n_output=2",
            ),
        ],
    )
    def test_recurrent_networks(self, exam: Exam, code: str, attempt: int, values: str) -> None:
        drawn = draw(exam, code, "7")
        assert (drawn.values, drawn.attempt) == (values_of(values), attempt)

    def test_multiple_choice(self, exam: Exam) -> None:
        drawn = draw(exam, "E0001", "1")
        assert drawn.attempt == 0
        assert drawn.values == values_of(
            "count_filters=5 count_size=3 count_channels=6 out_input=31 out_size=7 out_stride=3 "
            "out_padding=3 same_size=17"
        )
        options = {part: " ".join(choice.options) for part, choice in drawn.choices.items()}
        assert options["1.1"] == "faster_optimizer other_initialization bigger_network scaled_loss"
        assert options["1.3"] == "square_input stride padding parameters/right"
        assert options["1.6"] == "D A E B C D E C A B D E A B C E D A B C"
        assert "".join(drawn.choices["1.6"].labels) == "DEABC"
        assert options["1.9"] == "linear_regression k_means gan hierarchical_clustering"

    def test_index_by_hand(self) -> None:
        # The definition once more: HMAC-SHA256 over fields, each with its kind and its length, and
        # a counter that goes on while the number is beyond the last full multiple.
        key, n = bytes(range(100, 132)), 3 * 2**254
        for attempt in range(40):
            fields = f"s4:exams5:E0001s1:3i1:0s3:w11i{len(str(attempt))}:{attempt}"
            counter = 0
            while True:
                message = f"{fields}i1:{counter}".encode()
                number = int(hmac.new(key, message, hashlib.sha256).hexdigest(), 16)
                if number < n:
                    break
                counter += 1
            assert Dice(key, "exam", "E0001", "3", 0).index("w11", attempt, n) == number
        assert Dice(key, "exam", "E0001", "3", 0).index("w11", 0, 1) == 0


# --- What a draw depends on ----------------------------------------------------------------------

FIELDS = st.tuples(
    st.binary(min_size=32, max_size=32),
    st.text(max_size=8),
    st.text(max_size=8),
    st.text(max_size=8),
    st.integers(0, 999),
    st.text(max_size=8),
    st.integers(0, 999),
)


def _index(fields: tuple[bytes, str, str, str, int, str, int]) -> int:
    *names, variable, attempt = fields
    return Dice(*names).index(variable, attempt, 2**200)  # type: ignore[arg-type]


class TestNames:
    @given(FIELDS, FIELDS)
    def test_different_names_draw_differently(self, one: tuple, other: tuple) -> None:  # type: ignore[type-arg]
        assert (_index(one) == _index(other)) is (one == other)

    @given(FIELDS, FIELDS, st.integers(0, 6))
    def test_each_name_counts(self, one: tuple, other: tuple, place: int) -> None:  # type: ignore[type-arg]
        changed = (*one[:place], other[place], *one[place + 1 :])
        assert (_index(one) == _index(changed)) is (one == changed)

    def test_names_do_not_run_into_each_other(self) -> None:
        key = bytes(32)
        assert _index((key, "x", "E1", "23", 0, "v", 0)) != _index(
            (key, "x", "E12", "3", 0, "v", 0)
        )
        assert _index((key, "x", "E1", "2", 0, "v1", 1)) != _index(
            (key, "x", "E1", "2", 0, "v", 11)
        )

    @given(
        st.integers(0, 10**6), st.lists(st.text(max_size=3), unique=True, min_size=1, max_size=8)
    )
    def test_a_pick_has_different_items(self, number: int, items: list[str]) -> None:
        picked = Dice(bytes(32), "x", f"E{number}", "1", 0).pick("v", 0, items, len(items))
        assert sorted(picked) == sorted(items)


def records(exam: Exam, codes: list[str], secret: Secret = SECRET) -> dict[str, dict[str, Draw]]:
    """What the build records for copies, one after the other."""
    found = {}
    for code in codes:
        outcome = record_copy(exam, Copy(code, None, 1), secret, ())
        assert not outcome.refusals
        found[code] = {name: it.draw for name, it in outcome.copy.problems.items()}
    return found


class TestStability:
    @pytest.fixture(scope="class", name="before")
    @classmethod
    def _before(cls, exam: Exam) -> dict[str, dict[str, Draw]]:
        return records(exam, CODES[:8])

    @settings(max_examples=10)
    @given(order=st.permutations(CODES[:10]), data=st.data())
    def test_order_and_number_of_copies_do_not_matter(
        self, exam: Exam, before: dict[str, dict[str, Draw]], order: list[str], data: st.DataObject
    ) -> None:
        codes = order[: data.draw(st.integers(1, 6))]
        for code, drawn in records(exam, codes).items():
            assert drawn == before.get(code, drawn)

    def test_another_problem_does_not_matter(
        self, exam: Exam, before: dict[str, dict[str, Draw]]
    ) -> None:
        # Problem 3 gets other lists, problem 4 is gone, and the order is another one.
        edited = _with_members(find(exam, "3"), "w12", lambda members: members[::-1])
        problems = [edited, *(problem for problem in exam.problems if problem.id not in "34")]
        after = records(replace(exam, problems=tuple(problems[::-1])), CODES[:8])
        for code, drawn in after.items():
            assert drawn.pop("3") != before[code]["3"]
            assert drawn == {name: before[code][name] for name in drawn}
            assert len(drawn) == 6

    def test_secret_exam_and_copy_matter(self, exam: Exam) -> None:
        problem = find(exam, "3")
        dices = [
            dice(exam, "E1000", "3"),
            dice(exam, "E1001", "3"),
            dice(exam, "E1000", "3", epoch=1),
            dice(exam, "E1000", "3", secret=Secret(bytes(32))),
            dice(replace(exam, id="other"), "E1000", "3"),
        ]
        drawn = [tuple(draw_problem(problem, it).values.values()) for it in dices]
        assert len(set(drawn)) == len(dices)

    @pytest.mark.parametrize("number", CONSTRAINED)
    def test_other_epochs_change_a_copy(self, exam: Exam, number: str) -> None:
        for code in CODES:
            epochs = [draw(exam, code, number, epoch) for epoch in range(3)]
            assert len({str((it.values, it.choices)) for it in epochs}) == 3
            assert [it.epoch for it in epochs] == [0, 1, 2]

    @pytest.mark.parametrize("place", ["first", "last"])
    @pytest.mark.parametrize("number", CONSTRAINED)
    def test_another_variable_does_not_matter(self, exam: Exam, number: str, place: str) -> None:
        problem = find(exam, number)
        extra = Group(("extra", "more"), (F(1), F(2), F(3)), True, 0, None)
        groups = (extra, *problem.groups) if place == "first" else (*problem.groups, extra)
        extended = replace(problem, groups=groups)
        seen = set()
        for code in CODES:
            before, after = draw(exam, code, number), _draw(extended, exam, code)
            assert after.attempt == before.attempt
            assert after.choices == before.choices
            seen.add((after.values["extra"], after.values["more"]))
            assert before.values == {
                name: value for name, value in after.values.items() if name in before.values
            }
        assert len(seen) > 3
        assert max(draw(exam, code, number).attempt for code in CODES) >= 3

    def test_a_condition_moves_only_the_attempt(self, exam: Exam) -> None:
        # One more condition: where the same attempt is the first to meet all, nothing changes;
        # and a copy that goes on to attempt k has there what it would have without conditions.
        problem = find(exam, "7")
        stricter = _require(problem, "x3 != 0")
        moved = 0
        for code in CODES:
            before, after = draw(exam, code, "7"), _draw(stricter, exam, code)
            assert after.attempt >= before.attempt
            assert (after.values == before.values) is (before.values["x3"] != 0)
            moved += after.attempt > before.attempt
            free = _draw(_free(problem), exam, code)
            assert free.attempt == 0
            assert (free.values == before.values) is (before.attempt == 0)
        assert moved

    def test_a_list_matters_to_its_own_names_only(self, exam: Exam) -> None:
        problem = _free(find(exam, "3"))
        longer = _with_members(problem, "b1", lambda members: (*members, F(3)))
        changed = 0
        for code in CODES:
            before, after = _draw(problem, exam, code).values, _draw(longer, exam, code).values
            changed += before["b1"] != after["b1"]
            assert {**before, "b1": 0} == {**after, "b1": 0}
        assert changed > 10

    def test_a_name_that_joins_a_group_leaves_the_others(self, exam: Exam) -> None:
        problem = _free(find(exam, "7"))
        for name in ("W", "x3"):
            group = problem.variables[name]
            joined = replace(group, names=(*group.names, "joined"))
            extended = _replace_group(problem, group, joined)
            for code in CODES:
                after = dict(_draw(extended, exam, code).values)
                value = after.pop("joined")
                assert after == _draw(problem, exam, code).values
                assert not group.different or value not in (after["V"], after["W"])

    def test_the_reference_needs_no_secret(self, exam: Exam) -> None:
        for problem in exam.problems:
            drawn = reference_draw(problem)
            assert drawn.values == problem.reference
            assert drawn.values.keys() == problem.variables.keys()
            assert first_violated(problem, drawn.values) is None


def _draw(problem: Problem, exam: Exam, code: str) -> Draw:
    return draw_problem(problem, dice(exam, code, problem.id))


def _free(problem: Problem) -> Problem:
    """The problem without conditions and mistakes."""
    parts = tuple(replace(part, mistakes=()) for part in problem.parts)
    return replace(problem, requires=(), parts=parts)


def _require(problem: Problem, *conditions: str) -> Problem:
    added = [
        Require(compile_expression(condition), 900 + index)
        for index, condition in enumerate(conditions)
    ]
    return replace(problem, requires=(*problem.requires, *added))


def _replace_group(problem: Problem, old: Group, new: Group) -> Problem:
    return replace(problem, groups=tuple(new if it is old else it for it in problem.groups))


def _with_members(problem: Problem, name: str, change) -> Problem:  # type: ignore[no-untyped-def]
    group = problem.variables[name]
    return _replace_group(problem, group, replace(group, members=change(group.members)))


# --- Conditions ----------------------------------------------------------------------------------


class TestConditions:
    def test_every_draw_is_admissible(self, exam: Exam, batch: Batch) -> None:
        for problem in exam.problems:
            for solution in batch.of(problem.id):
                values = solution.draw.values
                assert list(values) == list(problem.variables)
                for group in problem.groups:
                    own = [values[name] for name in group.names]
                    assert set(own) <= set(group.members)
                    assert len(set(own)) == len(own) or not group.different
                for require in problem.requires:
                    assert require.expression.evaluate(problem.scope(values)) is True

    def test_the_first_admissible_attempt_is_taken(self, exam: Exam) -> None:
        problem = find(exam, "7")
        free = _free(problem)
        for code in CODES[:20]:
            attempt = draw(exam, code, "7").attempt
            for earlier in range(attempt + 1):
                shifted = _Shifted(dice(exam, code, "7"), earlier)
                values = draw_problem(free, shifted).values  # type: ignore[arg-type]
                sheet = problem.scope(values)
                right = any(it.coincides(sheet) for it in avoided_mistakes(problem))
                met = first_violated(problem, values) is None and not right
                assert met is (earlier == attempt)

    def test_few_attempts_are_enough(self, batch: Batch) -> None:
        for number in CONSTRAINED:
            attempts = [solution.draw.attempt for solution in batch.of(number)]
            assert 0 < max(attempts) < MAX_ATTEMPTS / 4
            assert sum(attempts) / len(attempts) < 20

    def test_impossible_conditions_are_accounted_for(self, exam: Exam) -> None:
        problem = _require(find(exam, "7"), "h1 < 8", "h1 > 100")
        with pytest.raises(InputError) as caught:
            _draw(problem, exam, "E1000")
        assert caught.value.exit_code == 2
        counts = {}
        for complaint in caught.value.problems:
            assert complaint.file == problem.file
            assert complaint.where == "problem 7: require"
            match = re.match(r"'(.+?)' refused (\d+) of (\d+) draws, ", complaint.message)
            assert match
            assert int(match[3]) == MAX_ATTEMPTS
            counts[match[1]] = (int(match[2]), complaint.line)
            last = re.search(r"the last was (n_x=\d+, n_h=\d+, V=\d, W=\d, .*);", complaint.message)
            assert last
            self._check_last(exam, problem, last[1])
        expected = self._count(exam, problem)
        assert {it: count for it, (count, _) in counts.items()} == dict(expected.most_common(3))
        assert counts["h1 > 100"][1] == 901

    def test_a_band_that_no_draw_meets_is_no_fault_of_a_line(self, exam: Exam) -> None:
        problem = replace(find(exam, "7"), requires=())
        band = Band(Fraction(5), Fraction(6), None, ())
        with pytest.raises(InputError) as caught:
            draw_problem(problem, dice(exam, "E1000", "7"), band)
        found = next(it for it in caught.value.problems if it.where == "problem 7: fairness")
        assert (found.file, found.line, found.column) == (problem.file, 0, 0)
        assert found.message.startswith("the load (loads from 5 to 6 are fair) refused ")

    def test_what_other_draws_refused_is_counted_apart(self, exam: Exam) -> None:
        problem = _require(find(exam, "7"), "h1 > 100")
        refused = Counter[Reason]({"the load": 7})
        with pytest.raises(InputError, match=rf"refused \d+ of {MAX_ATTEMPTS} draws") as caught:
            draw_problem(problem, dice(exam, "E1000", "7"), refused=refused)
        assert "the load" not in str(caught.value)
        assert refused.total() == 7 + MAX_ATTEMPTS

    def _count(self, exam: Exam, problem: Problem) -> Counter[str]:
        """Conditions by the number of draws that meet all before them, but not them."""
        free = _free(problem)
        refused: Counter[str] = Counter()
        for attempt in range(MAX_ATTEMPTS):
            shifted = _Shifted(dice(exam, "E1000", "7"), attempt)
            scope = problem.scope(draw_problem(free, shifted).values)  # type: ignore[arg-type]
            met = [require.expression.evaluate(scope) for require in problem.requires]
            refused[problem.requires[met.index(False)].expression.source] += 1
        return refused

    def _check_last(self, exam: Exam, problem: Problem, shown: str) -> None:
        shifted = _Shifted(dice(exam, "E1000", "7"), MAX_ATTEMPTS - 1)
        last = draw_problem(_free(problem), shifted)  # type: ignore[arg-type]
        assert shown == ", ".join(f"{name}={value}" for name, value in last.values.items())

    def test_an_unknown_name_under_the_fallback_names_the_draw(self, exam: Exam) -> None:
        problem = replace(find(exam, "3"), requires=())
        with pytest.raises(InputError, match=r"nope_from_fallback: .*no value for the draw i1="):
            _draw(_require(problem, "nope_from_fallback > 1"), exam, "E1000")

    def test_a_division_by_zero_names_the_draw(self, exam: Exam) -> None:
        problem = _require(find(exam, "7"), "1/x3 < 5")
        code = next(code for code in CODES if draw(exam, code, "7").values["x3"] == 0)
        with pytest.raises(InputError, match=r"zero.* for the draw .*x3=0.*exclude it") as caught:
            _draw(problem, exam, code)
        assert [it.line for it in caught.value.problems] == [900]


class _Shifted:
    """Dice whose first attempt is a later one."""

    def __init__(self, of: Dice, by: int) -> None:
        self.of, self.by = of, by
        self.epoch = of.epoch

    def index(self, variable: str, attempt: int, n: int) -> int:
        return self.of.index(variable, attempt + self.by, n)


# --- Evenness and number -------------------------------------------------------------------------


def test_free_names_are_drawn_evenly(exam: Exam, batch: Batch) -> None:
    # Those that no condition concerns; 30 names or so, each with one chance in a thousand to fail
    # for another secret.
    free = 0
    for problem in exam.problems:
        bound = {name for require in problem.requires for name in _sources(problem, require)}
        bound |= {"channels"}  # never equal to the kernel: see the mistakes of 2.4
        for name in (name for name in problem.variables if name not in bound):
            counts = Counter(solution.draw.values[name] for solution in batch.of(problem.id))
            assert is_even(counts, list(problem.variables[name].members)), (name, counts)
            free += 1
    assert free >= 15


def _sources(problem: Problem, require: Require) -> set[str]:
    """The drawn names that a condition depends on."""
    found: set[str] = set()
    for name in require.expression.names:
        step = name.removesuffix("_from_fallback")
        found |= {
            source for source in problem.variables if step in problem.steps.dependents(source)
        }
        found.add(name)
    return found


def test_names_are_drawn_independently(batch: Batch) -> None:
    pairs = Counter(
        (solution.draw.values["n_x"], solution.draw.values["n_h"]) for solution in batch.of("7")
    )
    assert len(pairs) == 64
    assert is_even(pairs, list(pairs))


def test_permutations_are_drawn_evenly(batch: Batch) -> None:
    gates = ("n_forget", "n_update", "n_output")
    orders = Counter(
        tuple(solution.draw.values[name] for name in gates) for solution in batch.of("7")
    )
    assert len(orders) == 6
    assert is_even(orders, list(orders))


class TestVariety:
    """Distinct pairs of values and answers; a value that changes nothing does not count."""

    @pytest.mark.parametrize(
        ("part", "names", "least"),
        [
            ("2.3", "k1 k2 k3 s1 s2 s3", 50),
            ("2.4", "kernel channels padding", 12),
            ("6.5", "large good small shape", 24),
            ("7.1", "n_x n_h", 60),
            ("7.3", "V W h0 x1 x2 x3", 200),
            ("7.4", "n_forget n_update n_output", 6),
        ],
    )
    def test_there_are_enough_draws(self, exam: Exam, part: str, names: str, least: int) -> None:
        problem = find(exam, part[0])
        shown = dict(_all_draws(problem, part, names.split()))
        assert _count_distinct(shown) >= least

    def test_receptive_fields_differ(self, exam: Exam) -> None:
        names = ["k1", "k2", "k3", "s1", "s2", "s3"]
        answers = [outcome for _, outcome in _all_draws(find(exam, "2"), "2.3", names)]
        assert len(set(answers)) >= 12

    def test_backpropagation_has_more_than_ten_thousand_draws(
        self, exam: Exam, batch: Batch
    ) -> None:
        # Of fewer than 10,000 draws, a thousand copies would take one twice with a probability of
        # 1 - exp(-1000^2/20000): not to see it has a chance of 1 in 10^21. (Draws that are not
        # equally likely would repeat even sooner.)
        problem = find(exam, "3")
        counting = [name for name in problem.variables if _matters(problem, batch, name)]
        assert set(problem.variables) - set(counting) == {"w41", "w42"}  # h4 is 0 in every copy
        seen = Counter(
            tuple(solution.draw.values[name] for name in counting) for solution in batch.of("3")
        )
        assert len(seen) == len(batch.copies) == 1000

    def test_no_two_copies_are_alike(self, batch: Batch) -> None:
        copies = [_shows(solutions) for solutions in batch.copies.values()]
        assert len(set(copies)) == 1000
        # Nor is one the reference.
        assert _shows(reference_solutions(batch.exam)) not in copies


def _shows(solutions: Mapping[str, object]) -> str:
    return str([(it.draw.values, it.draw.choices) for it in solutions.values()])  # type: ignore[attr-defined]


def _all_draws(
    problem: Problem, part: str, names: list[str]
) -> Iterator[tuple[tuple[int, ...], str]]:
    """All admissible draws of some names, the others as in the reference, and what they lead to.

    A draw is the index of each value in its list. It leads to the part's answers, and to the
    figure that they are read from.
    """
    reference = reference_draw(problem)
    (found,) = [it for it in problem.parts if it.id == part]
    assert isinstance(found, OpenPart)
    members = [problem.variables[name].members for name in names]
    for drawn in variants(problem.variables, names):
        values = {**reference.values, **dict(zip(names, drawn, strict=True))}
        if first_violated(problem, values) is None:
            answers = solve_problem(problem, replace(reference, values=values)).answers[part]
            texts: Mapping[str, str] = {}
            if found.figure is not None and found.figure.compute is not None:
                texts = found.figure.compute({name: values[name] for name in found.figure.values})
            indices = (own.index(value) for own, value in zip(members, drawn, strict=True))
            yield tuple(indices), str((answers, texts))


def _count_distinct(outcomes: Mapping[tuple[int, ...], str]) -> int:
    """The number of draws, if those that differ in one value and lead to the same are one."""
    left, count = set(outcomes), 0
    while left:
        count += 1
        reached = [left.pop()]
        while reached:
            drawn = reached.pop()
            for place in range(len(drawn)):
                for index in range(10):
                    other = (*drawn[:place], index, *drawn[place + 1 :])
                    if other in left and outcomes[other] == outcomes[drawn]:
                        left.remove(other)
                        reached.append(other)
    return count


def _matters(problem: Problem, batch: Batch, name: str) -> bool:
    """Whether in some copy another admissible value of a name changes an answer."""
    for solution in list(batch.of(problem.id))[:40]:
        for member in problem.variables[name].members:
            values = {**solution.draw.values, name: member}
            if first_violated(problem, values) is None:
                other = solve_problem(problem, replace(solution.draw, values=values))
                before = (solution.answers, solution.fallback_answers)
                if (other.answers, other.fallback_answers) != before:
                    return True
    return False
