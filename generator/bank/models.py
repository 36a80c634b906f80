"""What may stand in the YAML files: one frozen model per mapping, unknown keys refused.

The models say which fields there are and what each looks like; whether the fields of a file agree
with each other is checked where a problem is read from its model. The descriptions here are the
reference of the format: the JSON Schemas that editors use are made from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
)
from pydantic_core import CoreSchema

from generator.bank.covers import RULES
from generator.bank.fields.credit import (
    Accepted,
    Earned,
    GapLook,
    Kind,
    Points,
    RightCounts,
    Scoring,
    WorkedRule,
)
from generator.bank.fields.occasion import (
    PACKAGES,
    AdditionalPages,
    BlockName,
    ColumnCount,
    CoverName,
    Day,
    EmptySeats,
    Encoding,
    LabelSheet,
    Language,
    Least,
    MarkingStep,
    Pages,
    PaperForm,
    PaperName,
    RuleName,
    SeatCount,
    Shift,
    Sign,
    Spare,
    TexPackageName,
    Time,
)
from generator.bank.fields.quantities import (
    Band,
    Branches,
    Decimals,
    Digits,
    Edges,
    Exact,
    FormDigits,
    FormKind,
    Listed,
    LoadDraws,
    Member,
    Millimeters,
    PlotKindName,
    Shape,
    TiesRule,
)
from generator.bank.fields.words import (
    ExamId,
    FileName,
    Filled,
    Flag,
    ImageName,
    Name,
    NodeName,
    PartId,
    ProblemId,
    Text,
    Word,
    has_image_suffix,
)


class Model(BaseModel):
    """Base of all: frozen, and what is not described is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# --- What is drawn ---


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
        None, description="Whether thousands are grouped, from 10,000 on.", examples=[True]
    )
    symbol: Filled | None = Field(
        None, description="The symbol of a currency; € if it is not given.", examples=["CHF"]
    )


def _form_of(value: Any) -> Any:
    return {"as": value} if isinstance(value, str) else value


class TextToo:
    """Adds to the schema that a text is enough."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [{"type": ["string", "number"]}, handler(schema)]}


FormOrWord = Annotated[NumberForm, BeforeValidator(_form_of), TextToo()]


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
    unit: Text | None = Field(
        None,
        description="Unit that texts print behind the number: a name, or TeX.",
        examples=["kΩ"],
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


class PlotFields(Model):
    """What is drawn of a copy's values, without TikZ and at no limit."""

    kind: PlotKindName = Field(
        description="bar, line, scatter, histogram, function or graph.", examples=["bar"]
    )
    y: Filled | None = Field(
        None,
        description="Heights, or the data of a histogram: an expression that is a list. Of a "
        "function, an expression in x.",
        examples=["data", "[a, b, c]", "a*sin(x)"],
    )
    x: Filled | None = Field(
        None,
        description="Places of a line or of points: an expression that is a list; 1, 2, 3, … if it "
        "is not given.",
        examples=["times"],
    )
    categories: Annotated[tuple[Filled, ...], Field(max_length=24)] = Field(
        (), description="What stands below the bars.", examples=[["Mon", "Tue", "Wed"]]
    )
    bins: Annotated[tuple[Exact, ...], Field(max_length=25)] = Field(
        (), description="Limits of the bars of a histogram.", examples=[[0, 10, 20, 30]]
    )
    range_x: Annotated[tuple[Exact, Exact] | None, Field()] = Field(
        None,
        description="Ends of the axis; of a function, they have to be given.",
        examples=[[0, 10]],
    )
    range_y: Annotated[tuple[Exact, Exact] | None, Field()] = Field(
        None,
        description="Ends of the axis; without them, they follow from the values of each copy.",
        examples=[[-2, 2]],
    )
    label_x: Filled | None = Field(
        None, description="What stands below the axis.", examples=["$t$ in s"]
    )
    label_y: Filled | None = Field(
        None, description="What stands beside the axis.", examples=["$U$ in V"]
    )
    width: Millimeters = Field(
        Fraction(90), description="Width with everything around it.", examples=["90 mm"]
    )
    height: Millimeters = Field(
        Fraction(45), description="Height with everything around it.", examples=["45 mm"]
    )
    nodes: dict[NodeName, tuple[Exact, Exact]] = Field(
        {},
        description="Nodes of a graph, with their places in mm to the right and up.",
        examples=[{"A": [0, 20], "B": [30, 0]}],
    )
    edges: Annotated[tuple[tuple[Filled, ...], ...], Field(max_length=100)] = Field(
        (),
        description="Its edges: two nodes and what stands beside the edge, if anything.",
        examples=[[["A", "B", "<< w1 >>"]]],
    )
    of: Name | None = Field(
        None,
        description="In place of edges: a name that is drawn with edges; its weights stand beside "
        "them.",
        examples=["net"],
    )
    directed: Flag = Field(False, description="Whether edges are arrows.", examples=[True])
    marked: Filled | None = Field(
        None,
        description="Its edges that are drawn thick: an expression that is a list of pairs of "
        "nodes.",
        examples=["tree", "[['A', 'B']]"],
    )


