"""Problems as one function: what is drawn and found is what is looked up name by name."""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
from one_problem import load_one, one_part
from shipped import ROOT

from generator.bank.problem import Problem, Require
from generator.bank.read.exam_file import load_exam
from generator.draw import compiled
from generator.draw.compiled import compile_attempt
from generator.draw.draw import (
    Attempt,
    Reason,
    avoided_mistakes,
    draw_problem,
    reference_draw,
    refused_by_name,
    resolve,
)
from generator.errors import InputError
from generator.exact.dice import Dice
from generator.exact.numbers import Value, round_to
from generator.expressions import EvaluationError
from generator.expressions.expression import compile_expression
from generator.expressions.inline import FunctionCode
from generator.expressions.whole_numbers import (
    Whole,
    rounded_whole,
    whole_members,
    whole_number,
    whole_truth,
)

BANKS = [ROOT / "bank" / "exam.yaml", *sorted((ROOT / "bank" / "examples").glob("*/exam.yaml"))]
EXPRESSIONS = 2_000
TRIED = 60


def _dice(problem: Problem, number: int = 0) -> Dice:
    return Dice(bytes(range(32)), "compiled", str(number), problem.id, 0)


@pytest.mark.parametrize("bank", BANKS, ids=lambda it: it.parent.name)
def test_each_attempt_ends_as_by_name(bank: Path) -> None:
    """The same conditions and mistakes refuse it, and the same is drawn and computed."""
    for whole in load_exam(bank, ROOT / "latex" / "figures").problems:
        problem = resolve(whole, reference_draw(whole).choices)
        attempt = compile_attempt(problem, avoided_mistakes(problem))
        quickly = compile_attempt(problem, avoided_mistakes(problem), in_order=False)
        for number in range(TRIED):
            scope = Attempt(problem, _dice(problem))
            scope.begin(number)
            refusal = refused_by_name(problem, scope)
            found = attempt(_dice(problem), number)
            if isinstance(found, dict):
                assert refusal is None
                assert found.keys() >= problem.variables.keys()
                assert found == {name: scope[name] for name in found}
            else:
                assert found is refusal
            same = quickly(_dice(problem), number)
            assert same == found if refusal is None else not isinstance(same, dict)


@pytest.mark.parametrize(
    ("first", "is_first"), [("a + b < 8", False), ("12/(a + b - 1) > 2", True)]
)
def test_what_is_drawn_for_little_is_asked_first(
    tmp_path: Path, first: str, is_first: bool
) -> None:
    """But never before a condition that may have no value, since that is said."""
    drawn, ask = "[{names: [a, b], from: 1, to: 9}, {names: [d], from: 1, to: 9}]", "Add."
    require = f"require: ['{first}', d == 2]\n"
    text = one_part(drawn, "{a: 2, b: 1, d: 2}", ask, "{q: a + b + d}", require)
    problem = load_one(tmp_path, text).problems[0]
    attempt = compile_attempt(problem, (), in_order=False)
    found = [attempt(_dice(problem), number) for number in range(TRIED)]
    refused = Counter(it for it in found if isinstance(it, Require))
    most, _ = refused.most_common(1)[0]
    assert (most.expression.source == first) == is_first


def test_draws_are_the_same_before_and_after_it_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn() -> list[object]:
        problems = load_exam(BANKS[0], ROOT / "latex" / "figures").problems
        refused: Counter[Reason] = Counter()
        draws = [
            draw_problem(it, _dice(it, number), None, refused)
            for it in problems
            for number in range(9)
        ]
        return [draws, sorted(refused.values())]

    slow = drawn()
    monkeypatch.setattr(compiled, "FEW", 0)
    assert drawn() == slow


def _piece(chance: random.Random, depth: int) -> str:
    """A number, written at random; some have no value."""
    if depth == 0:
        return chance.choice(["a", "b", "c", "0", "1", "2.5", "w[1]", "pi"])

    def part() -> str:
        return _piece(chance, chance.randrange(depth))

    def truth() -> str:
        return _truth(chance, chance.randrange(depth))

    operator = chance.choice("+-*/")
    return chance.choice(
        [
            *[f"({part()} {operator} {part()})"] * 4,
            *(f"-({part()})", f"({part()})**2", f"({part()})**(-1)", f"({part()}) % ({part()})"),
            *(f"relu({part()})", f"abs({part()})", f"sqrt({part()})", f"log({part()})"),
            *(f"max({part()}, {part()})", f"sum([{part()}, {part()}])", f"[{part()}, a][{part()}]"),
            *(f"({part()} if {truth()} else {part()})", f"indicator({truth()})"),
            *(f"sum([x*{part()} for x in w if x > {part()}])", f"sum(w[{part()}:])"),
            *(f"dot(w, {part()}*w)", f"round({part()}, 2)", f"floor({part()})"),
        ]
    )


