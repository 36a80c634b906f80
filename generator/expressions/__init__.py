"""The expression language: one formula gives value, worked step, dependencies and load."""

from generator.expressions.errors import (
    EvaluationError,
    ExpressionError,
    StepProblem,
    StepsError,
)
from generator.expressions.expression import Expression, compile_expression
from generator.expressions.steps import Sheet, Solver, Step, Steps

__all__ = [
    "EvaluationError",
    "Expression",
    "ExpressionError",
    "Sheet",
    "Solver",
    "Step",
    "StepProblem",
    "Steps",
    "StepsError",
    "compile_expression",
]
