"""Arithmetic load: against long addition and multiplication digit by digit, and as a measure."""

from __future__ import annotations

from dataclasses import fields, replace
from fractions import Fraction
from fractions import Fraction as F
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.expressions import WEIGHTS, EvaluationError, Load, Step, Steps, compile_expression


def load(source: str, **values: Any) -> Load:
    return compile_expression(source).load(values)


def long_addition(a: int, b: int) -> int:
    """Units carried when adding with pencil and paper, from right to left."""
    carried, carry = 0, 0
    while a or b or carry:
        carry = (a % 10 + b % 10 + carry) // 10
        carried += carry
        a, b = a // 10, b // 10
        if not (a or b):
            break
    return carried


def long_subtraction(a: int, b: int) -> int:
    """Tens borrowed when subtracting the smaller from the larger, from right to left."""
    a, b = max(a, b), min(a, b)
    borrowed, borrow = 0, 0
    while a or b:
        borrow = int(a % 10 - b % 10 - borrow < 0)
        borrowed += borrow
        a, b = a // 10, b // 10
    return borrowed


def long_multiplication(a: int, b: int) -> int:
    """Units carried: the columns of all products of two digits are summed, from right to left."""
    columns = [0] * (len(str(a)) + len(str(b)) + 2)
    for i, x in enumerate(reversed(str(a))):
        for j, y in enumerate(reversed(str(b))):
            columns[i + j] += int(x) * int(y)
    carried, carry = 0, 0
    for column in columns:
        carry = (column + carry) // 10
        carried += carry
    return carried


proper = st.integers(2, 10**6)


@given(proper, proper)
def test_carries_of_an_addition(a: int, b: int) -> None:
    assert load("a + b", a=F(a), b=F(b)).carries == long_addition(a, b)
    assert load("a - b", a=F(-a), b=F(b)).carries == long_addition(a, b)


@given(proper, proper, st.integers(0, 4))
def test_borrows_of_a_subtraction(a: int, b: int, decimals: int) -> None:
    scale = 10**decimals
    for source in ("a - b", "-a + b"):
        found = load(source, a=F(a, scale), b=F(b, scale))
        assert found.carries == long_subtraction(a, b)
        assert found.additions == 1


@given(proper, proper, st.integers(0, 3))
def test_carries_of_a_multiplication(a: int, b: int, decimals: int) -> None:
    x, y = F(a, 10**decimals), F(b)
    found = load("a * b", a=x, b=y)
    if 1 in (x, y):
        assert (found.carries, found.easy) == (0, 1)
    else:
        assert found.carries == long_multiplication(a, b)
        assert load("(a * b) / b", a=x, b=y).carries == 2 * found.carries


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # By hand: 2*1 and -1*0.5 are easy; 2 - 0.5 borrows one, 1.5 + 0.5 carries one.
        (
            "2*1 + (-1)*0.5 + 0.5",
            {"additions": 2, "easy": 2, "digits": 5, "carries": 2, "sign_changes": 2}
            | {"non_integers": 3},
        ),
        ("12 * 34", {"multiplications": 1, "digits": 4, "carries": 1}),
        ("25 * 4", {"multiplications": 1, "digits": 3, "carries": 3}),
        ("-2.5 * -4", {"multiplications": 1, "digits": 3, "carries": 3, "sign_changes": 2}
            | {"non_integers": 1}),
        ("300 + 40", {"additions": 1, "digits": 2}),
        ("7 * 0 + 3 * 1 - 0", {"easy": 4}),
        ("5 / 1 - 0 / 7", {"easy": 3}),
        ("7 / 4", {"divisions": 1, "digits": 2, "carries": 5}),
        ("1.5 ** 2", {"powers": 1, "multiplications": 1, "digits": 4, "carries": 3}
            | {"non_integers": 2}),
        ("2 ** 3", {"powers": 1, "multiplications": 2, "digits": 4}),
        ("3 ** -1", {"divisions": 1, "digits": 2, "carries": 4}),
        ("3 ** -2", {"powers": 1, "multiplications": 1, "divisions": 1, "digits": 4, "carries": 4}),
        ("4 ** 0 + 1 ** 9", {"easy": 2, "additions": 1, "digits": 2}),
        ("2 ** 20", {"functions": 1, "digits": 1}),
        ("relu(-3)", {"comparisons": 1, "clipped": 1}),
        ("relu(3)", {"comparisons": 1}),
        ("max(0, -2)", {"comparisons": 1, "clipped": 1}),
        ("max(4, 2, 3)", {"comparisons": 2}),
        ("exp(0.25) + exp(-1)", {"functions": 2, "digits": 11, "additions": 1, "carries": 2}
            | {"non_integers": 3}),
        ("sum([1, 20, 3])", {"additions": 2, "digits": 5}),
        ("mean([1, 3])", {"additions": 1, "divisions": 1, "digits": 4}),
        ("dot([2, 3], [4, 5])", {"multiplications": 2, "additions": 1, "digits": 7}
            | {"carries": 2}),
        ("matmul([[2, 0], [1, 3]], [4, 5])", {"multiplications": 2, "easy": 3, "digits": 7}
            | {"carries": 1, "additions": 1}),
        ("[2, 3] * 4", {"multiplications": 2, "digits": 4, "carries": 1}),
        ("1 < 2 < 3", {"comparisons": 2}),
    ],
)  # fmt: skip
def test_counts_by_hand(source: str, expected: dict[str, int]) -> None:
    found = load(source)
    counted = {name: getattr(found, name) for name in WEIGHTS if getattr(found, name)}
    assert counted == expected


