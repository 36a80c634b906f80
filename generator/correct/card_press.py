"""What all cards of a bank share: a format with the template, and the fonts that they use.

It is made once and kept in the cache under a digest of all that it depends on, as the press of
papers and keys is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from pydantic import TypeAdapter, ValidationError

from generator.bank.characters import as_set, composed, known_characters
from generator.bank.exam import Exam
from generator.bank.problem import Problem
from generator.bank.template import Text
from generator.codes.page_code import REFERENCE_CODE
from generator.correct.card import FOLLOWS, CardPlan, Question, compose_card
from generator.correct.problem_sheet import SheetPlan
from generator.draw.draw import reference_draw
from generator.expressions.nodes import TextLiteral, walk
from generator.files.cache import find_or_make, hold
from generator.files.program import LATEX, project_digest
from generator.files.whole import read_sealed, sums_of, write_sealed
from generator.layout import LETTER
from generator.solve.solve import solve_problem
from generator.typeset import survey
from generator.typeset.letters import kept_files, make_letters, template_lines
from generator.typeset.pdftex import Format, build_format, run, toolchain_version
from generator.typeset.survey import Snippet, source_of

_READY = "cards.json"
_ALWAYS = {
    "T1vxsbn10.95": {*range(33, 127)},
    "OT1vxrbn10.95": {*range(65, 71), ord(";")},  # digits in base 16; between members of lists
    "OMLvxmbit10.95": {*range(58, 63), *range(65, 91), *range(97, 123)},
}
"""Characters that a value may have, in the bold type of the key's values."""
_IN_CELLS = ("-1234567890.5", *("".join(map(chr, range(it, it + 19))) for it in range(32, 126, 19)))
"""What a cell of a sheet by problem may have, whatever the bank: numbers, and all of ASCII."""
_SIZES = ("7", "8", "9")
"""Of the type of cards, in points."""
_BEGIN, _END = "\\begin{document}\n", "\\end{document}\n"


@dataclass(frozen=True)
class CardPress:
    """What is ready before the first card.

    Attributes:
        digest: Of everything that it was made from.
        format: The format with the template.
        master: PDF with all fonts.
        forms: PDF with a page for each text that is the same on all cards; not there if there is
            none.
        names: What these texts are, e.g. ``notes/3.1/0/250.0pt``: question and width.
    """

    digest: str
    format: Format
    master: Path
    forms: Path
    names: tuple[str, ...]

    @property
    def calls(self) -> Mapping[str, str]:
        """What a card calls each form by, to what it is: ``elsewhere``, or ``notes/3.1/0``."""
        return {f"Note-{at}": it.rpartition("/")[0] for at, it in enumerate(self.names, 1)}


# Others may write to a cache folder: what is read from there is data, and never run.
_FILE = TypeAdapter(tuple[CardPress, list[str]])


def prepare_card_press(
    exam: Exam, cache: Path, pages: Mapping[str, int] = MappingProxyType({})
) -> CardPress:
    """Makes the press of the cards of a bank, or finds it in the cache.

    Args:
        pages: Part to its page in the key.

    Raises:
        TypesetError: A text does not compile.
    """
    problems = [(problem.id, problem.source) for problem in exam.problems]
    problems += sorted(exam.pools.items())
    parts = (
        exam.id,
        repr(exam.conventions),
        exam.letters,
        exam.sheet.name,
        repr(problems),
        repr(sorted(pages.items())),
        project_digest(),
        toolchain_version(),
    )
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
    folder = cache / f"cards-{digest}"

    def make() -> CardPress:
        press = _make(exam, folder, digest, pages)
        write_sealed(folder / _READY, _FILE.dump_json((press, sums_of(_files(press)))))
        hold(folder)
        return press

    return find_or_make(folder, _kept, make)


def _kept(folder: Path) -> CardPress | None:
    """The press in a folder; None if it is not there as it was made."""
    data = read_sealed(folder / _READY)
    if data is None:
        return None
    hold(folder)
    try:
        press, sums = _FILE.validate_json(data)
    except ValidationError:
        return None
    press = replace(
        press,
        format=replace(press.format, folder=folder),
        master=folder / press.master.name,
        forms=folder / press.forms.name,
    )
    return press if sums == sums_of(_files(press)) else None


def _files(press: CardPress) -> list[Path]:
    folder = press.format.folder
    forms = [press.forms] if press.names else []
    return [press.master, *forms, folder / f"{press.format.name}.fmt", *kept_files(folder)]


