"""A comparable exam by auto-multiple-choice (AMC), which `make bench` measures if it is installed.

``bench_amc.tex`` is the exam. Done is what AMC does before an exam: all papers, all keys, layout
and scoring of each copy in its databases, and a PDF for each paper. The keys stay in one PDF, as
AMC leaves them. More than half of its TeX time goes into the package ``fp``, by which AMC's manual
draws numbers.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from generator.errors import CopyError

PROGRAM = "auto-multiple-choice"
SOURCE = Path(__file__).with_suffix(".tex")
PAGES = 20
TIMEOUT_S = 1800
TAIL = 1500  # characters of the output that an error quotes


def installed() -> bool:
    """Whether AMC can be called."""
    return shutil.which(PROGRAM) is not None


def build_exam(folder: Path, copies: int) -> None:
    """Builds the exam in a folder that does not exist yet.

    Raises:
        CopyError: A command of AMC failed.
    """
    for name in ("data", "papers"):
        (folder / name).mkdir(parents=True)
    shutil.copy(SOURCE, folder / "exam.tex")
    prepare = ["prepare", "exam.tex", "--with", "pdflatex", "--n-copies", str(copies)]
    prepare += ["--data", "data", "--mode"]
    outputs = ["--out-sujet", "papers.pdf", "--out-corrige-indiv", "keys.pdf"]
    # Papers and individual keys, but neither a key for all nor a catalog of the questions.
    _run(folder, *prepare, "s[]k", *outputs, "--out-calage", "layout.xy")
    _run(folder, "meptex", "--src", "layout.xy", "--data", "data")
    _run(folder, *prepare, "b")
    split = ["--methode", "file", "--output", "papers/%e.pdf"]
    if shutil.which("qpdf"):  # the fastest of the programs that AMC can use
        split += ["--extract-with", "qpdf"]
    _run(folder, "imprime", "--sujet", "papers.pdf", "--data", "data", *split)


def _run(folder: Path, *arguments: str) -> None:
    """Runs a command of AMC, without the settings that a user has for it."""
    try:
        done = subprocess.run(
            [PROGRAM, *arguments],
            cwd=folder,
            env={**os.environ, "HOME": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CopyError(f"{PROGRAM} {arguments[0]} took more than {TIMEOUT_S} s") from None
    if done.returncode:
        tail = done.stdout.decode(errors="replace")[-TAIL:]
        raise CopyError(f"{PROGRAM} {arguments[0]} failed with {done.returncode}: {tail}")


def check_exam(folder: Path, copies: int) -> None:
    """Looks at what was built: AMC also ends without an error where something is missing.

    Raises:
        CopyError: A file is missing or has not the pages that it should have, or a copy no scoring.
    """
    problems = [*_wrong_pages(folder, copies)]
    scored = _scored(folder / "data/scoring.sqlite")
    if scored != copies:
        problems.append(f"scoring.sqlite has {scored} copies, not {copies}")
    if problems:
        raise CopyError(f"{PROGRAM}: {problem}" for problem in problems)


def _wrong_pages(folder: Path, copies: int) -> Iterator[str]:
    expected = {"papers.pdf": PAGES * copies, "keys.pdf": PAGES * copies}
    expected |= {f"papers/{copy:04}.pdf": PAGES for copy in range(1, copies + 1)}
    for name, pages in expected.items():
        found = _pages(folder / name)
        if found != pages:
            yield f"{name} has {found} pages, not {pages}"


def _pages(path: Path) -> int:
    """The pages of a PDF; none if there is no such file or it cannot be read."""
    import pypdfium2

    try:
        with closing(pypdfium2.PdfDocument(path)) as document:
            return len(document)
    except (FileNotFoundError, pypdfium2.PdfiumError):
        return 0


def _scored(path: Path) -> int:
    """How many copies a scoring database knows."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            query = "SELECT COUNT(DISTINCT student) FROM scoring_answer"
            return int(database.execute(query).fetchone()[0])
    except sqlite3.Error:
        return 0
