"""Multiple choice over 1,000 copies: what is right, and where, is drawn evenly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import permutations, product
from math import comb

import pytest
from evenness import is_even
from independent_1 import independent_truth
from shipped import Batch, dice, find, reference_solutions

from generator.bank.exam import Exam
from generator.bank.kinds.order import OrderPart
from generator.bank.kinds.statements import PoolPart, _combination, spread_counts
from generator.bank.part import ChoiceDraw, SolvedOption
from generator.compose.key_data import key_document
from generator.draw.draw import draw_problem
from generator.solve.solve import Solution

POOLS = ["1.1", "1.2", "1.3", "1.4", "1.5", "1.8", "1.9"]
OPTIONS = 4
"""Options of each part of problem 1."""

COUNTS = [0, 1, 1, 2, 3, 3, 4]
SHARES = {count: COUNTS.count(count) / len(COUNTS) for count in COUNTS}
PATTERNS = list(product((False, True), repeat=OPTIONS))


def pool(exam: Exam, part: str) -> PoolPart:
    (found,) = [it for it in find(exam, "1").parts if it.id == part]
    assert isinstance(found, PoolPart)
    return found


def order(exam: Exam) -> OrderPart:
    (found,) = [it for it in find(exam, "1").parts if isinstance(it, OrderPart)]
    return found


def options(batch: Batch, part: str) -> Iterator[tuple[SolvedOption, ...]]:
    return (solution.options[part] for solution in batch.of("1"))


def pattern(solved: tuple[SolvedOption, ...]) -> tuple[bool, ...]:
    return tuple(option.correct for option in solved)


def name(option: str) -> str:
    """A statement's name, a computed one without what it prints."""
    return option.partition("/")[0]


def test_all_parts_are_covered(exam: Exam) -> None:
    parts = {part.id: type(part).__name__ for part in find(exam, "1").parts}
    assert [part for part, kind in parts.items() if kind == "PoolPart"] == POOLS
    assert parts["1.6"] == "OrderPart"
    assert parts["1.7"] == "FixedPart"


class TestBlankCredit:
    """Every copy has the same numbers of right options, in an order of its own."""

    def orders(self, batch: Batch) -> list[tuple[int, ...]]:
        return [
            tuple(sum(pattern(solution.options[part])) for part in POOLS)
            for solution in batch.of("1")
        ]

    def test_every_copy_has_the_list_of_the_bank(self, batch: Batch) -> None:
        orders = self.orders(batch)
        assert len(orders) == 1000
        assert all(sorted(order) == COUNTS for order in orders)

    def test_crosses_and_what_an_empty_sheet_earns_are_the_same(self, batch: Batch) -> None:
        truths = [[pattern(it) for it in solution.options.values()] for solution in batch.of("1")]
        assert {sum(map(sum, copy)) for copy in truths} == {17}
        assert {sum(not any(part) for part in copy) for copy in truths} == {1}

    def test_the_order_is_drawn(self, batch: Batch) -> None:
        # Of 1,260 orders, 1,000 copies have about 690 different ones.
        assert len(set(self.orders(batch))) > 600

    def test_no_other_copy_or_problem_changes_an_order(self, exam: Exam, batch: Batch) -> None:
        again = draw_problem(find(exam, "1"), dice(exam, "E0007", "1"))
        assert again.choices == batch.copies["E0007"]["1"].draw.choices


@pytest.mark.parametrize(
    ("questions", "size", "counts"),
    [
        (1, 4, [2]),
        (2, 4, [1, 3]),
        (3, 4, [1, 2, 3]),
        (4, 4, [1, 2, 2, 3]),
        (5, 4, [1, 1, 2, 3, 3]),
        (6, 4, [0, 1, 2, 2, 3, 4]),
        (7, 4, COUNTS),
        (9, 4, [0, 1, 1, 2, 2, 2, 3, 3, 4]),
        (3, 5, [1, 2, 4]),
        (6, 2, [0, 1, 1, 1, 1, 2]),
    ],
)
def test_numbers_are_spread_where_the_bank_states_none(
    questions: int, size: int, counts: list[int]
) -> None:
    assert list(spread_counts(questions, size)) == counts