def _make(exam: Exam, folder: Path, digest: str, pages: Mapping[str, int]) -> CardPress:
    """Surveys what cards use, then makes the format that includes just that in every run."""
    from generator.correct.card_template import card_template, cards_source

    plan = CardPlan(exam)
    template = card_template(plan, pages)
    make_letters(exam.letters, folder)
    source = _document(exam, f"\\VFEverything\n{template}\\VFLoadFonts\\normalsize\n") + _BEGIN
    for shift in range(max(len(part.questions()) for it in exam.problems for part in it.parts)):
        solutions = {it.id: solve_problem(it, reference_draw(it, shift)) for it in exam.problems}
        card = compose_card(plan, REFERENCE_CODE, solutions)
        source += cards_source(exam, [(card, "0" * 8, "0123456789*.,--")])
    source += "".join(_sheets(plan))
    snippets, _ = source_of(list(_snippets(plan)))
    # It would take longer to make a format than to begin without one, once.
    bare = Format(folder, "pdflatex")
    surveyed = run(bare, source + snippets + _END, folder, "card-survey", latex=LATEX)
    used = survey.merged(survey.used_slots([surveyed]), _ALWAYS)
    uses = "".join(
        f"\\VFUse{{{font}}}{{{survey.ranges(slots)}}}%\n" for font, slots in sorted(used.items())
    )
    form = build_format(f"{_document(exam, uses + template)}\\DumpCards\n", folder, LATEX, "card")
    master = run(form, f"{_BEGIN}\\ShipFonts\n{_END}", folder, "card-master").pdf
    shipped = run(form, f"{_BEGIN}\\ShipForms\n{_END}", folder, "card-forms", measuring=True)
    names = tuple(note[1] for note in shipped.notes if note[0] == "FORM")
    return CardPress(digest, form, master, shipped.pdf, names)


def _sheets(plan: CardPlan) -> Iterator[str]:
    """The sheets by problem, with all of their columns, and all that stands in them anywhere."""
    from generator.correct.sheet_template import ProblemSheet

    sheets = SheetPlan(plan)
    for problem in plan.exam.problems:
        columns = len(sheets.columns[problem.id])
        rows = [(REFERENCE_CODE, [said] * columns) for said in _IN_CELLS]
        sheet = ProblemSheet(plan, sheets, problem, rows)
        yield sheet.explained
        yield from map(sheet.page, range(len(sheet.pages)))


def _document(exam: Exam, template: str) -> str:
    lines = template_lines(exam.letters)
    option = "[letter]" if exam.sheet == LETTER else ""
    return f"\\documentclass{option}{{variantcard}}\n{lines}{template}"


def _snippets(plan: CardPlan) -> list[Snippet]:
    """Texts that differ between copies, with all that they may show; and drawn texts."""
    answers = [
        Snippet(question.problem, question.part.id, question.part.answer, "answer")
        for questions in plan.questions.values()
        for question in questions
        if not question.rows
    ]
    drawn = [
        Snippet(problem, problem.id, Text(" ".join(said)), "answer")
        for problem in plan.exam.problems
        if (said := [*_said(plan.exam, problem), *_numbers(problem)])
    ]
    alike = [
        replace(it, text=_in_weights(it.text), size_pt=size) for it in drawn for size in _SIZES
    ]
    titles = [
        Snippet(question.problem, question.part.id, Text(_titles_in_line(question)), "answer")
        for questions in plan.questions.values()
        for question in questions
        if any(row.wide for row in question.rows)
    ]
    return [*(replace(it, size_pt=size) for it in answers for size in _SIZES), *alike, *titles]


def _titles_in_line(question: Question) -> str:
    """What stands in a line before what else may be right, of some copies alone."""
    return rf"\CardOther{{{''.join([FOLLOWS, *question.letters.values()])}*}}{{}}"


def _said(exam: Exam, problem: Problem) -> Iterator[str]:
    """What a value may be that is no number: drawn texts, those of steps, letters of solvers."""
    for name, group in problem.variables.items():
        drawn = (member for member in group.members if isinstance(member, str))
        yield from map(as_set, survey.set_members(problem, name, drawn))
    walked = (walk(step.expression.tree) for step in problem.rounding.values())
    texts = [node.value for nodes in walked for node in nodes if isinstance(node, TextLiteral)]
    texts += exam.plugins.values()
    known = known_characters()
    found = {it for text in texts for it in composed(text) if it in known}
    yield from map(as_set, sorted(found))


def _numbers(problem: Problem) -> Iterator[str]:
    """The signs of the forms of steps: what a mistake gives may have others than the reference."""
    for name in problem.rounding:
        if problem.form(name).kind != "decimal":
            yield survey.sample_number(problem, name)


def _in_weights(text: Text) -> Text:
    """A text as it is set among others, and among the key's values."""
    bold = rf"{{\bfseries {text.source}}} {{\boldmath\bfseries {text.source}}}"
    return replace(text, source=f"{text.source} {bold}")
