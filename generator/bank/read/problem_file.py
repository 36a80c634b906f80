"""One problem: from its model to the :class:`Problem` of the later stages, with all checks."""

from __future__ import annotations

import re
from collections.abc import Sized
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from generator.bank import models
from generator.bank.parsed_file import Parsed
from generator.bank.plugins.own import Plugins
from generator.bank.problem import FALLBACK_PREFIX, Fairness, Problem
from generator.bank.read.code import check_listings
from generator.bank.read.computed import (
    check_followed,
    check_mistakes,
    read_accepts,
    read_requires,
    read_steps,
)
from generator.bank.read.context import ReadingDesk, Spot, open_desk
from generator.bank.read.figure_files import read_figure
from generator.bank.read.lists import has_fractions, is_fraction, read_groups, read_reference, show
from generator.bank.read.parts import read_parts
from generator.bank.read.reference import check_reference
from generator.bank.read.texts import check_formula, key_text, paper_text
from generator.bank.template import Text
from generator.bank.yaml import Route
from generator.errors import Complaint
from generator.language.conventions import Conventions, FormRule
from generator.language.units import unit_tex


def read_problem(
    parsed: Parsed[models.ProblemFields],
    figure_dir: Path,
    complaints: list[Complaint],
    conventions: Conventions,
    plugins: Plugins,
    paper_columns: int,
) -> Problem | None:
    """Reads a problem; None where anything is wrong with it.

    Args:
        parsed: The file and its model.
        figure_dir: Where ``NAME.tex`` of each figure is.
        complaints: Gets all that is wrong.
        conventions: How the exam writes.
        plugins: The solvers that it may name.
        paper_columns: So many columns the problems of the exam stand in.
    """
    desk = open_desk(parsed, figure_dir, complaints, conventions, plugins, paper_columns)
    if desk is None:
        return None
    before = len(complaints)
    model = desk.model
    groups = read_groups(desk)
    by_name = {name: group for group in groups for name in group.names}
    intro = paper_text(desk, ("intro",), Spot(), model.intro)
    figure = read_figure(desk, ("figure",), Spot(), model.figure, f"{model.id}-intro", by_name)
    parts = read_parts(desk, by_name)
    steps = read_steps(desk)
    requires = read_requires(desk)
    reference = read_reference(desk, groups)
    for check in (_check_sum, _check_symbols, _check_units, _check_used):
        check(desk)
    if steps is None or len(complaints) > before or not desk.whole:
        return None
    stated = Problem(
        id=model.id,
        title=model.title,
        points=model.points,
        choice=model.kind == "choice",
        new_page=model.new_page,
        min_decimals=model.min_decimals,
        symbols=dict(model.symbols),
        intro=intro,
        figure=figure,
        groups=groups,
        requires=requires,
        steps=steps,
        parts=parts,
        reference=reference,
        file=desk.source.name,
        source=desk.source.own_text,
        conventions=conventions,
    )
    return _checked(desk, _with_rules(desk, stated), complaints)


def _checked(desk: ReadingDesk, problem: Problem, complaints: Sized) -> Problem | None:
    """The problem, if its formulas and its reference copy come to what they should, too."""
    before = len(complaints)
    for check in (check_followed, check_mistakes, check_listings):
        check(desk, problem)
    if len(complaints) == before:
        check_reference(desk, problem)
    return problem if len(complaints) == before else None


def _with_rules(desk: ReadingDesk, problem: Problem) -> Problem:
    """The problem, with how its values are printed, accepted, worked out and compared."""
    form = desk.model.form
    return replace(
        problem,
        fairness=_fairness(desk.model.fairness),
        units=_units(desk),
        forms=_forms(desk),
        accepts=read_accepts(desk),
        worked=_worked(desk),
        form_rule=form_rule(form) if form is not None else None,
        places={name: desk.source.key_place(known.route) for name, known in desk.names.items()},
    )


def _worked(desk: ReadingDesk) -> dict[str, str | Text]:
    """How steps are worked out in the key, where that is not in full."""
    found: dict[str, str | Text] = {}
    for spot, question in desk.questions():
        for name, step in question.own_steps.items():
            rule = step.worked or question.own_worked
            by_hand = rule not in ("full", "short", "off")
            route = (*spot.route, "steps", name, "worked")
            found[name] = _by_hand(desk, route, spot, rule) if by_hand else rule
        if question.own_solver is not None:
            found |= dict.fromkeys(question.own_solver.gives, question.own_worked)
    return {name: rule for name, rule in found.items() if rule != "full"}


