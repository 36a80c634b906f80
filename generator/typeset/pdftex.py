"""Stage 7, typeset: the one module that calls pdfTeX.

A template is dumped into a precompiled format; runs on it are small sources with many copies each.
Nothing that TeX writes outlives its folder but what is returned. All errors and overfull boxes of a
run are gathered and named by copy and block.
"""

from __future__ import annotations

import hashlib
import os
import re
import selectors
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from generator.errors import Complaint, CopyError, ToolMissingError
from generator.files.program import LATEX
from generator.files.whole import sums_of, write_whole
from generator.layout import MM_PER_TEX_PT
from generator.typeset import letters
from generator.typeset.toolchain import ends_with_parent, install_command

PDFTEX = "pdftex"
PACKAGES = ("texlive-latex-base",)
_LATEX = "latex"
"""What the folder of the class is called in the folder of a run."""


@dataclass(frozen=True)
class Limits:
    """How long a run may take.

    Attributes:
        silent_s: With one text, copy or figure: each says that it begins.
        whole_s: With everything.
    """

    silent_s: float
    whole_s: float


LIMITS = Limits(30.0, 300.0)
LIMITS_OF_TEXTS = Limits(10.0, 300.0)
"""Texts by themselves take milliseconds."""
_GRACE_S = 3.0
"""So long may TeX say where it is before it is killed."""
_LOOK_S = 0.5
_KEPT = 20_000
"""Characters of the terminal that are kept."""
EPOCH = "1577836800"


@dataclass(frozen=True)
class TexIssue:
    """Something that TeX complained about.

    Attributes:
        copy: The copy code, empty where there is none.
        block: The block that was being set, e.g. ``3.1/ask``.
        message: TeX's words.
        line: Line of the source, 0 where there is none.
        soft: It was set, but it does not fit; one can look at it.
        file: The class or style in which the mistake is, and where the line counts; empty where
            the source is to blame.
    """

    copy: str
    block: str
    message: str
    line: int
    soft: bool = False
    file: str = ""

    def __str__(self) -> str:
        where = ", ".join(part for part in (self.copy, self.block) if part)
        return f"{where}: {self.message}" if where else self.message

    @property
    def in_file(self) -> Complaint | None:
        """The issue at its class or style; None where it has none."""
        if not self.file:
            return None
        return Complaint(self.file, self.line, 0, "", f"LaTeX says: {self.message}")


class TypesetError(CopyError):
    """TeX failed, or set something that may not be printed.

    Attributes:
        issues: All that was wrong.
    """

    def __init__(self, issues: Iterable[TexIssue]) -> None:
        self.issues = tuple(issues)
        in_files = sorted({it.in_file for it in self.issues if it.in_file})
        # All else follows from those.
        super().__init__(in_files or sorted({str(it) for it in self.issues}))

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
    _hand(latex.absolute(), folder / _LATEX)
    ended = _pdftex(arguments, folder, f".:{_LATEX}:", LIMITS, name)
    _refuse(ended, latex)
    if not (folder / f"{name}.fmt").exists():
        raise TypesetError([TexIssue("", "", f"TeX made no format: {_last_words(ended)}", 0)])
    return Format(folder, name)


def _hand(source: Path, target: Path) -> None:
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
    limits: Limits = LIMITS,
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
            _hand(file.absolute(), folder / file.name)
    if latex is not None:
        _hand(latex.absolute(), folder / _LATEX)
    ended = _pdftex(arguments, folder, ".:" if latex is None else f".:{_LATEX}:", limits, name)
    _refuse(ended, latex or LATEX, lenient=lenient)
    pdf = folder / f"{name}.pdf"
    if ended.code or not (measuring or pdf.exists()):
        raise TypesetError([TexIssue("", "", f"TeX made no pages: {_last_words(ended)}", 0)])
    return Typeset(pdf, tuple(_notes(ended.log)))


@dataclass(frozen=True)
class _Ended:
    """How a run of pdfTeX ended.

    Attributes:
        log: Its log.
        said: The end of what it wrote to the terminal.
        code: Its exit code; negative for a signal.
        stopped_s: After so many seconds it was stopped; 0 if it came to its own end.
    """

    log: str
    said: str
    code: int
    stopped_s: float


def _pdftex(
    arguments: Sequence[str], folder: Path, inputs: str, limits: Limits, name: str
) -> _Ended:
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
    return _Ended(log, said.decode("utf-8", "replace"), process.returncode, stopped_s)


_OPTIONS = ("-interaction=nonstopmode", "-no-shell-escape", "-file-line-error")

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


def _listen(process: subprocess.Popen[bytes], limits: Limits) -> tuple[bytes, float]:
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