class NamesToo:
    """Adds to the schema that a list of names is enough."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [{"type": "array", "items": {"type": "string"}}, handler(schema)]}


def _labels(value: Any) -> Any:
    """Names alone stand for themselves."""
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        return value
    return {str(name): f"<< {name} >>" for name in value}


class FigureUse(Model):
    """A figure: TikZ, drawn from the copy's values, or an image; a word is a file's name."""

    name: FileName | None = Field(
        None,
        description="Name of a TikZ file without .tex: figures/NAME.tex beside the exam, or in "
        "latex/figures.",
        examples=["network"],
    )
    image: ImageName | None = Field(
        None,
        description="Instead: a PNG, JPEG, PDF or SVG file, beside the exam or in its folder "
        "figures.",
        examples=["pump.png"],
    )
    width: Millimeters | None = Field(
        None,
        description="How wide an image is printed, at most 165 mm; 80 mm if it is not given.",
        examples=["60 mm"],
    )
    values: tuple[Name, ...] = Field(
        (),
        description="The drawn names that the figure depends on; \\FigureValue prints them.",
        examples=[["n_x", "n_h"]],
    )
    compute: Word | None = Field(
        None,
        description="A function of generator/bank/plugins/figures.py that computes coordinates "
        "from the values.",
        examples=["training_curves"],
    )
    plot: PlotFields | None = Field(
        None,
        description="Instead: a chart, a curve or a graph of the copy's values.",
        examples=[{"kind": "bar", "y": "[a, b, c]"}],
    )
    labels: Annotated[dict[Word, Filled], BeforeValidator(_labels), NamesToo()] = Field(
        {},
        description="What \\FigureLabel{NAME} prints, set for each copy: texts, or names whose "
        "values are printed.",
        examples=[{"ab": "<< w1 >> km"}, ["w1", "w2"]],
    )
    answers: Annotated[dict[Word, Filled], BeforeValidator(_labels), NamesToo()] = Field(
        {},
        description="The same, for the key alone; steps may be printed, and the paper leaves these "
        "places empty.",
        examples=[{"cell0": "<< cell0 >>"}],
    )


def _figure(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return {"image" if has_image_suffix(value) else "name": value}


FigureOrWord = Annotated[FigureUse, BeforeValidator(_figure), TextToo()]


# --- How it is solved and marked ---


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
    unit: Text | None = Field(
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


class RubricItem(Model):
    """What earns points: a text or a step."""

    points: Points = Field(
        description="How many: whole or half ones; quarters where grades says step: 0.25.",
        examples=[0.5],
    )
    for_: Filled | None = Field(
        None, alias="for", description="What earns them, in TeX.", examples=["The chain rule"]
    )
    step: Name | None = Field(
        None, description="Instead: the step whose result earns them.", examples=["h1"]
    )
    trivial: Filled | None = Field(
        None,
        description=(
            "A condition on drawn names and steps: where it holds, an earlier error has made the "
            "result trivial, and correctors are told so. Without it, the program decides."
        ),
        examples=["grad_w21 == 0"],
    )


class ResultBox(Model):
    """A small box for a result; a step alone is short for it."""

    step: Name = Field(description="The step that is written there.", examples=["h1"])
    width: Millimeters = Field(Fraction(26), description="Width of the box.", examples=["40 mm"])


def _result_box(value: Any) -> Any:
    return {"step": value} if isinstance(value, str) else value


ResultOrStep = Annotated[ResultBox, BeforeValidator(_result_box), TextToo()]


class Gap(Model):
    """A gap in a text; an answer alone is short for ``is``."""

    is_: Filled | None = Field(
        None,
        alias="is",
        description="What belongs there, in TeX; without it, the value of the step of this name.",
        examples=["first in, first out"],
    )
    width: Millimeters = Field(Fraction(26), description="Width of the gap.", examples=["40 mm"])
    look: GapLook = Field(
        "box",
        description="box, line, or blank: what nothing is printed of, such as a cell of a table.",
        examples=["blank"],
    )


def _gap(value: Any) -> Any:
    return {"is": value} if isinstance(value, str) else value


GapOrAnswer = Annotated[Gap, BeforeValidator(_gap), TextToo()]


class Mistake(Model):
    """A common mistake."""

    is_: Filled = Field(
        alias="is",
        description="What the student wrote or did.",
        examples=["The biases are left out, everything else is consistent"],
    )
    earns: Earned = Field(description="The points it still earns.", examples=[1.5])
    gives: dict[Name, Filled] = Field(
        {},
        description="Steps of this part to what is computed in their place; what follows is "
        "computed from that, and the key has it. The step's own name is what is right.",
        examples=[{"h3": "h1", "mse": "2*mse"}],
    )
    may_coincide: Flag = Field(
        False,
        description="true: copies may be drawn in which the mistake leads to the right result.",
        examples=[True],
    )


class Code(Model):
    """Text that is printed as it stands, monospaced."""

    text: Filled = Field(
        description="The lines; << name >> prints a drawn value, everything else is as it stands.",
        examples=["print(<< a >> + 1)"],
    )
    language: Filled | None = Field(
        None, description="What it is written in; stands in the key's file.", examples=["python"]
    )
    numbers: Flag = Field(False, description="Its lines are numbered.", examples=[True])


def _code(value: Any) -> Any:
    return {"text": value} if isinstance(value, str) else value


CodeOrText = Annotated[Code, BeforeValidator(_code), TextToo()]


class About(Model):
    """What is said of a question, for those who choose and check questions; nothing prints it."""

    topic: Filled | None = Field(None, description="What it is about.", examples=["Momentum"])
    outcome: Filled | None = Field(
        None, description="The learning outcome that it tests.", examples=["O3"]
    )
    difficulty: Filled | None = Field(
        None, description="How hard it is, in words of your own.", examples=["hard"]
    )
    minutes: Exact | None = Field(
        None, description="How long it takes, in minutes.", examples=[4.5]
    )
    tags: tuple[Word, ...] = Field(
        (),
        description='Words by which it is chosen: by take, and by make check ARGS="--tag WORD".',
        examples=[["gradient", "short"]],
    )
    author: Filled | None = Field(None, description="Who wrote it.", examples=["Ada Musterfrau"])
    source: Filled | None = Field(
        None, description="Where it is from.", examples=["Exercise 4.2 of the lecture notes"]
    )
    version: Filled | None = Field(None, description="Which version it is.", examples=["2"])


# --- Subproblems ---


class PartFields(Model):
    """What all subproblems have."""

    form: ClassVar[str]
    """The key by which this form of a part is told from the others."""

    choice: ClassVar[bool] = False
    """Whether it belongs in a problem of kind: choice."""

    id: PartId = Field(description="Problem and part, in quotes.", examples=["3.1"])
    points: Points = Field(
        description="Points of the part: whole or half ones, or quarters as grades says.",
        examples=[3],
    )
    new_page: Flag = Field(
        False, description="The part starts a new page (problems always do).", examples=[True]
    )
    about: About | None = Field(
        None,
        description="What is said of it; what it leaves out is that of the problem.",
        examples=[{"topic": "Momentum", "minutes": 4, "tags": ["gradient"]}],
    )

    @property
    def sets(self) -> tuple[tuple[int | None, Drawn], ...]:
        """What draws or is solved by itself, with the index of the alternative."""
        return ()


class Question(Drawn):
    """A question that is answered in a box, with its solution."""

    ask: Filled = Field(
        description="The question, in TeX; << name >> prints a drawn value.",
        examples=["Compute $h_1$ for $i_1 = << i1 >>$."],
    )
    code: CodeOrText | None = Field(
        None,
        description="A listing below the question: its lines, or a mapping.",
        examples=[{"language": "python", "numbers": True, "text": "print(<< a >>)"}],
    )
    space: Millimeters | None = Field(
        None,
        description="Least height of the answer box. A question that has gaps or results can do "
        "without: the key has its solution on a page behind.",
        examples=["45 mm", "4.5 cm"],
    )
    reference: dict[Name, Listed] = Field(
        {},
        description="Values of the reference copy for what this part draws.",
        examples=[{"k1": 5, "k2": 3}],
    )
    results: Annotated[tuple[ResultOrStep, ...], Field(max_length=20)] = Field(
        (),
        description="Steps whose results are written into small boxes at the foot of the answer "
        "box, with symbol and unit beside them.",
        examples=[["h1", {"step": "mse", "width": "40 mm"}]],
    )
    gaps: Annotated[dict[Name, GapOrAnswer], Field(max_length=40)] = Field(
        {},
        description="What belongs into the gaps << gap.NAME >> of question and listing; the name "
        "of a step needs no entry.",
        examples=[{"order": "first in, first out", "h1": {"width": "40 mm"}}],
    )
    steps: Annotated[dict[Name, StepOrText], Field(max_length=100)] = Field(
        {},
        description="The solution as named expressions over drawn names and steps of this and "
        "earlier parts.",
        examples=[{"h1": "i1*w11 + b1", "h3": "relu(h1)"}],
    )
    worked: WorkedRule = Field(
        "full",
        description="How the key works out its steps: full, short (long sums have dots), or off.",
        examples=["short"],
    )
    solver: SolverUse | None = Field(
        None,
        description="A solver in Python, for what no expression can say.",
        examples=[{"name": "identity_weights", "uses": ["kernel"], "gives": ["shape"]}],
    )
    answer: Text = Field(
        "",
        description="The model answer, in TeX; << name >> prints any value.",
        examples=["The receptive field is << receptive_field >> pixels wide."],
    )
    rubric: Annotated[tuple[RubricItem, ...], Field(min_length=1, max_length=40)] = Field(
        description="What earns the points; the items add up to those of the part.",
        examples=[[{"points": 1, "for": "The formula"}, {"points": 0.5, "step": "mse"}]],
    )
    also_accept: Annotated[tuple[Filled, ...], Field(max_length=40)] = Field(
        (),
        description="Other acceptable answers: plain text, with formulas between dollars.",
        examples=[["The value with all numbers inserted."]],
    )
    mistakes: Annotated[tuple[Mistake, ...], Field(max_length=40)] = Field(
        (),
        description="Common mistakes and the points they still earn: plain text, with formulas "
        "between dollars.",
        examples=[[{"is": "A sum without the factor 1/2", "earns": 1}]],
    )

    @property
    def own_steps(self) -> Mapping[str, Step]:
        return self.steps

    @property
    def own_solver(self) -> SolverUse | None:
        return self.solver

    @property
    def own_worked(self) -> str:
        return self.worked

    @property
    def reference_values_of(self) -> tuple[ReferenceValues, ...]:
        return (ReferenceValues("reference", "", self.reference),)


# --- Files ---


class Fairness(Model):
    """How much the work that copies of the problem take may differ."""

    band: Band | None = Field(
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
    kind: Kind = Field(
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
    symbols: dict[Name, Text] = Field(
        {},
        description="TeX (math) of names where the default won't do (h1 is printed as h_{1}).",
        examples=[{"grad_w21": r"\frac{\partial L}{\partial w_{21}}"}],
    )
    intro: Text = Field(
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


class SpareCopies(Model):
    """Spare copies, a number or a share of the room's students."""

    per_room: Spare = Field(description="For every room.", examples=[2, "5 %"])
    rooms: dict[Text, Spare] = Field(
        {}, description="Rooms that get another number.", examples=[{"Main hall": 5}]
    )


