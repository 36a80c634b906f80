"""`make preview`: a problem or the whole exam, paper and key side by side.

The pages come from the same stages as those of a build; only what is drawn is chosen: the
reference copy, a copy of the batch, or a draw at random.
"""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import pypdfium2 as pdfium

from generator.bank.exam import Exam
from generator.bank.read.exam_file import load_exam
from generator.codes.page_code import REFERENCE_CODE, CodeError
from generator.codes.typed_code import read_copy_code
from generator.errors import Complaint, CopyError, GeneratorError, InputError
from generator.exact.secret import REFERENCE_SECRET, SECRET_FILE, Secret, load_secret
from generator.files.program import FIGURES, LATEX
from generator.files.whole import write_whole
from generator.pipeline.worker import Producer
from generator.pipeline.workshop import Workshop
from generator.record.copy import Copy
from generator.record.ledger import LEDGER_FILE, Ledger
from generator.release.finished import Produced
from generator.release.place import Place
from generator.typeset.preparation import prepare_press
from generator.typeset.press import Press
from generator.typeset.toolchain import check_tools
from generator.verify.leaks import Forbidden
from generator.work.locks import PDFIUM

PREVIEW = "preview"
PAGES = (4, 8, 16)
"""Pages of an exam of one problem: as few as it takes. Those without a question are left out."""

POLL_S = 0.2

_Chosen = tuple[Secret, Copy | None]
"""The secret that a copy is drawn with, and its record if it has one."""


@dataclass(frozen=True)
class PreviewChoice:
    """What is to be shown.

    Attributes:
        problem: A problem's id; None for the whole exam.
        copy: The code of a copy of the batch; None for the reference copy.
        random: Draw at random instead.
    """

    problem: str | None = None
    copy: str | None = None
    random: bool = False


def preview(
    exam_file: Path,
    out: Path,
    choice: PreviewChoice,
    jobs: int,
    tell: Callable[[GeneratorError], None] = lambda _: None,
) -> Path:
    """Makes ``OUT/preview/NAME.pdf``; what does not fit is shown as it is.

    Args:
        tell: Is told what a build would refuse.

    Raises:
        InputError: The bank is wrong, or there is no such problem or copy.
        CopyError: The copy failed to typeset or to verify.
    """
    whole = load_exam(exam_file, FIGURES)
    check_tools()
    place = Place(out, whole.id)
    chosen = _chosen(whole, place, choice)
    exam, press, produced = _make(whole, place, choice, chosen, jobs, tell)
    name = "-".join(filter(None, (exam.id, choice.problem and f"problem-{choice.problem}")))
    target = out / PREVIEW / f"{name}.pdf"
    target.parent.mkdir(parents=True, exist_ok=True)
    wanted = [page.number for page in press.plan if page.sections or choice.problem is None]
    write_whole(target, side_by_side(produced.paper, produced.key, wanted))
    return target


def _make(
    whole: Exam,
    place: Place,
    choice: PreviewChoice,
    chosen: _Chosen,
    jobs: int,
    tell: Callable[[GeneratorError], None],
) -> tuple[Exam, Press, Produced]:
    """What does not fit is told, and shown."""
    try:
        exam, press = _prepare(whole, place, choice.problem, jobs, lenient=False)
        return exam, press, _produce(exam, press, choice, chosen, lenient=False)
    except (InputError, CopyError) as error:
        try:
            exam, press = _prepare(whole, place, choice.problem, jobs, lenient=True)
            produced = _produce(exam, press, choice, chosen, lenient=True)
        except GeneratorError:
            raise error from None
        tell(error)
        return exam, press, produced


def _prepare(
    whole: Exam, place: Place, problem_id: str | None, jobs: int, *, lenient: bool
) -> tuple[Exam, Press]:
    if problem_id is None:
        return whole, prepare_press(whole, place.cache, jobs, lenient=lenient)
    for pages in PAGES:
        exam = _only(whole, problem_id, pages)
        try:
            return exam, prepare_press(exam, place.cache, jobs, lenient=lenient)
        except InputError as error:
            crowded = any(problem.where == "pages" for problem in error.problems)
            if not crowded or pages == PAGES[-1]:
                raise
    raise AssertionError("the last number of pages either fits or is an error")


