"""Downloads of keys, cards and sheets: streamed, and resumed where one broke off."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from starlette.responses import FileResponse, Response

from generator.desk.desk import problems_of
from generator.desk.find import NotFound, find
from generator.desk.serve import Answer, Asked, Refusal

CORRECTORS: Final = "correctors"


def file_answer(asked: Asked, path: Path, name: str) -> Response:
    """A released file; a range of it where the browser asks for one.

    Raises:
        Refusal: It is not there.
    """
    if not path.is_file():
        raise Refusal(404, "no_file", name=name)
    asked.desk.note("download", asked.person.name, name)
    response = FileResponse(path, filename=name)
    response.headers["cache-control"] = "private, no-store"
    return response


def _all_problems(asked: Asked) -> None:
    """Whole keys are for those who may see all problems."""
    if len(problems_of(asked.person, asked.desk)) < len(asked.desk.library.exam.problems):
        raise Refusal(403, "whole_key")


def _copy(asked: Asked) -> str:
    """The code of the copy whose files are wanted: those of a reprint are the copy's."""
    found = find(asked.desk.library.batch, asked.path["code"])
    if isinstance(found, NotFound):
        raise Refusal(404, f"code_{found.why}", typed=found.typed[:60], about=found.about)
    return found.code.partition(".")[0]


async def key_pdf(asked: Asked) -> Response:
    """The key of a copy as it was released."""
    _all_problems(asked)
    name = f"{_copy(asked)}.pdf"
    return file_answer(asked, asked.desk.library.folder / CORRECTORS / "keys" / name, name)


async def card_pdf(asked: Asked) -> Response:
    """The card of a copy."""
    _all_problems(asked)
    name = f"{_copy(asked)}.pdf"
    path = asked.desk.library.folder / CORRECTORS / "cards" / name
    return file_answer(asked, path, f"card-{name}")


ROUTES: Final[tuple[tuple[str, Answer, str], ...]] = (
    ("/download/key/{code}.pdf", key_pdf, "GET"),
    ("/download/card/{code}.pdf", card_pdf, "GET"),
)
