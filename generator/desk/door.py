"""At the door: a spare copy is scanned, then the sticker of the student who gets it.

Nobody's name is shown here, and no key: what a copy is bound to is the number of a sticker.
"""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.responses import Response

from generator.desk.asked_copy import refuse_copy
from generator.desk.find import NotFound, find
from generator.desk.serve import Answer, Asked, Refusal, access
from generator.pipeline.binding import NOBODY, bind
from generator.pipeline.door_seat import NotBound
from generator.release.place import Place

_ONE_AT_A_TIME: Final = asyncio.Lock()


@access("door")
async def door(asked: Asked) -> Response:
    """The page: two fields, and what was done last."""
    return asked.page("door.html", done="", paper="", sticker="", refused="")


@access("door")
async def give(asked: Asked) -> Response:
    """Binds a copy to a student, or takes it back."""
    desk = asked.desk
    paper, sticker = asked.form.get("paper", ""), asked.form.get("sticker", "").strip()
    seat = asked.form.get("seat", "").strip()
    if asked.form.get("back"):
        sticker = NOBODY
    found = find(desk.library.batch, paper)
    if isinstance(found, NotFound):
        return await _refused(asked, refuse_copy(found), paper, sticker)
    if not sticker:
        return await _refused(asked, Refusal(422, "sticker"), paper, sticker)
    folder = desk.library.folder
    place = Place(folder.parent, folder.name)
    async with _ONE_AT_A_TIME:
        try:
            done = await asyncio.to_thread(bind, place, None, found.code, sticker, seat)
        except NotBound as error:
            key = f"desk.door.no_{error.why}"
            return await _refused(asked, Refusal(409, key, **error.values), paper, sticker)
    says = desk.library.exam.conventions.catalogue.text
    if done.released:
        await desk.note("door", asked.person.name, f"released {done.code}")
        text = says("desk.door.released", code=done.code)
        if done.again:
            text += " " + says("desk.door.again", code=done.again)
    else:
        await desk.note("door", asked.person.name, f"bound {done.code}")
        text = says("desk.door.bound", code=done.code, sticker=sticker)
        if done.sitting.seat:
            text += " " + says("desk.door.seat", seat=done.sitting.seat)
        elif done.is_full:
            text += " " + says("desk.door.full")
    if done.instead:
        text += " " + says("desk.door.instead", codes=", ".join(done.instead))
    if done.unfit:
        text += " " + says("desk.door.unfit", code=done.code)
    return asked.page("door.html", done=text, paper="", sticker="", refused="")


async def _refused(asked: Asked, refusal: Refusal, paper: str, sticker: str) -> Response:
    """The page with why it was not done, and what was typed, so that it can be mended."""
    desk, key = asked.desk, refusal.key
    await desk.note("refusal", asked.person.name, f"door: {key.removeprefix('desk.door.')} {paper}")
    text = desk.library.exam.conventions.catalogue.text
    says = text(key if key.startswith("desk.") else f"desk.refusal.{key}", **refusal.values)
    fields = {"paper": paper, "sticker": "" if sticker == NOBODY else sticker}
    return asked.page("door.html", refusal.status, done="", refused=says, **fields)


ROUTES: Final[tuple[tuple[str, Answer, str], ...]] = (
    ("/door", door, "GET"),
    ("/door", give, "POST"),
)