def _only(exam: Exam, problem_id: str, pages: int) -> Exam:
    """An exam of one problem."""
    for problem in exam.problems:
        if problem.id == problem_id:
            alone = replace(problem, new_page=True)
            return replace(
                exam, problems=(alone,), credits=problem.points, pages=pages, additional_pages=0
            )
    known = ", ".join(problem.id for problem in exam.problems)
    message = f"there is no problem {problem_id}; the exam has {known}"
    raise InputError([Complaint(exam.file, 0, 0, "--problem", message)])


def _chosen(exam: Exam, place: Place, choice: PreviewChoice) -> _Chosen:
    """What the copy is drawn with; asked before anything is typeset."""
    if choice.copy is not None:
        return _recorded(exam, place, choice.copy)
    return (Secret(secrets.token_bytes(32)) if choice.random else REFERENCE_SECRET), None


def _produce(
    exam: Exam, press: Press, choice: PreviewChoice, chosen: _Chosen, *, lenient: bool
) -> Produced:
    secret, recorded = chosen
    digits = len(recorded.code if recorded is not None else REFERENCE_CODE) - 1
    workshop = Workshop(exam, secret, digits)
    if recorded is not None:
        registered = workshop.register(recorded, ())
        if registered.refusals:
            raise InputError(
                Complaint("", 0, 0, f"problem {it.problem}", f"{it.reason}; leave --copy out")
                for it in registered.refusals
            )
        copy = registered.copy
    elif choice.random:
        copy = workshop.register(Copy("E0001", None, 1), ()).copy
    else:
        copy = workshop.register_reference()
    scratch = Path(tempfile.gettempdir())
    [produced] = Producer(workshop, press, Forbidden(), scratch, lenient=lenient).produce([copy])
    return produced


def _recorded(exam: Exam, place: Place, code: str) -> _Chosen:
    """A copy of the released batch."""
    secret_file, ledger_file = place.examiner / SECRET_FILE, place.examiner / LEDGER_FILE
    if not ledger_file.exists():
        message = f"there is no batch of {exam.id} yet: build it first, or leave --copy out"
        raise InputError([Complaint(str(place.folder), 0, 0, "--copy", message)])
    secret = load_secret(secret_file)
    with closing(Ledger(ledger_file, exam.id, secret)) as ledger:
        try:
            code = read_copy_code(code, ledger.digits, exam.id).partition(".")[0]
            return secret, ledger[code]
        except CodeError as error:
            message = str(error)
        except KeyError:
            codes = ledger.all_codes()
            message = f"there is no copy {code}; the codes go from {codes[0]} to {codes[-1]}"
    raise InputError([Complaint("", 0, 0, "--copy", message)])


def side_by_side(paper: bytes, key: bytes, pages: list[int]) -> bytes:
    """Paper on the left, key on the right, one sheet a page.

    Args:
        pages: Numbers of the pages to show, from 1.
    """
    with PDFIUM:
        return _side_by_side(paper, key, pages)


def _side_by_side(paper: bytes, key: bytes, pages: list[int]) -> bytes:
    """The same, for who holds the lock; what PDFium has opened is closed before it is given back,
    else the collector would close it beside the calls of another thread."""
    with (
        closing(pdfium.PdfDocument.new()) as both,
        closing(pdfium.PdfDocument(paper)) as left,
        closing(pdfium.PdfDocument(key)) as right,
    ):
        for number in pages:
            both.import_pages(left, [number - 1])
            both.import_pages(right, [number - 1])
        width, height = both[0].get_size()
        for index in range(len(left), len(right)):  # what has no room in the boxes
            both.new_page(width, height)
            both.import_pages(right, [index])
        joined = pdfium.raw.FPDF_ImportNPagesToOne(both, 2 * width, height, 2, 1)
        with closing(pdfium.PdfDocument(joined)) as sheets:
            buffer = BytesIO()
            sheets.save(buffer)
            return buffer.getvalue()


def watch(
    exam_file: Path, show: Callable[[], None], fail: Callable[[GeneratorError], None]
) -> None:
    """Shows now and after every change of the bank or of the look, until it is interrupted."""
    seen: dict[Path, float] = {}
    while True:
        now = dict(_times(exam_file))
        if now != seen:
            seen = now
            try:
                show()
            except GeneratorError as error:
                fail(error)
        time.sleep(POLL_S)


def _times(exam_file: Path) -> Iterator[tuple[Path, float]]:
    bank = exam_file.parent
    for folder, pattern in ((bank, "*.yaml"), (bank, "plugins/*.py"), (LATEX, "**/*")):
        for path in folder.glob(pattern):
            try:
                yield path, path.stat().st_mtime
            except OSError:
                continue
