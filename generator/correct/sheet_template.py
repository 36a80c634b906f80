"""Sheets by problem as TeX: explained answers once, then one line a copy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from pylatex import Command

from generator.bank.exam import Exam
from generator.bank.part import Part
from generator.bank.problem import Problem
from generator.bank.template import Text
from generator.codes.check_character import with_check
from generator.compose.latex import command, escaped, sequence, tex
from generator.compose.notes import noted
from generator.compose.page_template import dumps
from generator.compose.worked_steps import unit_of
from generator.correct.card import CardPlan
from generator.correct.errata import AFRESH, FIELDS, TEXTS, Erratum, by_change
from generator.correct.problem_sheet import MOST_CHARACTERS, Column, SheetLayout, SheetPlan, lay_out
from generator.language.formulas import localized

_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_ENDS_MM = {True: 26.0, False: 29.0}
"""Whether a page lies on its side to what its head and its lower margin take."""
_TITLE_MM, _LINE_MM, _GAP_MM = 7.2, 3.7, 0.3

MOST_DIGITS = 18
"""Characters of a number that is written in full."""

Row = tuple[str, Sequence[str]]
"""A copy code and the cells behind it."""


class ProblemSheet:
    """The sheet of a problem, which is set page by page.

    Attributes:
        landscape: Whether its pages lie on their side.
        head: What is set for all of its pages, and what is the same in all copies: TeX.
        pages: The rows of each page behind that.
    """

    def __init__(
        self, plan: CardPlan, sheets: SheetPlan, problem: Problem, rows: Sequence[Row]
    ) -> None:
        """Lays it out.

        Args:
            rows: Of all copies, in the order of their codes.
        """
        self._exam = exam = plan.exam
        self._columns, rows = _filled(sheets.columns[problem.id], rows)
        titles = [_group(exam, column) for column in self._columns]
        cells = [cells for _, cells in rows]
        self._layout = layout = lay_out(self._columns, cells, exam.sheet, titles)
        self.landscape = layout.landscape
        paper = command("SheetPaper", "landscape" if layout.landscape else "portrait")
        name = command(
            "SheetHead", exam.id, problem.id, problem.title, _legend(exam, self._columns)
        )
        above = command("SheetTitles", sequence(_titles(exam, self._columns, layout)))
        self.head = dumps([paper, name, above])
        self._explained = dumps([command("SheetExplain", sequence(_explained(plan, problem)))])
        height_mm = _LINE_MM * len(layout.lines) + _GAP_MM
        page_mm = (exam.sheet.across_mm if layout.landscape else exam.sheet.upright_mm)[1]
        room_mm = page_mm - _ENDS_MM[layout.landscape] - _TITLE_MM * len(layout.lines)
        per_page = int(room_mm / height_mm)
        starts = range(0, len(rows) if self._columns else 0, per_page)
        self.pages = [rows[start : start + per_page] for start in starts]

    @property
    def explained(self) -> str:
        """The TeX of the first pages: what is the same in all copies."""
        return f"{self.head}\\SheetBehind{{0}}%\n{self._explained}"

    def page(self, index: int) -> str:
        """The TeX of a page with copies; of the first one, index 0."""
        rows = (_row(self._exam, self._columns, self._layout, row) for row in self.pages[index])
        return f"\\SheetPage{{%\n{''.join(rows)}}}%\n"

    def tokens(self, index: int) -> list[tuple[str, list[str]]]:
        """What must be read on a page with copies, in order: of each copy its own."""
        rows = self.pages[index]
        return [(row[0], list(_tokens(self._exam, self._layout, row))) for row in rows]


def document(pieces: Iterable[str]) -> str:
    """The TeX of a run."""
    return f"\\begin{{document}}\n{''.join(pieces)}\\end{{document}}\n"


def behind(pages: int) -> str:
    """Says how many pages of a sheet stand before what follows."""
    return f"\\SheetBehind{{{pages}}}%\n"


def _filled(
    columns: Sequence[Column], rows: Sequence[Row]
) -> tuple[Sequence[Column], Sequence[Row]]:
    """The columns in which something stands, for paper; files have all."""
    kept = [at for at in range(len(columns)) if any(cells[at] for _, cells in rows)]
    return [columns[at] for at in kept], [(code, [row[at] for at in kept]) for code, row in rows]


def errata_source(exam: Exam, found: Sequence[Erratum]) -> str:
    """The page of errata: each change, and the copies whose keys it concerns, old and new value."""
    words = exam.conventions.catalogue.text
    changes = []
    for (part, quantity, revision), group in by_change(found).items():
        title = tex(" ".join(filter(None, (escaped(part), _named(exam, part, quantity)))))
        said = words("key.revision", number=revision)
        copies = [
            command("SheetErratum", with_check(it.code), _was_and_is(exam, it)) for it in group
        ]
        changes.append(command("SheetPart", title, said, sequence(copies)))
    head = [
        command("SheetPaper", "portrait"),
        command("SheetHead", exam.id, words("card.errata"), "", words("card.errata_note")),
        command("SheetExplain", sequence(changes)),
    ]
    return document([dumps(head)])


def _named(exam: Exam, part: str, quantity: str) -> str:
    """What an erratum is about in TeX: a result by its symbol, as keys have it, or words."""
    words = exam.conventions.catalogue.text
    if quantity in {TEXTS, AFRESH}:
        return escaped(words("report.texts" if quantity == TEXTS else "desk.key.afresh"))
    if quantity in FIELDS:
        return escaped(words(f"desk.key.words_{quantity}"))
    problem = next((it for it in exam.problems if it.id == part.partition(".")[0]), None)
    if problem is None or quantity not in problem.rounding:
        return escaped(quantity)
    return f"${problem.symbol(quantity)}$"


def _was_and_is(exam: Exam, erratum: Erratum) -> Any:
    """The former and the present answer in TeX; nothing where texts have changed: they are long,
    and former ones may have characters that no run includes."""
    if erratum.is_text or not (erratum.before or erratum.after):
        return tex("")
    before, after = (_cell(exam, value) for value in (erratum.before, erratum.after))
    return tex(rf"{before}\,$\to$\,\textbf{{{after}}}")


def _titles(exam: Exam, columns: Sequence[Column], layout: SheetLayout) -> Iterator[Command]:
    """The lines of the head: what belongs together above, each column's symbol below."""
    for line in layout.lines:
        groups = []
        symbols = []
        for title, found in groupby(line, key=lambda at: _group(exam, columns[at])):
            own = list(found)
            width = sum(layout.widths_mm[at] for at in own)
            groups.append(command("SheetGroup", f"{width:.2f}mm", tex(title)))
            symbols += [
                command("SheetSymbol", f"{layout.widths_mm[at]:.2f}mm", tex(columns[at].label))
                for at in own
            ]
        yield command("SheetTitleLine", sequence(groups), sequence(symbols))


