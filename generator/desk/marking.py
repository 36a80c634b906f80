"""Marking: each thing that a corrector does is one operation, saved at once and sent to all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from fractions import Fraction
from typing import Any, Final

from sse_starlette.sse import EventSourceResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from generator.bank.problem import Problem
from generator.desk.asked_copy import asked_problem
from generator.desk.find import NotFound, find
from generator.desk.following import NOTHING, Cell, FollowedProblem, follow_written, rubric_ticks
from generator.desk.key_view import PartView
from generator.desk.serve import Answer, Asked, Refusal, access, fragment
from generator.errors import InputError
from generator.marks.operation import FIRST, SECOND, SETTLED, Marked, Operation
from generator.marks.store import Conflict

_TEXTS: Final = ("id", "code", "part", "kind", "name", "value")
_MOST: Final = {"id": 80, "code": 20, "part": 20, "kind": 20, "name": 80, "value": 500}


# What a page shows.


def marking_round(asked: Asked) -> int:
    """The round that a page is about: 1 unless it says otherwise."""
    wanted = asked.request.query_params.get("round", "1")
    return int(wanted) if wanted in {"1", "2", "3", "4"} else 1


def states(asked: Asked, code: str, problem: Problem, round: int) -> dict[str, Marked]:
    """Part id to what is marked there."""
    marks = asked.desk.marks
    return {part.id: marks.state(code, part.id, round) for part in problem.parts}


def followed(
    asked: Asked, code: str, problem: Problem, known: Mapping[str, Marked]
) -> FollowedProblem:
    """What follows from all that is given of a problem."""
    given = {step: typed for it in known.values() for step, typed in it.given.items()}
    if not given:
        return NOTHING
    solution = asked.desk.library.solutions(code)[problem.id]
    catalogue = asked.desk.library.exam.conventions.catalogue
    return follow_written(problem, solution, given, catalogue)


def panels(asked: Asked, code: str, problem: Problem, round: int, only: str = "") -> dict[str, str]:
    """Part id to its panel: what is ticked, the points, comments, and who else is here."""
    known = states(asked, code, problem, round)
    found = followed(asked, code, problem, known)
    view = asked.desk.library.view(code, problem)
    claims = asked.desk.marks.order.claims(asked.desk.clock(), round)
    return {
        part.id: _panel(asked, code, part, known[part.id], found, claims.get((code, part.id), ""))
        for part in view.parts
        if only in {"", part.id}
    }


def _panel(
    asked: Asked, code: str, part: PartView, state: Marked, found: FollowedProblem, other: str
) -> str:
    exam = asked.desk.library.exam
    number = exam.conventions.number
    return fragment(
        asked.desk,
        asked,
        "panel.html",
        part=part,
        code=code,
        state=state,
        total="" if state.total is None else number(state.total),
        points="" if state.points is None else number(state.points),
        before=number(state.checked or Fraction(0)) if state.has_moved else "",
        as_key=_is_as_key(asked, state),
        alike=found.alike.get(part.id, ()),
        other="" if other == asked.person.name else other,
        used=_used(asked, part.id),
        others=_others(asked, code, part.id, state.round),
    )


def _is_as_key(asked: Asked, state: Marked) -> bool:
    """Whether the crosses that are recorded are those of the key, and decide."""
    crosses = asked.desk.marks.papers.part(state.code, state.part).key_crosses
    return state.points is None and bool(crosses) and state.ticks == crosses


def _used(asked: Asked, part: str) -> list[str]:
    """Comments that were given in a subproblem; read once until there is a new one."""
    known = asked.desk.used_comments
    if part not in known:
        known[part] = [text for text, _ in asked.desk.marks.comments(part)][:12]
    return known[part]


def _others(asked: Asked, code: str, part: str, round: int) -> list[tuple[str, str, str]]:
    """Who gave what, and their comments; for the examiner who settles a difference alone."""
    if round != SETTLED or not asked.person.is_examiner:
        return []
    number = asked.desk.library.exam.conventions.number
    earlier = (asked.desk.marks.state(code, part, it) for it in (FIRST, SECOND))
    return [
        (it.done_by, "–" if it.total is None else number(it.total), "; ".join(it.comments))
        for it in earlier
        if it.done
    ]


def cells(found: FollowedProblem) -> dict[str, dict[str, Any]]:
    """Step to what stands beside it."""
    return {step: asdict(cell) for step, cell in found.cells.items()}


# What a corrector does.


@access("recording")
async def mark(asked: Asked) -> Response:
    """Records one operation; the same one again changes nothing."""
    desk = asked.desk
    operation = await _operation(asked)
    problem = problem_of(asked, operation.part)
    try:
        state = await run_in_threadpool(_record, asked, operation, problem)
    except Conflict as conflict:
        says = str(conflict)
        return _marked(asked, operation, problem, 409, says)
    except InputError as error:
        return _marked(asked, operation, problem, 422, str(error))
    if operation.kind in {"comment", "uncomment", "undo"}:
        desk.used_comments.pop(operation.part, None)
    desk.hub.send(
        kind="marked",
        code=operation.code,
        part=operation.part,
        who=asked.person.name,
        round=operation.round,
        version=state.version,
    )
    return _marked(asked, operation, problem, 200, "")


def _record(asked: Asked, operation: Operation, problem: Problem) -> Marked:
    """Records an operation and what follows from it; in a thread, since disks take their time."""
    marks = asked.desk.marks
    for each in _with_ticks(asked, operation, problem):
        state = marks.record(each)
    return state


async def _operation(asked: Asked) -> Operation:
    """The operation that a page has sent.

    Raises:
        Refusal: It is none.
    """
    data = await _json(asked.request)
    texts = {name: data.get(name, "") for name in _TEXTS}
    numbers = (data.get("seen", 0), data.get("round", 1))
    if not all(
        isinstance(text, str) and len(text) <= _MOST[name] for name, text in texts.items()
    ) or not all(isinstance(it, int) and 0 <= it < 2**31 for it in numbers):
        raise Refusal(422, "operation")
    if not texts["id"]:
        raise Refusal(422, "operation")
    seen, round = numbers
    return Operation(who=asked.person.name, seen=seen, round=round, **texts)


async def _json(request: Request) -> dict[str, Any]:
    try:
        data = json.loads(await request.body())
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise Refusal(422, "operation")
    return data


def problem_of(asked: Asked, part: str) -> Problem:
    """The problem of a subproblem, if it is for who asks.

    Raises:
        Refusal: There is no such subproblem, or it is not.
    """
    for problem in asked.desk.library.exam.problems:
        if part in {it.id for it in problem.parts}:
            if not asked.person.may(problem.id):
                raise Refusal(403, "problem", problem=problem.id)
            return problem
    raise Refusal(404, "missing")


def _with_ticks(asked: Asked, operation: Operation, problem: Problem) -> Iterator[Operation]:
    """An operation, and after a value that was given the ticks that follow from it.

    Their ids follow from its own, so that all of it may be sent again.
    """
    if operation.kind in {"tick", "untick"}:
        operation = replace(operation, value="")  # a value is said of what follows alone
    yield operation
    if operation.kind != "given":
        return
    code, round = operation.code, operation.round
    known = states(asked, code, problem, round)
    found = followed(asked, code, problem, known)
    view = asked.desk.library.view(code, problem)
    for part in view.parts:
        items = [(item.tick, item.step) for item in part.rubric if item.step]
        for tick, earned in rubric_ticks(items, found).items():
            if earned == (tick in known[part.id].ticks):
                continue
            follows = Operation(
                id=f"{operation.id}/{part.id}/{tick}",
                who=operation.who,
                code=code,
                part=part.id,
                kind="tick" if earned else "untick",
                name=tick,
                value=operation.part,
                seen=known[part.id].version + (part.id == operation.part),
                round=round,
            )
            if not asked.desk.marks.is_refused(follows):
                yield follows


def _says(asked: Asked, operation: Operation, known: Mapping[str, Marked]) -> str:
    """What a corrector has to know of what was recorded: more than meets the eye."""
    conventions = asked.desk.library.exam.conventions
    catalogue, number = conventions.catalogue, conventions.number
    if operation.kind == "key":
        return catalogue.text("desk.mark.crossed_as_key", part=operation.part)
    if operation.kind != "given":
        return ""
    return " ".join(
        catalogue.text(
            "desk.mark.moved_too",
            part=part,
            before=number(state.checked or Fraction(0)),
            now=number(state.total or Fraction(0)),
        )
        for part, state in known.items()
        if state.has_moved and part != operation.part
    )


def _marked(
    asked: Asked, operation: Operation, problem: Problem, status: int, says: str
) -> Response:
    """The panels that an operation may have changed, as they are now."""
    found = find(asked.desk.library.batch, operation.code)
    if isinstance(found, NotFound):
        raise Refusal(404, f"code_{found.why}", typed=operation.code, about=found.about)
    only = "" if operation.kind in {"given", "undo"} else operation.part
    known = states(asked, operation.code, problem, operation.round)
    beside = cells(followed(asked, operation.code, problem, known))
    if status == 200:
        says = _says(asked, operation, known)
    if status == 422 and operation.kind == "given":
        beside[operation.name] = asdict(Cell("bad", says, written=True))
        says = ""
    return JSONResponse(
        {
            "panels": panels(asked, operation.code, problem, operation.round, only),
            "cells": beside,
            "says": says,
        },
        status,
    )


@access("recording")
async def undo(asked: Asked) -> Response:
    """Takes back the last thing that a corrector did, wherever that was."""
    data = await _json(asked.request)
    identifier = str(data.get("id", ""))[:80]
    try:
        state = await run_in_threadpool(asked.desk.marks.undo, asked.person.name, identifier)
    except InputError as error:
        return JSONResponse({"says": str(error)}, 409)
    if state is None:
        raise Refusal(404, "nothing_to_undo")
    asked.desk.hub.send(
        kind="marked",
        code=state.code,
        part=state.part,
        who=asked.person.name,
        round=state.round,
        version=state.version,
    )
    problem = problem_of(asked, state.part)
    known = states(asked, state.code, problem, state.round)
    return JSONResponse(
        {
            "code": state.code,
            "part": state.part,
            "problem": problem.id,
            "panels": panels(asked, state.code, problem, state.round),
            "cells": cells(followed(asked, state.code, problem, known)),
            "says": "",
        }
    )


async def follow(asked: Asked) -> Response:
    """What follows from what is typed, without recording anything."""
    code, problem = asked_problem(asked)
    data = await _json(asked.request)
    given = {str(name)[:80]: str(typed)[:80] for name, typed in list(data.items())[:200]}
    solution = asked.desk.library.solutions(code)[problem.id]
    catalogue = asked.desk.library.exam.conventions.catalogue
    found = follow_written(problem, solution, given, catalogue)
    return JSONResponse({"panels": {}, "cells": cells(found), "alike": dict(found.alike)})


@access("recording")
async def show_panels(asked: Asked) -> Response:
    """The panels of a problem as they are now, after somebody else has marked."""
    code, problem = asked_problem(asked)
    round = marking_round(asked)
    known = states(asked, code, problem, round)
    return JSONResponse(
        {
            "panels": panels(asked, code, problem, round),
            "cells": cells(followed(asked, code, problem, known)),
            "says": "",
        }
    )


@access("recording")
async def claim(asked: Asked) -> Response:
    """Says where a corrector is; tells who else is there."""
    data = await _json(asked.request)
    code, part = str(data.get("code", ""))[:20], str(data.get("part", ""))[:20]
    problem = problem_of(asked, part)
    round = int(data.get("round", 1))
    desk = asked.desk
    other = await run_in_threadpool(
        desk.marks.order.claim, asked.person.name, code, part, desk.clock(), round
    )
    if other is None:
        desk.hub.send(kind="claim", code=code, part=part, who=asked.person.name, round=round)
    return JSONResponse({"other": other or "", "problem": problem.id})


@access("recording")
async def next_unmarked(asked: Asked) -> Response:
    """The next copy to mark in a subproblem: open, and nobody else's."""
    part = asked.path["part"]
    problem = problem_of(asked, part)
    after = asked.request.query_params.get("after", "")
    round = marking_round(asked)
    desk = asked.desk
    code = await run_in_threadpool(
        desk.marks.order.next_unmarked, asked.person.name, part, desk.clock(), after, round
    )
    if code is None and round == SETTLED:
        part, code = await _next_difference(asked)
    if code is None:
        if round == FIRST and await run_in_threadpool(desk.marks.is_finished, problem.id):
            raise Refusal(404, "problem_marked", problem=problem.id)
        raise Refusal(404, "all_settled" if round == SETTLED else "all_marked", part=part)
    problem = problem_of(asked, part)
    suffix = f"?round={round}" if round != 1 else ""
    target = f"{desk.root}/key/{code}/{problem.id}{suffix}#part-{part}"
    return Response(status_code=204, headers={"x-location": target})


async def _next_difference(asked: Asked) -> tuple[str, str | None]:
    """What else two correctors see differently: subproblem and copy."""
    marks, who, now = asked.desk.marks, asked.person.name, asked.desk.clock()
    next_unmarked = marks.order.next_unmarked
    for found in await run_in_threadpool(marks.differences):
        code = await run_in_threadpool(next_unmarked, who, found.part, now, "", SETTLED)
        if code is not None:
            return found.part, code
    return "", None


@access("signed-in")
async def events(asked: Asked) -> Response:
    """What others do, as server-sent events."""
    code = asked.request.query_params.get("code", "")[:20]
    return EventSourceResponse(asked.desk.hub.listen(asked.person.name, code), ping=20)


ROUTES: Final[tuple[tuple[str, Answer, str], ...]] = (
    ("/mark", mark, "POST"),
    ("/undo", undo, "POST"),
    ("/claim", claim, "POST"),
    ("/follow/{code}/{problem}", follow, "POST"),
    ("/panels/{code}/{problem}", show_panels, "GET"),
    ("/next/{part}", next_unmarked, "GET"),
    ("/events", events, "GET"),
)