_NOTE = re.compile(r"^@@([A-Z]+) ?(.*)$", re.MULTILINE)
_LINE = re.compile(
    r"^(?:@@(?P<note>COPY|BLOCK|SNIPPET|PAGE|ISSUE|FONT) (?P<text>.*)"
    r"|(?:!|(?P<file>\S+\.(?:tex|cls|sty|def|fd)):\d+:)(?:pdfTeX error:)? (?P<error>.*)"
    r"|l\.(?P<line>\d+) ?(?P<context>.*)"
    r"|(?P<box>(?:Overfull|Underfull) \\.*))$",
    re.MULTILINE,
)
NO_SUCH_TYPE = (
    "it asks for a typeface or a size that papers do not have; leave out commands such as "
    r"\textsc, \fontsize or \scriptstyle in a fraction of a fraction"
)
IN_WORDS = (
    (
        "Missing $ inserted",
        "^_",
        "a sign of formulas, such as ^ or _, or a command of formulas stands in a text; put the "
        r"formula between $ and $, or write \^{} or \_ to print the sign",
    ),
    (
        "Misplaced alignment tab character &",
        "&",
        r"& separates the columns of a table; write \& to print one",
    ),
    (
        "You can't use `macro parameter character #'",
        "#",
        r"# stands for something else in TeX; write \# to print one",
    ),
    ("Double superscript", "^", "two exponents of one sign; write {x^2}^3, or one of them less"),
    ("Double subscript", "_", "two subscripts of one sign; write {x_1}_2, or one of them less"),
)
"""What TeX says, the characters that it says it of, and what is meant."""
_LOST = re.compile(r"Missing character: There is no (.*?) \(.*")
_MM = re.compile(r"\d+\.\d+(?= mm\b)")
_STATED_ELSEWHERE = ("Emergency stop", " ==> Fatal error")


def _in_words(error: str) -> str:
    """An error of TeX without what only TeX knows, such as its names of fonts."""
    if error.startswith(_STATED_ELSEWHERE):
        return ""
    for said, _, meant in IN_WORDS:
        if error.startswith(said):
            return f"{meant}:"
    lost = _LOST.match(error)
    return f"the character {lost[1]} cannot be set here; write it otherwise" if lost else error


def _notes(log: str) -> list[tuple[str, ...]]:
    return [(match[1], *match[2].split()) for match in _NOTE.finditer(log)]


def _refuse(ended: _Ended, latex: Path, *, lenient: bool = False) -> None:
    issues = [issue for issue in _issues(ended.log) if not (lenient and issue.soft)]
    if issues:
        issues = [*_undefined(ended.log, latex)] or issues
    if ended.stopped_s:
        issues = [issue for issue in issues if not issue.message.startswith(_INTERRUPTION)]
        issues.append(_place_of_stop(ended))
    if issues:
        raise TypesetError(issues)


_INTERRUPTION = "Interruption"
_BEGUN = re.compile(r"@@(COPY|SNIPPET|BLOCK) (\S+)")


def _place_of_stop(ended: _Ended) -> TexIssue:
    """Where TeX was when it was stopped: by its log, or, if it was killed, by what it began."""
    message = f"stopped after {ended.stopped_s:.0f} seconds; a text may loop without end"
    for issue in _issues(ended.log):
        if issue.message.startswith(_INTERRUPTION):
            return TexIssue(issue.copy, issue.block, message, issue.line)
    begun: dict[str, str] = dict(_BEGUN.findall(ended.said))
    block = begun.get("SNIPPET", begun.get("BLOCK", ""))
    return TexIssue(begun.get("COPY", ""), block, message, 0)


def _last_words(ended: _Ended) -> str:
    """How a run ended that complained of nothing."""
    how = (
        f"it ended with code {ended.code}" if ended.code >= 0 else f"signal {-ended.code} ended it"
    )
    words = " ".join(ended.said.split())[-_WORDS:]
    return f"{how} and said: {words}" if words else how


_WORDS = 300


def _issues(log: str) -> Iterable[TexIssue]:
    """Errors, overfull boxes and what the class complains of, with the copy and the block."""
    copy = block = message = file = ""
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
            told = _MM.sub(lambda length: f"{round(float(length[0]), 2):g}", text)
            yield TexIssue(copy, block, told, 0, soft=True)
        elif match["box"] and match["box"].startswith("Overfull"):
            yield TexIssue(copy, block, match["box"].split(" in paragraph")[0], 0, soft=True)
        elif match["error"] is not None:
            if message:
                yield TexIssue(copy, block, message, 0)
            message, file = _in_words(match["error"]), _own_file(match["file"] or "")
        elif match["line"] and message:
            said = f"{message} {match['context']}".strip()
            yield TexIssue(copy, block, said, int(match["line"]), file=file)
            message = ""
    if message:
        yield TexIssue(copy, block, message, 0)


def _own_file(name: str) -> str:
    """The class or style of the program that TeX was reading; empty where it was another file."""
    return name if name.startswith(f"{_LATEX}/") and not name.endswith(".tex") else ""


_UNDEFINED = re.compile(
    r"Undefined control sequence\.\n(\\[A-Za-z@]+)[^\n]*->[^\n]*?(\\[A-Za-z@]+) *\n"
)
"""The command whose meaning TeX was reading, and the one that it does not know there."""