def _legend(exam: Exam, columns: Sequence[Column]) -> str:
    """What the star at a symbol says, where there is one."""
    starred = any(column.kind == "fallback" for column in columns)
    return exam.conventions.catalogue.text("card.star") if starred else ""


def _group(exam: Exam, column: Column) -> str:
    words = exam.conventions.catalogue.text
    if column.kind == "value":
        return escaped(words("card.values"))
    if column.kind in {"least", "most"}:
        return rf"{column.part} {escaped(words('card.accepted'))}"
    if column.mistake is not None:
        return rf"{column.part} \textbf{{{column.mistake[1]}}}"
    if column.index is not None:
        return rf"\textbf{{{column.part}}}/{column.index + 1}"
    return rf"\textbf{{{column.part}}}"


def _row(exam: Exam, columns: Sequence[Column], layout: SheetLayout, row: Row) -> str:
    code, cells = row
    lines = []
    for number, line in enumerate(layout.lines):
        faint = r"\SheetFaint " if columns[line[0]].kind == "value" and number else ""
        body = faint + "".join(
            rf"\SheetCell{{{layout.widths_mm[at]:.2f}mm}}{{{_cell(exam, cells[at])}}}"
            for at in line
        )
        head = rf"\SheetCode{{{with_check(code)}}}" if number == 0 else r"\SheetMore "
        lines.append(f"\\SheetLine{{{head}{body}}}%\n")
    return "".join(lines) + "\\SheetGap\n"


