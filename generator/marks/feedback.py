"""What a student gets back: points, own mistakes, comments, and behind them the own key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO

from generator.bank.exam import Exam
from generator.codes.check_character import with_check
from generator.draw.draw import resolve
from generator.marks.mark_lists import Line, points_text
from generator.marks.marked_papers import Papers
from generator.marks.operation import Marked
from generator.office.canvas import Canvas
from generator.office.exam_head import MARGIN_MM, draw_footer, draw_heading, head_of
from generator.solve.printed import plainly_shown

_SIZE_PT, _ROW_MM, _GAP_MM = 6.6, 4.3, 0.2
_PART_MM, _POINTS_MM, _OF_MM, _REMARK_MM = MARGIN_MM, 38.0, 41.0, 56.0
_HEAD_MM, _BOTTOM_MM, _NOTE_MM = 31.0, 14.0, 7.0


@dataclass(frozen=True)
class FeedbackLine:
    """A line of the page.

    Attributes:
        remarks: Mistakes and comments, a line each.
        bold: Whether it is a sum.
    """

    part: str
    points: str
    most: str
    remarks: tuple[str, ...] = ()
    bold: bool = False


def feedback_pdf(papers: Papers, line: Line, states: Mapping[str, Marked]) -> bytes:
    """The page of a copy, or several where there is much to say; without names.

    Args:
        line: Its marks.
        states: Subproblem to what counts.
    """
    exam = papers.exam
    head = head_of(exam, exam.conventions.catalogue)
    say = exam.conventions.catalogue.text
    title = say("feedback.title", code=with_check(line.code))
    canvas = Canvas(f"{exam.id} {line.code}", head.sheet.upright_mm)
    pages = list(_paged(canvas, list(_rows(papers, line, states))))
    for number, rows in enumerate(pages, 1):
        if number > 1:
            canvas.next_page()
        top_mm = draw_heading(canvas, head, title)
        heads = say("feedback.part"), say("feedback.points"), say("feedback.of")
        top_mm = _draw(canvas, top_mm, FeedbackLine(*heads, (say("feedback.remarks"),), bold=True))
        for row in rows:
            top_mm = _draw(canvas, top_mm, row)
        if number == len(pages):
            canvas.text(MARGIN_MM, top_mm + 2, say("feedback.behind"), 8.5)
        # The key stands behind it, with numbers of its own: one page is not "1 of 1".
        draw_footer(canvas, head, title, number, len(pages) if len(pages) > 1 else 0)
    return canvas.bytes()


def with_key(page: bytes, key: bytes, title: str) -> bytes:
    """The page with the key of the copy behind it."""
    from pypdf import PdfWriter

    writer = PdfWriter()
    for document in (page, key):
        writer.append(BytesIO(document), import_outline=False)
    writer.add_metadata({"/Title": title})
    joined = BytesIO()
    writer.write(joined)
    return joined.getvalue()


def _rows(papers: Papers, line: Line, states: Mapping[str, Marked]) -> Iterator[FeedbackLine]:
    exam = papers.exam
    for problem in exam.problems:
        own = [part.id for part in problem.parts]
        for part in own:
            most = papers.part(line.code, part).maximum
            remarks = tuple(_remarks(papers, line.code, part, states[part]))
            yield FeedbackLine(part, _points(exam, line.points[part]), _points(exam, most), remarks)
        earned = sum((line.points[part] for part in own), Fraction(0))
        name = f"{problem.id} {problem.title}"
        sums = _points(exam, earned), _points(exam, problem.points)
        yield FeedbackLine("", *sums, (name,), bold=True)
    say = exam.conventions.catalogue.text
    total = line.total if line.total is not None else Fraction(0)
    words = say("feedback.total")
    if line.grade:
        words = f"{words} · {say('feedback.grade', grade=line.grade)}"
    yield FeedbackLine("", _points(exam, total), _points(exam, exam.credits), (words,), bold=True)


def _points(exam: Exam, points: Fraction) -> str:
    return exam.conventions.digits(points_text(points))


def _remarks(papers: Papers, code: str, part_id: str, state: Marked) -> Iterator[str]:
    """Mistakes with the numbers of the copy, values that were followed, comments."""
    problem = papers.problem_of(part_id)
    solution = papers.solution(code, problem.id)
    own = resolve(problem, solution.draw.choices)
    part = next(it for it in own.parts if it.id == part_id)
    for tick in state.ticks:
        if tick.startswith("m"):
            text = part.mistakes[int(tick[1:])].text
            yield f"– {text.render(plainly_shown(own, solution.values))}"
    if state.given:
        given = ", ".join(f"{step} = {value}" for step, value in state.given.items())
        yield f"– {papers.say('feedback.followed', given=given)}"
    yield from (f"– {comment}" for comment in state.comments)


def _paged(canvas: Canvas, rows: list[FeedbackLine]) -> Iterator[list[FeedbackLine]]:
    """The rows of each page: those of a problem stay together where a page has room for them, and
    the last page has room for what is said below."""
    room_mm = canvas.height_mm - _HEAD_MM - _BOTTOM_MM - _NOTE_MM
    page: list[FeedbackLine] = []
    used_mm = 0.0
    for block in _blocks(rows):
        high_mm = sum(map(_height_mm, block))
        pieces = [block] if high_mm <= room_mm else [[row] for row in block]
        for piece in pieces:
            high_mm = sum(map(_height_mm, piece))
            if page and used_mm + high_mm > room_mm:
                yield page
                page, used_mm = [], 0.0
            page += piece
            used_mm += high_mm
    yield page


def _blocks(rows: list[FeedbackLine]) -> Iterator[list[FeedbackLine]]:
    """The rows of each problem with their sum; behind the last one, the sum of all."""
    ends = [at + 1 for at, row in enumerate(rows) if row.bold][:-2]
    for start, end in zip([0, *ends], [*ends, len(rows)], strict=True):
        yield rows[start:end]


_PER_LINE = 88
"""Characters of a remark in a line, at the most; wide ones are fewer, so a word is left over."""


def _height_mm(row: FeedbackLine) -> float:
    lines = sum(-(-len(remark) // _PER_LINE) for remark in row.remarks) or 1
    return max(lines, 1) * _ROW_MM + _GAP_MM


def _draw(canvas: Canvas, top_mm: float, row: FeedbackLine) -> float:
    """Draws a row; returns where the next one begins."""
    canvas.text(_PART_MM, top_mm, row.part, _SIZE_PT, bold=row.bold)
    canvas.text(_POINTS_MM, top_mm, row.points, _SIZE_PT, align="right", bold=row.bold)
    canvas.text(_OF_MM, top_mm, row.most, _SIZE_PT, bold=row.bold)
    at_mm = top_mm
    width_mm = canvas.width_mm - MARGIN_MM - _REMARK_MM
    for remark in row.remarks:
        high_mm = -(-len(remark) // _PER_LINE) * _ROW_MM
        canvas.text(
            *(_REMARK_MM, at_mm, remark, _SIZE_PT),
            width_mm=width_mm,
            height_mm=high_mm,
            bold=row.bold,
        )
        at_mm += high_mm
    bottom_mm = top_mm + _height_mm(row)
    line = (MARGIN_MM, bottom_mm - 0.2, canvas.width_mm - MARGIN_MM, bottom_mm - 0.2)
    canvas.lines([line], 0.25 if row.bold else 0.05)
    return bottom_mm
