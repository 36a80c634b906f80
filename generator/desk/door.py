"""At the door: a spare copy is scanned, then the sticker of the student who gets it.

Nobody's name is shown here, and no key: what a copy is bound to is the number of a sticker.
"""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.responses import Response

from generator.desk.find import NotFound, find
from generator.desk.serve import Answer, Asked, Refusal, access
from generator.errors import InputError
from generator.pipeline.binding import NOBODY, bind
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
        raise Refusal(404, f"code_{found.why}", typed=found.typed[:60], about=found.about)
    if not sticker:
        raise Refusal(422, "sticker")
    folder = desk.library.folder
    place = Place(folder.parent, folder.name)
    async with _ONE_AT_A_TIME:
        try:
            done = await asyncio.to_thread(
                bind, place, desk.library.batch.exam_id, None, found.code, sticker, seat
            )
        except InputError as error:
            raise Refusal(409, "bound", message=_without_numbers(asked, str(error))) from None
    says = desk.library.exam.conventions.catalogue.text
    if done.released:
        await desk.note("door", asked.person.name, f"released {done.code}")
        text = says("desk.door.released", code=done.code)
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


def _without_numbers(asked: Asked, message: str) -> str:
    """A refusal without registration numbers, which are nobody's business at the door."""
    for binding in asked.desk.library.batch.ledger.bindings(ended=True):
        message = message.replace(binding.holder.registration_number, "…")
    return message


ROUTES: Final[tuple[tuple[str, Answer, str], ...]] = (
    ("/door", door, "GET"),
    ("/door", give, "POST"),
)
