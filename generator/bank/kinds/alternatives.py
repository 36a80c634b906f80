"""One of several equally hard questions: each copy draws one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

from pydantic import Field

from generator.bank import models
from generator.bank.fields.credit import AlternativeNumber, Points, StepNumber
from generator.bank.fields.words import Word
from generator.bank.kinds.open_question import OpenPart, read_question
from generator.bank.part import Part
from generator.bank.problem import Groups
from generator.bank.read.context import ReadingDesk, Spot
from generator.bank.read.lists import show


class AlternativeFields(models.Question):
    """One of several questions."""

    name: Word | None = Field(
        None,
        description="Questions of the same name, or with the same text, in several parts of the "
        "problem: a copy has at most one of them.",
        examples=["mean"],
    )
    about: models.About | None = Field(
        None,
        description="What is said of it; what it leaves out is that of the part.",
        examples=[{"topic": "Momentum", "minutes": 4, "tags": ["gradient"]}],
    )

    @property
    def known_by(self) -> str:
        """What tells it from other questions."""
        return self.name or self.ask.strip()


class AlternativesFields(models.PartFields):
    """A subproblem that is one of several equally hard questions; each copy draws one."""

    form = "alternatives"

    alternatives: Annotated[tuple[AlternativeFields, ...], Field(min_length=2, max_length=20)] = (
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


class PoolQuestionFields(AlternativeFields):
    """A question of a pool."""

    points: Points = Field(description="Points of the question.", examples=[4])


class Take(models.Model):
    """What is taken from the pool of the problem."""

    tag: Word = Field(
        description="A word among about.tags of the questions that are taken.",
        examples=["gradient"],
    )
    count: StepNumber = Field(
        1,
        description="So many parts in a row; the ids of the following ones are counted up.",
        examples=[2],
    )
    points: Points | None = Field(
        None, description="Points of each of these questions.", examples=[4]
    )


class TakeFields(models.PartFields):
    """Subproblems whose questions are drawn from the pool of the problem."""

    form = "take"

    points: Points = Field(
        Fraction(0), description="Points of the part, if take does not say them.", examples=[4]
    )
    take: Take = Field(
        description="Which questions of the pool, and how many.",
        examples=[{"tag": "gradient", "count": 2, "points": 4}],
    )


def read_take(desk: ReadingDesk, spot: Spot, part: TakeFields, groups: Groups) -> None:
    """Says what is missing of a part that could not be made of the pool."""
    desk.say(
        (*spot.route, "take"), "expected the points of the questions that are taken: points: 4"
    )


@dataclass(frozen=True, kw_only=True)
class AlternativesPart(OpenPart):
    """A subproblem that is one of several questions; each copy draws one.

    Its own fields are those of the reference copy's question. Points, space, and what the rubric
    items give are the same in all of them, and none has a figure, so that page plan and marking
    boxes don't depend on which it is. :meth:`~generator.bank.problem.Problem.resolve` puts the
    drawn question in its place; the id of each is that of the part.
    """


def read_alternatives(
    desk: ReadingDesk, spot: Spot, part: AlternativesFields, groups: Groups
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
        | {"question": question.known_by}
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


def _check_alike(desk: ReadingDesk, spot: Spot, questions: tuple[models.Question, ...]) -> None:
    """Nothing on a page, and nothing about its marking, tells which alternative a copy has."""
    first = questions[0]
    for index, question in enumerate(questions[1:], 1):
        route = Spot(spot.part, index).route
        own_mm, first_mm = (Fraction(it.space or 0) for it in (question, first))
        if own_mm != first_mm:
            message = (
                f"{show(own_mm)} mm, but the first alternative has {show(first_mm)} mm; "
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


def check_repetition(desk: ReadingDesk, parts: Sequence[Part]) -> None:
    """Copies can be drawn, and the reference copy is one, that have no question twice."""
    spots = {part.id: spot for spot, part in desk.parts()}
    taken: dict[str, str] = {}
    holders: dict[str, Part] = {}
    for part in parts:
        if not part.alternatives:
            continue
        route = spots[part.id].route
        own = part.alternatives[part.reference_alternative].question
        if own in taken:
            message = (
                f"the reference copy has this question in {taken[own]} already; choose another one"
            )
            desk.say((*route, "reference_alternative"), message)
        taken.setdefault(own, part.id)
        if not _find_question(part, holders, set()):
            message = (
                "the parts before it and this one draw from fewer questions than they are; a copy "
                "has no question twice: add alternatives"
            )
            desk.say_key((*route, "alternatives"), message)


def _find_question(part: Part, holders: dict[str, Part], tried: set[str]) -> bool:
    """Gives a part a question of its own, moving those of others (an augmenting path)."""
    for name in dict.fromkeys(question.question for question in part.alternatives):
        if name in tried:
            continue
        tried.add(name)
        if name not in holders or _find_question(holders[name], holders, tried):
            holders[name] = part
            return True
    return False