class RoomFile(Model):
    """A room and its seats."""

    rows: SeatCount = Field(description="How many rows it has, from the front.", examples=[12])
    seats: SeatCount = Field(description="Seats of each row.", examples=[18])
    row_names: tuple[Filled, ...] = Field(
        (),
        description="Names of the rows. Without them, rows are A, B, C and seats A1; more than 26 "
        "rows are 1, 2, 3 and seats 1-1.",
        examples=[["A", "B", "D"]],
    )
    gaps: tuple[SeatCount, ...] = Field(
        (), description="Behind which seats of a row there is a gap.", examples=[[6, 12]]
    )
    row_gaps: tuple[SeatCount, ...] = Field(
        (), description="Behind which rows, from 1, there is a gap.", examples=[[8]]
    )
    blocked: tuple[Filled, ...] = Field(
        (),
        description="Seats that nobody gets: a seat, a row, or some seats of a row.",
        examples=[["A1", "B", "C3 to C9"]],
    )
    distance: EmptySeats = Field(
        0, description="How many seats stay empty between two students of a row.", examples=[1]
    )
    row_distance: EmptySeats = Field(
        0, description="How many rows stay empty between two that are used.", examples=[1]
    )


class PrintingWishes(Model):
    """What the print shop is told besides the files."""

    deadline: Day | None = Field(
        None, description="When it must be delivered.", examples=["2023-02-03"]
    )
    contact: Filled | None = Field(
        None, description="Whom to ask: a name and a telephone number.", examples=["Ada, 1234"]
    )
    form: PaperForm = Field(
        "plain",
        description="plain: on both sides, stapled in a corner; or booklet: two pages side by "
        "side on A3 (Tabloid, 11 × 17 in, for letter), folded and stapled in the fold.",
        examples=["booklet"],
    )


