"""Who marks what, how far they are, and how fast."""

from __future__ import annotations

from typing import Final

from starlette.responses import RedirectResponse, Response

from generator.desk.desk import RECORDING
from generator.desk.serve import Answer, Asked, access


async def show_work(asked: Asked) -> Response:
    """The work of all, by subproblem."""
    desk = asked.desk
    parts = [
        part.id
        for problem in desk.library.exam.problems
        if asked.person.may(problem.id)
        for part in problem.parts
    ]
    progress = [it for it in desk.marks.progress() if it.part in parts]
    done = {part: sum(it.done for it in progress if it.part == part) for part in parts}
    return asked.page(
        "work.html",
        parts=parts,
        progress=progress,
        done=done,
        copies=len(desk.library.codes),
        present=desk.hub.present,
    )


@access("examiner")
async def switch_recording(asked: Asked) -> Response:
    """Switches recording on or off."""
    value = "on" if asked.form.get("recording") == "on" else "off"
    asked.desk.people.set(RECORDING, value)
    asked.desk.note("recording", asked.person.name, value)
    return RedirectResponse("/work", 303)


ROUTES: Final[tuple[tuple[str, Answer, str], ...]] = (
    ("/work", show_work, "GET"),
    ("/recording", switch_recording, "POST"),
)
