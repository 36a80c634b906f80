"""A question that is answered in a box: steps, a model answer, a rubric."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any, ClassVar

from pydantic import Field

from generator.bank import models
from generator.bank.fields.quantities import Exact
from generator.bank.fields.words import Name
from generator.bank.part import Figure, Mistake, Part, RubricItem, marking_step, written_marks
from generator.bank.problem import FALLBACK_PREFIX, Groups
from generator.bank.read.code import question_text
from generator.bank.read.computed import read_expression
from generator.bank.read.context import ReadingDesk, Spot
from generator.bank.read.figure_files import read_figure
from generator.bank.read.gaps import gap_names, read_gaps, read_results, with_gaps
from generator.bank.read.lists import show
from generator.bank.read.texts import key_text, plain_text
from generator.bank.yaml import Route
from generator.expressions import Expression


class OpenFields(models.Question, models.PartFields):
    """A subproblem that is answered in a box."""

    form = "ask"

    figure: models.FigureOrWord | None = Field(
        None, description="Figure behind the question.", examples=[{"name": "rnn-cell"}]
    )
    canvas: models.FigureOrWord | None = Field(
        None,
        description="Figure inside the answer box, to draw in.",
        examples=[{"name": "empty-axes"}],
    )
    canvas_answer: models.FigureOrWord | None = Field(
        None,
        description="The canvas with the solution, for the key.",
        examples=[{"name": "relu-answer"}],
    )
    fallback: dict[Name, models.DrawList] = Field(
        {},
        description="Steps of earlier parts for which a wrong value is printed as "
        "<< fallback.NAME >>, for those who have not solved them.",
        examples=[{"o1": {"one_of": [-2, -1, 1, 2]}}],
    )
    reference_fallback: dict[Name, Exact] = Field(
        {}, description="Fallback values of the reference copy.", examples=[{"o1": 2}]
    )

    @property
    def sets(self) -> tuple[tuple[int | None, models.Drawn], ...]:
        return ((None, self),)

    @property
    def fallback_lists(self) -> Mapping[str, models.DrawList]:
        """The fallback values that this question prints."""
        return self.fallback

    @property
    def reference_values_of(self) -> tuple[models.ReferenceValues, ...]:
        printed = self.reference_fallback
        return (
            *super().reference_values_of,
            models.ReferenceValues("reference_fallback", FALLBACK_PREFIX, printed),
        )


@dataclass(frozen=True, kw_only=True)
class OpenPart(Part):
    """A subproblem that is answered in a box.

    Attributes:
        canvas: Figure in the box, to draw in; ``canvas_answer`` is the same with the solution.
    """

    canvas: Figure | None = None
    canvas_answer: Figure | None = None

    boxed: ClassVar[bool] = True

    @property
    def form(self) -> str:
        return "open" if self.space_mm else "gaps"

    def paper_figures(self) -> Iterator[Figure]:
        yield from super().paper_figures()
        if self.canvas is not None:
            yield self.canvas

    @property
    def solved_figures(self) -> Mapping[str, Figure]:
        if self.canvas is None or self.canvas_answer is None:
            return {}
        return {self.canvas.slot: self.canvas_answer}

    def layout(self, height_mm: Fraction, *, key: bool) -> tuple[str, ...]:
        canvas = self.canvas_answer if key and self.canvas_answer is not None else self.canvas
        slots = (figure.slot if figure is not None else "" for figure in (self.figure, canvas))
        if not self.space_mm:
            return "GapPart", self.id, next(slots)
        return "OpenPart", self.id, f"{float(height_mm):.2f}", *slots

    @property
    def marks(self) -> tuple[Fraction, ...]:
        return written_marks(self.points, *(item.points for item in self.rubric))


def read_open(desk: ReadingDesk, spot: Spot, part: OpenFields, groups: Groups) -> OpenPart:
    """The part, with all that is wrong with it reported."""
    for name in part.fallback:
        known = desk.names.get(name)
        route = (*spot.route, "fallback", name)
        if known is None or known.kind not in {"step", "unread"} or _is_later(known.spot, spot):
            desk.say_key(route, f"{name} is not a step of an earlier part")
        elif reason := desk.why_unknown(name, spot):
            desk.say_key(route, reason)
    if part.canvas is not None and part.space is None:
        message = "a canvas stands in an answer box; add space: the height of the box"
        desk.say_key((*spot.route, "canvas"), message)
    if part.canvas_answer is not None and part.canvas is None:
        message = "there is no canvas that it answers; add canvas"
        desk.say_key((*spot.route, "canvas_answer"), message)
    slots = {"figure": "ask", "canvas": "canvas", "canvas_answer": "canvas-answer"}
    drawings: dict[str, Any] = {
        key: read_figure(
            desk,
            (*spot.route, key),
            spot,
            getattr(part, key),
            f"{part.id}-{slot}",
            groups,
            of_key=key == "canvas_answer",
        )
        for key, slot in slots.items()
    }
    filled_in = any(it is not None and it.answers for it in drawings.values())
    solved = part.canvas_answer is not None or filled_in
    return OpenPart(
        id=part.id,
        points=part.points,
        new_page=part.new_page,
        fallback=tuple(part.fallback),
        **drawings,
        **read_question(desk, spot, part, part.points, solved),
    )


def _is_later(one: Spot, other: Spot) -> bool:
    return one.part is not None and other.part is not None and one.part >= other.part


def read_question(
    desk: ReadingDesk, spot: Spot, model: models.Question, points: Fraction, solved: bool
) -> dict[str, Any]:
    """The fields that open parts and alternatives have in common."""
    gaps_say = any(gap.is_ is not None for gap in model.gaps.values())
    if not (model.steps or model.answer.strip() or model.solver or gaps_say or solved):
        desk.say(spot.route, "there is no solution; add steps, a solver or an answer")
    _check_quarters(desk, spot, model, points)
    gives = model.solver.gives if model.solver else ()
    # What earns points belongs to the key, also where the question does not ask for it.
    earning = {item.step for item in model.rubric}
    asked = [name for name, it in model.steps.items() if not it.working or name in earning]
    answers = (*asked, *gives)
    route = spot.route
    fill = partial(with_gaps, desk.part_id(spot), gaps=model.gaps)
    return {
        "ask": question_text(desk, route, spot, model.ask, model.code, with_gaps=fill),
        "language": model.code.language or "" if model.code is not None else "",
        "space_mm": _space(desk, spot, model),
        "steps": tuple(model.steps),
        "answers": answers,
        "results": read_results(desk, spot, model, answers),
        "gaps": read_gaps(desk, spot, model, answers),
        "answer": key_text(desk, (*route, "answer"), spot, model.answer),
        "rubric": _rubric(desk, spot, model.rubric, points),
        "also_accept": tuple(
            plain_text(desk, (*route, "also_accept", number), spot, text)
            for number, text in enumerate(model.also_accept)
        ),
        "mistakes": _mistakes(desk, spot, model, points),
        "solver": tuple(gives),
    }


def _space(desk: ReadingDesk, spot: Spot, model: models.Question) -> Fraction:
    """The least height of the answer box; 0 where there is none."""
    if model.space is not None:
        return model.space
    code = model.code.text if model.code is not None else ""
    if not (model.results or gap_names(model.ask, code)):
        message = (
            "there is no place for the answer; expected space: the height of a box (45 mm), "
            "or results or gaps << gap.NAME >>"
        )
        desk.say(spot.route, message)
    return Fraction(0)


MARK_MM = Fraction(47, 10)
"""What a marking box and the gap below it take of the height of an answer box."""


def _check_quarters(
    desk: ReadingDesk, spot: Spot, model: models.Question, points: Fraction
) -> None:
    """Many marking boxes need room beside the answer box."""
    steps = [item.points for item in model.rubric]
    if marking_step(points, *steps) != Fraction(1, 4) or not model.space:
        return
    needed_mm = len(written_marks(points, *steps)) * MARK_MM
    if needed_mm > model.space:
        message = (
            f"the marking boxes from 0 to {show(points)} in quarters are {float(needed_mm):.0f} mm "
            "high; make space as high, or give fewer points"
        )
        desk.say((*spot.route, "space"), message)


def _rubric(
    desk: ReadingDesk, spot: Spot, items: Iterable[models.RubricItem], points: Fraction
) -> tuple[RubricItem, ...]:
    found = []
    for number, item in enumerate(items):
        route = (*spot.route, "rubric", number)
        if (item.for_ is None) == (item.step is None):
            desk.say(route, "expected either for or step: what earns the points")
        if item.step is not None:
            _check_rubric_step(desk, (*route, "step"), spot, item.step)
        text = key_text(desk, (*route, "for"), spot, item.for_) if item.for_ is not None else None
        found.append(RubricItem(item.points, text, item.step, _trivial(desk, route, spot, item)))
    earned = sum((item.points for item in found), Fraction(0))
    if earned != points:
        terms = " + ".join(show(item.points) for item in found)
        message = (
            f"the items give {terms} = {show(earned)} points, but the part has {show(points)}; "
            "make them equal"
        )
        desk.say((*spot.route, "rubric"), message)
    return tuple(found)


def _trivial(
    desk: ReadingDesk, route: Route, spot: Spot, item: models.RubricItem
) -> Expression | None:
    if item.trivial is None:
        return None
    if item.step is None:
        desk.say((*route, "trivial"), "expected beside step: it says when that result is trivial")
    return read_expression(desk, (*route, "trivial"), spot, item.trivial, desk.why_not_computable)


def _check_rubric_step(desk: ReadingDesk, route: Route, spot: Spot, name: str) -> None:
    known = desk.names.get(name)
    reason = desk.why_not_computable(name, spot)
    if reason is None and known is not None and known.kind not in {"step", "unread"}:
        reason = f"{name} is drawn; a rubric names a step, or says in words (for) what earns points"
    if reason is not None:
        desk.say(route, reason)


def _mistakes(
    desk: ReadingDesk, spot: Spot, model: models.Question, points: Fraction
) -> tuple[Mistake, ...]:
    step = marking_step(points, *(item.points for item in model.rubric))
    found = []
    for number, mistake in enumerate(model.mistakes):
        route = (*spot.route, "mistakes", number)
        if mistake.earns >= points:
            message = (
                f"expected less than the part's {show(points)} points, got {show(mistake.earns)}; "
                "what earns them all belongs in also_accept"
            )
            desk.say((*route, "earns"), message)
        elif mistake.earns % step:
            fine = "half" if mistake.earns.denominator == 2 else "quarter"
            message = (
                f"{show(mistake.earns)} cannot be marked: neither the part nor its rubric has "
                f"{fine} points"
            )
            desk.say((*route, "earns"), message)
        text = plain_text(desk, (*route, "is"), spot, mistake.is_)
        line, column = desk.source.place(route)
        gives = _gives(desk, route, spot, mistake.gives)
        found.append(Mistake(text, mistake.earns, gives, mistake.may_coincide, line, column))
        if mistake.may_coincide and not mistake.gives:
            message = "expected beside gives: it is about what the mistake leads to"
            desk.say((*route, "may_coincide"), message)
    return tuple(found)


def _gives(
    desk: ReadingDesk, route: Route, spot: Spot, gives: Mapping[str, str]
) -> dict[str, Expression]:
    found = {}
    for name, source in gives.items():
        here = (*route, "gives", name)
        known = desk.names.get(name)
        if known is None or known.kind not in {"step", "unread"} or known.spot != spot:
            desk.say_key(here, f"{name} is not a step of this part; a mistake replaces such steps")
        expression = read_expression(desk, here, spot, source, desk.why_not_computable)
        if expression is not None:
            found[name] = expression
    return found
