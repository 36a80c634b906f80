"""Units: what one is in another."""

from __future__ import annotations

from fractions import Fraction as F

import pytest

from generator.expressions import EvaluationError, compile_expression


@pytest.mark.parametrize(
    ("value", "old", "new", "expected"),
    [
        (90, "km/h", "m/s", F(25)),
        (25, "m/s", "km/h", F(90)),
        (2, "kW h", "MJ", F(36, 5)),
        (2, "kWh", "MJ", F(36, 5)),
        (2, "cm²", "m^2", F(2, 10_000)),
        (2, "g/cm³", "kg/m³", F(2000)),
        (3, "MB", "bit", F(24_000_000)),
        (4, "kΩ", "Ω", F(4000)),
        (1, "mmol/L", "mol/m³", F(1)),
        (5, "µs", "ms", F(5, 1000)),
        (1, "V/A", "Ohm", F(1)),
        (1, "kg m s⁻²", "N", F(1)),
        (12, "%", "1", F(12, 100)),
        (3, "min", "s", F(180)),
    ],
)
def test_numbers_in_another_unit(value: int, old: str, new: str, expected: F) -> None:
    found = compile_expression(f"convert(v, '{old}', '{new}')").evaluate({"v": F(value)})
    assert found == expected


def test_the_factor_is_printed() -> None:
    there = compile_expression("convert(v, 'm/s', 'km/h')")
    assert there.symbolic() == r"v \frac{\text{m/s}}{\text{km/h}}"
    assert there.substituted({"v": F(25)}) == r"25 \cdot 3.6"
    back = compile_expression("convert(v, 'km/h', 'm/s')")
    assert back.substituted({"v": F(90)}) == r"90 \cdot \frac{5}{18}"

    area = compile_expression("convert(v, 'cm²', 'm²')")  # a power has a size of its own
    assert area.symbolic() == r"v \frac{\text{cm}^{2}}{\text{m}^{2}}"
    speed = compile_expression("convert(v, 'm s⁻¹', 'km/h')")
    assert speed.symbolic() == r"v \frac{\text{m s}^{-1}}{\text{km/h}}"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("convert(v, 'm', 's')", "m and s measure different things"),
        ("convert(v, 'xyz', 's')", "there is no unit xyz"),
        ("convert(v, '°C', 'K')", "is no unit such as"),
        ("convert(v, 1, 's')", "convert needs units such as 'km/h'"),
    ],
)
def test_what_cannot_be_converted_is_said(source: str, said: str) -> None:
    with pytest.raises(EvaluationError, match=said):
        compile_expression(source).evaluate({"v": F(2)})
