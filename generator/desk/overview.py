"""Who marks what, how far they are, and how fast; second marking, samples, and what two see
differently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from generator.codes.check_character import with_check
from generator.desk.desk import RECORDING
from generator.desk.marking import problem_of
from generator.desk.serve import Answer, Asked, access
from generator.marks.operation import SAMPLE, SECOND, Marked
from generator.marks.pace import Pace
from generator.record.turnout import ABSENT, WITHDREW

SAMPLED: Final = 10
"""Copies of a subproblem that a sample has more each time it is drawn."""


@dataclass(frozen=True)
class PartRow:
    """A subproblem.

    Attributes:
        done: Copies that are marked; ``second`` those that are marked twice.
        steps: Whether it has results that can be typed.
        sample: Whether a sample of it is to be marked again.
    """

    part: str
    done: int
    second: int
    steps: bool
    sample: bool
    people: Sequence[Pace]


async def show_work(asked: Asked) -> Response:
    """The work of all, by subproblem."""
    desk = asked.desk
    unused = await run_in_threadpool(desk.marks.unused)
    rows = await run_in_threadpool(_rows, asked, unused)
    own = {row.part for row in rows}
    doubtful = [it for it in desk.marks.states() if it.doubtful and it.part in own]
    differences = _differences(asked) if asked.person.is_examiner else []
    return asked.page(
        "work.html",
        rows=rows,
        doubtful=doubtful,
        differences=differences,
        moved=[it for it in _moved(asked) if it["part"] in own],
        corrected=_corrected(asked, own),
        reworded=_reworded(asked, own),
        copies=len(set(desk.marks.papers.codes) - unused),
        uncounted=_uncounted(asked, unused),
        present=desk.hub.present,
    )


def _uncounted(asked: Asked, unused: Set[str]) -> str:
    """Which copies are not to be marked, as it is shown."""
    noted = asked.desk.marks.papers.turnout
    counts = Counter(
        noted[it] if noted.get(it) in {ABSENT, WITHDREW} else "nobodys" for it in unused
    )
    text = asked.desk.library.exam.conventions.catalogue.text
    told = (text(f"desk.work.{why}", count=counts[why]) for why in counts)
    return ", ".join(sorted(told))


def _rows(asked: Asked, unused: Set[str]) -> list[PartRow]:
    marks = asked.desk.marks
    progress, seconds = marks.progress(), marks.progress(SECOND)
    done = Counter(it.part for it in marks.states() if it.done and it.code not in unused)
    return [
        PartRow(
            part.id,
            done[part.id],
            sum(it.done for it in seconds if it.part == part.id),
            bool(part.steps or part.answers),
            bool(marks.order.sample(part.id, 0)),
            [it for it in progress if it.part == part.id],
        )
        for problem in asked.desk.library.exam.problems
        if asked.person.may(problem.id)
        for part in problem.parts
    ]


def _moved(asked: Asked) -> list[dict[str, str]]:
    """What has changed since it was done, as it is shown."""
    number = asked.desk.library.exam.conventions.number
    return [
        {
            "code": it.code,
            "part": it.part,
            "before": number(it.checked or Fraction(0)),
            "now": number(it.total or Fraction(0)),
            "who": it.done_by,
        }
        for it in asked.desk.marks.moved()
    ]


def _time(iso: str) -> datetime:
    return datetime.fromisoformat(iso)


def _corrected(asked: Asked, own: Set[str]) -> dict[str, list[Marked]]:
    """Part to what was marked by a key that was corrected since, and nobody has touched again."""
    corrected = asked.desk.library.corrected()
    found: dict[str, list[Marked]] = {}
    for state in asked.desk.marks.states():
        since = corrected.get((state.code.partition(".")[0], state.part), "")
        if since and state.done and state.part in own and _time(state.at) < _time(since):
            found.setdefault(state.part, []).append(state)
    return found


def _reworded(asked: Asked, own: Set[str]) -> list[str]:
    """Copies marked, and not touched since, by keys of which the wording was corrected.

    These are revisions that do not say of which subproblem the wording was.
    """
    reworded = asked.desk.library.reworded()
    found = {
        state.code
        for state in asked.desk.marks.states()
        if (since := reworded.get(state.code.partition(".")[0]))
        and state.done
        and state.part in own
        and _time(state.at) < _time(since)
    }
    return sorted(found)


def _differences(asked: Asked) -> list[dict[str, str]]:
    """What two correctors see differently, as it is shown."""
    number = asked.desk.library.exam.conventions.number

    def told(state: Marked) -> str:
        return f"{'–' if state.total is None else number(state.total)} ({state.done_by})"

    return [
        {"code": it.code, "part": it.part, "first": told(it.first), "second": told(it.second)}
        for it in asked.desk.marks.differences()
    ]


@access("examiner")
async def switch_recording(asked: Asked) -> Response:
    """Switches recording on or off."""
    value = "on" if asked.form.get("recording") == "on" else "off"
    asked.desk.people.set(RECORDING, value)
    await asked.desk.note("recording", asked.person.name, value)
    return RedirectResponse(f"{asked.desk.root}/work", 303)


@access("examiner")
async def draw_sample(asked: Asked) -> Response:
    """Chooses further copies of a subproblem to be marked again, against drift."""
    part = asked.form.get("part", "")
    problem_of(asked, part)
    marks = asked.desk.marks
    chosen = marks.order.sample(part, len(marks.order.sample(part, 0)) + SAMPLED)
    about = f"{part}: {', '.join(map(with_check, chosen))}"
    await asked.desk.note("sample", asked.person.name, f"round {SAMPLE}, {about}")
    return RedirectResponse(f"{asked.desk.root}/work", 303)


ROUTES: Final[tuple[tuple[str, Answer, str], ...]] = (
    ("/work", show_work, "GET"),
    ("/recording", switch_recording, "POST"),
    ("/sample", draw_sample, "POST"),
)
