"""What has a value of its own in each copy: what is drawn, computed in steps, solved in Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from generator.bank.fields.credit import Accepted
from generator.bank.fields.quantities import (
    Decimals,
    Digits,
    Edges,
    Exact,
    FormDigits,
    FormKind,
    Listed,
    Member,
    Shape,
    TiesRule,
)
from generator.bank.fields.words import Filled, Flag, Name, TextField, Word
from generator.bank.models.base import Model, TextToo, short_for


class NumberForm(Model):
    """How a number is printed; one word is short for ``as``."""

    as_: FormKind | None = Field(
        None,
        alias="as",
        description="decimal, scientific, engineering, fraction, mixed, percent, currency, binary, "
        "octal or hexadecimal.",
        examples=["scientific"],
    )
    decimals: Decimals | None = Field(
        None, description="Decimal places that are printed, rounded if need be.", examples=[2]
    )
    significant: Digits | None = Field(
        None, description="Significant digits that are printed instead.", examples=[3]
    )
    digits: FormDigits | None = Field(
        None,
        description="At least so many digits before the decimal sign, filled with zeros.",
        examples=[2],
    )
    group: FormDigits | None = Field(
        None, description="Digits of a group in base 2, 8 or 16.", examples=[4]
    )
    thousands: Flag | None = Field(
        None,
        description="Whether thousands are grouped, from 10,000 on. Amounts of a currency are, "
        "from 1,000 on, unless it is false.",
        examples=[True],
    )
    symbol: Filled | None = Field(
        None, description="The symbol of a currency; € if it is not given.", examples=["CHF"]
    )


FormOrWord = Annotated[NumberForm, short_for("as"), TextToo()]


@dataclass(frozen=True)
class ReferenceValues:
    """Values of the reference copy.

    Attributes:
        field: Where they stand.
        prefix: What the names have before them outside of this field.
        values: The values.
    """

    field: str
    prefix: str
    values: Mapping[str, Fraction | str]


class DrawList(Model):
    """The explicit finite list that values are drawn from."""

    from_: Exact | None = Field(
        None, alias="from", description="First value of a range.", examples=[-2]
    )
    to: Exact | None = Field(None, description="Last value of a range.", examples=[2])
    step: Exact | None = Field(
        None, description="Step of the range; 1 if it is not given.", examples=[0.5]
    )
    except_: tuple[Member, ...] = Field(
        (), alias="except", description="Members that are left out.", examples=[[0]]
    )
    one_of: tuple[Member, ...] | None = Field(
        None,
        description="The members themselves, all numbers or all texts.",
        examples=[[-1, -0.5, 0.5, 1], ["mean", "maximum"]],
    )
    decimals: Decimals | None = Field(
        None,
        description="Decimal places that are printed at least; by default as many as the longest "
        "member has.",
        examples=[1],
    )
    unit: TextField | None = Field(
        None,
        description="Unit that texts print behind the number: a name, or TeX.",
        examples=["kΩ"],
    )
    form: FormOrWord | None = Field(
        None,
        description="How the numbers are printed: one word, or a mapping.",
        examples=["fraction", {"digits": 2}],
    )


class DrawEntry(DrawList):
    """Names that are drawn for each copy, all from the same list."""

    names: Annotated[tuple[Name, ...], Field(min_length=1, max_length=100)] = Field(
        description="What texts, steps and figures call the values; unique in the problem.",
        examples=[["w11", "w12"]],
    )
    permutation_of: tuple[Member, ...] | None = Field(
        None,
        description="The names get these members in a drawn order.",
        examples=[["A", "B", "C"]],
    )
    distinct: Flag = Field(
        False,
        description="The names of this entry get different values; the members of a list differ.",
        examples=[True],
    )
    count: Shape | None = Field(
        None,
        description="Each name is a list of so many members, or a matrix of [rows, columns].",
        examples=[10, [2, 3]],
    )
    sorted: Flag = Field(
        False, description="The members of a list are in ascending order.", examples=[True]
    )
    edges: Edges | None = Field(
        None,
        description="Each name is a graph with these edges; their weights are drawn.",
        examples=[["A-B", "A-C", "B-C"]],
    )

    complex: Flag = Field(
        False,
        description="Each name is a complex number; its real and its imaginary part are drawn.",
        examples=[True],
    )

    @property
    def directed(self) -> bool:
        """Whether the edges of a graph have a direction."""
        return bool(self.edges) and self.edges is not None and self.edges[0].directed


class Drawn(Model):
    """What draws values of its own."""

    draw: Annotated[tuple[DrawEntry, ...], Field(max_length=100)] = Field(
        (),
        description="What is drawn for each copy.",
        examples=[[{"names": ["k1", "k2"], "one_of": [3, 5, 7]}]],
    )
    require: Annotated[tuple[Filled, ...], Field(max_length=100)] = Field(
        (),
        description="Conditions that a draw must meet: expressions over drawn names and steps; "
        "NAME_from_fallback is a step as it follows from the fallback values.",
        examples=[["h1 > 0 and h2 < 0"]],
    )

    @property
    def own_steps(self) -> Mapping[str, Step]:
        """The steps that stand here, by their names."""
        return {}

    @property
    def own_solver(self) -> SolverUse | None:
        """The solver that stands here."""
        return None

    @property
    def own_worked(self) -> str:
        """How its steps are worked out in the key."""
        return "full"

    @property
    def fallback_lists(self) -> Mapping[str, DrawList]:
        """The lists of fallback values, by the names of their steps."""
        return {}

    @property
    def reference_values_of(self) -> tuple[ReferenceValues, ...]:
        """The reference values that stand here."""
        return ()


class OwnDraws(Drawn):
    """A part that draws by itself, with the values of the reference copy."""

    reference_values: dict[Name, Listed] = Field(
        {},
        description="Values of the reference copy for what this part draws.",
        examples=[{"n": 10}],
    )

    @property
    def sets(self) -> tuple[tuple[int | None, Drawn], ...]:
        """What draws or is solved by itself: the part."""
        return ((None, self),)

    @property
    def reference_values_of(self) -> tuple[ReferenceValues, ...]:
        return (ReferenceValues("reference_values", "", self.reference_values),)


class Step(Model):
    """A named step of a solution."""

    is_: Filled = Field(alias="is", description="The expression.", examples=["i1*w11 + b1"])
    decimals: Decimals | None = Field(
        None,
        description="Rounded to this many places; later steps use that value.",
        examples=[3],
    )
    significant: Digits | None = Field(
        None, description="Rounded to this many significant digits instead.", examples=[3]
    )
    form: FormOrWord | None = Field(
        None,
        description="How the result is printed: one word, or a mapping.",
        examples=["fraction", {"as": "scientific"}],
    )
    ties: TiesRule | None = Field(
        None,
        description="Where a number goes that is in the middle: half_up, away from zero, as one "
        "learns at school, or half_even; that of the exam if it is not given.",
        examples=["half_even"],
    )
    accept: Accepted | None = Field(
        None,
        description="Which results count as right besides this one: ±1 %, ±0.05, 3 digits, "
        "2 decimals, either rounding, or a list of the least and the largest.",
        examples=["±1 %", ["a - 1", "a + 1"]],
    )
    worked: Filled | None = Field(
        None,
        description="How the key works it out: full, short (long sums have dots), off, or TeX of "
        "your own, in which << name >> prints any value; that of the question if it is not given.",
        examples=["short", "By symmetry, $p_2 = 1 - << p1 >> = << p2 >>$."],
    )
    working: Flag = Field(
        False,
        description="Printed in the worked solution, but not an answer; a question may print it.",
        examples=[True],
    )
    unit: TextField | None = Field(
        None, description="Unit behind the value: a name, or TeX.", examples=["m/s²"]
    )


def _step(value: Any) -> Any:
    if isinstance(value, list):
        raise ValueError("put the expression in quotes: YAML takes [ for the beginning of a list")
    return {"is": value} if isinstance(value, str) else value


StepOrText = Annotated[Step, BeforeValidator(_step), TextToo()]


class SolverUse(Model):
    """A solver in Python, for what an expression cannot say."""

    name: Word = Field(
        description="Its name: of one in the folder plugins beside the exam, or of the program.",
        examples=["dijkstra"],
    )
    uses: tuple[Name, ...] = Field(
        description="The values it is given, in its order.", examples=[["graph", "start"]]
    )
    gives: Annotated[tuple[Name, ...], Field(min_length=1)] = Field(
        description="The answers it returns, in its order.", examples=[["distances", "order"]]
    )
