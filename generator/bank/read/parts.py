"""Subproblems: from their models to the parts that the later stages use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from generator.bank import models
from generator.bank.problem import (
    LABELS,
    OPTIONS,
    AlternativesPart,
    ComputedStatement,
    FixedPart,
    Group,
    Mistake,
    OpenPart,
    OrderPart,
    Part,
    PoolPart,
    RubricItem,
    Statement,
)
from generator.bank.read.context import Desk, Spot
from generator.bank.read.lists import show
from generator.bank.read.steps import read_expression
from generator.bank.read.texts import fixed_text, key_text, paper_text, plain_text, read_figure
from generator.bank.yaml import Route
from generator.expressions import Expression

Groups = Mapping[str, Group]


def read_parts(desk: Desk, groups: Groups) -> tuple[Part, ...]:
    """All parts of a problem."""
    _check_ids(desk)
    return tuple(_part(desk, spot, part, groups) for spot, part in desk.parts())


def _check_ids(desk: Desk) -> None:
    lines: dict[str, int] = {}
    for spot, part in desk.parts():
        route = (*spot.route, "id")
        if part.id.split(".")[0] != desk.model.id:
            message = f"the id of a part of problem {desk.model.id} begins with {desk.model.id}."
            desk.say(route, f"{message}, got {part.id!r}")
        if part.id in lines:
            desk.say(route, f"the id {part.id} is there already in line {lines[part.id]}")
        lines.setdefault(part.id, desk.source.place(route)[0])
        is_open = isinstance(part, models.OpenPart | models.AlternativesPart)
        if is_open == (desk.model.kind == "choice"):
            message = (
                "a problem of kind: choice has only multiple choice (statements, order or "
                "options), and any other has none; move the part, or change the problem's kind"
            )
            desk.say(spot.route, message)


def _part(desk: Desk, spot: Spot, part: models.AnyPart, groups: Groups) -> Part:
    if isinstance(part, models.AlternativesPart):
        return _alternatives(desk, spot, part)
    if isinstance(part, models.OpenPart):
        return _open_part(desk, spot, part, groups)
    common = {
        "id": part.id,
        "points": part.points,
        "new_page": part.new_page,
        "figure": read_figure(
            desk, (*spot.route, "figure"), spot, part.figure, f"{part.id}-ask", groups
        ),
    }
    if isinstance(part, models.PoolPart):
        return _pool_part(desk, spot, part, common)
    if isinstance(part, models.OrderPart):
        return _order_part(desk, spot, part, common)
    return _fixed_part(desk, spot, part, common)


# --- Open parts ---


def _open_part(desk: Desk, spot: Spot, part: models.OpenPart, groups: Groups) -> OpenPart:
    for name in part.fallback:
        known = desk.names.get(name)
        route = (*spot.route, "fallback", name)
        if known is None or known.kind not in {"step", "unread"} or _is_later(known.spot, spot):
            desk.say_key(route, f"{name} is not a step of an earlier part")
        elif reason := desk.why_unknown(name, spot):
            desk.say_key(route, reason)
    if part.canvas_answer is not None and part.canvas is None:
        message = "there is no canvas that it answers; add canvas"
        desk.say_key((*spot.route, "canvas_answer"), message)
    slots = {"figure": "ask", "canvas": "canvas", "canvas_answer": "canvas-answer"}
    drawings: dict[str, Any] = {
        key: read_figure(
            desk, (*spot.route, key), spot, getattr(part, key), f"{part.id}-{slot}", groups
        )
        for key, slot in slots.items()
    }
    solved = part.canvas_answer is not None
    return OpenPart(
        id=part.id,
        points=part.points,
        new_page=part.new_page,
        fallback=tuple(part.fallback),
        **drawings,
        **_question(desk, spot, part, part.points, solved),
    )


def _is_later(one: Spot, other: Spot) -> bool:
    return one.part is not None and other.part is not None and one.part >= other.part


def _question(
    desk: Desk, spot: Spot, model: models.Question, points: Fraction, solved: bool
) -> dict[str, Any]:
    """The fields that open parts and alternatives have in common."""
    if not (model.steps or model.answer.strip() or model.solver or solved):
        desk.say(spot.route, "there is no solution; add steps, a solver or an answer")
    gives = model.solver.gives if model.solver else ()
    route = spot.route
    return {
        "ask": paper_text(desk, (*route, "ask"), spot, model.ask),
        "space_mm": model.space,
        "steps": tuple(model.steps),
        "answers": (*(name for name, step in model.steps.items() if not step.working), *gives),
        "answer": key_text(desk, (*route, "answer"), spot, model.answer),
        "rubric": _rubric(desk, spot, model.rubric, points),
        "also_accept": tuple(
            plain_text(desk, (*route, "also_accept", number), spot, text)
            for number, text in enumerate(model.also_accept)
        ),
        "mistakes": _mistakes(desk, spot, model, points),
        "solver": model.solver.name if model.solver else None,
    }


def _rubric(
    desk: Desk, spot: Spot, items: Iterable[models.RubricItem], points: Fraction
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


def _trivial(desk: Desk, route: Route, spot: Spot, item: models.RubricItem) -> Expression | None:
    if item.trivial is None:
        return None
    if item.step is None:
        desk.say((*route, "trivial"), "expected beside step: it says when that result is trivial")
    return read_expression(desk, (*route, "trivial"), spot, item.trivial, desk.why_not_computable)


def _check_rubric_step(desk: Desk, route: Route, spot: Spot, name: str) -> None:
    known = desk.names.get(name)
    reason = desk.why_not_computable(name, spot)
    if reason is None and known is not None and known.kind not in {"step", "unread"}:
        reason = f"{name} is drawn; a rubric names a step, or says in words (for) what earns points"
    if reason is not None:
        desk.say(route, reason)


def _mistakes(
    desk: Desk, spot: Spot, model: models.Question, points: Fraction
) -> tuple[Mistake, ...]:
    halves = any(it.denominator > 1 for it in (points, *(item.points for item in model.rubric)))
    found = []
    for number, mistake in enumerate(model.mistakes):
        route = (*spot.route, "mistakes", number)
        if mistake.earns >= points:
            message = (
                f"expected less than the part's {show(points)} points, got {show(mistake.earns)}; "
                "what earns them all belongs in also_accept"
            )
            desk.say((*route, "earns"), message)
        elif mistake.earns.denominator > 1 and not halves:
            message = (
                f"{show(mistake.earns)} cannot be marked: neither the part nor its rubric has "
                "half points"
            )
            desk.say((*route, "earns"), message)
        text = plain_text(desk, (*route, "is"), spot, mistake.is_)
        found.append(Mistake(text, mistake.earns))
    return tuple(found)


def _alternatives(desk: Desk, spot: Spot, part: models.AlternativesPart) -> AlternativesPart:
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
        _question(desk, Spot(spot.part, index), question, part.points, False)
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
        **common, **fields[reference], alternatives=questions, reference=reference
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


# --- Multiple choice ---


def _pool_part(desk: Desk, spot: Spot, part: models.PoolPart, common: dict[str, Any]) -> PoolPart:
    route = spot.route
    for wanted, word in ((True, "true"), (False, "false")):
        count = sum(statement.correct is wanted for statement in part.statements.values())
        if count < OPTIONS:
            message = (
                f"{count} of the statements are {word}; at least {OPTIONS} are needed, so that "
                f"any number of the {OPTIONS} options can be right; add some"
            )
            desk.say_key((*route, "statements"), message)
    for number, name in enumerate(part.reference):
        if name not in part.statements:
            desk.say((*route, "reference", number), f"there is no statement {name}")
        elif name in part.reference[:number]:
            desk.say((*route, "reference", number), f"the statement {name} is there twice")
    statements = {
        name: _statement(desk, (*route, "statements", name), spot, statement)
        for name, statement in part.statements.items()
    }
    _check_sayings(
        desk, {(*route, "statements", name): it.say for name, it in part.statements.items()}
    )
    return PoolPart(
        **common,
        ask=paper_text(desk, (*route, "ask"), spot, part.ask),
        statements=statements,
        computed=_computed(desk, spot, part),
        reference=part.reference,
    )


def _statement(desk: Desk, route: Route, spot: Spot, model: models.Statement) -> Statement:
    return Statement(
        model.correct,
        paper_text(desk, (*route, "say"), spot, model.say),
        key_text(desk, (*route, "why"), spot, model.why),
    )


def _check_sayings(desk: Desk, sayings: Mapping[Route, str]) -> None:
    lines: dict[str, int] = {}
    for route, say in sayings.items():
        if say in lines:
            message = f"the same statement is there already in line {lines[say]}; remove one"
            desk.say((*route, "say"), message)
        lines.setdefault(say, desk.source.place((*route, "say"))[0])


def _computed(desk: Desk, spot: Spot, part: models.PoolPart) -> dict[str, ComputedStatement]:
    found = {}
    for name, model in part.computed.items():
        route = (*spot.route, "computed", name)
        if name in part.statements:
            desk.say_key(route, f"a statement is called {name} already; choose another name")
        right, *wrong = [
            read_expression(desk, here, spot, source, desk.why_unknown)
            for here, source in (
                ((*route, "right"), model.right),
                *(((*route, "wrong", number), it) for number, it in enumerate(model.wrong)),
            )
        ]
        say = paper_text(desk, (*route, "say"), spot, model.say, {"shown"})
        why = key_text(desk, (*route, "why"), spot, model.why, {"right"})
        if "shown" not in say.names:
            desk.say((*route, "say"), "the statement never prints << shown >>; add it")
        mistakes = tuple(expression for expression in wrong if expression is not None)
        if right is not None:
            found[name] = ComputedStatement(right, mistakes, say, why)
    return found


def _order_part(
    desk: Desk, spot: Spot, part: models.OrderPart, common: dict[str, Any]
) -> OrderPart:
    route = spot.route
    for number, text in enumerate(part.order.steps):
        if text.strip() in (it.strip() for it in part.order.steps[:number]):
            here = (*route, "order", "steps", number)
            desk.say(here, "this step is there already, so two orders are right; change one")
    wrong = _wrong_orders(desk, route, part.order)
    _check_reference_order(desk, route, part, wrong)
    return OrderPart(
        **common,
        ask=fixed_text(desk, (*route, "ask"), spot, part.ask),
        steps=tuple(
            fixed_text(desk, (*route, "order", "steps", number), spot, text)
            for number, text in enumerate(part.order.steps)
        ),
        wrong=wrong,
        reference_labels=part.reference_order.labels,
        reference_options=part.reference_order.options,
    )


def _wrong_orders(desk: Desk, route: Route, order: models.Order) -> tuple[tuple[int, ...], ...]:
    right = tuple(range(len(order.steps)))
    found: list[tuple[int, ...]] = []
    for number, numbers in enumerate(order.wrong):
        indices = tuple(value - 1 for value in numbers)
        here = (*route, "order", "wrong", number)
        if tuple(sorted(indices)) != right:
            desk.say(here, f"expected the numbers 1 to {len(right)}, each once")
        elif indices == right:
            desk.say(here, "this is the right order; remove it")
        elif indices in found:
            desk.say(here, "this order is there twice; remove one")
        found.append(indices)
    return tuple(found)


def _check_reference_order(
    desk: Desk, route: Route, part: models.OrderPart, wrong: tuple[tuple[int, ...], ...]
) -> None:
    reference = part.reference_order
    labels = tuple(LABELS[: len(part.order.steps)])
    if tuple(sorted(reference.labels)) != labels:
        message = f"expected each of {', '.join(labels)} once"
        desk.say((*route, "reference_order", "labels"), message)
        return
    known = {reference.labels}
    for order in wrong:
        if sorted(order) == list(range(len(labels))):
            known.add(tuple(reference.labels[step] for step in order))
    for number, option in enumerate(reference.options):
        here = (*route, "reference_order", "options", number)
        if option in reference.options[:number]:
            desk.say(here, "this order is there twice; the options differ")
        elif option not in known:
            desk.say(here, "this is neither the right order nor one of order.wrong")
    if reference.labels not in reference.options:
        message = f"the right order, {' '.join(reference.labels)}, is missing"
        desk.say((*route, "reference_order", "options"), message)


def _fixed_part(
    desk: Desk, spot: Spot, part: models.FixedPart, common: dict[str, Any]
) -> FixedPart:
    route = spot.route
    _check_sayings(
        desk, {(*route, "options", number): it.say for number, it in enumerate(part.options)}
    )
    options = tuple(
        Statement(
            option.correct,
            fixed_text(desk, (*route, "options", number, "say"), spot, option.say),
            fixed_text(desk, (*route, "options", number, "why"), spot, option.why),
        )
        for number, option in enumerate(part.options)
    )
    return FixedPart(
        **common, ask=paper_text(desk, (*route, "ask"), spot, part.ask), options=options
    )