def _cell(exam: Exam, cell: str) -> str:
    if not cell:
        return ""
    if _NUMBER.fullmatch(cell):
        return _digits(exam, cell).replace("-", "--")
    return escaped(_cut(cell))


def _digits(exam: Exam, cell: str) -> str:
    """A number as a sheet has it: where it has too many digits, a power of ten in short."""
    if len(cell) <= MOST_DIGITS:
        return exam.conventions.digits(cell)
    digits, _, power = f"{Decimal(cell):.{MOST_DIGITS - 6}e}".partition("e")
    return f"{exam.conventions.digits(digits.rstrip('0').rstrip('.'))}e{int(power)}"


def _cut(cell: str) -> str:
    return cell if len(cell) <= MOST_CHARACTERS else cell[: MOST_CHARACTERS - 3] + "..."


def _tokens(exam: Exam, layout: SheetLayout, row: Row) -> Iterator[str]:
    yield with_check(row[0])
    for line in layout.lines:
        for at in line:
            if _NUMBER.fullmatch(row[1][at]):
                yield _digits(exam, row[1][at])


# What is the same in all copies.


def _explained(plan: CardPlan, problem: Problem) -> Iterator[Command]:
    for part in problem.parts:
        for number, question in enumerate(part.questions(), 1):
            name = f"{part.id}/{number}" if part.alternatives else part.id
            points = problem.conventions.number(question.points)
            body = sequence(_explained_part(plan, problem, question))
            yield command("SheetPart", name, points, body)


def _explained_part(plan: CardPlan, problem: Problem, part: Part) -> Iterator[Command]:
    if part.answer.source and not part.answer.varies:
        yield command("SheetAnswer", tex(part.answer.source))
    for step in part.steps:
        if step in problem.rounding:
            formula = problem.rounding[step].expression.symbolic(problem.symbols)
            chain = localized(formula, problem.conventions)
            yield command(
                "SheetAnswer", tex(rf"${problem.symbol(step)} = {chain}{unit_of(problem, step)}$")
            )
    yield from _statements(part)
    yield from _written_rows(part)
    for item in part.rubric:
        points = problem.conventions.number(item.points)
        if item.step is not None:
            yield command("SheetRubric", points, tex(f"${problem.symbol(item.step)}$"))
        elif item.text is not None and not item.text.varies:
            yield command("SheetRubric", points, tex(item.text.source))
    letters = next((it.letters for it in plan.questions[problem.id] if it.part == part), {})
    for number, mistake in enumerate(part.mistakes):
        earned = f"({problem.conventions.number(mistake.earns)})"
        text = tex(_plain(mistake.text))
        yield command("CardMistake", tex(letters.get(number, "")), tex(earned), text)
    for text in part.also_accept:
        yield command("CardAccept", tex(_plain(text)))


def _statements(part: Part) -> Iterator[Command]:
    """Statements of multiple choice that are the same in all copies: whether they hold, and why."""
    for correct, say, why in part.known_statements():
        if not say.varies and not why.varies:
            mark = r"\checkmark" if correct else "--"
            yield command("SheetStatement", tex(mark), tex(say.source), tex(why.source))


def _written_rows(part: Part) -> Iterator[Command]:
    """What belongs together, or the order of the rows; each copy has letters of its own."""
    for number, row, belongs in part.known_rows():
        if not row.varies and not belongs.varies:
            yield command("SheetStatement", tex(number), tex(row.source), tex(belongs.source))


def _plain(text: Text) -> str:
    return noted(re.sub(r"<<\s*(.*?)\s*>>", r"[\1]", text.source))