class StickerSheet(Model):
    """The labels that stickers are printed on."""

    sheet: LabelSheet | None = Field(
        None,
        description="The sheet: L7160, L7163, L7651, 4732 of Zweckform, or 5160 and 5163 on letter "
        "paper; L7160 or 5160 without it, as the paper is.",
        examples=["L7163"],
    )
    offset: Annotated[tuple[Shift, Shift], Field()] = Field(
        (Fraction(0), Fraction(0)),
        description="What the printer shifts, to the right and down, in mm; see "
        "stickers-outline.pdf.",
        examples=[[0.5, -0.3]],
    )


class RosterFile(Model):
    """What the roster looks like where it is not as one expects."""

    registration_number: Filled | None = Field(
        None, description="Its heading in the roster.", examples=["Kennung"]
    )
    last_name: Filled | None = Field(
        None, description="Its heading in the roster.", examples=["Zuname"]
    )
    first_name: Filled | None = Field(
        None, description="Its heading in the roster.", examples=["Rufname"]
    )
    room: Filled | None = Field(None, description="Its heading in the roster.", examples=["Saal"])
    seat: Filled | None = Field(None, description="Its heading in the roster.", examples=["Stuhl"])
    large_print: Filled | None = Field(
        None, description="Its heading in the roster; cells are yes or no.", examples=["A3"]
    )
    extra_time: Filled | None = Field(
        None, description="Its heading in the roster; cells are minutes.", examples=["Zugabe"]
    )
    paper_color: Filled | None = Field(
        None, description="Its heading in the roster; cells are colors.", examples=["Papier"]
    )
    encoding: Encoding | None = Field(
        None,
        description="The encoding of a CSV file that is not UTF-8 and does not say what it is.",
        examples=["cp1252"],
    )
    sheet: Filled | None = Field(
        None, description="The sheet of a workbook, if not the first.", examples=["Students"]
    )
    join_rooms: Flag = Field(
        False,
        description="Whether rooms that differ only in spelling (HS 1, hs1) are one room.",
        examples=[True],
    )


