"""`make proof` and `make approve`: one set to look at before all of them are printed."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from pypdf import PdfReader, PdfWriter

from generator.codes.page_code import REFERENCE_CODE
from generator.errors import Complaint, InputError
from generator.exact.secret import REFERENCE_SECRET
from generator.office.canvas import Canvas
from generator.pipeline.worker import Producer
from generator.pipeline.workshop import Workshop
from generator.record.batch import CLASS_FILES, Batch, open_batch
from generator.record.ledger import Ledger
from generator.release.amend import amending, check_built
from generator.release.handover import PROOF_FILE
from generator.release.place import Place, place_of
from generator.typeset.preparation import prepare_press
from generator.typeset.toolchain import check_tools
from generator.verify.leaks import forbid

PROOF = "proof"
APPROVED = "approved"


def make_proof(exam_file: Path, out: Path, jobs: int) -> str:
    """Makes ``print-shop/proof.pdf``: the reference copy with PROOF (in the exam's language)
    across every page.

    Its page codes are made with the test key, so no station takes a page of it for one of a copy.

    Raises:
        InputError: There is no batch, or its bank is not known.
        CopyError: The copy failed to typeset or to verify.
    """
    place = place_of(exam_file, out)
    check_built(place)
    check_tools()
    with amending(place) as amendment:
        with open_batch(place.folder) as batch:
            paper = _reference_paper(batch, place, jobs)
            word = batch.exam.conventions.catalogue.text("office.proof")
        amendment.path(PROOF_FILE).write_bytes(_marked(paper, place.exam_id, word))
        amendment.ledger.note(PROOF)
    return f"{place.folder / PROOF_FILE}: print it, look at it, then: make approve"


def _reference_paper(batch: Batch, place: Place, jobs: int) -> bytes:
    exam = batch.exam
    workshop = Workshop(exam, REFERENCE_SECRET, len(REFERENCE_CODE) - 1)
    with tempfile.TemporaryDirectory(prefix="exam-variants-") as folder:
        batch.write_sources(Path(folder))
        press = prepare_press(exam, place.cache, jobs, Path(folder) / CLASS_FILES)
        producer = Producer(workshop, press, forbid(exam, ()), Path(folder))
        [produced] = producer.produce([workshop.register_reference()])
    return produced.paper


def _marked(paper: bytes, exam_id: str, word: str) -> bytes:
    """The paper with a word under everything that is on it."""
    reader = PdfReader(io.BytesIO(paper))
    box = reader.pages[0].mediabox
    mm = 25.4 / 72
    canvas = Canvas(word, (float(box.width) * mm, float(box.height) * mm))
    canvas.watermark(word)
    across = PdfReader(io.BytesIO(canvas.bytes())).pages[0]
    writer = PdfWriter(clone_from=reader)
    for page in writer.pages:
        page.merge_page(across, over=False)
    writer.add_metadata({"/Title": f"{exam_id} {word}"})
    marked = io.BytesIO()
    writer.write(marked)
    return marked.getvalue()


def approve(exam_file: Path, out: Path, who: str) -> str:
    """Notes that somebody has looked at the proof and found it good.

    Args:
        who: Whose word it is; may be empty.

    Raises:
        InputError: There is no batch, or no proof.
    """
    place = place_of(exam_file, out)
    with amending(place) as amendment:
        ledger = amendment.ledger
        if not _last(ledger, PROOF):
            message = "is not there: make proof first, print it, and look at it"
            raise InputError([Complaint(str(place.folder / PROOF_FILE), 0, 0, "", message)])
        event = ledger.note(APPROVED, (), who.strip())
    return f"{place.folder}: approved at {event.time}"


def is_approved(ledger: Ledger) -> bool:
    """Whether a proof was approved since papers last changed."""
    changed = [
        event.number
        for event in ledger.events
        if event.kind == "built" and event.data.get("papers_changed")
    ]
    return _last(ledger, APPROVED) > max(changed, default=0)


def _last(ledger: Ledger, kind: str) -> int:
    """The number of the last event of a kind; 0 if there is none."""
    return max((event.number for event in ledger.events if event.kind == kind), default=0)
