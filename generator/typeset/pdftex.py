"""Stage 7, typeset: the one module that calls pdfTeX.

A template is dumped into a precompiled format; runs on it are small sources with many copies each.
Nothing that TeX writes outlives its folder but what is returned. All errors and overfull boxes of a
run are gathered and named by copy and block.
"""

from __future__ import annotations

import errno
import os
import selectors
import shutil
import signal
import subprocess
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from generator.errors import ToolMissingError
from generator.files.program import LATEX
from generator.layout import MM_PER_TEX_PT
from generator.typeset import letters
from generator.typeset.tex_log import (
    LATEX_FOLDER,
    Ended,
    TexIssue,
    TypesetError,
    last_words,
    notes_of,
    refuse_issues,
)
from generator.typeset.toolchain import ends_with_parent, install_command

PDFTEX = "pdftex"
PACKAGES = ("texlive-latex-base",)


@dataclass(frozen=True)
class TimeLimits:
    """How long a run may take.

    Attributes:
        silent_s: With one text, copy or figure: each says that it begins.
        whole_s: With everything.
    """

    silent_s: float
    whole_s: float


LIMITS = TimeLimits(30.0, 300.0)
LIMITS_OF_TEXTS = TimeLimits(10.0, 300.0)
"""Texts by themselves take milliseconds."""
_GRACE_S = 3.0
"""So long may TeX say where it is before it is killed."""
_LOOK_S = 0.5
_KEPT = 20_000
"""Characters of the terminal that are kept."""
EPOCH = "1577836800"


@dataclass(frozen=True)
class Format:
    """A precompiled format: a class with a template."""

    folder: Path
    name: str


@dataclass(frozen=True)
class Typeset:
    """What a run left.

    Attributes:
        pdf: The pages.
        notes: Lines that the class wrote for the program, without the marker.
    """

    pdf: Path
    notes: tuple[tuple[str, ...], ...]


def build_format(template: str, folder: Path, latex: Path, name: str) -> Format:
    """Dumps a template into a format.

    Raises:
        TypesetError: The template does not compile.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.tex").write_text(template, encoding="utf-8")
    arguments = ["-ini", f"-jobname={name}", "&pdflatex", f"{name}.tex"]
    hand_over(latex.absolute(), folder / LATEX_FOLDER)
    ended = _pdftex(arguments, folder, f".:{LATEX_FOLDER}:", LIMITS, name)
    refuse_issues(ended, latex)
    made = folder / f"{name}.fmt"
    if not made.exists():
        raise TypesetError([TexIssue("", "", f"TeX made no format: {last_words(ended)}", 0)])
    _decompress(made)
    return Format(folder, name)


def _decompress(file: Path) -> None:
    """Writes a format without its compression, in which runs spend most of their start.

    TeX reads it by zlib, which takes a file without the header of gzip as it is.
    """
    data = file.read_bytes()
    if data.startswith(b"\x1f\x8b"):
        file.write_bytes(zlib.decompress(data, wbits=zlib.MAX_WBITS | 16))


def hand_over(source: Path, target: Path) -> None:
    """Has a file or a folder appear in the folder of a run."""
    if target.is_symlink() and target.readlink() == source:
        return
    own = target.with_name(f".{target.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        own.symlink_to(source)
        own.replace(target)
    except OSError:  # there are no links on this file system
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copyfile(source, target)


def run(
    form: Format,
    source: str,
    folder: Path,
    name: str = "run",
    *,
    measuring: bool = False,
    latex: Path | None = None,
    limits: TimeLimits = LIMITS,
    lenient: bool = False,
) -> Typeset:
    """Typesets a source on a format.

    Args:
        lenient: What does not fit is no error.
        measuring: The run makes no pages, only notes.
        latex: Where it may read files; only its own folder by default.

    Raises:
        TypesetError: TeX failed, a box is overfull, or a page differs from the plan.
    """
    (folder / f"{name}.tex").write_text(source, encoding="utf-8")
    arguments = [f"-fmt={form.name}", f"-jobname={name}", f"{name}.tex"]
    made = form.folder / f"{form.name}.fmt"
    if form.folder != folder and made.exists():  # else it is one of TeX's own
        for file in (made, *letters.kept_files(form.folder)):
            hand_over(file.absolute(), folder / file.name)
    if latex is not None:
        hand_over(latex.absolute(), folder / LATEX_FOLDER)
    ended = _pdftex(
        arguments, folder, ".:" if latex is None else f".:{LATEX_FOLDER}:", limits, name
    )
    refuse_issues(ended, latex or LATEX, lenient=lenient)
    pdf = folder / f"{name}.pdf"
    if ended.code or not (measuring or pdf.exists()):
        raise TypesetError([TexIssue("", "", f"TeX made no pages: {last_words(ended)}", 0)])
    return Typeset(pdf, tuple(notes_of(ended.log)))


def _pdftex(
    arguments: Sequence[str], folder: Path, inputs: str, limits: TimeLimits, name: str
) -> Ended:
    """Runs pdfTeX in a folder.

    All paths that it is given are relative: in lists of folders it takes ``:``, ``;``, ``,``,
    ``{``, ``}``, ``$`` and ``~`` for something else than letters.
    """
    for made in ("fmt", "log", "pdf"):  # what an earlier run left is not what this one made
        (folder / f"{name}.{made}").unlink(missing_ok=True)
    if shutil.which(PDFTEX) is None:
        raise ToolMissingError(PDFTEX, install_command(PACKAGES))
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": "/nonexistent",
        "openin_any": "p",
        "openout_any": "p",
        "MKTEXPK": "0",  # a font that \VFMaps doesn't list is an error, never a bitmap
        "max_print_line": "10000",
        "error_line": "254",
        "half_error_line": "238",
        "SOURCE_DATE_EPOCH": EPOCH,
        "FORCE_SOURCE_DATE": "1",
        "TEXFORMATS": ".:",
        "TEXINPUTS": inputs,
    }
    process = subprocess.Popen(
        [*ends_with_parent(), PDFTEX, *_OPTIONS, *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    with _listed(process):
        said, stopped_s = _listen(process, limits)
    path = folder / f"{name}.log"
    log = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    if process.returncode and any(words in log or words.encode() in said for words in _DISK_FULL):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
    return Ended(log, said.decode("utf-8", "replace"), process.returncode, stopped_s)


_OPTIONS = ("-interaction=nonstopmode", "-no-shell-escape", "-file-line-error")

_DISK_FULL = ("fwrite() failed", "fflush() failed", os.strerror(errno.ENOSPC))
"""What TeX says then; it gives the line of the text at which it was."""

_running: set[subprocess.Popen[bytes]] = set()


@contextmanager
def _listed(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Keeps a process among those that `stop_running` ends; it has ended afterward in any case."""
    _running.add(process)
    try:
        yield
    finally:
        _running.discard(process)
        if process.poll() is None:
            _signal(process, signal.SIGKILL)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def stop_running() -> None:
    """Ends all runs of this process, in whatever thread: the one who waits for them gives up."""
    for process in tuple(_running):
        _signal(process, signal.SIGKILL)


