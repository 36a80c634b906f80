"""Reads ``exam.yaml`` and its problem files into a frozen :class:`Exam`.

Everything that is wrong in all files is collected and raised at once:

1. read the files as YAML with positions (``source``),
2. each into its model (``parse``, ``models``),
3. each problem into what the later stages use (``read``), its reference copy solved once,
4. check what only the whole exam shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from generator.bank import models
from generator.bank.characters import (
    check_characters,
    check_figure,
    composed,
    figure_text,
    texts_of,
    word_letters,
)
from generator.bank.covers import COVERS, HEADS, Cover, OwnText
from generator.bank.exam import Exam, Grades, Printing, Spares, Stickers
from generator.bank.fields.words import FILE_NAME
from generator.bank.kinds import ProblemFile
from generator.bank.parsed_file import Parsed, in_quarters, near_names, parse_file
from generator.bank.part import BankFile, Figure
from generator.bank.plugins.own import FOLDER, Plugins
from generator.bank.problem import Problem
from generator.bank.read.lists import show
from generator.bank.read.logo import read_logo
from generator.bank.read.problem_file import form_rule, read_problem
from generator.bank.read.seats import check_rooms, room_plan
from generator.bank.read.shared_pool import SharedPools
from generator.bank.yaml import Source, read_yaml
from generator.codes.page_code import EXAM_ID, CodeError
from generator.codes.sheet import symbol_version
from generator.errors import Complaint, InputError
from generator.language.conventions import PLAIN, Conventions
from generator.layout import A4, LARGE_PRINT, LETTER, Sheet
from generator.roster.headings import COLUMNS
from generator.roster.table import RosterForm

CODE_DIGITS = 4
"""Digits of a copy code, at the least: more than 9,000 copies have more."""

USUAL_LABELS = {A4: "L7160", LETTER: "5160"}
"""Paper of an exam to the labels that its stickers are printed on, unless it names others."""

MAX_COMPLAINTS = 200
"""So many are reported of a file; nobody reads more at once."""

ProblemParsed = Parsed[ProblemFile]


@dataclass(frozen=True)
class Bank:
    """What was read of an exam and its problems.

    Attributes:
        exam: With all that could be read; None where that is nothing. Problems in whose files
            something is wrong are left out.
        complaints: All that is wrong in all files.
    """

    exam: Exam | None
    complaints: tuple[Complaint, ...]


def load_exam(path: Path, figure_dir: Path) -> Exam:
    """Reads the exam and its problems.

    Args:
        path: The exam file; the problem files are named relative to it.
        figure_dir: Where ``NAME.tex`` of each figure is.

    Raises:
        InputError: All that is wrong in all files.
    """
    bank = read_bank(path, figure_dir)
    if bank.complaints or bank.exam is None:
        raise InputError(bank.complaints)
    return bank.exam


def read_bank(path: Path, figure_dir: Path) -> Bank:
    """Reads the exam and its problems as far as they can be read.

    Args:
        path: The exam file; the problem files are named relative to it.
        figure_dir: Where ``NAME.tex`` of each figure is.
    """
    complaints: list[Complaint] = []
    exam = parse_file(path, models.ExamFile, complaints)
    if exam is None:
        return Bank(None, tuple(complaints))
    fine = in_quarters(exam.source)
    pools = SharedPools(path.parent)
    files = [
        parse_file(path.parent / name, ProblemFile, complaints, pools.take, quarters=fine)
        if _is_there(exam, name, complaints)
        else None
        for name in _problem_files(exam, complaints)
    ]
    complaints += pools.complaints()
    conventions = _conventions(exam.model) if exam.model is not None else PLAIN
    paper_columns = exam.model.columns if exam.model is not None else 1
    plugins = Plugins(path.parent / FOLDER, complaints)
    problems = [
        read_problem(parsed, figure_dir, complaints, conventions, plugins, paper_columns)
        for parsed in files
        if parsed is not None
    ]
    for parsed in (exam, *(it for it in files if it is not None)):
        check_characters(parsed.source, complaints)
    figures = {name: file for it in problems if it is not None for name, file in _figures(it)}
    for file in figures.values():
        check_figure(file.path, file.content, complaints)
    _check_ids([parsed for parsed in files if parsed is not None], complaints)
    logo = (
        _check_whole(exam.source, exam.model, files, complaints) if exam.model is not None else None
    )
    wrong = {complaint.file for complaint in complaints}
    sound = [
        pools.linked(it) for it in problems if it is not None and wrong.isdisjoint(_files_of(it))
    ]
    if exam.model is None or (complaints and not sound):
        return Bank(None, tuple(_shortened(complaints)))
    sources = [exam.source, *(it.source for it in files if it is not None)]
    drawn = [composed(figure_text(file.content)) for file in figures.values()]
    letters = _letters(sources, drawn, conventions)
    read = _exam(exam.model, sound, exam.source)
    read = replace(read, letters=letters, plugins=plugins.files, logo=logo, pools=pools.texts)
    return Bank(read, tuple(_shortened(complaints)))


def _check_whole(
    source: Source,
    model: models.ExamFile,
    files: Sequence[ProblemParsed | None],
    complaints: list[Complaint],
) -> Figure | None:
    """What the exam says of itself and of its problems together; gives the logo, which is read."""
    _check_exam(source, model, complaints)
    check_rooms(source, model, complaints)
    _check_grades(source, model, complaints)
    _check_cover(source, model, complaints)
    logo = read_logo(source, model, _cover(model.cover), complaints)
    _check_pages(source, model, files, complaints)
    _check_credits(source, model, files, complaints)
    return logo


def _files_of(problem: Problem) -> Iterator[str]:
    """The files of a problem as messages call them."""
    yield from problem.sources
    yield from (it.path for it in problem.own_files.values())


def _figures(problem: Problem) -> Iterator[tuple[str, BankFile]]:
    """The files of TeX that a problem has as figures, by their names."""
    return ((name, it) for name, it in problem.own_files.items() if name.endswith(".tex"))


def _letters(sources: Sequence[Source], drawn: Sequence[str], conventions: Conventions) -> str:
    """The letters of other scripts that papers, keys and cards may show.

    Args:
        drawn: The texts of figures.
    """
    texts = [text for source in sources for text in texts_of(source.data)]
    return word_letters([*texts, *drawn, *conventions.catalogue.all_texts()])


def read_exam_id(path: Path) -> str:
    """The id of an exam, whatever else is wrong with its bank.

    Raises:
        InputError: The file cannot be read, or has no id.
    """
    source = read_yaml(path)
    found = source.data.get("id")
    if not isinstance(found, str) or not EXAM_ID.fullmatch(found):
        message = "expected the id of the exam: small letters, digits and hyphens"
        raise InputError([source.problem(("id",), message)])
    return str(found)


def _problem_files(exam: Parsed[models.ExamFile], complaints: list[Complaint]) -> list[str]:
    """The files to read, also where something is wrong with the exam."""
    listed = exam.source.data.get("problems")
    found: list[str] = []
    for index, name in enumerate(listed if isinstance(listed, list) else ()):
        if not isinstance(name, str) or not re.fullmatch(FILE_NAME, name):
            continue
        if name in found:
            message = f"{name} is there twice; remove one"
            complaints.append(exam.source.problem(("problems", index), message))
        else:
            found.append(name)
    return found


def _is_there(exam: Parsed[models.ExamFile], name: str, complaints: list[Complaint]) -> bool:
    """Whether there is a problem file; else that is said where the exam names it."""
    folder = Path(exam.source.name).parent
    if (folder / name).exists():
        return True
    others = [
        it.name for it in folder.glob("*.yaml") if it.name not in exam.source.data["problems"]
    ]
    near = near_names(name, [it for it in others if it != Path(exam.source.name).name])
    hint = f"did you mean {near}?" if near else "check the name, or leave it out"
    index = exam.source.data["problems"].index(name)
    message = f"there is no file {folder / name}; {hint}"
    complaints.append(exam.source.problem(("problems", index), message))
    return False


def _check_ids(files: Sequence[ProblemParsed], complaints: list[Complaint]) -> None:
    seen: dict[str, str] = {}
    for parsed in files:
        if parsed.model is None:
            continue
        name = parsed.model.id
        if name in seen:
            message = f"the problem id {name} is that of {seen[name]} already; choose another"
            complaints.append(parsed.source.problem(("id",), message))
        seen.setdefault(name, parsed.source.name)


def _check_exam(source: Source, exam: models.ExamFile, complaints: list[Complaint]) -> None:
    def say(key: str, message: str) -> None:
        complaints.append(source.problem((key,), message))

    try:
        symbol_version(exam.id, CODE_DIGITS)
    except CodeError as error:
        say("id", f"{error}; shorten it")
    if exam.end <= exam.start:
        say("end", f"expected a time after the start, {exam.start:%H:%M}; got {exam.end:%H:%M}")
    if exam.keys_released is not None and exam.keys_released < exam.date:
        say("keys_released", f"expected a day not before that of the exam, {exam.date}")


def _check_grades(source: Source, exam: models.ExamFile, complaints: list[Complaint]) -> None:
    """The best grade first, each with less than the one before, and one for everybody."""
    before: tuple[str, Fraction] | None = None
    for name, threshold in exam.grades.scale.items():
        least = threshold.points(exam.credits)
        message = ""
        if before is not None and least >= before[1]:
            message = f"expected less than {before[0]} needs, {show(before[1])}; got {show(least)}"
        elif least > exam.credits:
            message = f"needs {show(least)} points, but the exam has {show(exam.credits)}"
        if message:
            complaints.append(source.problem(("grades", "scale", name), message))
        before = name, least
    if before is not None and before[1]:
        message = f"{before[0]} is the last grade and needs {show(before[1])}; expected 0"
        complaints.append(source.problem(("grades", "scale", before[0]), message))


def _check_pages(
    source: Source,
    exam: models.ExamFile,
    files: Sequence[ProblemParsed | None],
    complaints: list[Complaint],
) -> None:
    """What is too few in any case; how many are needed shows when they are planned."""
    beginning = [
        it for it in files if it is not None and it.model is not None and it.model.new_page
    ]
    least = 1 + -(-len(beginning) // exam.columns) + exam.additional_pages
    if exam.pages < least:
        what = "column" if exam.columns > 1 else "page"
        message = (
            f"{exam.pages} pages do not hold the cover, {len(beginning)} problems that each begin "
            f"a {what}, and {exam.additional_pages} additional pages; at least {least} do"
        )
        complaints.append(source.problem(("pages",), message))


def _check_credits(
    source: Source,
    exam: models.ExamFile,
    files: Sequence[ProblemParsed | None],
    complaints: list[Complaint],
) -> None:
    points = [it.model.points for it in files if it is not None and it.model is not None]
    total = sum(points, Fraction(0))
    if len(points) == len(exam.problems) and total != exam.credits:
        terms = " + ".join(map(show, points))
        message = (
            f"{show(exam.credits)} credits, but the problems give {terms} = {show(total)}; "
            "make them equal"
        )
        complaints.append(source.problem(("credits",), message))


def _shortened(complaints: Sequence[Complaint]) -> list[Complaint]:
    """The complaints without those of a file that has too many."""
    kept: list[Complaint] = []
    for file in dict.fromkeys(complaint.file for complaint in complaints):
        found = sorted({complaint for complaint in complaints if complaint.file == file})
        kept += found[:MAX_COMPLAINTS]
        if len(found) > MAX_COMPLAINTS:
            line = found[MAX_COMPLAINTS].line
            kept.append(Complaint(file, line, 0, "", "there is more; mend the others first"))
    return kept


def _conventions(model: models.ExamFile) -> Conventions:
    signs = model.numbers or models.NumberSigns()
    return Conventions(
        language=model.language,
        decimal=signs.decimal or "",
        thousands=signs.thousands or "",
        ties=model.ties,
        form=form_rule(model.form) if model.form is not None else None,
    )


def _exam(model: models.ExamFile, problems: Sequence[Problem], source: Source) -> Exam:
    """What the exam file says, in the types that all stages take."""
    start, end = (time.hour * 60 + time.minute for time in (model.start, model.end))
    sheet = {it.name.lower(): it for it in LARGE_PRINT}[model.paper.lower()]
    return Exam(
        id=model.id,
        university=model.university,
        chair=model.chair,
        course=model.course,
        module=model.module,
        title=model.title,
        examiner=model.examiner,
        date=model.date,
        start=model.start,
        end=model.end,
        minutes=end - start,
        credits=model.credits,
        pages=model.pages,
        additional_pages=model.additional_pages,
        spares=Spares(model.spare_copies.per_room, dict(model.spare_copies.rooms)),
        keys_released=model.keys_released,
        aids=model.aids,
        coincidences=model.coincidences,
        packages=tuple(sorted(set(model.packages))),
        problems=tuple(problems),
        file=source.name,
        source=source.text,
        conventions=_conventions(model),
        roster_form=_roster_form(model.roster),
        printing=_printing(model.printing),
        stickers=_stickers(model.stickers, sheet),
        rooms={name: room_plan(name, room) for name, room in model.rooms.items()},
        grades=_grades(model),
        facts=model.facts,
        cover=_cover(model.cover),
        point_boxes=model.point_boxes,
        columns=model.columns,
        sheet=sheet,
    )


def _cover(model: models.CoverFields) -> Cover:
    like = COVERS[model.like]
    blocks = [it.block or OwnText(it.text or "") for it in model.blocks or ()]
    rules = [it.rule or OwnText(it.text or "") for it in model.rules or ()]
    return Cover(
        like.blocks if model.blocks is None else tuple(blocks),
        like.rules if model.rules is None else tuple(rules),
        model.languages,
    )


def _check_cover(source: Source, exam: models.ExamFile, complaints: list[Complaint]) -> None:
    cover = exam.cover
    for name in ("blocks", "rules"):
        for index, it in enumerate(getattr(cover, name) or ()):
            own = it.block if isinstance(it, models.CoverBlock) else it.rule
            if (own is None) is (it.text is None):
                message = "expected a known name or a text, one of the two"
                complaints.append(source.problem(("cover", name, index), message))
    blocks = [it.block for it in cover.blocks or ()]
    if blocks and blocks[0] not in HEADS:
        message = f"expected {' or '.join(HEADS)} first: they leave room for the code of the copy"
        complaints.append(source.problem(("cover", "blocks", 0), message))
    for index, block in enumerate(blocks):
        if block is not None and (block in blocks[:index] or (block in HEADS and index)):
            message = f"{block} is there already, or not at the beginning; remove it"
            complaints.append(source.problem(("cover", "blocks", index), message))
    if exam.language in cover.languages:
        message = f"{exam.language} is the language of the exam; name further ones"
        complaints.append(source.problem(("cover", "languages"), message))


def _grades(model: models.ExamFile) -> Grades:
    scale = ((name, it.points(model.credits)) for name, it in model.grades.scale.items())
    return Grades(tuple(scale), model.grades.step)


def _printing(model: models.PrintingWishes) -> Printing:
    return Printing(model.deadline, model.contact or "", model.form == "booklet")


def _stickers(model: models.StickerSheet, paper: Sheet) -> Stickers:
    right, down = map(float, model.offset)
    return Stickers(model.sheet or USUAL_LABELS[paper], (right, down))


def _roster_form(model: models.RosterFile) -> RosterForm:
    headings = {column: getattr(model, column) for column in COLUMNS}
    named = {column: heading for column, heading in headings.items() if heading is not None}
    return RosterForm(named, model.encoding, model.sheet, model.join_rooms)
