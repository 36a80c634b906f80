"""Kinds of questions, one module each: what stands in the YAML, how it is read, drawn and solved.

A part is told by the key that only its kind has; the one that is named last here has none of the
others. A new kind is a module like these and a line in `KINDS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Discriminator, Field, Tag

from generator.bank import models
from generator.bank.kinds.alternatives import (
    AlternativesFields,
    PoolQuestionFields,
    TakeFields,
    read_alternatives,
    read_take,
)
from generator.bank.kinds.matching import (
    MatchFields,
    SequenceFields,
    read_match,
    read_sequence,
)
from generator.bank.kinds.open_question import OpenFields, read_open
from generator.bank.kinds.options import FixedFields, read_options
from generator.bank.kinds.order import OrderFields, read_order
from generator.bank.kinds.statements import PoolFields, read_pool
from generator.bank.kinds.wrong_values import WrongValueFields, read_wrong_values
from generator.bank.part import Part
from generator.bank.problem import Groups
from generator.bank.read.context import ReadingDesk, Spot


@dataclass(frozen=True)
class QuestionKind:
    """A kind of question.

    Attributes:
        fields: What stands in the YAML; its ``form`` is the key by which it is told.
        read: Makes the part of it, and complains about what is wrong.
    """

    fields: type[models.PartFields]
    read: Callable[[ReadingDesk, Spot, Any, Groups], Part | None]


KINDS = (
    QuestionKind(PoolFields, read_pool),
    QuestionKind(OrderFields, read_order),
    QuestionKind(FixedFields, read_options),
    QuestionKind(WrongValueFields, read_wrong_values),
    QuestionKind(MatchFields, read_match),
    QuestionKind(SequenceFields, read_sequence),
    QuestionKind(TakeFields, read_take),
    QuestionKind(AlternativesFields, read_alternatives),
    QuestionKind(OpenFields, read_open),
)


def _form(value: Any) -> str:
    """The name of the fields that a part is to be read by."""
    keys = value if isinstance(value, dict) else ()
    found = (kind.fields for kind in KINDS if kind.fields.form in keys)
    return next(found, KINDS[-1].fields).__name__


if TYPE_CHECKING:
    AnyPart = models.PartFields
else:
    _TAGGED = (Annotated[kind.fields, Tag(kind.fields.__name__)] for kind in reversed(KINDS))
    AnyPart = Annotated[reduce(or_, _TAGGED), Discriminator(_form)]


_PoolOrFile = Annotated[tuple[PoolQuestionFields, ...], Field(max_length=200), models.TextToo()]


class ProblemFile(models.ProblemFields):
    """A problem: bank/problem-N.yaml."""

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

    pool: _PoolOrFile = Field(
        (),
        description="Questions of which parts with take draw; or the name of a file with a pool, "
        "which problems share.",
        examples=[
            [
                {
                    "points": 1,
                    "about": {"tags": ["gradient"]},
                    "space": "30 mm",
                    "ask": "Explain momentum.",
                    "rubric": [{"points": 1, "for": "Average of past gradients"}],
                }
            ]
        ],
    )


def read_part(
    desk: ReadingDesk, spot: Spot, fields: models.PartFields, groups: Groups
) -> Part | None:
    """A part of any kind; None where what is wrong with it, and was reported, leaves none."""
    read = next(kind.read for kind in KINDS if kind.fields is type(fields))
    return read(desk, spot, fields, groups)
