"""Gaps and result boxes: small places for an answer, which the key fills."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from generator.bank import models
from generator.bank.parsed_file import near_names
from generator.bank.part import Gap, ResultBox
from generator.bank.read.context import ReadingDesk, Spot
from generator.bank.read.texts import key_text

TAG = re.compile(r"<<\s*gap\.([A-Za-z][A-Za-z0-9_]*)\s*>>")
"""A gap in a question or a listing; group 1 is its name."""

IN_TEX = re.compile(r"\\(?:Result)?Gap\{([^{}]*)\}\{([^{}]*)\}\{[^{}]*\}(?:\{[a-z]+\})?")
"""A gap or a result box in the TeX of a block; the groups are its part and its name."""


def gap_names(*sources: str) -> tuple[str, ...]:
    """The gaps of texts in their order."""
    return tuple(dict.fromkeys(name for source in sources for name in TAG.findall(source)))


def with_gaps(part: str, source: str, gaps: Mapping[str, models.Gap]) -> str:
    """A text with TeX for its gaps; nothing else of it changes, and no line moves."""
    return TAG.sub(lambda tag: gap_tex(part, tag[1], gaps.get(tag[1], models.Gap())), source)


def gap_tex(part: str, name: str, gap: models.Gap) -> str:
    """A gap as the class knows it; see `IN_TEX`."""
    return rf"\Gap{{{part}}}{{{name}}}{{{float(gap.width):g}}}{{{gap.look}}}"


def read_gaps(
    desk: ReadingDesk, spot: Spot, model: models.Question, answers: Collection[str]
) -> tuple[Gap, ...]:
    """What belongs into the gaps and result boxes of a question, with what is wrong reported.

    Args:
        answers: The steps that it asks for.
    """
    say_gap = _complain_of_gap(desk, spot, model, answers)
    code = model.code.text if model.code is not None else ""
    found: dict[str, Gap] = {}
    for name in gap_names(model.ask, code):
        gap = model.gaps.get(name)
        if gap is not None and gap.is_ is not None:
            route = (*spot.route, "gaps", name)
            inner = (*route, "is") if isinstance(desk.source.value(route), Mapping) else route
            found[name] = Gap(name, key_text(desk, inner, spot, gap.is_))
        elif name in answers:
            found[name] = Gap(name)
        else:
            say_gap(name)
    for name in set(model.gaps) - set(gap_names(model.ask, code)):
        message = f"no text of the question has the gap << gap.{name} >>; add it, or remove this"
        desk.say_key((*spot.route, "gaps", name), message)
    for box in model.results:
        found.setdefault(box.step, Gap(box.step))
    return tuple(found.values())


def _complain_of_gap(
    desk: ReadingDesk, spot: Spot, model: models.Question, answers: Collection[str]
) -> Callable[[str], None]:
    def say(name: str) -> None:
        known = [*model.gaps, *answers]
        near = near_names(name, known)
        hint = f"did you mean {near}?" if near else f"say what belongs there: gaps: {{{name}: …}}"
        message = f"<< gap.{name} >> is neither a step that is asked for nor among the gaps; {hint}"
        in_ask = name in TAG.findall(model.ask)
        route = (*spot.route, "ask" if in_ask else "code")
        desk.say(route, message, model.ask.find(f"gap.{name}") if in_ask else None)

    return say


def read_results(
    desk: ReadingDesk, spot: Spot, model: models.Question, answers: Collection[str]
) -> tuple[ResultBox, ...]:
    """The result boxes of a question, with what is wrong reported."""
    if model.results and spot.alternative is not None:
        message = (
            "the questions of alternatives have no result boxes, which would stand elsewhere in "
            "other copies; use gaps in their texts"
        )
        desk.say_key((*spot.route, "results"), message)
    names = [box.step for box in model.results]
    for number, box in enumerate(model.results):
        route = (*spot.route, "results", number)
        if box.step not in answers:
            near = near_names(box.step, answers)
            hint = (
                f"did you mean {near}?" if near else f"it asks for {', '.join(answers) or 'none'}"
            )
            message = f"{box.step} is no step that this question asks for; {hint}"
            desk.say(route, message)
        if box.step in names[:number]:
            desk.say(route, f"{box.step} is there twice; remove one")
    return tuple(ResultBox(box.step, box.width) for box in model.results)
