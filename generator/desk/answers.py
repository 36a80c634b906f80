"""Marking by answer: what students wrote for a subproblem, grouped against their own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from generator.bank.problem import Problem
from generator.codes.check_character import with_check
from generator.desk.following import COUNTS, FollowedProblem, follow_written
from generator.desk.key_view import PartView
from generator.desk.marking import problem_of
from generator.desk.serve import Answer, Asked, Refusal, access
from generator.errors import InputError
from generator.marks.operation import Marked, Operation

ORDER: Final = ("key", "fallback", "follow-through", "mistake", "unlike", "none")


@dataclass(frozen=True)
class AnsweredCopy:
    """What is known of a copy."""

    code: str
    checked: str
    given: Mapping[str, str]
    done: bool
    total: str


@dataclass(frozen=True)
class AnswerGroup:
    """Copies whose answers are alike.

    Attributes:
        kind: One of `ORDER`.
        mistake: The mistake that it is; its tick.
        copies: Those that are not done come first.
        ticks: What signing off ticks; none where it cannot be said for all at once.
        earns: What a copy gets by that.
    """

    kind: str
    mistake: str
    copies: tuple[AnsweredCopy, ...]
    ticks: tuple[str, ...]
    earns: str

    @property
    def name(self) -> str:
        """What forms call it."""
        return self.mistake or self.kind

    @property
    def open(self) -> tuple[AnsweredCopy, ...]:
        """Those that are not done."""
        return tuple(it for it in self.copies if not it.done)


async def show_answers(asked: Asked) -> Response:
    """The page of a subproblem."""
    part, problem = asked.path["part"], problem_of(asked, asked.path["part"])
    view = _part_view(asked, asked.desk.library.codes[0], part, problem)
    groups = await run_in_threadpool(_groups, asked, part, problem)
    piece = "hx-request" in asked.request.headers
    return asked.page(
        "groups.html" if piece else "answers.html",
        part=view,
        groups=groups,
        code=asked.desk.library.codes[0],
    )


def _part_view(asked: Asked, code: str, part: str, problem: Problem) -> PartView:
    view = asked.desk.library.view(code, problem)
    return next(it for it in view.parts if it.id == part)


def _groups(asked: Asked, part: str, problem: Problem) -> list[AnswerGroup]:
    """All copies of the batch in groups; those without anything typed are the last one."""
    number = asked.desk.library.exam.conventions.number
    given = _given(asked, problem)
    states = {state.code: state for state in asked.desk.marks.states(part=part)}
    found: dict[tuple[str, str], list[AnsweredCopy]] = {}
    for code in asked.desk.marks.papers.codes:
        state = states.get(code, Marked(code, part))
        own = given.get(code, {})
        total = "" if state.total is None else number(state.total)
        written = AnsweredCopy(code, with_check(code), own, state.done, total)
        found.setdefault(_kind(asked, code, part, problem, own), []).append(written)
    groups = []
    for kind, mistake in sorted(found, key=lambda it: (ORDER.index(it[0]), it[1])):
        copies = sorted(found[kind, mistake], key=lambda it: (it.done, it.code))
        view = _part_view(asked, copies[0].code, part, problem)
        ticks, earns = _signs(view, kind, mistake)
        groups.append(AnswerGroup(kind, mistake, tuple(copies), ticks, earns))
    return groups


def _given(asked: Asked, problem: Problem) -> dict[str, dict[str, str]]:
    """Copy to all that is given of a problem: later parts follow from earlier ones."""
    found: dict[str, dict[str, str]] = {}
    for part in problem.parts:
        for state in asked.desk.marks.states(part=part.id):
            found.setdefault(state.code, {}).update(state.given)
    return found


def _kind(
    asked: Asked, code: str, part: str, problem: Problem, given: Mapping[str, str]
) -> tuple[str, str]:
    """The group of a copy, and its mistake."""
    if not given:
        return "none", ""
    steps = [it.name for it in _part_view(asked, code, part, problem).steps]
    typed = [step for step in steps if given.get(step)]
    if not typed:
        return "none", ""
    solution = asked.desk.library.solutions(code)[problem.id]
    catalogue = asked.desk.library.exam.conventions.catalogue
    followed = follow_written(problem, solution, given, catalogue)
    return _kind_of(followed, part, typed)


def _kind_of(followed: FollowedProblem, part: str, typed: list[str]) -> tuple[str, str]:
    statuses = {followed.cells[step].status for step in typed if step in followed.cells}
    alike = followed.alike.get(part, ())
    if statuses == {"right"}:
        return "key", ""
    if "fallback" in alike or ("fallback" in statuses and statuses <= COUNTS):
        return "fallback", ""
    if mistakes := [it for it in alike if it != "fallback"]:
        return "mistake", mistakes[0]
    return ("follow-through", "") if statuses <= COUNTS else ("unlike", "")


def _signs(view: PartView, kind: str, mistake: str) -> tuple[tuple[str, ...], str]:
    """What a group is signed off with, and what that earns."""
    if kind == "mistake":
        return (mistake,), next(it.points for it in view.mistakes if it.tick == mistake)
    if kind in {"key", "fallback", "follow-through"}:
        return tuple(it.tick for it in view.rubric), view.points
    return (), ""


@access("recording")
async def sign_off(asked: Asked) -> Response:
    """Signs off a group at once: its open copies get the ticks, and are done."""
    desk = asked.desk
    part, problem = asked.path["part"], problem_of(asked, asked.path["part"])
    name, shown = asked.form.get("group", ""), asked.form.get("codes", "").split()
    known = await run_in_threadpool(_groups, asked, part, problem)
    group = next((it for it in known if it.name == name), None)
    if group is None or not group.ticks:
        raise Refusal(409, "no_group")
    refused = []
    # Only what the page has shown: nobody signs off what came into the group meanwhile.
    for written in group.open:
        if written.code not in shown:
            continue
        try:
            _sign(asked, written.code, part, group)
        except InputError as error:
            refused.append(f"{written.checked}: {error}")
    desk.hub.send(kind="reload", who=asked.person.name)
    view = _part_view(asked, desk.library.codes[0], part, problem)
    return asked.page(
        "groups.html",
        part=view,
        groups=await run_in_threadpool(_groups, asked, part, problem),
        code=desk.library.codes[0],
        refused=refused,
    )


def _sign(asked: Asked, code: str, part: str, group: AnswerGroup) -> None:
    marks = asked.desk.marks
    state = marks.state(code, part)
    steps = [("tick", tick) for tick in group.ticks if tick not in state.ticks]
    steps += [("untick", tick) for tick in state.ticks if tick not in group.ticks]
    for at, (kind, name) in enumerate([*steps, ("done", "")]):
        identifier = f"group/{part}/{code}/{state.version}/{at}/{asked.person.name}"
        marks.record(
            Operation(
                identifier, asked.person.name, code, part, kind, name, seen=state.version + at
            )
        )


ROUTES: Final[tuple[tuple[str, Answer, str], ...]] = (
    ("/answers/{part}", show_answers, "GET"),
    ("/answers/{part}", sign_off, "POST"),
)
