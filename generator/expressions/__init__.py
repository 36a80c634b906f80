"""The expression language: one formula gives value, worked step, dependencies and load."""

from generator.expressions.expression import Expression, compile_expression
from generator.expressions.expression_errors import (
    EvaluationError,
    ExpressionError,
    StepProblem,
    StepsError,
)
from generator.expressions.load import WEIGHTS, Load
from generator.expressions.shown_values import ShownDigits, print_value
from generator.expressions.steps import Step, Steps, StepSolver, WorkSheet
from generator.expressions.symbols import default_symbol
from generator.expressions.tex_pieces import escape_text, shown_tex
from generator.expressions.worked import Worked

__all__ = [
    "WEIGHTS",
    "EvaluationError",
    "Expression",
    "ExpressionError",
    "Load",
    "ShownDigits",
    "Step",
    "StepProblem",
    "StepSolver",
    "Steps",
    "StepsError",
    "WorkSheet",
    "Worked",
    "compile_expression",
    "default_symbol",
    "escape_text",
    "print_value",
    "shown_tex",
]
