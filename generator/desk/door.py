"""At the door: a spare copy is scanned, then the sticker of the student who gets it; and who did
not come to it.

Nobody's name is shown here, and no key: what a copy is bound to is the number of a sticker.
"""

from __future__ import annotations

import asyncio
import re
from typing import Final

from starlette.responses import Response

from generator.codes.check_character import with_check
from generator.desk.asked_copy import refuse_copy
from generator.desk.find import FoundCopy, NotFound, find
from generator.desk.serve import Answer, Asked, Refusal, access
from generator.pipeline.binding import NOBODY, bind
from generator.pipeline.door_seat import NotBound
from generator.pipeline.who_came import NotNoted, note_turnout
from generator.record.turnout import ABSENT, TURNOUT, WITHDREW, turnout
from generator.release.place import Place

_ONE_AT_A_TIME: Final = asyncio.Lock()
_AWAY: Final = (ABSENT, WITHDREW)


@access("door")
async def door(asked: Asked) -> Response:
    """The page: two fields, and what was done last."""
    return _page(asked)


def _page(asked: Asked, status: int = 200, **values: str) -> Response:
    """The page, with the copies of those who are noted."""
    noted = turnout(asked.desk.library.batch.events)
    came = {kind: sorted(code for code in noted if noted[code] == kind) for kind in _AWAY}
    fields = dict.fromkeys(("done", "refused", "paper", "sticker", "who"), "")
    return asked.page("door.html", status, **{**fields, **values}, away=came)


@access("door")
async def note_away(asked: Asked) -> Response:
    """Notes who did not come, gave up, or came after all."""
    desk, kind = asked.desk, asked.form.get("kind", "")
    typed = re.split(r"[\s,;]+", asked.form.get("who", "").strip())
    if kind not in TURNOUT or typed == [""]:
        raise Refusal(422, "operation")
    found = [find(desk.library.batch, text) for text in typed]
    who = [
        it.code if isinstance(it, FoundCopy) else text
        for it, text in zip(found, typed, strict=True)
    ]
    place = Place(desk.library.folder.parent, desk.library.folder.name)
    text = desk.library.exam.conventions.catalogue.text
    async with _ONE_AT_A_TIME:
        try:
            done = await asyncio.to_thread(note_turnout, place, who, kind)
        except NotNoted as error:
            await desk.note("refusal", asked.person.name, f"door: {kind} {' '.join(who)[:200]}")
            reasons = [text(f"desk.door.no_{it.why}", **it.values) for it in error.reasons]
            return _page(asked, 409, refused=" ".join(reasons), who=" ".join(typed))
    codes = ", ".join(map(with_check, (*done.codes, *done.known)))
    await desk.note("door", asked.person.name, f"{kind} {' '.join((*done.codes, *done.known))}")
    return _page(asked, done=text(f"desk.door.noted_{kind}", codes=codes))


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
    return _page(asked, done=text)


async def _refused(asked: Asked, refusal: Refusal, paper: str, sticker: str) -> Response:
    """The page with why it was not done, and what was typed, so that it can be mended."""
    desk, key = asked.desk, refusal.key
    await desk.note("refusal", asked.person.name, f"door: {key.removeprefix('desk.door.')} {paper}")
    text = desk.library.exam.conventions.catalogue.text
    says = text(key if key.startswith("desk.") else f"desk.refusal.{key}", **refusal.values)
    fields = {"paper": paper, "sticker": "" if sticker == NOBODY else sticker}
    return _page(asked, refusal.status, refused=says, **fields)


ROUTES: Final[tuple[tuple[str, Answer, str], ...]] = (
    ("/door", door, "GET"),
    ("/door", give, "POST"),
    ("/door/away", note_away, "POST"),
)
