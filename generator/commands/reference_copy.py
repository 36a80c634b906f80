"""The reference copy, as paper and key: the values that the bank writes out."""

from __future__ import annotations

import tempfile
from pathlib import Path

from generator.bank.read.exam_file import load_exam
from generator.codes.page_code import REFERENCE_CODE
from generator.exact.secret import REFERENCE_SECRET
from generator.files.program import FIGURES
from generator.files.whole import write_whole
from generator.pipeline.worker import Producer
from generator.pipeline.workshop import Workshop
from generator.release.place import Place
from generator.typeset.preparation import prepare_press
from generator.typeset.toolchain import check_tools
from generator.verify.leaks import forbid

REFERENCE = "reference"


def build_reference(exam_file: Path, out: Path, jobs: int) -> str:
    """Builds the reference copy as paper and key, with the values that the bank writes out.

    Raises:
        InputError: The bank is wrong.
        CopyError: The copy failed to typeset or to verify.
        ToolMissingError: TeX is not installed.
    """
    exam = load_exam(exam_file, FIGURES)
    check_tools()
    place = Place(out, exam.id)
    workshop = Workshop(exam, REFERENCE_SECRET, len(REFERENCE_CODE) - 1)
    press = prepare_press(exam, place.cache, jobs)
    registered = workshop.register_reference()
    producer = Producer(workshop, press, forbid(exam, ()), Path(tempfile.gettempdir()))
    [produced] = producer.produce([registered])
    folder = place.folder / REFERENCE
    folder.mkdir(parents=True, exist_ok=True)
    names = (f"{REFERENCE_CODE}.pdf", f"{REFERENCE_CODE}-key.pdf", f"{REFERENCE_CODE}.json")
    contents = (produced.paper, produced.key, produced.key_json)
    for name, content in zip(names, contents, strict=True):
        write_whole(folder / name, content)
    return f"{folder}: the reference copy {REFERENCE_CODE} as paper, key and data"
