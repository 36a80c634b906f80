"""Marks as lists: read from paper that was typed into a file, and written for those who count."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from generator.bank.exam import Grades
from generator.errors import Complaint, InputError
from generator.exact.numbers import format_number, places
from generator.files.csv_table import write_csv
from generator.files.whole import read_file
from generator.files.xlsx_table import Value, write_xlsx
from generator.marks.marked_papers import Papers
from generator.marks.operation import FIRST, Marked, Operation
from generator.marks.store import Marks
from generator.record.copy import Holder
from generator.record.turnout import ABSENT, WITHDREW
from generator.roster.table import DELIMITERS, Report, RosterForm, Row, Table, clean, tables

CODE = ("code", "copy", "Exemplar", "Code")
PART = ("part", "subproblem", "Teilaufgabe", "Aufgabe")
POINTS = ("points", "credits", "Punkte")
"""Headings of a list with one mark a line."""

ROUNDED = 2
"""Decimals of points that have no short expansion: a third of an option's share."""


@dataclass(frozen=True)
class Typed:
    """A mark as it stands in a file."""

    line: int
    code: str
    part: str
    points: str


@dataclass(frozen=True)
class Imported:
    """What a list has changed."""

    new: int
    changed: int
    same: int


def read_list(path: Path, papers: Papers) -> list[Typed]:
    """Reads marks from CSV or XLSX: ``code,part,points``, or a column for each subproblem.

    Raises:
        InputError: All that is wrong with the file; not what its marks are.
    """
    report = Report(str(path))
    try:
        data = read_file(path)
    except OSError as error:
        reason = "is missing" if error.errno == errno.ENOENT else error.strerror or "is no file"
        raise InputError([Complaint(str(path), 0, 0, "", reason)]) from None
    form = RosterForm(encoding=papers.exam.roster_form.encoding)
    found = [(table, _header(table, papers)) for table in tables(data, form, report)]
    report.raise_if_any()
    known = [(table, header) for table, header in found if header is not None]
    if not known:
        parts = ", ".join(papers.parts[:3])
        message = f"no headings; expected code, part, points, or code and subproblems: {parts}, …"
        raise report.stop(1, message)
    typed = list(_typed(*known[0], report))
    report.raise_if_any()
    return typed


def _header(table: Table, papers: Papers) -> Row | None:
    """The row with the headings; None if none has them."""
    for row in table.rows[:20]:
        cells = [clean(cell) for cell in row.cells]
        single = all(_place(cells, names) is not None for names in (CODE, PART, POINTS))
        if single or (_place(cells, CODE) is not None and set(cells) & set(papers.parts)):
            return row
    return None


def _place(cells: Sequence[str], names: Sequence[str]) -> int | None:
    known = [name.casefold() for name in names]
    return next((at for at, cell in enumerate(cells) if cell.casefold() in known), None)


def _typed(table: Table, header: Row, report: Report) -> Iterator[Typed]:
    heads = [clean(cell) for cell in header.cells]
    code, part, points = (_place(heads, names) for names in (CODE, PART, POINTS))
    # Where a comma does not separate cells, spreadsheets have written it before decimals.
    is_plain = table.sign == DELIMITERS[","]

    def number(cell: str) -> str:
        return cell if is_plain else cell.replace(",", ".")

    for row in table.rows:
        if row.line <= header.line:
            continue
        cells = [clean(cell) for cell in row.cells]
        cells += [""] * (len(heads) - len(cells))
        if row.broken or any(cells[len(heads) :]):
            message = row.broken or f"{len(cells)} cells, expected {len(heads)} as in the header"
            report.complain(row.line, f"{message}; a cell with {table.sign} needs quotation marks")
        elif not any(cells):
            continue
        elif part is not None and points is not None:
            yield Typed(row.line, cells[code or 0], cells[part], number(cells[points]))
        else:
            for at, head in enumerate(heads):
                if at != code and cells[at]:
                    yield Typed(row.line, cells[code or 0], head, number(cells[at]))


def import_list(
    marks: Marks, path: Path, who: str, *, round: int = FIRST, replace: bool = False
) -> Imported:
    """Records the marks of a file, all of them or none; what is recorded already stays as it is.

    Args:
        who: Whose marks they are.
        replace: Whether other people's marks are changed.

    Raises:
        InputError: All that is wrong with the file and its marks, by line.
    """
    typed = read_list(path, marks.papers)
    operations: list[tuple[Typed, Operation]] = []
    complaints: list[Complaint] = []
    lines: dict[tuple[str, str], int] = {}
    counts = {"new": 0, "changed": 0, "same": 0}
    for row in typed:
        try:
            code = marks.papers.read_code(row.code)
            part = marks.papers.part(code, row.part)
            points = marks.papers.read_points(part, row.points)
            before = marks.state(code, part.id, round)
            _check_row(marks.papers, lines, row, code, before, who, points, replace)
        except InputError as error:
            where = f"{row.code} {row.part}".strip()
            messages = [problem.message for problem in error.problems]
            complaints += [Complaint(str(path), row.line, 0, where, it) for it in messages]
            continue
        if before.done and before.total == points:
            counts["same"] += 1
            continue
        counts["changed" if before.done else "new"] += 1
        own = _operations(who, code, part.id, round, points_text(points), before)
        operations += ((row, operation) for operation in own)
    if not complaints:
        refused = marks.record_all([operation for _, operation in operations])
        line_of = {operation.id: row.line for row, operation in operations}
        by_reason: dict[str, list[int]] = {}
        for name, reason in refused.items():
            by_reason.setdefault(str(reason), []).append(line_of[name])
        for said, found in by_reason.items():
            more = f" (and in {len(found) - 1} more lines)" if found[1:] else ""
            complaints.append(Complaint(str(path), found[0], 0, "", f"{said}{more}"))
    if complaints:
        raise InputError(complaints, advice="Nothing was recorded. Mend the file and import again.")
    return Imported(**counts)