@pytest.mark.parametrize(
    ("source", "branches"),
    [
        ("relu([1, -1, 0])", ("relu:1", "relu:0", "relu:0")),
        ("max(0, h) + min(h, 3, 2)", ("max:1", "min:2")),
        ("1 if h > 4 else (2 if h > 1 else 3)", ("if:0", "if:1")),
        ("indicator(h > 0) + step(-h) + sign(-h)", ("indicator:1", "step:0", "sign:-1")),
        ("abs(-h)", ("abs:-1",)),
        ("h > 0 and h < 1", ()),
    ],
)
def test_branches_are_told_apart(source: str, branches: tuple[str, ...]) -> None:
    assert load(source, h=F(5, 2)).branches == branches


NETWORK = {
    "h1": "i1*w11 + i2*w21 + b1",
    "h2": "i1*w12 + i2*w22 + b2",
    "h3": "relu(h1)",
    "h4": "relu(h2)",
    "o1": "h3*w31 + h4*w41",
}


def network(**values: str) -> Load:
    steps = Steps([Step(name, compile_expression(text)) for name, text in NETWORK.items()], values)
    return steps.load({name: Fraction(text) for name, text in values.items()})


BASE = {
    **{"i1": "2", "i2": "3", "w11": "4", "w21": "2", "b1": "1", "w12": "-2", "w22": "-3"},
    **{"b2": "-1", "w31": "2", "w41": "3"},
}


def test_draws_with_the_same_operators_but_other_digits_or_carries_have_other_loads() -> None:
    base = network(**BASE)
    assert base.branches == ("relu:1", "relu:0")
    # One digit more: 2 * 4.2 + 6 + 1 = 15.4 carries as 2 * 4 + 6 + 1 = 15 does.
    digits = network(**{**BASE, "w11": "4.2"})
    # As many digits, more carries: 2 * 9.
    carries = network(**{**BASE, "w11": "9"})
    for other in (digits, carries):
        assert other.branches == base.branches
        assert (other.additions, other.multiplications) == (base.additions, base.multiplications)
        assert other.total > base.total
    assert (digits.carries, carries.carries > base.carries) == (base.carries, True)
    assert digits.total != carries.total
    signs = network(**{**BASE, "w11": "-4", "b1": "4"})
    assert signs.sign_changes > base.sign_changes
    alive = network(**{**BASE, "w12": "9"})
    assert alive.branches == ("relu:1", "relu:1")
    assert (alive.clipped, base.clipped) == (0, 1)
    assert network(**{**BASE, "w11": "1"}).total < base.total


def test_loads_add() -> None:
    parts = [load("relu(-3) + 7*8"), load("1 if 2 > 1 else 0"), load("9/4")]
    whole = sum(parts, Load())
    assert sum(parts) == whole
    assert whole.total == sum(part.total for part in parts)
    assert whole.branches == ("relu:0", "if:1")
    assert Load() + whole == whole
    with pytest.raises(TypeError):
        whole + 1  # type: ignore[operator]


def test_every_counter_has_a_weight() -> None:
    counters = {field.name for field in fields(Load)} - {"branches"}
    assert set(WEIGHTS) == counters
    for name in counters:
        assert replace(Load(), **{name: 2}).total == 2 * WEIGHTS[name]  # type: ignore[arg-type]


def test_numbers_without_a_short_expansion_count_as_fractions_or_calculator_digits() -> None:
    thirds = load("1/3 + 1/7")
    assert thirds.additions == 1
    assert thirds.carries > load("1/4 + 1/8").carries - 20
    logarithm = load("log(2) * 3")
    assert logarithm.digits == 1 + 4 + 1
    tiny = load("exp(-2000) * 3 + exp(2000)")
    assert tiny.functions == 2


def test_softmax_counts_its_parts() -> None:
    found = load("softmax([1, 2, 3])")
    assert (found.functions, found.additions, found.divisions) == (3, 2, 3)
    # Arguments 1, 2, 3; the sums of 0.09003, 0.2447, 0.6652; four digits for each division.
    assert found.digits == 3 + 2 * (4 + 4) + 3 * 4
    assert load("softmax([[1, 2, 3], [1, 2, 3]])").total == 2 * found.total


def test_steps_are_counted_once_each_and_only_where_asked() -> None:
    steps = Steps(
        [Step("p", compile_expression("1/3"), decimals=1), Step("q", compile_expression("p + 12"))],
        [],
    )
    assert steps.load({}, only=["q"]).digits == 3  # 0.3 + 12, the rounded value
    assert steps.load({}) == load("1/3") + load("0.3 + 12")
    with pytest.raises(EvaluationError, match="bad: 1/x: division by zero"):
        Steps([Step("bad", compile_expression("1/x"))], ["x"]).load({"x": F(0)})