class CoverBlock(Model):
    """A block of the cover; a word is the name of one."""

    block: BlockName | None = Field(
        None,
        description="One of sticker or name (these leave room for the code of the copy, and one of "
        "them comes first), institution, title, heading, facts, scores, grades, instructions, "
        "logo, fill, room.",
        examples=["title"],
    )
    text: Filled | None = Field(
        None, description="A text of your own, plain.", examples=["Good luck!"]
    )


class LogoImage(Model):
    """The logo on the cover; a word is a file's name."""

    image: ImageName = Field(
        description="A PNG, JPEG, PDF or SVG file, beside the exam or in its folder figures.",
        examples=["logo.svg"],
    )
    width: Millimeters = Field(
        Fraction(35),
        description="How wide it is printed: at most 66 mm beside a block, 160 mm as a block.",
        examples=["40 mm"],
    )


class CoverRule(Model):
    """A working instruction; a word is the name of one, any other text is your own."""

    rule: RuleName | None = Field(
        None,
        description="One of complete, total, corners, boxes, reasons, pens, devices.",
        examples=["corners"],
    )
    text: Filled | None = Field(
        None, description="An instruction of your own, plain.", examples=["Use a ruler."]
    )


def _cover_of(value: Any) -> Any:
    return {"like": value} if isinstance(value, str) else value