@pytest.mark.parametrize("part", POOLS)
class TestPools:
    def test_number_of_right_options_follows_the_list(self, batch: Batch, part: str) -> None:
        counts = Counter(sum(pattern(solved)) for solved in options(batch, part))
        assert set(counts) == {0, 1, 2, 3, 4}
        assert is_even(counts, SHARES), counts

    def test_positions_of_right_options_are_even(self, batch: Batch, part: str) -> None:
        # Each number has its share, which all ways to place so many share.
        shares = {it: SHARES[sum(it)] / comb(OPTIONS, sum(it)) for it in PATTERNS}
        counts = Counter(map(pattern, options(batch, part)))
        assert is_even(counts, shares), counts

    def test_one_answer_does_not_tell_another(self, batch: Batch, part: str) -> None:
        others = [other for other in POOLS if other != part]
        other = others[POOLS.index(part) % len(others)]
        counts = Counter(
            (sum(pattern(one)), sum(pattern(two)))
            for one, two in zip(options(batch, part), options(batch, other), strict=True)
        )
        # Two places of the list, which differ.
        pairs = Counter(permutations(COUNTS, 2))
        shares = {pair: times / pairs.total() for pair, times in pairs.items()}
        assert is_even(counts, shares), counts

    def test_options_of_a_copy_differ(self, batch: Batch, part: str) -> None:
        for solved in options(batch, part):
            assert len({name(option.option) for option in solved}) == OPTIONS

    def test_truth_is_that_of_the_pool(self, exam: Exam, batch: Batch, part: str) -> None:
        statements = pool(exam, part).statements
        for solved in options(batch, part):
            for option in solved:
                if option.option in statements:
                    assert option.correct is statements[option.option].correct
                    assert option.shown is option.right is None

    def test_every_statement_occurs_as_often_as_the_others(
        self, exam: Exam, batch: Batch, part: str
    ) -> None:
        statements = pool(exam, part).statements
        counts = Counter(
            option.option
            for solved in options(batch, part)
            for option in solved
            if option.option in statements
        )
        assert set(counts) == set(statements)
        # Statements of a copy differ, which makes counts more even than independent ones.
        for truth in (True, False):
            own = [key for key, it in statements.items() if it.correct is truth]
            assert is_even({key: counts[key] for key in own}, own), counts

    def test_statements_have_no_favorite_place(self, batch: Batch, part: str) -> None:
        places: dict[str, Counter[int]] = {}
        for solved in options(batch, part):
            for place, option in enumerate(solved):
                places.setdefault(name(option.option), Counter())[place] += 1
        assert len(places) >= 8
        for statement, counts in places.items():
            assert is_even(counts, list(range(OPTIONS))), (statement, counts)


