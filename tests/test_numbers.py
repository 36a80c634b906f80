"""Numbers: read exactly, rounded, printed in plain digits."""

from __future__ import annotations

import decimal
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.exact.numbers import (
    NumberError,
    Ties,
    exact,
    format_number,
    format_significant,
    parse_number,
    places,
    round_significant,
    round_to,
)

fractions = st.fractions(min_value=-(10**6), max_value=10**6, max_denominator=10**4)
finite = st.decimals(
    allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", Fraction(1, 10)),
        ("-1.50", Fraction(-3, 2)),
        ("+2", Fraction(2)),
        (".5", Fraction(1, 2)),
        ("5.", Fraction(5)),
        (" 007 ", Fraction(7)),
        ("-0", Fraction(0)),
        ("1e3", Fraction(1000)),
        ("1.5e-5", Fraction(15, 1000000)),
    ],
)
def test_reads_exactly(text: str, value: Fraction) -> None:
    assert parse_number(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "-",
        "1_000",
        "1/2",
        "nan",
        "inf",
        "0x1f",
        "1e",
        "1e101",
        "1e-999999999",
        "1,5",
        "1 000",
        "−1.5",
        "١",
        "1" * 201,
        "1.2.3",
        "--1",
        "True",
    ],
)
def test_refuses_what_is_no_decimal_number(text: str) -> None:
    with pytest.raises(NumberError):
        parse_number(text)


@given(finite)
def test_reads_back_what_it_prints(value: Decimal) -> None:
    assert parse_number(format_number(value)) == Fraction(value)


ROUNDINGS: dict[Ties, str] = {
    "half_up": decimal.ROUND_HALF_UP,
    "half_even": decimal.ROUND_HALF_EVEN,
}


@pytest.mark.parametrize("ties", ROUNDINGS)
@given(fractions, st.integers(0, 8))
def test_rounds_and_prints_as_the_decimal_module(
    ties: Ties, value: Fraction, decimals: int
) -> None:
    with decimal.localcontext() as context:
        context.prec = 200
        # Exact ties need an exact quotient; 200 digits are enough for these denominators.
        quotient = Decimal(value.numerator) / value.denominator
        expected = quotient.quantize(Decimal(1).scaleb(-decimals), ROUNDINGS[ties])
    assert round_to(value, decimals, ties) == Fraction(expected)
    if ties == "half_up":
        assert format_number(value, decimals=decimals) == f"{expected + 0:f}"


@pytest.mark.parametrize(
    ("value", "options", "text"),
    [
        (Fraction(-3, 2), {}, "-1.5"),
        (Fraction(-3, 2), {"min_decimals": 3}, "-1.500"),
        (Fraction(2), {"min_decimals": 1}, "2.0"),
        (Fraction(1, 8), {"min_decimals": 1}, "0.125"),
        (Fraction(-1, 1000), {"decimals": 2}, "0.00"),
        (Fraction(1, 8), {"decimals": 2}, "0.13"),
        (Fraction(-1, 8), {"decimals": 2}, "-0.13"),
        (Fraction(3, 8), {"decimals": 2}, "0.38"),
        (Fraction(2, 3), {"decimals": 0}, "1"),
        (Decimal("-0.0"), {}, "0"),
        (Decimal("1E+3"), {}, "1000"),
        (Decimal("1E-7"), {}, "0.0000001"),
        (Fraction(10**30), {}, "1" + "0" * 30),
        (7, {}, "7"),
    ],
)
def test_prints_plain_digits(value: Fraction, options: dict[str, int], text: str) -> None:
    assert format_number(value, **options) == text


def test_says_that_a_third_needs_decimals() -> None:
    with pytest.raises(NumberError, match="1/3 has no finite decimal expansion"):
        format_number(Fraction(1, 3))


@pytest.mark.parametrize("value", [True, "1", 1.5, None, Decimal("NaN"), Decimal("-Infinity")])
def test_prints_nothing_but_numbers(value: object) -> None:
    with pytest.raises(NumberError):
        format_number(value)  # type: ignore[arg-type]


def test_a_tie_that_was_computed_is_rounded_as_a_tie() -> None:
    # (sqrt 2)**2 / 16 at 50 digits is a little off 0.125, on either side.
    off = Decimal("0.12499999999999999999999999999999999999999999999999")
    assert format_number(off, decimals=2) == "0.13"
    assert format_number(3 * Fraction(off), decimals=2) == "0.37"
    with decimal.localcontext() as context:
        context.prec = 50
        assert format_number(off * 3, decimals=2) == "0.38"


def test_a_tiny_decimal_is_printed_as_zero_where_decimals_are_stated() -> None:
    assert format_number(Decimal("1e-4000"), decimals=3) == "0.000"
    assert round_significant(Decimal("1e-4000"), 2) == 0


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Fraction(3), 0),
        (Fraction(1, 4), 2),
        (Fraction(1, 3), None),
        (Fraction(7, 40), 3),
        (Decimal("1.500"), 1),
        (Decimal("1e5"), 0),
        (Fraction(0), 0),
        (12, 0),
    ],
)
def test_counts_places(value: Fraction, expected: int | None) -> None:
    assert places(value) == expected


@given(fractions)
def test_places_are_the_fewest_that_are_exact(value: Fraction) -> None:
    count = places(value)
    if count is None:
        assert (value * 10**20).denominator != 1
    else:
        assert (value * 10**count).denominator == 1
        assert count == 0 or (value * 10 ** (count - 1)).denominator != 1


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (Fraction(9996, 1000), 3, "10.0"),
        (Fraction(1234), 2, "1200"),
        (Fraction(123, 100000), 2, "0.0012"),
        (Fraction(-2, 3), 3, "-0.667"),
        (Fraction(2), 3, "2.00"),
        (Fraction(0), 3, "0.00"),
        (Fraction(99, 100), 1, "1"),
        (Decimal("0.0449"), 2, "0.045"),
    ],
)
def test_significant_digits(value: Fraction, digits: int, text: str) -> None:
    assert format_significant(value, digits) == text
    assert round_significant(value, digits) == parse_number(text)


@given(fractions, st.integers(1, 12))
def test_significant_digits_as_pythons_own_format(value: Fraction, digits: int) -> None:
    with decimal.localcontext() as context:
        context.prec = 300
        quotient = Decimal(value.numerator) / value.denominator
    expected = decimal.Context(prec=digits, rounding=decimal.ROUND_HALF_UP).plus(quotient)
    assert round_significant(value, digits) == Fraction(expected)


def test_the_ambient_decimal_context_does_not_matter() -> None:
    value = Decimal("1.2345678901234567890123456789012345678901234")
    with decimal.localcontext() as context:
        context.prec, context.rounding = 3, decimal.ROUND_UP
        assert round_to(value, 30) == parse_number("1.234567890123456789012345678901")
        assert exact(value) == Fraction(value)