@contextmanager
def side_by_side(jobs: int) -> Iterator[ThreadPoolExecutor]:
    """Threads for runs of pdfTeX; Ctrl-C ends the runs. Results are to be taken in the body."""
    with ThreadPoolExecutor(jobs) as threads:
        try:
            yield threads
        except KeyboardInterrupt:
            stop_running()
            raise


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _listen(process: subprocess.Popen[bytes], limits: TimeLimits) -> tuple[bytes, float]:
    """What a process says until it ends, the last of it; and when it was stopped, if it was.

    Its end is seen as the end of what it says: waiting with a limit polls, and a run is often
    shorter than the interval.
    """
    assert process.stdout is not None
    said = b""
    began = heard = time.monotonic()
    stopping = 0.0
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if selector.select(_LOOK_S):
                piece = os.read(process.stdout.fileno(), 65536)
                if not piece:
                    break
                said, heard = (said + piece)[-_KEPT:], time.monotonic()
            elif process.poll() is not None:  # another process may have got the other end
                break
            now = time.monotonic()
            if stopping:
                if now > stopping + _GRACE_S:
                    _signal(process, signal.SIGKILL)
            elif now > heard + limits.silent_s or now > began + limits.whole_s:
                # TeX that is interrupted says in which line it is; see Interruption.
                _signal(process, signal.SIGINT)
                stopping = now
    process.wait()
    return said, stopping and stopping - began


def heights(typeset: Typeset) -> dict[str, float]:
    """Name of what was measured to its height in mm, the largest of several."""
    found: dict[str, float] = {}
    for note in typeset.notes:
        if note[0] == "HEIGHT":
            found[note[1]] = max(read_mm(note[2]), found.get(note[1], 0.0))
    return found


def shipped_pages(typeset: Typeset) -> list[tuple[str, tuple[tuple[int, int], ...]]]:
    """Code of each copy, in order, and its pages: the number of each and where it is in the file.

    A page is in the file once, however many copies have it (``\\ShipOwn``).
    """
    found: list[tuple[str, list[tuple[int, int]]]] = []
    count = 0
    for note in typeset.notes:
        if note[0] == "COPY":
            found.append((note[1] if len(note) > 1 else "", []))
        elif note[0] == "PAGE":
            found[-1][1].append((int(note[1]), count))
            count += 1
        elif note[0] == "SAME":
            found[-1][1].append((int(note[1]), int(note[2])))
    return [(code, tuple(pages)) for code, pages in found]


def read_mm(length: str) -> float:
    return float(length.removesuffix("pt")) * MM_PER_TEX_PT


@cache
def toolchain_version() -> str:
    """The banner of pdfTeX.

    Raises:
        ToolMissingError: It is not installed.
    """
    try:
        found = subprocess.run([PDFTEX, "--version"], capture_output=True, check=True, text=True)
    except FileNotFoundError:
        raise ToolMissingError(PDFTEX, install_command(PACKAGES)) from None
    return found.stdout.splitlines()[0]
