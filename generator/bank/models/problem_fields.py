"""A problem: what its questions have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from generator.bank.fields.credit import Points, ProblemKindName, RightCounts, Scoring
from generator.bank.fields.quantities import BandShare, Branches, Decimals, Exact, Listed, LoadDraws
from generator.bank.fields.words import Filled, Flag, Name, ProblemId, TextField
from generator.bank.models.base import Model
from generator.bank.models.figure_fields import FigureOrWord
from generator.bank.models.question_fields import About, PartFields
from generator.bank.models.value_fields import Drawn, FormOrWord, ReferenceValues


class Fairness(Model):
    """How much the work that copies of the problem take may differ."""

    band: BandShare | None = Field(
        None,
        description="The load of a copy is at most so far from the median load of the problem; if "
        "it is not given, 5 %, or as much as half of the draws need.",
        examples=["5 %", "7.5 %"],
    )
    branches: Branches | None = Field(
        None,
        description="Which way conditions and clipped units may go, in the order in which they are "
        "computed: a list of patterns as make check prints them, or any. By default what relu and "
        "step clip is compared, where half of the draws have the usual pattern.",
        examples=[["relu:1 relu:0", "relu:0 relu:1"], "any"],
    )
    draws: LoadDraws | None = Field(
        None,
        description="Number of draws that the median load is taken from; 10,000 if it is not "
        "given.",
        examples=[20_000],
    )


class ProblemFields(Drawn):
    """A problem, but for its parts."""

    if TYPE_CHECKING:  # What can stand there is said where all kinds are known.
        parts: tuple[PartFields, ...]

    id: ProblemId = Field(description="The problem's number, in quotes.", examples=["3"])
    title: Filled = Field(description="The heading, as plain text.", examples=["Backpropagation"])
    points: Points = Field(description="The sum of the parts.", examples=[8.5])
    about: About | None = Field(
        None,
        description="What is said of all its parts.",
        examples=[{"topic": "Optimization", "author": "Ada Musterfrau"}],
    )
    kind: ProblemKindName = Field(
        "open",
        description="choice: all parts are multiple choice, and their credits stand with the "
        "problem alone. Else a problem may mix forms.",
        examples=["choice"],
    )
    scoring: Scoring | None = Field(
        None,
        description="What boxes of multiple choice earn in all parts, printed under the intro: "
        "all_or_nothing, per_option or per_option_deducting.",
        examples=["all_or_nothing"],
    )
    new_page: Flag = Field(
        True,
        description="false: the problem may begin on the page on which the one before it ends.",
        examples=[False],
    )
    form: FormOrWord | None = Field(
        None,
        description="How the numbers of this problem are printed that say nothing themselves: one "
        "word, or a mapping; what it leaves open is that of the exam.",
        examples=["fraction"],
    )
    min_decimals: Decimals = Field(
        0, description="Results print at least this many decimal places.", examples=[1]
    )
    symbols: dict[Name, TextField] = Field(
        {},
        description="TeX (math) of names where the default won't do (h1 is printed as h_{1}).",
        examples=[{"grad_w21": r"\frac{\partial L}{\partial w_{21}}"}],
    )
    intro: TextField = Field(
        "", description="Text before the first part, in TeX.", examples=["The network below …"]
    )
    figure: FigureOrWord | None = Field(
        None, description="Figure behind the intro.", examples=[{"name": "network"}]
    )
    right_counts: RightCounts = Field(
        None,
        description="How many options are right in the questions with a pool: each copy has these "
        "numbers, in a drawn order, so that crosses and what an empty sheet earns are the same for "
        "all. One for each question that does not state right itself; the least and the largest "
        "possible number at most once. Without it, they are spread evenly.",
        examples=[[1, 2, 2, 3]],
    )
    fairness: Fairness | None = Field(
        None,
        description="How much the work that copies take may differ: the arithmetic of the steps, "
        "without steps that give a text, is counted as one does it by hand.",
        examples=[{"band": "5 %"}],
    )
    constants: Annotated[dict[Name, Exact], Field(max_length=100)] = Field(
        {},
        description="Numbers with a name that are the same in all copies; formulas and texts use "
        "them as they use drawn ones.",
        examples=[{"g": 9.81}],
    )
    reference: dict[Name, Listed] = Field(
        {}, description="The drawn values of the reference copy.", examples=[{"i1": 2, "i2": -1}]
    )

    @property
    def reference_values_of(self) -> tuple[ReferenceValues, ...]:
        return (ReferenceValues("reference", "", self.reference),)