class TestComputedStatements:
    """1.3: one statement about a certain layer in each copy."""

    def drawn(self, exam: Exam, batch: Batch) -> Iterator[tuple[int, SolvedOption]]:
        computed = pool(exam, "1.3").computed
        for solved in options(batch, "1.3"):
            ((place, option),) = [
                (place, option)
                for place, option in enumerate(solved)
                if name(option.option) in computed
            ]
            yield place, option

    def test_each_copy_has_exactly_one(self, exam: Exam, batch: Batch) -> None:
        assert sum(1 for _ in self.drawn(exam, batch)) == 1000

    def test_the_reference_has_none(self, exam: Exam) -> None:
        computed = pool(exam, "1.3").computed
        solved = reference_solutions(exam)["1"].options["1.3"]
        assert not {name(option.option) for option in solved} & set(computed)

    def test_other_parts_have_none(self, exam: Exam, batch: Batch) -> None:
        for part in POOLS:
            assert bool(pool(exam, part).computed) is (part == "1.3")

    def test_what_it_says_and_where_is_even(self, exam: Exam, batch: Batch) -> None:
        drawn = list(self.drawn(exam, batch))
        assert is_even(Counter(place for place, _ in drawn), list(range(OPTIONS)))
        statements = list(pool(exam, "1.3").computed)
        assert len(statements) == 4
        assert is_even(Counter(name(option.option) for _, option in drawn), statements)

    def test_it_is_as_often_right_as_wrong(self, exam: Exam, batch: Batch) -> None:
        for statement in pool(exam, "1.3").computed:
            truths = Counter(
                option.correct
                for _, option in self.drawn(exam, batch)
                if name(option.option) == statement
            )
            assert is_even(truths, [True, False]), (statement, truths)

    def test_it_prints_what_it_claims(self, exam: Exam, batch: Batch) -> None:
        for place, option in self.drawn(exam, batch):
            assert place in range(OPTIONS)
            assert option.correct is (option.shown == option.right)
            assert option.correct is option.option.endswith("/right")

    def test_every_mistake_occurs(self, exam: Exam, batch: Batch) -> None:
        seen = {option.option for _, option in self.drawn(exam, batch)}
        for key, statement in pool(exam, "1.3").computed.items():
            assert f"{key}/right" in seen
            for index in range(len(statement.wrong)):
                assert f"{key}/wrong/{index}" in seen

    def test_the_key_says_whether_it_is_right(self, exam: Exam, batch: Batch) -> None:
        for code, solutions in list(batch.copies.items())[:20]:
            document = key_document(exam, code, "", 1, solutions)
            part = document["problems"][0]["parts"][2]
            assert part["id"] == "1.3"
            (option,) = [it for it in part["options"] if independent_truth(it["text"]) is not None]
            assert option["correct"] is independent_truth(option["text"])


class TestOrder:
    """1.6: five labeled steps, four orders, one right."""

    def choices(self, batch: Batch) -> Iterator[tuple[ChoiceDraw, Solution]]:
        return ((solution.draw.choices["1.6"], solution) for solution in batch.of("1"))

    def test_exactly_one_is_right_anywhere(self, batch: Batch) -> None:
        places: Counter[int] = Counter()
        for choice, solution in self.choices(batch):
            truths = pattern(solution.options["1.6"])
            assert truths.count(True) == 1
            assert choice.options[truths.index(True)] == " ".join(choice.labels)
            places[truths.index(True)] += 1
        assert is_even(places, list(range(OPTIONS)))

    def test_labels_are_permuted_evenly(self, batch: Batch) -> None:
        counts = Counter("".join(choice.labels) for choice, _ in self.choices(batch))
        assert is_even(counts, ["".join(it) for it in permutations("ABCDE")])

    def test_wrong_orders_are_those_of_the_bank(self, exam: Exam, batch: Batch) -> None:
        wrong = order(exam).wrong
        counts: Counter[tuple[int, ...]] = Counter()
        for choice, _ in self.choices(batch):
            assert len(set(choice.options)) == OPTIONS
            orders = [
                tuple(choice.labels.index(label) for label in option.split())
                for option in choice.options
            ]
            counts.update(it for it in orders if it != (0, 1, 2, 3, 4))
        assert is_even(counts, list(wrong))
        assert len(wrong) >= 6

    def test_the_key_gives_the_labels_in_the_right_order(self, exam: Exam, batch: Batch) -> None:
        code, solutions = next(iter(batch.copies.items()))
        document = key_document(exam, code, "", 1, solutions)
        part = document["problems"][0]["parts"][5]
        (right,) = [option["text"] for option in part["options"] if option["correct"]]
        assert part["labels"] == right.split(", ")


def test_weight_sharing_is_the_same_in_every_copy(exam: Exam, batch: Batch) -> None:
    for solution in (*batch.of("1"), reference_solutions(exam)["1"]):
        assert pattern(solution.options["1.7"]) == (False, True, True, False)
        assert [option.option for option in solution.options["1.7"]] == ["0", "1", "2", "3"]


@pytest.mark.parametrize(("n", "k"), [(4, k) for k in range(5)] + [(6, 3)])
def test_combinations_are_all_there_once(n: int, k: int) -> None:
    found = [_combination(n, k, index) for index in range(comb(n, k))]
    assert len(set(found)) == comb(n, k)
    assert all(len(it) == k and it <= set(range(n)) for it in found)