def _by_hand(desk: ReadingDesk, route: Route, spot: Spot, source: str) -> Text:
    if re.fullmatch("[A-Za-z_]{1,12}", source):
        message = f"{source} is none of full, short and off, and no working in TeX"
        desk.say(route, message)
    return key_text(desk, route, spot, source)


def _fairness(model: models.Fairness | None) -> Fairness:
    given = dict(model) if model is not None else {}
    stated = model is not None and model.band is not None
    kept = {key: value for key, value in given.items() if value is not None}
    return Fairness(**kept, stated=stated)


def _units(desk: ReadingDesk) -> dict[str, str]:
    """The units of drawn names, fallback values and steps, as TeX."""
    found: dict[str, str] = {}
    for _, question in desk.questions():
        for entry in question.draw:
            if entry.unit is not None:
                found |= dict.fromkeys(entry.names, unit_tex(entry.unit))
        for name, listing in question.fallback_lists.items():
            if listing.unit is not None:
                found[FALLBACK_PREFIX + name] = unit_tex(listing.unit)
        given = {name: step.unit for name, step in question.own_steps.items()}
        found |= {name: unit_tex(unit) for name, unit in given.items() if unit is not None}
    return found


def _check_units(desk: ReadingDesk) -> None:
    for spot, question in desk.questions():
        for name, step in question.own_steps.items():
            if step.unit is not None:
                check_formula(desk, (*spot.route, "steps", name, "unit"), step.unit)


def _forms(desk: ReadingDesk) -> dict[str, FormRule]:
    """What is said about how drawn names and steps are printed."""
    as_fraction = FormRule("fraction")
    given = desk.source.value(("constants",)) or {}
    found = {name: as_fraction for name in desk.model.constants if is_fraction(given.get(name))}
    for spot, question in desk.questions():
        for index, entry in enumerate(question.draw):
            if entry.form is not None:
                found |= dict.fromkeys(entry.names, form_rule(entry.form))
            elif has_fractions(desk, (*spot.route, "draw", index)):
                found |= dict.fromkeys(entry.names, as_fraction)
        for name, listing in question.fallback_lists.items():
            if listing.form is not None:
                found[FALLBACK_PREFIX + name] = form_rule(listing.form)
        forms = {name: step.form for name, step in question.own_steps.items()}
        found |= {name: form_rule(form) for name, form in forms.items() if form is not None}
    return found


def form_rule(model: models.NumberForm) -> FormRule:
    """What a form in the bank says."""
    thousands = True if model.as_ == "thousands" else model.thousands
    kind = "decimal" if model.as_ == "thousands" else model.as_
    return FormRule(
        kind, model.decimals, model.significant, model.digits, model.group, thousands, model.symbol
    )


def _check_sum(desk: ReadingDesk) -> None:
    total = sum((part.points for part in desk.model.parts), Fraction(0))
    if desk.whole and total != desk.model.points:
        terms = " + ".join(show(part.points) for part in desk.model.parts)
        message = (
            f"{show(desk.model.points)} points, but the parts give {terms} = {show(total)}; "
            "make them equal"
        )
        desk.say(("points",), message)


def _check_symbols(desk: ReadingDesk) -> None:
    for name, symbol in desk.model.symbols.items():
        check_formula(desk, ("symbols", name), symbol)
        known = desk.names.get(name)
        if reason := desk.why_unknown(name, known.spot if known else Spot()):
            desk.say_key(("symbols", name), reason)


def _check_used(desk: ReadingDesk) -> None:
    """Every drawn name is printed, in a figure or in a formula; else it is a mistake."""
    for name, known in desk.names.items():
        shown = name.removeprefix(FALLBACK_PREFIX)
        if not desk.whole:
            continue
        if known.kind == "drawn" and name not in desk.used:
            message = f"{name} is drawn but never used; print it, compute with it or drop it"
            desk.say_key(known.route, message)
        elif known.kind == "fallback" and name not in desk.printed:
            message = f"no question prints the fallback value; write << fallback.{shown} >> in ask"
            desk.say_key(known.route, message)