def _truth(chance: random.Random, depth: int) -> str:
    if depth == 0:
        return chance.choice(["a > b", "a == c", "a != 1", "b <= 2", "true", "t == 'x'", "a in w"])

    def part() -> str:
        return _piece(chance, chance.randrange(depth))

    def truth() -> str:
        return _truth(chance, chance.randrange(depth))

    word = chance.choice(["and", "or"])
    return chance.choice(
        [
            *(f"({truth()} {word} {truth()})", f"({truth()} {word} {truth()} {word} {truth()})"),
            *(f"(not {truth()})", f"{part()} < {part()}", f"{part()} < {part()} <= {part()}"),
            *(f"(s {word} {truth()})", f"{part()} == {part()}", f"{part()} not in w"),
        ]
    )


def test_a_piece_of_python_has_the_value_of_its_tree() -> None:
    chance = random.Random(1)
    numbers = [Fraction(it, 2) for it in range(-4, 5)]
    seen: Counter[str] = Counter()
    names = {name: name for name in ("a", "b", "c", "w", "t", "s")}
    for index in range(EXPRESSIONS):
        write = _piece if index % 3 else _truth
        expression = compile_expression(write(chance, 3))
        code = FunctionCode(*names)
        code.add(f"return {code.value(expression.tree, names)}")
        values: dict[str, Value] = {name: chance.choice(numbers) for name in "abc"}
        values |= {"w": tuple(chance.choices(numbers, k=3)), "t": chance.choice("xy")}
        values["s"] = chance.choice([True, False, Fraction(1)])
        try:
            expected: object = expression.evaluate(values)
        except EvaluationError:
            expected = None
        try:
            found = code.compile()(**values)
        except (ValueError, ArithmeticError):
            found = None
        assert (type(found), found) == (type(expected), expected), expression.source
        seen[type(found).__name__] += 1
    assert min(seen[it] for it in ("Fraction", "Decimal", "bool", "NoneType")) > 30, seen


def test_whole_numbers_have_the_value_of_their_tree() -> None:
    chance = random.Random(2)
    seen: Counter[str] = Counter()
    lists = {
        name: [Fraction(it, scale) for it in range(-4, 5)]
        for name, scale in zip("abc", (1, 2, 6), strict=True)
    }
    for index in range(EXPRESSIONS):
        expression = compile_expression((_piece if index % 3 else _truth)(chance, 3))
        chosen = {name: chance.randrange(9) for name in lists}
        values: dict[str, Value] = {name: lists[name][at] for name, at in chosen.items()}
        names, numbers = {}, {}
        for name, at in chosen.items():
            members, scale = whole_members(lists[name]) or ((), 0)
            names[name] = Whole(name, scale, max(map(abs, members)))
            numbers[name] = members[at]
        code = FunctionCode(*names)
        if index % 3:
            found = whole_number(expression.tree, names, code.variable)
            decimals = chance.randrange(3)
            if found is None or (rounded := rounded_whole(found, decimals, code.variable)) is None:
                seen["none"] += 1
                continue
            for written, wanted in (
                (found, expression.evaluate(values)),
                (rounded, round_to(expression.evaluate(values), decimals)),  # type: ignore[arg-type]
            ):
                got = eval(written.text, dict(numbers))
                assert Fraction(got, written.scale) == wanted, expression.source
                assert abs(got) <= written.most
            seen["number"] += 1
        else:
            text = whole_truth(expression.tree, names, code.variable)
            if text is not None:
                assert eval(text, dict(numbers)) is expression.evaluate(values), expression.source
            seen["none" if text is None else "truth"] += 1
    assert min(seen.values()) > 50, seen


def test_numbers_that_grow_are_not_written() -> None:
    names = {"a": Whole("a", 10**6, 10**9)}
    code = FunctionCode("a")
    assert whole_number(compile_expression("a*a*a*a").tree, names, code.variable) is not None
    assert whole_number(compile_expression("a**4*a**4").tree, names, code.variable) is None
    assert rounded_whole(Whole("a", 3, 1 << 120), 9, code.variable) is None


def test_a_deep_tree_is_read_by_python() -> None:
    expression = compile_expression("+".join(["a"] * 90) + "+b")
    code = FunctionCode("a", "b")
    code.add(f"return {code.value(expression.tree, {'a': 'a', 'b': 'b'})}")
    assert code.compile()(Fraction(1), Fraction(2)) == 92


def _complaint(problem: Problem) -> str:
    """What is said of the first draws of which one has no value."""
    try:
        for number in range(40):
            draw_problem(problem, _dice(problem, number))
    except InputError as error:
        return str(error)
    return ""


DIVIDING = """\
require: [1/(a - b) > 0]
"""


def test_a_draw_without_a_value_is_said_with_its_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    drawn, ask = "[{names: [a, b], from: 1, to: 9}]", "Add $<< a >>$ to $<< b >>$."
    text = one_part(drawn, "{a: 2, b: 1}", ask, "{q: a + b}", DIVIDING)
    problem = load_one(tmp_path, text).problems[0]
    said = []
    for few in (10**9, 0):
        monkeypatch.setattr(compiled, "FEW", few)
        said.append(_complaint(problem))
    assert said[0] == said[1]
    assert "division by zero" in said[0]