def _logo_of(value: Any) -> Any:
    return {"image": value} if isinstance(value, str) else value


LogoOrWord = Annotated[LogoImage, BeforeValidator(_logo_of), TextToo()]


def _block_of(value: Any) -> Any:
    return {"block": value} if isinstance(value, str) else value


def _rule_of(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return {"rule" if value in RULES else "text": value}


CoverBlockOrWord = Annotated[CoverBlock, BeforeValidator(_block_of), TextToo()]
CoverRuleOrText = Annotated[CoverRule, BeforeValidator(_rule_of), TextToo()]


class CoverFields(Model):
    """The first page; one word is short for ``like``."""

    like: CoverName = Field(
        "model",
        description="The cover that it is like where nothing else is said: model, school or quiz.",
        examples=["school"],
    )
    blocks: Annotated[tuple[CoverBlockOrWord, ...], Field(min_length=1, max_length=30)] | None = (
        Field(
            None,
            description="What stands on it, in order.",
            examples=[["name", "title", "facts", {"text": "Good luck!"}, "scores"]],
        )
    )
    rules: Annotated[tuple[CoverRuleOrText, ...], Field(max_length=30)] | None = Field(
        None,
        description="The working instructions, in order: names of known ones, and your own.",
        examples=[["complete", "corners", "Use a ruler."]],
    )
    languages: tuple[Language, ...] = Field(
        (),
        description="Further languages of the working instructions.",
        examples=[["en"]],
    )


CoverOrWord = Annotated[CoverFields, BeforeValidator(_cover_of), TextToo()]


class CoverFacts(Model):
    """What the cover states in lines of a label and a text, in this order. The labels are those of
    the catalogues (section ``paper``), by the names of the fields: a new line of covers is a field
    here and a label in each language."""

    examiner: Filled = Field(description="On the cover.", examples=["Prof. Dr. Ada Musterfrau"])
    second_examiner: Filled | None = Field(
        None, description="On the cover.", examples=["Dr. Max Mustermann"]
    )

    @property
    def facts(self) -> dict[str, str]:
        """Those that are given, by their names."""
        said = ((name, getattr(self, name)) for name in CoverFacts.model_fields)
        return {name: text for name, text in said if text is not None}


class GradesFields(Model):
    """What points come to."""

    scale: Annotated[dict[Filled, Least], Field(max_length=50)] = Field(
        {},
        description="Each grade, in quotes, and the least that it needs: points, or a share of all "
        "points. The last one needs 0.",
        examples=[{"1.0": "90 %", "2.0": "75 %", "4.0": 45, "5.0": 0}],
    )
    step: MarkingStep = Field(
        Fraction(1, 2),
        description="Points that correctors give are multiples of it: 1, 0.5 or 0.25; with "
        "0.25, the bank may state quarters, too.",
        examples=[0.25],
    )


class NumberSigns(Model):
    """What stands in numbers."""

    decimal: Sign | None = Field(
        None,
        description="Before decimals; that of the language if it is not given.",
        examples=[","],
    )
    thousands: Sign | None = Field(
        None,
        description="Between groups of three digits, from 10,000 on; without it, numbers are "
        "grouped only where their form says so.",
        examples=[" "],
    )


class ExamFile(CoverFacts):
    """An exam: bank/exam.yaml."""

    id: ExamId = Field(
        description="Small letters, digits and hyphens; part of every page code, so it is short.",
        examples=["cit-i2dl-1-20230210"],
    )
    university: Filled = Field(description="On the cover.", examples=["University of Lindenau"])
    chair: Filled = Field(description="On the cover.", examples=["Chair of Visual Computing"])
    course: Filled = Field(description="On the cover.", examples=["Introduction to Deep Learning"])
    module: Filled = Field(description="The number of the module.", examples=["IN2346"])
    title: Filled = Field(description="What kind of exam it is.", examples=["Endterm"])
    date: Day = Field(description="The day of the exam.", examples=["2023-02-10"])
    start: Time = Field(description="When it begins, in quotes.", examples=["18:30"])
    end: Time = Field(description="When it ends, in quotes.", examples=["20:00"])
    credits: Points = Field(description="The sum of the problems' points.", examples=[90])
    pages: Pages = Field(description="Pages of a copy, a multiple of 4.", examples=[20])
    paper: PaperName = Field(
        "A4",
        description="The size of the pages: A4 or letter (8.5 × 11 in).",
        examples=["letter"],
    )
    columns: ColumnCount = Field(
        1,
        description="2: problems stand in two columns, for short tests; what begins a page then "
        "begins a column.",
        examples=[2],
    )
    additional_pages: AdditionalPages = Field(
        description="The least number of pages for additional solutions at the end.", examples=[4]
    )
    spare_copies: SpareCopies = Field(
        description="Copies for nobody in particular.", examples=[{"per_room": "5 %"}]
    )
    rooms: dict[Text, RoomFile] = Field(
        {},
        description="Rooms and their seats; students of whom the roster names none get one.",
        examples=[{"HS 1": {"rows": 12, "seats": 18, "distance": 1}}],
    )
    language: Language = Field(
        "en",
        description="The language of cover, headings, worked solutions, lists and reports: en or "
        "de.",
        examples=["de"],
    )
    numbers: NumberSigns | None = Field(
        None,
        description="What stands in numbers, where it is not what the language has.",
        examples=[{"decimal": ",", "thousands": " "}],
    )
    form: FormOrWord | None = Field(
        None,
        description="How all numbers are printed that say nothing themselves.",
        examples=["thousands"],
    )
    ties: TiesRule = Field(
        "half_up",
        description="How steps round a number that is in the middle: half_up, away from zero, as "
        "one learns at school (1.225 is 1.23), or half_even.",
        examples=["half_even"],
    )
    keys_released: Day | None = Field(
        None, description="When the keys are published; printed on them.", examples=["2023-02-13"]
    )
    printing: PrintingWishes = Field(
        PrintingWishes(),
        description="What the job ticket tells the print shop.",
        examples=[{"contact": "Ada, 1234"}],
    )
    stickers: StickerSheet = Field(
        StickerSheet(),
        description="The labels that the office prints stickers on.",
        examples=[{"sheet": "L7163"}],
    )
    cover: CoverOrWord = Field(
        CoverFields(),
        description="The first page: model, school or quiz, or what stands on it.",
        examples=["school"],
    )
    logo: LogoOrWord | None = Field(
        None,
        description="An image on the cover: where blocks of the cover say logo, else beside "
        "sticker, institution or heading, whichever comes first.",
        examples=["logo.svg", {"image": "logo.svg", "width": "40 mm"}],
    )
    point_boxes: Flag = Field(
        True,
        description="false: there are no boxes for points beside the answers.",
        examples=[False],
    )
    aids: Filled | None = Field(
        None,
        description="What students may use; without it, the working instructions do not say.",
        examples=["one sheet of notes in your own hand"],
    )
    coincidences: tuple[Filled, ...] = Field(
        (),
        description="What papers print though it is also a name or a number of the roster.",
        examples=[["Thomas Bayes", "60000"]],
    )
    packages: Annotated[tuple[TexPackageName, ...], Field(max_length=len(PACKAGES))] = Field(
        (),
        description="Packages of TeX that texts and figures need: siunitx, mhchem, and for figures "
        "circuitikz.",
        examples=[["circuitikz"]],
    )
    roster: RosterFile = Field(
        RosterFile(),
        description="Headings, encoding or sheet of a roster that is not as one expects.",
        examples=[{"registration_number": "Kennung"}],
    )
    grades: GradesFields = Field(
        GradesFields(),
        description="What points come to, for the lists of marks; it may be stated after the exam.",
        examples=[{"scale": {"passed": "50 %", "failed": 0}}],
    )
    problems: Annotated[tuple[FileName, ...], Field(min_length=1, max_length=40)] = Field(
        description="The problem files beside this one, in the order of the paper.",
        examples=[["problem-1.yaml", "problem-2.yaml"]],
    )
