"""What a batch and its copies are made of: by its digests a build knows what is made already."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.bank.exam import Exam
from generator.compose.plan import Page
from generator.files.program import VERSION, digest_of, latex_files, project_digest
from generator.layout import Layout
from generator.record.batch import BANK, CLASS_FILES
from generator.record.copy import Copy
from generator.roster.accommodation import PLAIN

if TYPE_CHECKING:
    from generator.typeset.press import Press


def bank_digest(exam: Exam) -> str:
    """Digest of the bank as it was read, and of the project that reads it."""
    own = (file.digest for file in exam.own_files)
    parts = (project_digest(), *exam.files.values(), *own, *exam.plugins.values())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def checked_mark(cache: Path, digest: str) -> Path:
    """The file that says that a bank passed a check; `digest` is what `bank_digest` gives."""
    return cache / f"checked-{digest[:32]}"


def sources_of(exam: Exam) -> dict[str, bytes]:
    """All files that a batch is made of: the bank as it was read, the class and the figures."""
    bank = {BANK + name: content for name, content in exam.contents.items()}
    return bank | {CLASS_FILES + name: content for name, content in latex_files().items()}


def facts_of(exam: Exam, press: Press, layout: Layout) -> dict[str, Any]:
    """What else a batch is made of."""
    from generator.typeset.pdftex import toolchain_version

    return {
        "exam_file": Path(exam.file).name,
        "version": VERSION,
        "program": project_digest(),
        "modules": digest_of("."),  # without the class, which users may change
        "toolchain": toolchain_version(),
        "python": sys.version,
        "layout": layout.document(),
        "plan": json.loads(json.dumps([*map(_planned, press.plan)], default=str)),
    }


def _planned(page: Page) -> dict[str, Any]:
    """A page of the plan; of columns only where there are two."""
    found = asdict(page)
    if page.left is None:
        del found["left"]
    return found


def made_digest(press: Press, copy: Copy) -> str:
    """Digest of all that the finished files of a copy are made from."""
    parts = [press.digest, copy.code, copy.mark, copy.key_content, str(copy.key_revision)]
    if copy.accommodation != PLAIN:
        parts.append(repr(copy.accommodation))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
