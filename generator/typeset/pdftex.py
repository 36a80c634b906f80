"""Stage 7, typeset: the one module that calls pdfTeX.

A template is dumped into a precompiled format; runs on it are small sources with many copies each.
Nothing that TeX writes outlives its folder but what is returned. All errors and overfull boxes of a
run are gathered and named by copy and block.
"""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from generator.errors import CopyError, ToolMissingError
from generator.files.whole import sums_of, write_whole
from generator.layout import MM_PER_TEX_PT
from generator.typeset.toolchain import install_command

PDFTEX = "pdftex"
PACKAGES = ("texlive-latex-base",)
TIMEOUT_S = 300.0
EPOCH = "1577836800"


@dataclass(frozen=True)
class TexIssue:
    """Something that TeX complained about.

    Attributes:
        copy: The copy code, empty where there is none.
        block: The block that was being set, e.g. ``3.1/ask``.
        message: TeX's words.
        line: Line of the source, 0 where there is none.
    """

    copy: str
    block: str
    message: str
    line: int

    def __str__(self) -> str:
        where = ", ".join(part for part in (self.copy, self.block) if part)
        return f"{where}: {self.message}" if where else self.message


class TypesetError(CopyError):
    """TeX failed, or set something that may not be printed.

    Attributes:
        issues: All that was wrong.
    """

    def __init__(self, issues: Iterable[TexIssue]) -> None:
        self.issues = tuple(issues)
        super().__init__(sorted({str(issue) for issue in self.issues}))

    def __reduce__(self) -> tuple[type[TypesetError], tuple[tuple[TexIssue, ...]]]:
        return type(self), (self.issues,)


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
    log = _pdftex(arguments, folder, {"TEXINPUTS": f".:{latex}:"}, TIMEOUT_S, name)
    _refuse(log)
    if not (folder / f"{name}.fmt").exists():
        raise TypesetError([TexIssue("", "", "the format could not be made", 0)])
    return Format(folder, name)


def run(
    form: Format,
    source: str,
    folder: Path,
    name: str = "run",
    *,
    measuring: bool = False,
    latex: Path | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Typeset:
    """Typesets a source on a format.

    Args:
        measuring: The run makes no pages, only notes.
        latex: Where it may read files; only its own folder by default.

    Raises:
        TypesetError: TeX failed, a box is overfull, or a page differs from the plan.
    """
    (folder / f"{name}.tex").write_text(source, encoding="utf-8")
    arguments = [f"-fmt={form.name}", f"-jobname={name}", f"{name}.tex"]
    inputs = f".:{latex}:" if latex is not None else f".:{form.folder}:"
    environment = {"TEXFORMATS": f"{form.folder}:", "TEXINPUTS": inputs}
    log = _pdftex(arguments, folder, environment, timeout_s, name)
    _refuse(log)
    pdf = folder / f"{name}.pdf"
    if not measuring and not pdf.exists():
        raise TypesetError([TexIssue("", "", "TeX made no pages", 0)])
    return Typeset(pdf, tuple(_notes(log)))


def _pdftex(
    arguments: Sequence[str], folder: Path, extra: Mapping[str, str], timeout_s: float, name: str
) -> str:
    """Runs pdfTeX in a folder; returns its log."""
    for made in ("fmt", "log", "pdf"):  # what an earlier run left is not what this one made
        (folder / f"{name}.{made}").unlink(missing_ok=True)
    command = [PDFTEX, "-interaction=nonstopmode", "-no-shell-escape", *arguments]
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(folder),
        "openin_any": "p",
        "openout_any": "p",
        "MKTEXPK": "0",  # a font that \VFMaps doesn't list is an error, never a bitmap
        "max_print_line": "10000",
        "error_line": "254",
        "half_error_line": "238",
        "SOURCE_DATE_EPOCH": EPOCH,
        "FORCE_SOURCE_DATE": "1",
        **extra,
    }
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except FileNotFoundError:
        raise ToolMissingError(PDFTEX, install_command(PACKAGES)) from None
    # Not wait(timeout): it polls, and a run is often shorter than its interval.
    watchdog = threading.Timer(timeout_s, os.killpg, (process.pid, signal.SIGKILL))
    watchdog.start()
    try:
        process.wait()
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    finally:
        watchdog.cancel()
    if process.returncode == -signal.SIGKILL:
        message = f"TeX was stopped after {timeout_s:.0f} seconds; a text may loop"
        raise TypesetError([TexIssue("", "", message, 0)])
    log = folder / f"{name}.log"
    return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""