def _check_row(
    papers: Papers,
    lines: dict[tuple[str, str], int],
    row: Typed,
    code: str,
    before: Marked,
    who: str,
    points: Fraction,
    replace: bool,
) -> None:
    """Whether a mark stands once in the file, and is not somebody else's already."""
    if (code, row.part) in lines:
        raise papers.refusal("refused.twice", line=lines[code, row.part])
    lines[code, row.part] = row.line
    if before.version and before.who != who and before.total != points and not replace:
        found = (
            "–"
            if before.total is None
            else papers.exam.conventions.digits(points_text(before.total))
        )
        raise papers.refusal("refused.others", who=before.who, points=found)


def _operations(
    who: str, code: str, part: str, round: int, points: str, before: Marked
) -> Iterator[Operation]:
    for at, kind in enumerate(("points", "done")):
        value = points if kind == "points" else ""
        fields = (who, code, part, kind, value, str(round), str(before.version))
        name = hashlib.sha256("\0".join(fields).encode()).hexdigest()[:32]
        yield Operation(
            f"import-{name}", who, code, part, kind, "", value, before.version + at, round
        )


# Lists that are written.


def form_rows(papers: Papers, problem: str) -> list[list[str]]:
    """A list to type the marks of a problem into: its header, and a row for each copy.

    Raises:
        InputError: There is no such problem.
    """
    parts = [part for part in papers.parts if papers.problem_of(part).id == problem]
    if not parts:
        known = ", ".join(it.id for it in papers.exam.problems)
        message = f"there is no problem {problem}; the exam has {known}"
        raise InputError([Complaint("", 0, 0, "", message)])
    return [["code", *parts], *([code, *[""] * len(parts)] for code in papers.codes)]


@dataclass(frozen=True)
class Line:
    """The marks of a copy.

    Attributes:
        points: Subproblem to its points; without those that are not decided.
        doubtful: Subproblems that somebody was in doubt about.
        total: The sum; None while something is missing.
        grade: What it comes to; empty while something is missing, or there is no scale.
        moved: Subproblems that have changed since they were done, and nobody has looked at.
        turnout: What was noted of whether its student came; empty if nothing was.
    """

    code: str
    points: Mapping[str, Fraction]
    doubtful: tuple[str, ...]
    total: Fraction | None
    grade: str
    moved: tuple[str, ...] = ()
    turnout: str = ""


def mark_lines(marks: Marks, grades: Grades) -> list[Line]:
    """The marks of all copies in use, in the order of their codes."""
    finals = marks.finals()
    found = []
    for code in marks.papers.codes:
        own = {part: finals.get((code, part)) for part in marks.papers.parts}
        known = {part: state for part, state in own.items() if state is not None}
        points = {part: it.total for part, it in known.items() if it.total is not None}
        whole = len(points) == len(own)
        total = sum(points.values(), Fraction(0)) if whole else None
        doubtful = tuple(part for part, state in known.items() if state.doubtful)
        grade = "" if total is None else grades.of(total)
        moved = tuple(part for part, state in known.items() if state.has_moved)
        came = marks.papers.turnout.get(code, "")
        found.append(Line(code, points, doubtful, total, grade, moved, came))
    return found


PEOPLE = ("registration_number", "last_name", "first_name")


def write_lists(
    csv_path: Path,
    xlsx_path: Path,
    papers: Papers,
    lines: Sequence[Line],
    holders: Mapping[str, Holder] | None = None,
) -> None:
    """Writes marks as CSV and as XLSX; both can be read by their owner alone.

    Args:
        holders: Copy code to who has it, for the examiner's own lists; None for lists of codes.
    """
    people = PEOPLE if holders is not None else ()
    header = ("code", *people, *papers.parts, "total", "grade", "missing", "doubtful", "changed")
    header += ("attendance",)
    rows = [_cells(papers, line, holders) for line in lines]
    texts = ([points_text(it) if isinstance(it, Fraction) else it for it in row] for row in rows)
    numbers: list[list[Value]] = [
        [float(it) if isinstance(it, Fraction) else it for it in row] for row in rows
    ]
    with _replacing(csv_path) as csv_part, _replacing(xlsx_path) as xlsx_part:
        write_csv(csv_part, header, texts)
        write_xlsx(xlsx_part, papers.exam.id, header, numbers)


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A file for its owner alone, that takes the place of another once it is whole."""
    part = path.with_name(f".{path.name}")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_WRONLY, 0o600))
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _cells(
    papers: Papers, line: Line, holders: Mapping[str, Holder] | None
) -> list[str | Fraction | None]:
    person: tuple[str, ...] = ()
    if holders is not None:
        holder = holders.get(line.code, Holder(""))
        person = (holder.registration_number, holder.last_name, holder.first_name)
    nothing_is_missing = line.turnout in {ABSENT, WITHDREW} and not line.points
    parts = () if nothing_is_missing else papers.parts
    missing = [part for part in parts if part not in line.points]
    return [
        line.code,
        *person,
        *(line.points.get(part) for part in papers.parts),
        line.total,
        line.grade,
        " ".join(missing),
        " ".join(line.doubtful),
        " ".join(line.moved),
        line.turnout,
    ]


def points_text(points: Fraction) -> str:
    """Points in plain digits, as files have them."""
    return format_number(points, decimals=None if places(points) is not None else ROUNDED)
