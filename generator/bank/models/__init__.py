"""What may stand in the YAML files: one frozen model per mapping, unknown keys refused.

The models say which fields there are and what each looks like; whether the fields of a file agree
with each other is checked where a problem is read from its model. The descriptions are the
reference of the format: the JSON Schemas that editors use are made from them, and the tables of
the authors' guide. Who reads a file says ``models.Step``: what stands there is not yet a step.
"""

from generator.bank.models.base import Model, TextToo
from generator.bank.models.cover_fields import (
    CoverBlock,
    CoverFacts,
    CoverFields,
    CoverRule,
    LogoImage,
)
from generator.bank.models.exam_fields import ExamFile, NumberSigns
from generator.bank.models.figure_fields import FigureOrWord, FigureUse, PlotFields
from generator.bank.models.occasion_fields import (
    GradesFields,
    PrintingWishes,
    RoomFile,
    RosterFile,
    SpareCopies,
    StickerSheet,
)
from generator.bank.models.problem_fields import Fairness, ProblemFields
from generator.bank.models.question_fields import (
    About,
    Code,
    CodeOrText,
    Gap,
    Mistake,
    PartFields,
    Question,
    ResultBox,
    RubricItem,
)
from generator.bank.models.value_fields import (
    DrawEntry,
    DrawList,
    Drawn,
    NumberForm,
    OwnDraws,
    ReferenceValues,
    SolverUse,
    Step,
    StepOrText,
)

__all__ = [
    "About",
    "Code",
    "CodeOrText",
    "CoverBlock",
    "CoverFacts",
    "CoverFields",
    "CoverRule",
    "DrawEntry",
    "DrawList",
    "Drawn",
    "ExamFile",
    "Fairness",
    "FigureOrWord",
    "FigureUse",
    "Gap",
    "GradesFields",
    "LogoImage",
    "Mistake",
    "Model",
    "NumberForm",
    "NumberSigns",
    "OwnDraws",
    "PartFields",
    "PlotFields",
    "PrintingWishes",
    "ProblemFields",
    "Question",
    "ReferenceValues",
    "ResultBox",
    "RoomFile",
    "RosterFile",
    "RubricItem",
    "SolverUse",
    "SpareCopies",
    "Step",
    "StepOrText",
    "StickerSheet",
    "TextToo",
]
