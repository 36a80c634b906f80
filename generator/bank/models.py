"""What may stand in the YAML files: one frozen model per mapping, unknown keys refused.

The models say which fields there are and what each looks like; whether the fields of a file agree
with each other is checked where a problem is read from its model. The descriptions here are the
reference of the format: the JSON Schemas that editors use are made from them.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetJsonSchemaHandler,
    Tag,
)
from pydantic_core import CoreSchema

from generator.bank.fields import (
    AdditionalPages,
    AlternativeNumber,
    Band,
    Branches,
    Day,
    Decimals,
    Digits,
    Encoding,
    Earned,
    Exact,
    ExamId,
    FileName,
    Filled,
    Flag,
    Kind,
    Language,
    LoadDraws,
    Member,
    Millimeters,
    Name,
    Pages,
    PartId,
    Points,
    ProblemId,
    Spare,
    StepNumber,
    Text,
    TiesRule,
    Time,
    Word,
)
from generator.bank.problem import OPTIONS


class Model(BaseModel):
    """Base of all: frozen, and what is not described is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# --- What is drawn ---


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
        False, description="The names of this entry get different values.", examples=[True]
    )


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


class FigureUse(Model):
    """A figure of latex/figures, drawn from the copy's values."""

    name: FileName = Field(description="Name of the file without .tex.", examples=["network"])
    values: tuple[Name, ...] = Field(
        (),
        description="The drawn names that the figure depends on; \\FigureValue prints them.",
        examples=[["n_x", "n_h"]],
    )
    compute: Word | None = Field(
        None,
        description="A function of generator/figures.py that computes coordinates from the values.",
        examples=["training_curves"],
    )


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
    ties: TiesRule | None = Field(
        None,
        description="Where a number goes that is in the middle: half_up, away from zero, as one "
        "learns at school, or half_even; that of the exam if it is not given.",
        examples=["half_even"],
    )
    working: Flag = Field(
        False,
        description="Printed in the worked solution, but not an answer; a question may print it.",
        examples=[True],
    )
    unit: Text | None = Field(
        None, description="Unit behind the value, in TeX.", examples=[r"\,\mathrm{s}"]
    )


def _step(value: Any) -> Any:
    if isinstance(value, list):
        raise ValueError("put the expression in quotes: YAML takes [ for the beginning of a list")
    return {"is": value} if isinstance(value, str) else value


