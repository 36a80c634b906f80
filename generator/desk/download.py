"""Downloads of keys, cards and sheets: streamed, and resumed where one broke off.

What is one file is sent as it was released. What is put together is kept for a while, under a name
that says what is in it: a browser that asks for the rest of it gets the rest of the same file.
"""

from __future__ import annotations

import hashlib
import re
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, Response

from generator.desk.desk import FOLDER, problems_of
from generator.desk.find import NotFound, find
from generator.desk.serve import Answer, Asked, Refusal
from generator.release.joined import join_files

CORRECTORS: Final = "correctors"
KEPT_S: Final = 3600
_KINDS: Final = {"keys": "keys", "cards": "cards"}
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""The date of files in archives: the same files make the same archive."""


async def file_answer(asked: Asked, path: Path, name: str) -> Response:
    """A file; a range of it where the browser asks for one.

    Raises:
        Refusal: It is not there.
    """
    if not path.is_file():
        raise Refusal(404, "no_file", name=name)
    await asked.desk.note("download", asked.person.name, name)
    response = FileResponse(path, filename=name)
    response.headers["cache-control"] = "private, no-store"
    return response


def _released(asked: Asked, *names: str) -> Path:
    return asked.desk.library.folder.joinpath(CORRECTORS, *names)


def _all_problems(asked: Asked) -> None:
    """Whole keys are for those who may see all problems."""
    if len(problems_of(asked.person, asked.desk)) < len(asked.desk.library.exam.problems):
        raise Refusal(403, "whole_key")


def _copy(asked: Asked, typed: str) -> str:
    """The code of the copy whose files are wanted: those of a reprint are the copy's."""
    found = find(asked.desk.library.batch, typed)
    if isinstance(found, NotFound):
        raise Refusal(404, f"code_{found.why}", typed=found.typed[:60], about=found.about)
    return found.code.partition(".")[0]


async def key_pdf(asked: Asked) -> Response:
    """The key of a copy as it was released."""
    _all_problems(asked)
    name = f"{_copy(asked, asked.path['code'])}.pdf"
    return await file_answer(asked, _released(asked, "keys", name), name)


async def card_pdf(asked: Asked) -> Response:
    """The card of a copy."""
    _all_problems(asked)
    name = f"{_copy(asked, asked.path['code'])}.pdf"
    return await file_answer(asked, _released(asked, "cards", name), f"card-{name}")


async def keys_csv(asked: Asked) -> Response:
    """All answers of all copies."""
    _all_problems(asked)
    return await file_answer(asked, _released(asked, "keys.csv"), "keys.csv")


async def sheet(asked: Asked) -> Response:
    """The sheet of a problem, one line a copy, as PDF or CSV."""
    problem = asked.desk.library.problem(asked.path["problem"])
    ending = asked.path["ending"]
    if problem is None or ending not in {"pdf", "csv"}:
        raise Refusal(404, "missing")
    if not asked.person.may(problem.id):
        raise Refusal(403, "problem", problem=problem.id)
    name = f"P{problem.id}.{ending}"
    return await file_answer(asked, _released(asked, "by-problem", name), name)


async def show_downloads(asked: Asked) -> Response:
    """What there is to download."""
    mine = problems_of(asked.person, asked.desk)
    problems = [it for it in asked.desk.library.exam.problems if it.id in mine]
    everything = len(problems) == len(asked.desk.library.exam.problems)
    codes = asked.desk.library.codes
    return asked.page(
        "downloads.html",
        problems=problems,
        everything=everything,
        rooms=_rooms(asked),
        first=codes[0],
        last=codes[-1],
    )


def _rooms(asked: Asked) -> list[str]:
    places = asked.desk.library.batch.ledger.places()
    return sorted({room for _, room, _, active in places if active and room})


async def several(asked: Asked) -> Response:
    """The keys or cards of a room, a range or all, as one PDF or as an archive."""
    _all_problems(asked)
    wanted = asked.request.query_params
    kind, ending = wanted.get("what", "keys"), wanted.get("as", "pdf")
    if kind not in _KINDS or ending not in {"pdf", "zip"}:
        raise Refusal(404, "missing")
    codes = _codes(asked)
    if not codes:
        raise Refusal(404, "no_copies")
    files = [_released(asked, _KINDS[kind], f"{code}.pdf") for code in codes]
    if missing := [path.name for path in files if not path.is_file()]:
        raise Refusal(404, "no_file", name=missing[0])
    name = f"{asked.desk.library.batch.exam_id}-{kind}-{codes[0]}-{codes[-1]}.{ending}"
    path = await run_in_threadpool(_made, asked.desk.library.folder, files, codes, ending)
    return await file_answer(asked, path, name)


def _codes(asked: Asked) -> list[str]:
    """The copies of a room, or from one code to another; all where nothing is said."""
    wanted = asked.request.query_params
    codes = list(asked.desk.library.codes)
    if room := wanted.get("room", ""):
        places = asked.desk.library.batch.ledger.places()
        there = {code for code, own, _, active in places if active and own == room}
        codes = [code for code in codes if code in there]
    if typed := wanted.get("from", "").strip():
        first = _copy(asked, typed)
        codes = [code for code in codes if code >= first]
    if typed := wanted.get("to", "").strip():
        last = _copy(asked, typed)
        codes = [code for code in codes if code <= last]
    return codes


def _made(folder: Path, files: Sequence[Path], codes: Sequence[str], ending: str) -> Path:
    """Puts files together, or takes what was put together of the same ones before."""
    kept = folder / FOLDER / "downloads"
    kept.mkdir(mode=0o700, exist_ok=True)
    for old in kept.iterdir():
        if old.stat().st_mtime < time.time() - KEPT_S:
            old.unlink(missing_ok=True)
    stamps = [(str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files]
    digest = hashlib.sha256(repr(stamps).encode()).hexdigest()[:32]
    path = kept / f"{digest}.{ending}"
    if not path.exists():
        part = kept / f"{digest}.{time.monotonic_ns()}.part"
        (_zip if ending == "zip" else _join)(part, files, codes)
        part.replace(path)
    return path


def _zip(path: Path, files: Sequence[Path], codes: Sequence[str]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for file in files:
            archive.writestr(zipfile.ZipInfo(file.name, _EARLIEST), file.read_bytes())


def _join(path: Path, files: Sequence[Path], codes: Sequence[str]) -> None:
    title = re.sub(r"\W+", " ", files[0].parent.name)
    join_files(path, title, zip(codes, files, strict=True))


ROUTES: Final[tuple[tuple[str, Answer, str], ...]] = (
    ("/downloads", show_downloads, "GET"),
    ("/download/key/{code}.pdf", key_pdf, "GET"),
    ("/download/card/{code}.pdf", card_pdf, "GET"),
    ("/download/keys.csv", keys_csv, "GET"),
    ("/download/problem/{problem}.{ending}", sheet, "GET"),
    ("/download/several", several, "GET"),
)
