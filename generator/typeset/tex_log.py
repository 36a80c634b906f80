"""What a run of pdfTeX said: what the class tells the program, and all that was wrong, in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.errors import Complaint, CopyError

LATEX_FOLDER = "latex"
"""What the folder of the class is called in the folder of a run."""


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
        self.failed = self.first_of_each([Complaint("", 0, 0, "", str(it)) for it in self.issues])

    def first_of_each(self, complaints: Sequence[Complaint]) -> dict[str, Complaint]:
        """Each copy that failed to the first of its issues in words; empty if any is of none.

        Args:
            complaints: What is said of each issue.
        """
        if not all(it.copy for it in self.issues):
            return {}
        said = zip(self.issues, complaints, strict=True)
        return {issue.copy: complaint for issue, complaint in reversed(list(said))}

    def __reduce__(self) -> tuple[type[TypesetError], tuple[tuple[TexIssue, ...]]]:
        return type(self), (self.issues,)


@dataclass(frozen=True)
class Ended:
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


def notes_of(log: str) -> list[tuple[str, ...]]:
    """What the class told, each a list of words."""
    return [(match[1], *match[2].split()) for match in _NOTE.finditer(log)]


def refuse_issues(ended: Ended, latex: Path, *, lenient: bool = False) -> None:
    """Sees that nothing was wrong with a run.

    Args:
        latex: The folder of the class, where commands are looked up.
        lenient: What does not fit is no error.

    Raises:
        TypesetError: All that was.
    """
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


def _place_of_stop(ended: Ended) -> TexIssue:
    """Where TeX was when it was stopped: by its log, or, if it was killed, by what it began."""
    message = f"stopped after {ended.stopped_s:.0f} seconds; a text may loop without end"
    for issue in _issues(ended.log):
        if issue.message.startswith(_INTERRUPTION):
            return TexIssue(issue.copy, issue.block, message, issue.line)
    begun: dict[str, str] = dict(_BEGUN.findall(ended.said))
    block = begun.get("SNIPPET", begun.get("BLOCK", ""))
    return TexIssue(begun.get("COPY", ""), block, message, 0)


def last_words(ended: Ended) -> str:
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
    return name if name.startswith(f"{LATEX_FOLDER}/") and not name.endswith(".tex") else ""


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
                yield TexIssue("", "", message, line, file=f"{LATEX_FOLDER}/{file.name}")
