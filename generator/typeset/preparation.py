"""Makes a press: tries all texts and figures, plans the pages, sets what copies share."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path

from generator.bank.exam import Exam
from generator.codes.page_code import REFERENCE_CODE
from generator.compose.frame import FigureSize, fields
from generator.compose.places import COVER, complain_of
from generator.compose.plan import Heights, Page, plan_pages
from generator.compose.source import copy_source
from generator.errors import CopyError, InputError, UnfitError, all_at_once, merged
from generator.files.cache import find_or_make
from generator.files.program import LATEX, look_digest, project_digest
from generator.files.whole import write_sealed
from generator.layout import LETTER, Layout
from generator.typeset import survey
from generator.typeset.figure_sheets import make_sheets, packages
from generator.typeset.letters import make_letters, template_lines
from generator.typeset.overflow import overflows
from generator.typeset.page_layouts import compare_layouts, told_anchor, told_layout, unseen_texts
from generator.typeset.pdftex import (
    LIMITS_OF_TEXTS,
    Format,
    Typeset,
    build_format,
    heights,
    run,
    side_by_side,
    toolchain_version,
)
from generator.typeset.press import (
    FILE,
    READY,
    FigurePlaces,
    FigureSheet,
    Press,
    Side,
    hold_press,
    kept_press,
    sums_of_press,
)
from generator.typeset.reference_blocks import ReferenceBlocks
from generator.typeset.survey import key_snippets, paper_snippets
from generator.typeset.tex_log import TypesetError
from generator.typeset.toolchain import check_bank_packages

_failed: dict[Path, InputError | CopyError] = {}
"""Why presses were not made: a build that fails is followed by a check, which tries the same one
once more."""


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

    def make() -> Press:
        try:
            press = _Preparation(exam, folder, digest, jobs, latex, look, lenient=lenient).make()
        except (InputError, CopyError) as error:
            _failed[folder] = error
            raise
        for path in folder.glob("survey*"):  # a third of all bytes
            path.unlink()
        write_sealed(folder / READY, FILE.dump_json((press, sums_of_press(press))))
        hold_press(press)
        return press

    return find_or_make(folder, kept_press, make)


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
        self.blocks = ReferenceBlocks(exam)

    def make(self) -> Press:
        sheets, sizes, figure_use = self.tried_figures()
        measured, asks, use = self.survey_texts(sizes)
        plan = plan_pages(self.exam, measured)
        paper_use = survey.merged(use["paper"], figure_use, survey.always(self.exam))
        # A key sets all that its paper sets, and more.
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
        compare_layouts(layout, key_layout, answer_slots)
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
            return make_sheets(self.exam, self.folder.parent, self.latex, self.look)
        except InputError as error:
            slots = [it.slot for problem in self.exam.problems for it in problem.figures()]
            slots += [self.exam.logo.slot] if self.exam.logo is not None else []
            try:
                self.survey_texts(dict.fromkeys(slots, FigureSize("1pt", "1pt")))
            except InputError as more:
                raise merged(self.without_labels(error, more)) from None
            raise

    def without_labels(self, error: InputError, more: InputError) -> list[InputError]:
        """What is wrong with figures and with texts; a label whose text is wrong is told once."""
        told = {it.where.partition(", label ")[0] for it in more.problems if ", label " in it.where}
        labeled = {
            (file.path, line)
            for problem in self.exam.problems
            for figure in problem.figures()
            if figure.slot in told and (file := figure.file) is not None
            for line, text in enumerate(file.content.splitlines(), 1)
            if b"\\FigureLabel" in text
        }
        kept = [it for it in error.problems if (it.file, it.line) not in labeled]
        return [type(error)(kept, advice=error.advice), more] if kept else [more]

    def survey_texts(
        self, sizes: Mapping[str, FigureSize]
    ) -> tuple[Heights, dict[str, Fraction], dict[str, dict[str, set[int]]]]:
        """Sets all texts by themselves, and measures the questions.

        Returns:
            The heights for the plan; those of the questions, and of what stands above the lines
            of options; the characters that papers and keys use.

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

        parts = [part for problem in self.exam.problems for part in problem.parts]
        # Where options are drawn, boxes to mark stand at one place: above it there is room for all.
        tops = of("up/option")
        tops = {part.id: tops[part.id] for part in parts if part.varies and part.id in tops}
        taken = of("option")
        taken |= {part: top + of("down/option").get(part, 0) for part, top in tops.items()}
        slots = {
            it.id: exact["slot"] + taken.get(it.id, 0) + of("reason").get(it.id, 0) for it in parts
        }
        found = Heights(exact["page"], of("heading"), of("continued"), of("part"), slots)
        return found, of("ask") | {f"option/{part}": top for part, top in tops.items()}, use

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
            begin += copy_source(REFERENCE_CODE, self.blocks.reference["key"], ())
            source += page_template.dumps(page_template.measures(self.exam, self.blocks.questions))
            source += "\\CoverSnippet\n"
        else:
            source += "".join(
                f"\\BeginSnippet{{{key}}}{{answer}}{{1}}{{}}{block}\\EndSnippet\n"
                for reference in self.blocks.references
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

    def template(self, name: str, sizes: Mapping[str, FigureSize], body: str) -> str:
        # PyLaTeX is imported when a press is made; most commands find one in the cache.
        from generator.compose import page_template

        options = ["key"] if name == "key" else []
        options += ["letter"] if self.exam.sheet == LETTER else []
        options += ["twocolumns"] if self.exam.columns > 1 else []
        option = f"[{','.join(options)}]" if options else ""
        return (
            f"\\documentclass{option}{{variantexam}}\n"
            + packages(self.exam, figures=False)
            + template_lines(self.exam.letters)
            + page_template.dumps(page_template.broken_words(self.exam))
            + page_template.dumps(
                page_template.declarations(self.exam, self.blocks.static[name], sizes)
            )
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
            source = copy_source(REFERENCE_CODE, self.blocks.reference[name], varying)
            boxes = self.run_reference(form, f"{name}-boxes", source)
            notes += boxes.notes
        anchors = tuple(told_anchor(note[1:]) for note in typeset.notes if note[0] == "ANCHOR")
        layout = told_layout(self.exam, plan, notes)
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
            for number, part, said in unseen_texts(layout, pdf, numbers)
        ]
        if found:
            raise UnfitError(found)

    def master(
        self, form: Format, name: str, plan: Iterable[Page], varying: Collection[int]
    ) -> Typeset:
        """The pages that are the same in all copies, and one that calls all fonts."""
        static = [page.number for page in plan if page.number not in varying]
        source = copy_source("-", self.blocks.reference[name], static) + "\\ShipFonts"
        return self.run_reference(form, f"{name}-master", source)

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
                it.in_file or complain_of(self.exam, it.block, survey.in_millimeters(it))
                for it in error.issues
            ) from None

    def varies(self, name: str, page: Page) -> bool:
        """Whether a page has a block that copies contribute."""
        owners = {block.partition("/")[0] for block in self.blocks.reference[name]}
        return not owners.isdisjoint(page.owners)
