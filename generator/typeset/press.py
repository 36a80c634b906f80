"""Everything that is made once per bank and serves all copies: formats, page plan, master, figures.

It is kept in the cache under a digest of all that it depends on, so that a build with the same bank
finds it ready.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import zip_longest
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from generator.bank.characters import as_set
from generator.bank.gray import in_gray
from generator.bank.images import printable
from generator.bank.part import Figure
from generator.bank.problem import Exam, Problem, variants
from generator.codes.page_code import REFERENCE_CODE
from generator.compose.blocks import key_blocks, paper_blocks
from generator.compose.frame import FigureSize, LabelPlace, fields, marks
from generator.compose.given import Answers, Given, key_slots, split
from generator.compose.highest import highest, of_each_shape
from generator.compose.places import COVER, complain_of
from generator.compose.plan import Heights, Page, plan_pages
from generator.compose.plot_paths import plot_size
from generator.compose.source import copy_source
from generator.draw.draw import alternatives_parts, reference_draw, resolve
from generator.errors import Complaint, CopyError, InputError, UnfitError, all_at_once, merged
from generator.exact.numbers import Value
from generator.files.cache import hold, prune
from generator.files.program import LATEX, look_digest, project_digest
from generator.files.whole import lock, read_sealed, sums_of, write_sealed
from generator.layout import LETTER, PT_PER_MM, Anchor, Box, Layout, told_box
from generator.solve.printed import Plain, plain, shown_value
from generator.solve.promises import refuse_broken
from generator.solve.solve import solve_problem
from generator.typeset import survey
from generator.typeset.ink import unseen
from generator.typeset.labels import label_places
from generator.typeset.letters import kept_files, make_letters, template_lines
from generator.typeset.overflow import overflows
from generator.typeset.pdftex import (
    LIMITS_OF_TEXTS,
    FigureSource,
    Format,
    Typeset,
    TypesetError,
    build_format,
    heights,
    run,
    side_by_side,
    toolchain_version,
    typeset_figures,
)
from generator.typeset.survey import key_snippets, paper_snippets
from generator.typeset.toolchain import check_bank_packages, package_lines

READY = "press.json"

_failed: dict[Path, InputError | CopyError] = {}
"""Why presses were not made: a build that fails is followed by a check, which tries the same one
once more."""


@dataclass(frozen=True)
class Side:
    """What papers, or keys, have in common.

    Attributes:
        name: ``paper`` or ``key``.
        format: The format with the template.
        master: PDF with the pages that are the same in all copies, in order.
        varying: Numbers of the pages that a copy contributes.
        anchors: Where texts are stamped.
    """

    name: str
    format: Format
    master: Path
    varying: tuple[int, ...]
    anchors: tuple[Anchor, ...]


@dataclass(frozen=True)
class FigureSheet:
    """The variants of figures: a PDF with a page for each, and their names.

    Attributes:
        on_paper: False for figures that only keys show.
        images: The names of those that are images, which are objects of their own.
    """

    pdf: Path
    names: tuple[str, ...]
    on_paper: bool
    images: frozenset[str] = frozenset()


@dataclass(frozen=True)
class FigurePlaces:
    """Where figures stand on the pages, and labels in figures.

    Attributes:
        figures: The figures of the pages, by the slots of the paper.
        labels: Slot of a figure to the places of its labels.
        sizes: Slot of a figure to its width and height, in points.
    """

    figures: Layout
    labels: Mapping[str, Mapping[str, LabelPlace]]
    sizes: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Press:
    """What is ready before the first copy.

    Attributes:
        digest: Of everything that it was made from.
        plan: The pages.
        layout: Where the boxes of the pages stand, but for those of codes.
        key_slots: Slot of a canvas to the slot that takes its place in the key.
        places: Where figures stand, and labels in them.
    """

    digest: str
    plan: tuple[Page, ...]
    layout: Layout
    paper: Side
    key: Side
    figures: tuple[FigureSheet, ...]
    key_slots: Mapping[str, str]
    places: FigurePlaces


# Others may write to a cache folder: what is read from there is data, and never run.
_FILE = TypeAdapter(tuple[Press, list[str]])


def variant_name(slot: str, index: int) -> str:
    """What the stock calls a variant of a figure."""
    return f"{slot}~{index}"


def prepare_press(
    exam: Exam, cache_folder: Path, jobs: int = 1, latex: Path = LATEX, *, lenient: bool = False
) -> Press:
    """Makes the press of a bank, or finds it in the cache.

    Args:
        jobs: TeX runs at a time.
        latex: The folder of the class and the figures.
        lenient: What does not fit is no error: for a preview.

    Raises:
        TypesetError: A text or a figure does not compile, or does not fit.
        InputError: The pages do not fit.
    """
    line = 1 + exam.source.count("\n", 0, max(exam.source.find("\npackages:") + 1, 0))
    check_bank_packages(exam.packages, f"{exam.file}:{line}: packages")
    look = project_digest() if latex == LATEX else look_digest(latex)
    parts = (repr(_frame(exam)), look, toolchain_version(), sys.version)
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
    folder = cache_folder / f"{'preview' if lenient else 'press'}-{digest}"
    if error := _failed.pop(folder, None):
        raise error
    press = _kept(folder)
    if press is None:
        with lock(cache_folder, wait=True):
            press = _kept(folder)  # another command may have made it meanwhile
            if press is None:
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(parents=True)
                preparation = _Preparation(exam, folder, digest, jobs, latex, look, lenient=lenient)
                try:
                    press = preparation.make()
                except (InputError, CopyError) as error:
                    _failed[folder] = error
                    raise
                for path in folder.glob("survey*"):  # a third of all bytes
                    path.unlink()
                write_sealed(folder / READY, _FILE.dump_json((press, _sums(press))))
                _hold(press)
                prune(cache_folder)
    return press


def _kept(folder: Path) -> Press | None:
    """The press in a folder; None if it is not there as it was made."""
    data = read_sealed(folder / READY)
    if data is None:
        return None
    try:
        press, sums = _FILE.validate_json(data)
    except ValidationError:
        return None
    press = moved_press(press, folder)
    _hold(press)
    return press if sums == _sums(press) else None


def _hold(press: Press) -> None:
    """Keeps the files of a press as long as this process may need them."""
    for folder in (press.paper.format.folder, *(sheet.pdf.parent for sheet in press.figures)):
        hold(folder)


def _sums(press: Press) -> list[str]:
    """Digests of the files of a press."""
    files = [sheet.pdf for sheet in press.figures]
    for side in (press.paper, press.key):
        files += [side.master, side.format.folder / f"{side.format.name}.fmt"]
    files += kept_files(press.paper.format.folder)
    return sums_of(files)


def moved_press(press: Press, folder: Path) -> Press:
    """The press with its files in a folder, wherever it was made."""

    def move(side: Side) -> Side:
        form = replace(side.format, folder=folder)
        return replace(side, format=form, master=folder / side.master.name)

    sheets = tuple(
        replace(sheet, pdf=folder.parent / sheet.pdf.parent.name / sheet.pdf.name)
        for sheet in press.figures
    )
    return replace(press, paper=move(press.paper), key=move(press.key), figures=sheets)


def _frame(exam: Exam) -> list[object]:
    """What of an exam decides on the press: its fields, pages and problems.

    Heights and characters depend on texts, and on all that a worked answer may print; so a problem
    counts as a whole.
    """
    return [
        sorted(fields(exam).items()),
        (exam.pages, exam.additional_pages, exam.conventions),
        (exam.letters, exam.cover, exam.grades.scale, exam.point_boxes),
        exam.packages,
        (exam.sheet.name, exam.columns),
        exam.logo and (exam.logo.slot, str(exam.logo.width_mm)),
        [(problem.id, problem.new_page, problem.source) for problem in exam.problems],
        sorted(exam.plugins.items()),
        sorted(exam.pools.values()),
        sorted({(file.name, file.digest) for file in exam.own_files}),
    ]


def _reference(exam: Exam, shift: int = 0) -> tuple[Given, Answers]:
    solutions = {
        problem.id: solve_problem(problem, reference_draw(problem, shift))
        for problem in exam.problems
    }
    all_at_once(partial(refuse_broken, it, solutions[it.id]) for it in exam.problems)
    return split(exam, REFERENCE_CODE, solutions)


class _Preparation:
    """Makes a press in a folder."""

    def __init__(
        self,
        exam: Exam,
        folder: Path,
        digest: str,
        jobs: int,
        latex: Path,
        look: str,
        *,
        lenient: bool,
    ) -> None:
        self.exam = exam
        self.lenient = lenient
        self.folder = folder
        self.digest = digest
        self.jobs = jobs
        self.latex = latex
        self.look = look
        self.seen: list[tuple[str, Layout, Path, Sequence[int]]] = []
        alternatives = [part for problem in exam.problems for part in alternatives_parts(problem)]
        counts = [1, *(len(part.alternatives) for part in alternatives)]
        self.papers, self.keys = list(paper_blocks(exam)), list(key_blocks(exam))
        given = [_reference(exam, shift) for shift in range(max(counts))]
        self.references = [self._blocks(*it, varying=True) for it in given]
        self.reference = self.references[0]
        self.static = self._blocks(*given[0], varying=False)
        self.questions = self._questions(given)

    def _questions(self, references: Sequence[tuple[Given, Answers]]) -> dict[str, list[str]]:
        """The blocks of questions that vary, each with all that is measured of it."""
        found: dict[str, list[str]] = {}
        for given, answers in references:
            for whole in self.exam.problems:
                problem = resolve(whole, answers.solutions[whole.id].draw.choices)
                values = given.values[problem.id]
                intro = list(highest(problem, problem.intro, values))
                found.setdefault(f"{problem.id}/intro", []).extend(intro)
                for part in problem.parts:
                    rows = [
                        (label, text.render(values)) for label, text in given.rows.get(part.id, ())
                    ]
                    asks = list(highest(problem, part.ask, values))
                    if part.has_rows:
                        asks = [part.set_ask(ask, rows) for ask in asks]
                    found.setdefault(f"{part.id}/ask", []).extend(asks)
        varying = {block.name for block in self.papers if block.varies}
        return {name: list(dict.fromkeys(asks)) for name, asks in found.items() if name in varying}

    def _blocks(
        self, given: Given, answers: Answers, *, varying: bool
    ) -> dict[str, dict[str, str]]:
        """The blocks that vary, or those that do not, of paper and key."""
        paper = {it.name: it.render(given) for it in self.papers if it.varies is varying}
        key = {it.name: it.render(answers) for it in self.keys if it.varies is varying}
        return {"paper": paper, "key": paper | key}

    def make(self) -> Press:
        sheets, sizes, figure_use = self.tried_figures()
        measured, asks, use = self.survey_texts(sizes)
        plan = plan_pages(self.exam, measured)
        paper_use = survey.merged(use["paper"], figure_use, survey.always(self.exam))
        key_use = survey.merged(paper_use, use["key"])
        with side_by_side(self.jobs) as threads:
            sides = [
                threads.submit(self.side, name, plan, asks, sizes, side_use)
                for name, side_use in (("paper", paper_use), ("key", key_use))
            ]
            (paper, layout), (key, key_layout) = all_at_once([side.result for side in sides])
        answer_slots = {
            slot: figure.slot
            for problem in self.exam.problems
            for part in problem.parts
            for slot, figure in part.solved_figures.items()
        }
        _compare_layouts(layout, key_layout, answer_slots)
        if not self.lenient:
            self.refuse_unseen()
        labels = {slot: size.labels for slot, size in sizes.items() if size.labels}
        # Nobody writes into a figure: the program alone looks there.
        layout, figures = layout.parted("figure")
        places = FigurePlaces(figures, labels, {slot: it.size_pt for slot, it in sizes.items()})
        return Press(self.digest, plan, layout, paper, key, tuple(sheets), answer_slots, places)

    def tried_figures(
        self,
    ) -> tuple[list[FigureSheet], dict[str, FigureSize], dict[str, set[int]]]:
        """The figures; where one is wrong, the texts are tried all the same.

        Raises:
            InputError: All that is wrong with figures, and then with texts.
        """
        try:
            return self.figures()
        except InputError as error:
            slots = [it.slot for problem in self.exam.problems for it in problem.figures()]
            slots += [self.exam.logo.slot] if self.exam.logo is not None else []
            try:
                self.survey_texts(dict.fromkeys(slots, FigureSize("1pt", "1pt")))
            except InputError as more:
                raise merged([error, more]) from None
            raise

    def figures(
        self,
    ) -> tuple[list[FigureSheet], dict[str, FigureSize], dict[str, set[int]]]:
        """All variants of all figures, their sizes, and the characters in them."""
        on_paper: dict[bool, list[tuple[Figure, list[FigureSource]]]] = {True: [], False: []}
        for problem in self.exam.problems:
            answers = key_slots(problem)
            for figure in (it for it in problem.figures() if it.plot is None):
                shown = figure.slot not in answers
                sources = [
                    _in_gray(it) if shown and figure.is_image else it
                    for it in figure_sources(problem, figure)
                ]
                on_paper[shown].append((figure, sources))
        if self.exam.logo is not None:
            on_paper[True].append((self.exam.logo, [_in_gray(_image_source(self.exam.logo))]))
        sheets: list[FigureSheet] = []
        sizes = {
            figure.slot: plot_size(figure)
            for problem in self.exam.problems
            for figure in problem.figures()
            if figure.plot is not None
        }
        runs: list[Typeset] = []
        for shown, found in on_paper.items():
            if found:
                typeset, names, found_sizes = self.sheet(found)
                images = frozenset(
                    variant_name(figure.slot, 0) for figure, _ in found if figure.is_image
                )
                sheets.append(FigureSheet(typeset.pdf, names, shown, images))
                sizes |= found_sizes
                runs.append(typeset)
        return sheets, sizes, survey.used_slots(runs)

    def sheet(
        self, found: Sequence[tuple[Figure, Sequence[FigureSource]]]
    ) -> tuple[Typeset, tuple[str, ...], dict[str, FigureSize]]:
        """All variants of some figures, their names, and the size of each figure."""
        every = [source for _, sources in found for source in sources]
        try:
            typeset, pages = typeset_figures(
                every,
                self.folder.parent,
                self.latex,
                self.look,
                self.exam.letters,
                self.packages(figures=True),
            )
        except TypesetError as error:
            raise complain_of_figures(error, [figure for figure, _ in found]) from None
        labeled = any(source.labels for source in every)
        labels = list(label_places(typeset.pdf)) if labeled else [{} for _ in every]
        names: list[str] = []
        sizes = {}
        for figure, sources in found:
            own = slice(len(names), len(names) + len(sources))
            variant_sizes = set(pages[own])
            if len(variant_sizes) != 1:
                message = f"the figure {figure.name} has variants of different sizes"
                raise InputError([Complaint(figure_file(figure), 0, 0, "", message)])
            _check_labels(figure, labels[own])
            names += (variant_name(figure.slot, index) for index in range(len(sources)))
            sizes[figure.slot] = FigureSize(*variant_sizes.pop(), labels[own][0])
        return typeset, tuple(names), sizes

    def survey_texts(
        self, sizes: Mapping[str, FigureSize]
    ) -> tuple[Heights, dict[str, Fraction], dict[str, dict[str, set[int]]]]:
        """Sets all texts by themselves, and measures the questions.

        Returns:
            The heights for the plan; those of the questions; the characters that papers and keys
            use.

        Raises:
            InputError: Texts do not compile or do not fit.
        """
        make_letters(self.exam.letters, self.folder)
        form = build_format(
            self.template("key", sizes, "\\VFEverything\n"), self.folder, self.latex, "survey"
        )
        surveys = (partial(self.survey_side, form, name, sizes) for name in ("paper", "key"))
        use: dict[str, dict[str, set[int]]] = {}
        exact: dict[str, Fraction] = {}
        for name, typeset in zip(("paper", "key"), all_at_once(surveys), strict=True):
            use[name] = survey.used_slots([typeset]) if typeset is not None else {}
            measured = heights(typeset) if typeset is not None else {}
            exact |= {k: Fraction(f"{v:.3f}") for k, v in measured.items()}

        def of(kind: str) -> dict[str, Fraction]:
            prefix = f"{kind}/"
            return {
                name.removeprefix(prefix): height
                for name, height in exact.items()
                if name.startswith(prefix)
            }

        slots = {
            part.id: exact["slot"] + of("option").get(part.id, 0) + of("reason").get(part.id, 0)
            for problem in self.exam.problems
            for part in problem.parts
        }
        found = Heights(exact["page"], of("heading"), of("continued"), of("part"), slots)
        return found, of("ask"), use

    def survey_side(
        self, form: Format, name: str, sizes: Mapping[str, FigureSize]
    ) -> Typeset | None:
        """Sets the texts that papers have, or those of keys alone; None where there are none.

        Raises:
            InputError: Texts do not compile or do not fit.
        """
        from generator.compose import page_template

        snippets = list(paper_snippets(self.exam) if name == "paper" else key_snippets(self.exam))
        snippets += survey.label_snippets(self.exam, sizes, on_paper=name == "paper")
        snippets = list(survey.with_members(snippets))
        source, starts = survey.source_of(snippets)
        begin = "\\begin{document}\n"
        if name == "paper":
            begin += copy_source(REFERENCE_CODE, self.reference["key"], ())
            source += page_template.dumps(page_template.measures(self.exam, self.questions))
            source += "\\CoverSnippet\n"
        else:
            source += "".join(
                f"\\BeginSnippet{{{key}}}{{answer}}{{1}}{{}}{block}\\EndSnippet\n"
                for reference in self.references
                for key, block in reference["key"].items()
                if key.endswith("/answer")
            )
            source += "\\KeySnippet\n"
        if not source.strip():
            return None
        try:
            typeset = run(
                form,
                begin + source + "\\end{document}\n",
                self.folder,
                f"survey-{name}",
                limits=LIMITS_OF_TEXTS,
                lenient=self.lenient,
            )
        except TypesetError as error:
            raise survey.complain(
                self.exam, snippets, starts, begin.count("\n"), error.issues
            ) from None
        if not self.lenient:
            survey.refuse_unseen(snippets, typeset)
        return typeset

    def packages(self, *, figures: bool) -> str:
        sign = self.exam.conventions.decimal_sign
        return package_lines(self.exam.packages, sign, figures=figures)

    def template(self, name: str, sizes: Mapping[str, FigureSize], body: str) -> str:
        # PyLaTeX is imported when a press is made; most commands find one in the cache.
        from generator.compose import page_template

        options = ["key"] if name == "key" else []
        options += ["letter"] if self.exam.sheet == LETTER else []
        options += ["twocolumns"] if self.exam.columns > 1 else []
        option = f"[{','.join(options)}]" if options else ""
        return (
            f"\\documentclass{option}{{variantexam}}\n"
            + self.packages(figures=False)
            + template_lines(self.exam.letters)
            + page_template.dumps(page_template.broken_words(self.exam))
            + page_template.dumps(page_template.declarations(self.exam, self.static[name], sizes))
            + body
            + "\\DumpTemplate\n"
        )

    def side(
        self,
        name: str,
        plan: Sequence[Page],
        asks: Mapping[str, Fraction],
        sizes: Mapping[str, FigureSize],
        use: Mapping[str, set[int]],
    ) -> tuple[Side, Layout]:
        """Format and master of papers or of keys, and where their boxes stand."""
        from generator.compose import page_template

        body = "".join(
            f"\\VFUse{{{font}}}{{{survey.ranges(slots)}}}%\n" for font, slots in sorted(use.items())
        )
        body += page_template.dumps(page_template.pages(self.exam, plan, key=name == "key"))
        body += page_template.dumps(page_template.plan_heights(asks))
        form = build_format(self.template(name, sizes, body), self.folder, self.latex, name)
        varying = tuple(page.number for page in plan if self.varies(name, page))
        typeset = self.master(form, name, plan, varying)
        boxes: Typeset | None = None
        if moved := overflows(typeset.notes).get("-"):
            # Where something goes to another page, a copy has to say to which.
            referring = {part.part for part in moved.moved}
            varying = tuple(
                page.number
                for page in plan
                if page.number in varying or referring & {part.id for part in page.parts}
            )
            typeset = self.master(form, name, plan, varying)
        notes = [*typeset.notes]
        if varying:  # what is in a box must fit on these pages, too
            source = copy_source(REFERENCE_CODE, self.reference[name], varying)
            boxes = self.run_reference(form, f"{name}-boxes", source)
            notes += boxes.notes
        anchors = tuple(_anchor(note[1:]) for note in typeset.notes if note[0] == "ANCHOR")
        layout = self.layout(plan, notes)
        self.seen += [
            (name, layout, pdf.pdf, numbers)
            for pdf, numbers in (
                (typeset, [page.number for page in plan if page.number not in varying]),
                (boxes, varying),
            )
            if pdf is not None
        ]
        return Side(name, form, typeset.pdf, varying, anchors), layout

    def refuse_unseen(self) -> None:
        """Looks at the pages of the reference copy.

        Raises:
            UnfitError: A text on them cannot be seen.
        """
        found = [
            complain_of(
                self.exam, f"{part}/ask" if part else COVER, f"{name}, page {number}: {said}"
            )
            for name, layout, pdf, numbers in self.seen
            for number, part, said in _unseen(layout, pdf, numbers)
        ]
        if found:
            raise UnfitError(found)

    def master(
        self, form: Format, name: str, plan: Iterable[Page], varying: Collection[int]
    ) -> Typeset:
        """The pages that are the same in all copies, and one that calls all fonts."""
        static = [page.number for page in plan if page.number not in varying]
        source = copy_source("-", self.reference[name], static) + "\\ShipFonts"
        return self.run_reference(form, f"{name}-master", source)

    def layout(self, plan: Iterable[Page], notes: Iterable[Sequence[str]]) -> Layout:
        """Where the boxes of the pages stand, as the class told."""
        boxes: dict[int, list[Box]] = {page.number: [] for page in plan}
        for note in notes:
            if note[0] == "BOX":
                number, box = told_box(note[1:], self.exam.sheet)
                boxes[number].append(self.valued(box) if box.kind == "mark" else box)
        pages = {number: tuple(own) for number, own in boxes.items()}
        return Layout(pages, self.exam.sheet)

    def valued(self, box: Box) -> Box:
        """A marking box with its value; the class knows it by its place in the row."""
        parts = {part.id: part for problem in self.exam.problems for part in problem.parts}
        part = box.names["part"]
        value = marks(parts[part]).split(",")[int(box.names["value"]) - 1]
        return replace(box, names={"part": part, "value": value})

    def run_reference(self, form: Format, job: str, source: str) -> Typeset:
        """Sets pages of the reference copy.

        Raises:
            InputError: What is in a box does not fit.
        """
        try:
            begin = "\\begin{document}\\ReportPlaces\n"
            whole = f"{begin}{source}\\end{{document}}\n"
            return run(form, whole, self.folder, job, lenient=self.lenient)
        except TypesetError as error:
            kind = UnfitError if all(it.soft for it in error.issues) else InputError
            raise kind(
                it.in_file or complain_of(self.exam, it.block, it.message) for it in error.issues
            ) from None

    def varies(self, name: str, page: Page) -> bool:
        """Whether a page has a block that copies contribute."""
        owners = {block.partition("/")[0] for block in self.reference[name]}
        on_page = {section.problem for section in page.sections if section.first}
        return not owners.isdisjoint(on_page | {part.id for part in page.parts})


def _unseen(layout: Layout, pdf: Path, numbers: Sequence[int]) -> Iterator[tuple[int, str, str]]:
    """Number of a page, part, and what cannot be seen of it; figures are not there yet.

    Args:
        numbers: Of the pages, in their order in the PDF.
    """
    figures = {
        index: [box for box in layout.pages[number] if box.kind == "figure"]
        for index, number in enumerate(numbers, 1)
    }
    for index, part, said in unseen(
        pdf,
        range(1, len(numbers) + 1),
        lambda index, y_mm: layout.part_at(numbers[index - 1], y_mm),
        left_out=figures,
    ):
        yield numbers[index - 1], part, f"the text {said}"


def _compare_layouts(paper: Layout, key: Layout, answer_slots: Mapping[str, str]) -> None:
    """A key is its paper with the answers in it: what is found on one is looked for on the other.

    Args:
        answer_slots: Slot of a figure to the slot that takes its place in the key.

    Raises:
        InputError: A box stands elsewhere.
    """
    moved = [
        f"page {number}: {box.kind} {' '.join(box.names.values())}".rstrip()
        for number, boxes in paper.pages.items()
        for ours, theirs in zip_longest(_of_key(boxes, answer_slots), key.pages[number])
        if ours != theirs and (box := ours or theirs)
    ]
    if moved:
        message = f"boxes stand elsewhere on keys than on papers: {'; '.join(moved)}"
        raise InputError([Complaint("latex/variantexam.cls", 0, 0, "", message)])


def _of_key(boxes: Iterable[Box], answer_slots: Mapping[str, str]) -> Iterator[Box]:
    """The boxes of a paper as its key calls them."""
    for box in boxes:
        slot = box.names.get("slot", "")
        yield replace(box, names={"slot": answer_slots[slot]}) if slot in answer_slots else box


def _anchor(fields: Sequence[str]) -> Anchor:
    page, name, x_mm, y_mm, align, font, size = fields
    return Anchor(
        None if page == "all" else int(page),
        name,
        float(x_mm) * PT_PER_MM,
        float(y_mm) * PT_PER_MM,
        align,  # type: ignore[arg-type]
        font,
        float(size),
    )


def figure_file(figure: Figure) -> str:
    """What messages call the file of a figure."""
    return figure.file.path if figure.file is not None else f"latex/figures/{figure.name}.tex"


def _check_labels(figure: Figure, variants_labels: Sequence[Mapping[str, LabelPlace]]) -> None:
    """Each label that is declared stands once in the figure, at the same place in all variants.

    Raises:
        InputError: It does not.
    """
    missing = (figure.labels.keys() | figure.answers.keys()) - variants_labels[0].keys()
    if missing:
        message = f"it has no \\FigureLabel{{{min(missing)}}}; add it, or leave the label out"
        raise InputError([Complaint(figure_file(figure), 0, 0, figure.slot, message)])
    if any(places != variants_labels[0] for places in variants_labels):
        message = "its labels move with its values; each stands at one place in all variants"
        raise InputError([Complaint(figure_file(figure), 0, 0, figure.slot, message)])


def complain_of_figures(error: TypesetError, figures: Iterable[Figure]) -> InputError:
    """What is wrong with figures, once each: many variants may have the same mistake."""
    files = {figure.name: figure_file(figure) for figure in figures}
    complaints = [
        issue.in_file
        or Complaint(
            files.get(issue.block, "latex/variantfigure.cls"),
            issue.line,
            0,
            "",
            f"LaTeX says: {issue.message}",
        )
        for issue in error.issues
    ]
    return InputError(list(dict.fromkeys(complaints)))


def figure_sources(problem: Problem, figure: Figure) -> Iterator[FigureSource]:
    """All variants of a figure, in the order of their indices."""
    if figure.is_image:
        yield _image_source(figure)
        return
    content = figure.file.content if figure.file is not None else None
    if content is not None and not content.isascii():
        content = as_set(content.decode("utf-8", "replace")).encode()
    labels = _label_samples(problem, figure)
    for members in variants(problem.variables, figure.values):
        values = dict(zip(figure.values, members, strict=True))
        texts: dict[str, str] = {}
        for name, value in values.items():
            number = _figure_text(plain(problem, name, value))
            texts[name] = _figure_text(_as_shown(problem, name, value))
            if texts[name] != number:
                texts[f"number/{name}"] = number
        if figure.compute is not None:
            texts |= figure.compute(values)
        yield FigureSource(figure.name, texts, content, labels=labels)


def _image_source(figure: Figure) -> FigureSource:
    content = figure.file.content if figure.file is not None else b""
    suffix, printed = printable(figure.name, content)
    return FigureSource(figure.name, {}, printed, suffix, float(figure.width_mm))


def _in_gray(source: FigureSource) -> FigureSource:
    suffix, content = in_gray(source.image, source.content or b"", source.width_mm)
    return replace(source, image=suffix, content=content)


def _label_samples(problem: Problem, figure: Figure) -> dict[str, tuple[str, ...]]:
    """Name of each label to texts among which is the largest that a copy sets there."""
    texts = {**figure.labels, **figure.answers}
    if not texts:
        return {}
    values = solve_problem(problem, reference_draw(problem)).values
    reference = {
        name: shown_value(problem, name, values[name])
        for text in texts.values()
        for name in text.names
    }
    return {
        name: tuple(dict.fromkeys(highest(problem, text, reference, of_each_shape)))
        for name, text in texts.items()
    }


def _as_shown(problem: Problem, name: str, value: Value) -> Plain:
    """A drawn value as the paper shows it, without a unit."""
    if isinstance(value, tuple):
        return [_as_shown(problem, name, member) for member in value]
    if isinstance(value, bool | str):
        return plain(problem, name, value)
    form = problem.form(name)
    shown = form.math(value, problem.conventions)
    return shown if form.kind == "decimal" else rf"\ensuremath{{{shown}}}"


def _figure_text(value: Plain) -> str:
    return value if isinstance(value, str) else " ".join(map(_figure_text, value))