_NOTE = re.compile(r"^@@([A-Z]+) ?(.*)$", re.MULTILINE)
_LINE = re.compile(
    r"^(?:@@(?P<note>COPY|BLOCK|SNIPPET|PAGE|ISSUE|FONT) (?P<text>.*)"
    r"|!(?:pdfTeX error:)? (?P<error>.*)"
    r"|l\.(?P<line>\d+) ?(?P<context>.*)"
    r"|(?P<box>(?:Overfull|Underfull) \\.*))$",
    re.MULTILINE,
)
NO_SUCH_TYPE = (
    "it asks for a typeface or a size that papers do not have; leave out commands such as "
    r"\textsc, \fontsize or \scriptstyle in a fraction of a fraction"
)
_LOST = re.compile(r"Missing character: There is no (.*?) \(.*")
_STATED_ELSEWHERE = ("Emergency stop", " ==> Fatal error")


def _in_words(error: str) -> str:
    """An error of TeX without what only TeX knows, such as its names of fonts."""
    if error.startswith(_STATED_ELSEWHERE):
        return ""
    lost = _LOST.match(error)
    return f"the character {lost[1]} cannot be set here; write it otherwise" if lost else error


def _notes(log: str) -> list[tuple[str, ...]]:
    return [(match[1], *match[2].split()) for match in _NOTE.finditer(log)]


def _refuse(log: str) -> None:
    issues = list(_issues(log))
    if issues:
        raise TypesetError(issues)


def _issues(log: str) -> Iterable[TexIssue]:
    """Errors, overfull boxes and what the class complains of, with the copy and the block."""
    copy = block = message = ""
    for match in _LINE.finditer(log):
        note, text = match["note"], match["text"]
        if note == "COPY":
            copy, block = text, ""
        elif note in {"BLOCK", "SNIPPET"}:
            block = text
        elif note == "PAGE":
            block = f"page {text}"
        elif note == "FONT":
            message = NO_SUCH_TYPE
            yield TexIssue(copy, block, message, 0)
            message = ""
        elif note == "ISSUE":
            yield TexIssue(copy, block, text, 0)
        elif match["box"] and match["box"].startswith("Overfull"):
            yield TexIssue(copy, block, match["box"].split(" in paragraph")[0], 0)
        elif match["error"] is not None:
            if message:
                yield TexIssue(copy, block, message, 0)
            message = _in_words(match["error"])
        elif match["line"] and message:
            yield TexIssue(copy, block, f"{message} {match['context']}".strip(), int(match["line"]))
            message = ""
    if message:
        yield TexIssue(copy, block, message, 0)


# What the class tells: heights, anchors, sizes of figures.


def heights(typeset: Typeset) -> dict[str, float]:
    """Name of what was measured to its height in mm, the largest of several."""
    found: dict[str, float] = {}
    for note in typeset.notes:
        if note[0] == "HEIGHT":
            found[note[1]] = max(_mm(note[2]), found.get(note[1], 0.0))
    return found


def _mm(length: str) -> float:
    return float(length.removesuffix("pt")) * MM_PER_TEX_PT


@dataclass(frozen=True)
class FigureSource:
    """A variant of a figure: its file, and what ``\\FigureValue`` gives."""

    name: str
    values: Mapping[str, str]


def typeset_figures(
    variants: Sequence[FigureSource], cache: Path, latex: Path, salt: str
) -> tuple[Typeset, list[tuple[str, str]]]:
    """Typesets figures, one a page, in one run, or finds them in the cache.

    Args:
        variants: The variants of one figure follow each other: what they share is made once.
        cache: Folder in which they get a folder of their own.
        salt: Digest of what else they depend on.

    Returns:
        The pages, and the width and height of each in TeX points.

    Raises:
        TypesetError: A figure does not compile; the block of an issue is its name.
    """
    lines = [r"\documentclass{variantfigure}", r"\begin{document}"]
    for variant in variants:
        values = "".join(f"\\FigureValueIs{{{k}}}{{{v}}}%\n" for k, v in variant.values.items())
        lines.append(f"{{{values}\\ShipFigure{{{variant.name}}}}}")
    lines.append(r"\end{document}")
    source = "\n".join(lines)
    digest = hashlib.sha256(f"{salt}\0{source}".encode()).hexdigest()[:24]
    folder = cache / f"figures-{digest}"
    made = [folder / "figures.pdf", folder / "figures.log"]
    done = folder / "done"
    if not done.exists() or done.read_bytes() != " ".join(sums_of(made)).encode():
        folder.mkdir(parents=True, exist_ok=True)
        # Not a format of its own: it would be loaded once or twice.
        run(Format(folder, "pdflatex"), source, folder, "figures", latex=latex)
        write_whole(done, " ".join(sums_of(made)).encode())
    notes = _notes((folder / "figures.log").read_text(encoding="utf-8", errors="replace"))
    sizes = [(note[1], note[2]) for note in notes if note[0] == "SIZE"]
    return Typeset(folder / "figures.pdf", tuple(notes)), sizes


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
