"""Finding a copy, and its key as a page for each problem."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from starlette.responses import RedirectResponse, Response

from generator.codes.check_character import with_check
from generator.correct.errata import Erratum
from generator.desk.asked_copy import asked_problem, refuse_copy
from generator.desk.desk import Desk, problems_of
from generator.desk.find import FoundCopy, NotFound, find
from generator.desk.marking import followed, marking_round, panels, states
from generator.desk.serve import Answer, Asked, Refusal, access
from generator.desk.tex_html import html


@access("signed-in")
async def home(asked: Asked) -> Response:
    """The first page: find a copy; what there is to mark."""
    desk = asked.desk
    if asked.person.role == "door":
        return RedirectResponse(f"{desk.root}/door", 303)
    mine = problems_of(asked.person, desk)
    problems = [it for it in desk.library.exam.problems if it.id in mine]
    return asked.page("home.html", problems=problems, waits=desk.waits(), copies=desk.library.codes)


async def look_up(asked: Asked) -> Response:
    """A code that was typed or scanned: on to its key."""
    desk = asked.desk
    typed = asked.form.get("code", "")
    found = find(desk.library.batch, typed)
    if isinstance(found, NotFound):
        raise refuse_copy(found)
    target = _target(asked, found)
    if "hx-request" in asked.request.headers or "x-desk" in asked.request.headers:
        return Response(status_code=204, headers={"hx-redirect": target, "x-location": target})
    return RedirectResponse(target, 303)


def _target(asked: Asked, found: FoundCopy) -> str:
    """The page of the problem that was scanned, or that was looked at last, or the first one."""
    mine = problems_of(asked.person, asked.desk)
    here = asked.form.get("problem", "")
    parts = asked.desk.library.parts_on(found.page)
    for part in parts:
        problem = part.partition(".")[0]
        if problem in mine:
            return f"{asked.desk.root}/key/{found.code}/{problem}#part-{part}"
    if not mine:
        raise Refusal(403, "problem", problem="")
    return f"{asked.desk.root}/key/{found.code}/{here if here in mine else mine[0]}"


def _shown(desk: Desk, erratum: Erratum, answer: str) -> str:
    """An answer of a revision as the exam writes it, or a text."""
    if erratum.is_text:
        return html(answer)
    is_number = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", answer)
    return desk.library.exam.conventions.digits(answer) if is_number else answer


async def show_key(asked: Asked) -> Response:
    """The key of a problem of a copy."""
    desk = asked.desk
    code, problem = asked_problem(asked)
    await desk.note("look-up", asked.person.name, f"{code} problem {problem.id}")
    view = desk.library.view(code, problem)
    mine = problems_of(asked.person, desk)
    own = desk.library.codes.index(code.partition(".")[0])
    errata = [
        replace(it, before=_shown(desk, it, it.before), after=_shown(desk, it, it.after))
        for it in desk.library.errata(code)
        if it.part.partition(".")[0] in {"", problem.id}
    ]
    round = marking_round(asked)
    marked: dict[str, Any] = {"panels": {}, "cells": {}, "given": {}}
    if desk.recording:
        known = states(asked, code, problem, round)
        marked = {
            "panels": panels(asked, code, problem, round),
            "cells": followed(asked, code, problem, known).cells,
            "given": {step: typed for it in known.values() for step, typed in it.given.items()},
        }
    return asked.page(
        "key.html",
        view=view,
        code=code,
        checked=with_check(code),
        problems=[it for it in desk.library.exam.problems if it.id in mine],
        before=desk.library.codes[own - 1] if own else "",
        after=desk.library.codes[own + 1] if own + 1 < len(desk.library.codes) else "",
        errata=errata,
        symbols={step.name: step.symbol for part in view.parts for step in part.steps},
        round=round,
        **marked,
    )


ROUTES: Final[tuple[tuple[str, Answer, str], ...]] = (
    ("/", home, "GET"),
    ("/find", look_up, "POST"),
    ("/key/{code}/{problem}", show_key, "GET"),
)