class _TextToo:
    """Adds to the schema that a text is enough."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [{"type": ["string", "number"]}, handler(schema)]}


StepOrText = Annotated[Step, BeforeValidator(_step), _TextToo()]


class SolverUse(Model):
    """A registered Python solver, for what an expression cannot say."""

    name: Word = Field(
        description="Name of the solver in generator/solvers.py.", examples=["identity_weights"]
    )
    uses: tuple[Name, ...] = Field(
        description="The values it is given.", examples=[["kernel", "channels"]]
    )
    gives: Annotated[tuple[Name, ...], Field(min_length=1)] = Field(
        description="The answers it returns.", examples=[["shape", "weights"]]
    )


class RubricItem(Model):
    """What earns points: a text or a step."""

    points: Points = Field(description="How many, whole or half ones.", examples=[0.5])
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


class Mistake(Model):
    """A common mistake."""

    is_: Filled = Field(
        alias="is",
        description="What the student wrote or did.",
        examples=["The biases are left out, everything else is consistent"],
    )
    earns: Earned = Field(description="The points it still earns.", examples=[1.5])


# --- Subproblems ---


class Part(Model):
    """What all subproblems have."""

    form: ClassVar[str]
    """The key by which this form of a part is told from the others."""

    id: PartId = Field(description="Problem and part, in quotes.", examples=["3.1"])
    points: Points = Field(description="Points of the part, whole or half ones.", examples=[3])
    new_page: Flag = Field(
        False, description="The part starts a new page (problems always do).", examples=[True]
    )


class Question(Drawn):
    """A question that is answered in a box, with its solution."""

    ask: Filled = Field(
        description="The question, in TeX; << name >> prints a drawn value.",
        examples=["Compute $h_1$ for $i_1 = << i1 >>$."],
    )
    space: Millimeters = Field(
        description="Least height of the answer box.", examples=["45 mm", "4.5 cm"]
    )
    reference: dict[Name, Member] = Field(
        {},
        description="Values of the reference copy for what this part draws.",
        examples=[{"k1": 5, "k2": 3}],
    )
    steps: Annotated[dict[Name, StepOrText], Field(max_length=100)] = Field(
        {},
        description="The solution as named expressions over drawn names and steps of this and "
        "earlier parts.",
        examples=[{"h1": "i1*w11 + b1", "h3": "relu(h1)"}],
    )
    solver: SolverUse | None = Field(
        None,
        description="A Python solver, for what no expression can say.",
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
        description="Other acceptable answers, as plain text.",
        examples=[["The value with all numbers inserted."]],
    )
    mistakes: Annotated[tuple[Mistake, ...], Field(max_length=40)] = Field(
        (),
        description="Common mistakes and the points they still earn, as plain text.",
        examples=[[{"is": "A sum without the factor 1/2", "earns": 1}]],
    )


class OpenPart(Question, Part):
    """A subproblem that is answered in a box."""

    form = "ask"

    figure: FigureUse | None = Field(
        None, description="Figure behind the question.", examples=[{"name": "rnn-cell"}]
    )
    canvas: FigureUse | None = Field(
        None,
        description="Figure inside the answer box, to draw in.",
        examples=[{"name": "empty-axes"}],
    )
    canvas_answer: FigureUse | None = Field(
        None,
        description="The canvas with the solution, for the key.",
        examples=[{"name": "relu-answer"}],
    )
    fallback: dict[Name, DrawList] = Field(
        {},
        description="Steps of earlier parts for which a wrong value is printed as "
        "<< fallback.NAME >>, for those who have not solved them.",
        examples=[{"o1": {"one_of": [-2, -1, 1, 2]}}],
    )
    reference_fallback: dict[Name, Exact] = Field(
        {}, description="Fallback values of the reference copy.", examples=[{"o1": 2}]
    )


class AlternativesPart(Part):
    """A subproblem that is one of several equally hard questions; each copy draws one."""

    form = "alternatives"

    alternatives: Annotated[tuple[Question, ...], Field(min_length=2, max_length=20)] = Field(
        description="The questions, with equal rubric points and space; add new ones at the end.",
        examples=[
            [
                {"ask": "Why A?", "space": "30 mm", "rubric": [{"points": 1, "for": "Reason"}]},
                {"ask": "Why B?", "space": "30 mm", "rubric": [{"points": 1, "for": "Reason"}]},
            ]
        ],
    )
    reference_alternative: AlternativeNumber = Field(
        1, description="The alternative of the reference copy, counted from 1.", examples=[1]
    )


class Choice(Part):
    """What all multiple-choice parts have."""

    ask: Filled = Field(
        description="The question, in TeX.",
        examples=["Which of the following statements about dropout are correct?"],
    )
    figure: FigureUse | None = Field(
        None, description="Figure behind the question.", examples=[{"name": "rnn-cell"}]
    )


class Statement(Model):
    """A statement that is true or false."""

    correct: Flag = Field(description="Whether it is true.", examples=[True])
    say: Filled = Field(
        description="The statement, in TeX; it fits one line.",
        examples=["Dropout reduces overfitting."],
    )
    why: Filled = Field(
        description="The reason, in one line, for the key.",
        examples=["It is a regularization technique."],
    )


class ComputedStatement(Model):
    """A statement about a drawn configuration; its truth is computed."""

    right: Filled = Field(
        description="Expression of the right value.", examples=["filters*(size*size*depth + 1)"]
    )
    wrong: Annotated[tuple[Filled, ...], Field(min_length=1, max_length=20)] = Field(
        description="Expressions of plausible mistakes.", examples=[["filters*size*size*depth"]]
    )
    say: Filled = Field(
        description="The statement; << shown >> prints the right or a wrong value.",
        examples=["The layer has << shown >> parameters."],
    )
    why: Filled = Field(
        description="The reason; << right >> prints the right value.",
        examples=["It has << right >>: each filter has one bias."],
    )


class PoolPart(Drawn, Choice):
    """Multiple choice: four statements of a pool."""

    form = "statements"

    statements: dict[Word, Statement] = Field(
        description="The pool; at least four statements are true and four are not.",
        examples=[
            {"noise": {"correct": False, "say": "Dropout adds data.", "why": "It drops units."}}
        ],
    )
    computed: dict[Word, ComputedStatement] = Field(
        {},
        description="Statements whose truth is computed; exactly one option of each copy is one.",
        examples=[
            {
                "parameters": {
                    "right": "n*(m + 1)",
                    "wrong": ["n*m"],
                    "say": "There are << shown >> parameters.",
                    "why": "There are << right >>.",
                }
            }
        ],
    )
    reference: Annotated[tuple[Word, ...], Field(min_length=OPTIONS, max_length=OPTIONS)] = Field(
        description="The four statements of the reference copy, in order.",
        examples=[["noise", "ensemble", "speed", "tanh"]],
    )
    reference_values: dict[Name, Member] = Field(
        {},
        description="Values of the reference copy for what this part draws.",
        examples=[{"n": 10}],
    )


class Order(Model):
    """Steps whose order is asked for."""

    steps: Annotated[tuple[Filled, ...], Field(min_length=3, max_length=8)] = Field(
        description="The steps in their right order.",
        examples=[["Initialize the weights.", "Compute the loss.", "Update the weights."]],
    )
    wrong: Annotated[
        tuple[tuple[StepNumber, ...], ...], Field(min_length=OPTIONS - 1, max_length=100)
    ] = Field(
        description="Wrong orders of the step numbers, counted from 1.",
        examples=[[[2, 1, 3], [1, 3, 2], [3, 2, 1]]],
    )


class ReferenceOrder(Model):
    """Labels and options of an ordering question in the reference copy."""

    labels: tuple[Text, ...] = Field(
        description="The label of each step, in the right order.", examples=[["C", "A", "B"]]
    )
    options: Annotated[
        tuple[tuple[Text, ...], ...], Field(min_length=OPTIONS, max_length=OPTIONS)
    ] = Field(
        description="The four orders of labels.",
        examples=[[["C", "A", "B"], ["A", "C", "B"], ["C", "B", "A"], ["B", "A", "C"]]],
    )


class OrderPart(Choice):
    """Multiple choice: four orders of labeled steps, exactly one right."""

    form = "order"

    order: Order = Field(
        description="The steps, and wrong orders of them.",
        examples=[{"steps": ["Read.", "Think.", "Write."], "wrong": [[2, 1, 3]]}],
    )
    reference_order: ReferenceOrder = Field(
        description="Labels and options of the reference copy.",
        examples=[{"labels": ["C", "A", "B"], "options": [["C", "A", "B"]]}],
    )


class FixedPart(Choice):
    """Multiple choice: the same four options in every copy."""

    form = "options"

    options: Annotated[tuple[Statement, ...], Field(min_length=OPTIONS, max_length=OPTIONS)] = (
        Field(
            description="The options, in the order in which they are printed.",
            examples=[[{"correct": True, "say": "CNN", "why": "Filters share weights."}]],
        )
    )


# --- Files ---


class Fairness(Model):
    """How much the work that copies of the problem take may differ."""

    band: Band | None = Field(
        None,
        description="The load of a copy is at most so far from the median load of the problem; 5 % "
        "if it is not given.",
        examples=["5 %", "7.5 %"],
    )
    branches: Branches | None = Field(
        None,
        description="Which way conditions and clipped units may go, in the order in which they are "
        "computed: a list of patterns as make check prints them, or any. By default only the most "
        "common pattern.",
        examples=[["relu:1 relu:0", "relu:0 relu:1"], "any"],
    )
    draws: LoadDraws | None = Field(
        None,
        description="Number of draws that the median load is taken from; 10,000 if it is not "
        "given.",
        examples=[20_000],
    )


_FORMS: tuple[type[Part], ...] = (PoolPart, OrderPart, FixedPart, AlternativesPart)


def _form(value: Any) -> str:
    """The name of the model that a part is to be read by."""
    keys = value if isinstance(value, dict) else ()
    return next((form.__name__ for form in _FORMS if form.form in keys), OpenPart.__name__)


AnyPart = Annotated[
    Annotated[OpenPart, Tag("OpenPart")]
    | Annotated[AlternativesPart, Tag("AlternativesPart")]
    | Annotated[PoolPart, Tag("PoolPart")]
    | Annotated[OrderPart, Tag("OrderPart")]
    | Annotated[FixedPart, Tag("FixedPart")],
    Discriminator(_form),
]


class ProblemFile(Drawn):
    """A problem: bank/problem-N.yaml."""

    id: ProblemId = Field(description="The problem's number, in quotes.", examples=["3"])
    title: Filled = Field(description="The heading, as plain text.", examples=["Backpropagation"])
    points: Points = Field(description="The sum of the parts.", examples=[8.5])
    kind: Kind = Field(
        "open", description="choice: all parts are multiple choice.", examples=["choice"]
    )
    new_page: Flag = Field(
        True,
        description="false: the problem may begin on the page on which the one before it ends.",
        examples=[False],
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
    figure: FigureUse | None = Field(
        None, description="Figure behind the intro.", examples=[{"name": "network"}]
    )
    fairness: Fairness | None = Field(
        None,
        description="How much the work that copies take may differ: the arithmetic of the steps, "
        "without steps that give a text, is counted as one does it by hand.",
        examples=[{"band": "5 %"}],
    )
    reference: dict[Name, Member] = Field(
        {}, description="The drawn values of the reference copy.", examples=[{"i1": 2, "i2": -1}]
    )
    parts: Annotated[tuple[AnyPart, ...], Field(min_length=1, max_length=40)] = Field(
        description="The subproblems, in their order.",
        examples=[
            [
                {
                    "id": "4.1",
                    "points": 1,
                    "space": "30 mm",
                    "ask": "Explain momentum.",
                    "answer": "The step follows a running average of the gradients.",
                    "rubric": [{"points": 1, "for": "Average of past gradients"}],
                }
            ]
        ],
    )


class SpareCopies(Model):
    """Spare copies, a number or a share of the room's students."""

    per_room: Spare = Field(description="For every room.", examples=[2, "5 %"])
    rooms: dict[Text, Spare] = Field(
        {}, description="Rooms that get another number.", examples=[{"Main hall": 5}]
    )


