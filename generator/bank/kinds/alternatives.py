"""One of several equally hard questions: each copy draws one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from generator.bank import models
from generator.bank.fields import AlternativeNumber
from generator.bank.kinds.open_question import OpenPart, read_question
from generator.bank.problem import Groups
from generator.bank.read.context import Desk, Spot
from generator.bank.read.lists import show


class AlternativesFields(models.PartFields):
    """A subproblem that is one of several equally hard questions; each copy draws one."""

    form = "alternatives"

    alternatives: Annotated[tuple[models.Question, ...], Field(min_length=2, max_length=20)] = (
        Field(
            description="The questions, with equal rubric points and space; add new ones at the "
            "end.",
            examples=[
                [
                    {"ask": "Why A?", "space": "30 mm", "rubric": [{"points": 1, "for": "Reason"}]},
                    {"ask": "Why B?", "space": "30 mm", "rubric": [{"points": 1, "for": "Reason"}]},
                ]
            ],
        )
    )
    reference_alternative: AlternativeNumber = Field(
        1, description="The alternative of the reference copy, counted from 1.", examples=[1]
    )

    @property
    def sets(self) -> tuple[tuple[int | None, models.Drawn], ...]:
        """Each question draws and is solved by itself."""
        return tuple(enumerate(self.alternatives))


@dataclass(frozen=True, kw_only=True)
class AlternativesPart(OpenPart):
    """A subproblem that is one of several questions; each copy draws one.

    Its own fields are those of the reference copy's question. Points, space, and what the rubric
    items give are the same in all of them, and none has a figure, so that page plan and marking
    boxes don't depend on which it is. :meth:`~generator.bank.problem.Problem.resolve` puts the
    drawn question in its place; the id of each is that of the part.
    """


def read_alternatives(
    desk: Desk, spot: Spot, part: AlternativesFields, groups: Groups
) -> AlternativesPart:
    """The part, with all that is wrong with it reported."""
    common: dict[str, Any] = {
        "id": part.id,
        "points": part.points,
        "new_page": part.new_page,
        "fallback": (),
        "figure": None,
        "canvas": None,
        "canvas_answer": None,
    }
    fields = [
        read_question(desk, Spot(spot.part, index), question, part.points, False)
        for index, question in enumerate(part.alternatives)
    ]
    _check_alike(desk, spot, part.alternatives)
    reference = part.reference_alternative - 1
    if reference >= len(fields):
        message = f"expected a number from 1 to {len(fields)}, got {part.reference_alternative}"
        desk.say((*spot.route, "reference_alternative"), message)
        reference = 0
    questions = tuple(OpenPart(**common, **it) for it in fields)
    return AlternativesPart(
        **common, **fields[reference], alternatives=questions, reference_alternative=reference
    )


def _check_alike(desk: Desk, spot: Spot, questions: tuple[models.Question, ...]) -> None:
    """Nothing on a page, and nothing about its marking, tells which alternative a copy has."""
    first = questions[0]
    for index, question in enumerate(questions[1:], 1):
        route = Spot(spot.part, index).route
        if question.space != first.space:
            message = (
                f"{show(question.space)} mm, but the first alternative has {show(first.space)} mm; "
                "make the answer spaces equal"
            )
            desk.say((*route, "space"), message)
        wanted, got = (sorted(item.points for item in it.rubric) for it in (first, question))
        if wanted != got:
            message = (
                f"items of {', '.join(map(show, got))} points, but the first alternative has "
                f"{', '.join(map(show, wanted))}; divide the points in the same way"
            )
            desk.say((*route, "rubric"), message)
        if question.ask.strip() in [other.ask.strip() for other in questions[:index]]:
            desk.say((*route, "ask"), "an alternative with this question is there already")