def _undefined(log: str, latex: Path) -> Iterator[TexIssue]:
    """Unknown commands in what classes and styles define, at their lines there.

    TeX says where it was in the source when it came to them, which is of no use.
    """
    files = [file for suffix in ("cls", "sty") for file in sorted(latex.glob(f"*.{suffix}"))]
    for owner, command in dict.fromkeys(_UNDEFINED.findall(log)):
        defined = re.compile(rf"(?:def|[Cc]ommand)\*?\s*{{?\s*{re.escape(owner)}(?![A-Za-z@])")
        called = re.compile(re.escape(command) + r"(?![A-Za-z@])")
        for file in files:
            text = file.read_text(encoding="utf-8", errors="replace")
            found = called.search(text, begun.end()) if (begun := defined.search(text)) else None
            if found:
                line = 1 + text.count("\n", 0, found.start())
                message = f"Undefined control sequence. {owner} calls {command}"
                yield TexIssue("", "", message, line, file=f"{_LATEX}/{file.name}")


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
    """A variant of a figure.

    Attributes:
        name: Its file; of an image, what it is called.
        values: What ``\\FigureValue`` gives.
        content: The file, if it is not one of the program's.
        image: Suffix of an image, e.g. ``.png``; empty for TikZ.
        width_mm: How wide an image is.
        labels: Name of a label to samples of what copies set there.
        says: Name of a label to what one copy sets there, for a figure by itself.
        plot: In place of a file: the size of a plot in TeX, and what is drawn.
    """

    name: str
    values: Mapping[str, str]
    content: bytes | None = None
    image: str = ""
    width_mm: float = 0.0
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    says: Mapping[str, str] = field(default_factory=dict)
    plot: tuple[str, str, str] | None = None

    @property
    def file(self) -> str:
        """The path of the file in the folder of the run."""
        if not self.image:
            return f"figures/{self.name}.tex"
        return f"images/{hashlib.sha256(self.content or b'').hexdigest()[:16]}{self.image}"

    @property
    def command(self) -> str:
        """The command of the class that makes a page of it."""
        if self.image:
            return f"\\ShipImage{{{self.name}}}{{{self.file}}}{{{self.width_mm:.2f}mm}}"
        if self.plot is not None:
            width, height, drawn = self.plot
            return f"\\ShipPlot{{{self.name}}}{{{width}}}{{{height}}}{{%\n{drawn}}}"
        values = "".join(f"\\FigureValueIs{{{k}}}{{{v}}}%\n" for k, v in self.values.items())
        for name, samples in self.labels.items():
            sampled = "".join(f"\\FigureSample{{{sample}}}%\n" for sample in samples)
            values += f"\\FigureLabelIs{{{name}}}{{{sampled}}}%\n"
        values += "".join(f"\\FigureLabelSays{{{k}}}{{{v}}}%\n" for k, v in self.says.items())
        return f"{{{values}\\ShipFigure{{{self.name}}}}}"


def typeset_figures(
    variants: Sequence[FigureSource],
    cache: Path,
    latex: Path,
    salt: str,
    others: str = "",
    packages: str = "",
) -> tuple[Typeset, list[tuple[str, str]]]:
    """Typesets figures, one a page, in one run, or finds them in the cache.

    Args:
        variants: The variants of one figure follow each other: what they share is made once.
        cache: Folder in which they get a folder of their own.
        salt: Digest of what else they depend on.
        others: Letters of other scripts.
        packages: What loads the packages of TeX that the bank asks for.

    Returns:
        The pages, and the width and height of each in TeX points.

    Raises:
        TypesetError: A figure does not compile; the block of an issue is its name.
    """
    lines = [r"\documentclass{variantfigure}", packages.rstrip()]
    lines += [letters.template_lines(others) + r"\begin{document}"]
    lines += [variant.command for variant in variants]
    lines.append(r"\end{document}")
    source = "\n".join(lines)
    own = {it.file: it.content for it in variants if it.content is not None}
    digest = _digest_of_figures(salt, source, own)
    folder = cache / f"figures-{digest}"
    made = [folder / "figures.pdf", folder / "figures.log"]
    done = folder / "done"
    if not done.exists() or done.read_bytes() != " ".join(sums_of(made)).encode():
        folder.mkdir(parents=True, exist_ok=True)
        letters.make_letters(others, folder)
        for name, content in own.items():  # found before the program's own of that name
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
        # Not a format of its own: it would be loaded once or twice.
        run(Format(folder, "pdflatex"), source, folder, "figures", latex=latex)
        write_whole(done, " ".join(sums_of(made)).encode())
    notes = _notes((folder / "figures.log").read_text(encoding="utf-8", errors="replace"))
    sizes = [(note[1], note[2]) for note in notes if note[0] == "SIZE"]
    return Typeset(folder / "figures.pdf", tuple(notes)), sizes


def _digest_of_figures(salt: str, source: str, own: Mapping[str, bytes]) -> str:
    parts = [salt, source]
    for name, content in sorted(own.items()):
        parts += [name, hashlib.sha256(content).hexdigest()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


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