class RosterFile(Model):
    """What the roster looks like where it is not as one expects."""

    registration_number: Filled | None = Field(None, description="Its heading in the roster.")
    last_name: Filled | None = Field(None, description="Its heading in the roster.")
    first_name: Filled | None = Field(None, description="Its heading in the roster.")
    room: Filled | None = Field(None, description="Its heading in the roster.")
    seat: Filled | None = Field(None, description="Its heading in the roster.")
    encoding: Encoding | None = Field(
        None,
        description="The encoding of a CSV file that is not UTF-8 and does not say what it is.",
        examples=["cp1252"],
    )
    sheet: Filled | None = Field(None, description="The sheet of a workbook, if not the first.")
    join_rooms: Flag = Field(
        False, description="Whether rooms that differ only in spelling (HS 1, hs1) are one room."
    )


class ExamFile(Model):
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
    examiner: Filled = Field(description="On the cover.", examples=["Prof. Dr. Ada Musterfrau"])
    date: Day = Field(description="The day of the exam.", examples=["2023-02-10"])
    start: Time = Field(description="When it begins, in quotes.", examples=["18:30"])
    end: Time = Field(description="When it ends, in quotes.", examples=["20:00"])
    credits: Points = Field(description="The sum of the problems' points.", examples=[90])
    pages: Pages = Field(description="Pages of a copy, a multiple of 4.", examples=[20])
    additional_pages: AdditionalPages = Field(
        description="The least number of pages for additional solutions at the end.", examples=[4]
    )
    spare_copies: SpareCopies = Field(
        description="Copies for nobody in particular.", examples=[{"per_room": "5 %"}]
    )
    language: Language = Field(
        "en",
        description="The language of cover, headings, worked solutions, lists and reports: en or "
        "de.",
        examples=["de"],
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
    roster: RosterFile = Field(
        RosterFile(),
        description="Headings, encoding or sheet of a roster that is not as one expects.",
        examples=[{"registration_number": "Kennung"}],
    )
    problems: Annotated[tuple[FileName, ...], Field(min_length=1, max_length=40)] = Field(
        description="The problem files beside this one, in the order of the paper.",
        examples=[["problem-1.yaml", "problem-2.yaml"]],
    )
