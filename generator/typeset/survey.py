"""A survey of the bank: every text is typeset once, by itself, before any copy is made.

It finds mistakes of LaTeX where they are, in file, line and part, all at once; and it finds which
characters the bank uses, so that all runs of a batch include the same ones and no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

from pypdf import PdfReader

from generator.bank.exam import Exam
from generator.bank.group import Group
from generator.bank.part import Figure, Part
from generator.bank.plugins.solvers import Solver
from generator.bank.problem import Problem
from generator.bank.template import Text
from generator.compose.frame import FigureSize
from generator.compose.notes import as_tex
from generator.compose.places import COVER, complain_of
from generator.compose.plot_paths import type_pt
from generator.compose.worked_steps import unit_of
from generator.errors import Complaint, InputError, UnfitError
from generator.exact.numbers import Value
from generator.expressions import Step
from generator.expressions.nodes import Call, Comprehension, Node, walk
from generator.language.forms import BASES
from generator.language.formulas import localized
from generator.layout import MM_PER_TEX_PT
from generator.solve.printed import set_by_itself, shown_value, tex
from generator.typeset.ink import unseen
from generator.typeset.pdftex import Typeset
from generator.typeset.tex_log import IN_WORDS, TexIssue

_TAG = re.compile(r"<%.*?%>|<#.*?#>", re.DOTALL)
_VALUE = re.compile(
    r"<<\s*\+?\s*([A-Za-z0-9_.]+)((?:\s*\[\s*[0-9]+\s*\])*)\s*(?:\|\s*([a-z_]+)\s*)?>>"
)

_OVERFULL = re.compile(r"Overfull \\hbox \(([0-9.]+)pt too wide\)")
_BEYOND_MM = 8.0
"""The first line of a snippet stands higher than the page, by less than that."""

_BREAK = 127
"""The slot of the hyphen of broken words, and the fonts that have it."""
_BROKEN = tuple(f"T1{family}{shape}" for family in ("vxr", "vxs") for shape in ("mn", "bn", "mit"))


@dataclass(frozen=True)
class Snippet:
    """A text of the bank by itself.

    Attributes:
        problem: Whose text it is.
        where: The part.
        text: The text.
        kind: How it is set: question, option, reason or answer.
        columns: So many options stand side by side.
        size_pt: The size of its type, where it is not that of texts.
        member: Which members of drawn texts it has: 0 for the longest ones.
    """

    problem: Problem
    where: str
    text: Text
    kind: str
    columns: int = 1
    size_pt: str = ""
    member: int = 0


MOST_MEMBERS = 24
"""Members of a drawn text with each of which a text is set; of a longer list, the longest."""


def with_members(snippets: Iterable[Snippet]) -> Iterator[Snippet]:
    """Each text with each member of the drawn texts in it, and with numbers of each shape.

    Of a text with very many members, the others come by themselves.
    """
    beyond: dict[tuple[str, str], Snippet] = {}
    for snippet in snippets:
        groups = snippet.problem.variables
        texts = {name: _texts(groups[name]) for name in snippet.text.names & groups.keys()}
        shapes = (len(_shapes(snippet.problem, name)) for name in snippet.text.names)
        count = max([*map(len, texts.values()), *shapes], default=0)
        for member in range(min(max(count, 1), MOST_MEMBERS)):
            yield replace(snippet, member=member)
        for name, members in texts.items():
            if members[MOST_MEMBERS:]:
                line, _ = snippet.problem.places.get(name, (snippet.text.line, 0))
                others = set_members(snippet.problem, name, members[MOST_MEMBERS:])
                rest = Text(" ".join(others), line)
                where = f"problem {snippet.problem.id}: {name}"
                beyond[snippet.problem.id, name] = Snippet(snippet.problem, where, rest, "question")
    yield from beyond.values()


def set_members(problem: Problem, name: str, members: Iterable[str]) -> Iterator[str]:
    """Drawn texts as they can be set by themselves: signs of formulas in a formula."""
    return (set_by_itself(problem, name, member) for member in members)


def _texts(group: Group) -> list[str]:
    """The texts that are drawn, the longest first; none of numbers."""
    texts = [it for it in group.members if isinstance(it, str)]
    return sorted(texts, key=len, reverse=True)


def _shapes(problem: Problem, name: str) -> list[str]:
    """The TeX of a number in each of its shapes, the longest first.

    A root of a fraction is another character than that of a whole number, and so are fences.
    """
    kind = problem.form(name).kind if name in problem.variables or name in problem.forms else ""
    group = problem.variables.get(name)
    if kind == "hexadecimal":
        return _with_all_letters(problem, name, _HEX if group is None else group.samples())
    if kind not in _SHAPED:
        return []
    members = (Fraction(-1, 2), Fraction(-2)) if group is None else group.samples()
    found: dict[frozenset[str], str] = {}
    for written in (tex(problem, name, it) for it in members if isinstance(it, Fraction)):
        shape = frozenset(_COMMAND.findall(written))
        found[shape] = max(found.get(shape, ""), written, key=len)
    return sorted(found.values(), key=len, reverse=True)


def _with_all_letters(problem: Problem, name: str, members: Iterable[Value]) -> list[str]:
    """Few numbers in base 16 that have all of its letters which any of them has."""
    written = [tex(problem, name, it) for it in members if isinstance(it, Fraction)]
    found: list[str] = []
    for number in sorted(written, key=len, reverse=True):
        if not found or not set(number) <= set("".join(found)):
            found.append(number)
    return found


_HEX = tuple(map(Fraction, (-0x12345, -0xABC, -0xDEF)))
_SHAPED = ("fraction", "mixed", "scientific", "engineering")
_COMMAND = re.compile(r"\\[A-Za-z]+")


def paper_snippets(exam: Exam) -> Iterator[Snippet]:
    """All texts that a paper can show."""
    for problem in exam.problems:
        yield Snippet(problem, f"{problem.id}, intro", problem.intro, "question")
        for part in problem.questions():
            yield from _part_snippets(problem, part, on_paper=True)
            if part.results:
                yield Snippet(problem, part.id, _result_labels(problem, part), "question")


def key_snippets(exam: Exam) -> Iterator[Snippet]:
    """All texts that only a key can show, and the formulas of worked answers."""
    for problem in exam.problems:
        for name, step in problem.rounding.items():
            line, _ = problem.places.get(name, (0, 0))
            worked = problem.worked.get(name)
            text = worked if isinstance(worked, Text) else _chain(problem, step, worked, line)
            yield Snippet(problem, f"step {name}", text, "answer")
        yield from _solver_snippets(problem)
        for part in problem.questions():
            yield from _part_snippets(problem, part, on_paper=False)
            for text in (*part.also_accept, *(mistake.text for mistake in part.mistakes)):
                yield Snippet(problem, part.id, as_tex(text), "note")
            if part.id in problem.mistaken:
                yield Snippet(problem, part.id, _wrong_results(problem, part), "note")


def _chain(problem: Problem, step: Step, worked: str | None, line: int) -> Text:
    """A worked step with every branch, and rounded, which the reference copy's may not be."""
    symbolic = step.expression.symbolic(problem.symbols, short=worked == "short")
    formula = "" if worked == "off" else f"= {localized(symbolic, problem.conventions)}"
    result = sample_number(problem, step.name) if step.name in problem.forms else ""
    unit = unit_of(problem, step.name)
    nothing = r"\emptyset" if any(map(_may_be_empty, walk(step.expression.tree))) else ""
    chain = rf"${problem.symbol(step.name)} {formula} \approx{result}{unit}{nothing}$"
    lines = [chain, *(f"${it}$" for it in _shaped(problem, step, worked))]
    return Text("".join(rf"\Worked{{{it}}}" for it in lines), line)


def _shaped(problem: Problem, step: Step, worked: str | None) -> Iterator[str]:
    """A formula with numbers that are higher than symbols: brackets around them are others.

    The reference copy may have whole numbers where others have fractions, and takes one branch.
    """
    if worked == "off":
        return
    for symbols in (
        problem.symbols,
        dict.fromkeys(step.names, "8"),
        dict.fromkeys(step.names, r"\left(-8\right)"),
    ):
        yield from _branches(problem, step, symbols, worked)
    shapes = {it: found for it in step.names if (found := _shapes(problem, it))}
    if not shapes:
        return
    for index in range(max(map(len, shapes.values()))):
        numbers = {name: found[index % len(found)] for name, found in shapes.items()}
        negative = {name: rf"\left({number}\right)" for name, number in numbers.items()}
        for shown in (numbers, negative):
            symbols = {**problem.symbols, **shown}
            formula = step.expression.symbolic(symbols, short=worked == "short")
            yield localized(formula, problem.conventions)
            yield from _branches(problem, step, symbols, worked)


def _branches(
    problem: Problem, step: Step, symbols: Mapping[str, str], worked: str | None
) -> Iterator[str]:
    """What a copy has of a conditional: one branch, in the size of formulas by themselves."""
    for formula in step.expression.branches(symbols, short=worked == "short"):
        yield localized(formula, problem.conventions)


def _may_be_empty(node: Node) -> bool:
    """Whether a list within a formula has nothing in it for some values."""
    called = isinstance(node, Call) and node.function in ("intersection", "without")
    return called or (isinstance(node, Comprehension) and node.test is not None)


def _result_labels(problem: Problem, part: Part) -> Text:
    """What stands beside the boxes for results."""
    labels = (
        f"${problem.symbol(box.step)} = {unit_of(problem, box.step)}$" for box in part.results
    )
    return Text(" ".join(labels), part.ask.line)


def _wrong_results(problem: Problem, part: Part) -> Text:
    """What mistakes may lead to: a copy has some of it, the reference copy perhaps none."""
    chains = (
        rf"${problem.symbol(it)} = ({sample_number(problem, it)}), 0123456789$"
        for it in part.answers
    )
    return Text(rf"$\rightarrow$ {' '.join(chains)}", part.ask.line)


def label_snippets(
    exam: Exam, sizes: Mapping[str, FigureSize], *, on_paper: bool
) -> Iterator[Snippet]:
    """The labels of figures, at the sizes of their type."""
    for problem in exam.problems:
        for figure, solved in problem.key_figures():
            shown = figure if on_paper else solved
            texts = figure.labels if on_paper else {**solved.labels, **solved.answers}
            yield from _plot_snippets(problem, shown)
            for name, text in texts.items():
                # The texts are tried also where the figures are wrong.
                place = sizes[shown.slot].labels.get(name) if shown.slot in sizes else None
                size_pt = place.size_pt if place is not None else ""
                where = f"{shown.slot}, label {name}"
                yield Snippet(problem, where, text, "question", size_pt=size_pt)


def _solver_snippets(problem: Problem) -> Iterator[Snippet]:
    """The lines that solvers make for the reference copy."""
    for solver in (it for it in problem.steps.members if isinstance(it, Solver)):
        line, _ = problem.places.get(solver.gives[0], (0, 0))
        for text in solver.worked(problem.reference_values):
            yield Snippet(problem, f"solver {solver.name}", Text(text, line), "answer")


def _plot_snippets(problem: Problem, figure: Figure) -> Iterator[Snippet]:
    """What plots print: numbers, names of nodes, and texts that are the same in all copies."""
    if figure.plot is None:
        return
    texts = [text.source.strip() for text in figure.plot.texts()]
    # What an expression has for its numbers: those of any copy.
    numbers = problem.conventions.number(Fraction(-12345) / 10)
    said = " ".join([*texts, *(figure.plot.nodes or ()), rf"\ensuremath{{{numbers}0.6789}}"])
    line = figure.place[0]
    yield Snippet(problem, figure.slot, Text(said, line), "question", size_pt=type_pt(figure.plot))


def _part_snippets(problem: Problem, part: Part, *, on_paper: bool) -> Iterator[Snippet]:
    for it in part.texts():
        if it.text.source and it.on_paper is on_paper and it.setting != "plain":
            yield Snippet(problem, part.id, it.text, it.setting, part.columns)


def source_of(snippets: Iterable[Snippet]) -> tuple[str, list[int]]:
    """The snippets as TeX, and the line on which the text of each begins."""
    lines: list[str] = []
    starts = []
    for number, snippet in enumerate(snippets):
        own = f"{{{snippet.kind}}}{{{snippet.columns}}}{{{snippet.where}}}"
        size = rf"\fontsize{{{snippet.size_pt}}}{{{snippet.size_pt}}}\selectfont "
        lines.append(rf"\BeginSnippet{{{number}}}{own}{size if snippet.size_pt else ''}%")
        starts.append(len(lines) + 1)
        lines += sample(snippet).split("\n")
        lines.append(r"\EndSnippet")
    return "\n".join(lines) + "\n", starts


def sample(snippet: Snippet) -> str:
    """A text with everything that it can show: both branches, and its members of drawn texts."""
    groups = snippet.problem.variables
    reference = snippet.problem.reference_values

    def show(match: re.Match[str]) -> str:
        name = match[1].replace("fallback.", "fallback_")
        members = groups[name].samples() if name in groups else ()
        texts = _texts(groups[name]) if name in groups else []
        text = texts[snippet.member % min(len(texts), MOST_MEMBERS)] if texts else ""
        if members and isinstance(members[0], tuple):
            shown = shown_value(snippet.problem, name, members[0])
            if texts and snippet.member:  # one cell with each of the other texts
                return text
            for place in re.findall("[0-9]+", match[2]):
                shown = shown[int(place)]
            return str(shown.forms.get(match[3], shown.tex))
        if texts:
            return text
        if shapes := _shapes(snippet.problem, name):
            return shapes[snippet.member % len(shapes)]
        if members:
            return max((tex(snippet.problem, name, member) for member in members), key=len)
        step = reference.get(name)
        if isinstance(step, (tuple, str)):
            return _sample_of(snippet.problem, name, step, match)
        return sample_number(snippet.problem, name)

    return _VALUE.sub(show, _TAG.sub(lambda tag: "\n" * tag[0].count("\n"), snippet.text.source))


def _sample_of(problem: Problem, name: str, value: Value, match: re.Match[str]) -> str:
    """A list or a text as a tag prints it: whole, in a form, or one member of it."""
    shown = shown_value(problem, name, value)
    for place in re.findall("[0-9]+", match[2]):
        shown = shown[int(place)]
    return str(shown.forms.get(match[3], shown.tex))


def sample_number(problem: Problem, name: str) -> str:
    """A number as the form of a step has it, with whatever signs are in it."""
    whole = problem.form(name).kind in BASES
    return tex(problem, name, Fraction(-12345) if whole else Fraction(-1, 2))


def complain(
    exam: Exam, snippets: list[Snippet], starts: list[int], offset: int, issues: Iterable[TexIssue]
) -> InputError:
    """The issues of a survey as errors of the bank.

    Args:
        offset: Lines of the source before the snippets.
    """
    issues = list(issues)
    in_files = [it.in_file for it in issues if it.in_file]
    if in_files:
        return InputError(in_files)
    found: dict[tuple[str, str, int, str], Complaint] = {}
    told: set[str] = set()
    for issue in (it for it in issues if it.block.isdigit()):
        number = int(issue.block)
        snippet = snippets[number]
        within = max(issue.line - offset - starts[number], 0) if issue.line else 0
        last = snippet.text.source.count("\n")
        line = snippet.text.line + min(within, last)
        complaint = Complaint(snippet.problem.file, line, 1, snippet.where, in_words(issue))
        at_member = _at_member(snippet, issue, complaint)
        # What TeX says again on the way out of a text is no news.
        place = (snippet.problem.id, snippet.where, snippet.text.line)
        found.setdefault((*place, _meaning(issue, within)), at_member or complaint)
        told.add(snippet.where.partition(",")[0])
    complaints = [*found.values()]
    for issue in (it for it in issues if not it.block.isdigit()):
        owner = issue.block.partition("/")[0]
        if any(f"{it}.".startswith(f"{owner}.") for it in told):  # the same, put together
            continue
        complaint = complain_of(exam, issue.block, in_words(issue))
        follows = owner == COVER and not issue.soft
        if (complaint.line and not follows) or not found:  # else it follows from what has a place
            complaints.append(complaint)
    complaints = list(dict.fromkeys(complaints))
    kind = UnfitError if all(issue.soft for issue in issues) else InputError
    return kind(complaints, advice="Mend the texts; `make check` compiles all of them.")


def refuse_unseen(snippets: Sequence[Snippet], typeset: Typeset) -> None:
    """Looks at the pages of a survey, of which the first have a snippet each.

    Raises:
        UnfitError: A text cannot be seen, at its line.
    """
    pages = range(1, len(snippets) + 1)
    found = []
    for number, _, said in unseen(typeset.pdf, pages, beyond_mm=_BEYOND_MM):
        snippet = snippets[number - 1]
        place = (snippet.problem.file, snippet.text.line, 1, snippet.where)
        found.append(Complaint(*place, f"the text {said}"))
    if found:
        raise UnfitError(found)


def _meaning(issue: TexIssue, within: int) -> str:
    """What an issue says of a line of a text, whatever is drawn for it."""
    worded = (meant for _, _, meant in IN_WORDS if issue.message.startswith(meant))
    return next(worded, f"{within} {issue.message.partition('. ')[0]}")


def in_millimeters(issue: TexIssue) -> str:
    """An issue of what was put together: how much too wide it is, or as it was told."""
    return in_words(issue) if issue.message.startswith("Overfull") else issue.message


def in_words(issue: TexIssue) -> str:
    """An issue as a complaint says it, without the commands of the survey."""
    message = re.sub(r" *\\(?:EndSnippet|MeasurePart|MeasureProblem)\b.*", "", issue.message)
    if wide := _OVERFULL.match(message):
        too_wide_mm = float(wide[1]) * MM_PER_TEX_PT
        too_wide = f"{message}: {too_wide_mm:.1f} mm wider than its line"
        if issue.block.endswith("/answer"):
            return f"{too_wide}, in the key; worked: short or off at a step with a long formula"
        return f"{too_wide}; shorten it, or break it"
    worded = any(message.startswith(meant) for _, _, meant in IN_WORDS)
    worded |= issue.soft and not message.startswith("Overfull") and issue.block.startswith(COVER)
    return message.rstrip(": ") if worded else f"LaTeX says: {message}"


def _at_member(snippet: Snippet, issue: TexIssue, complaint: Complaint) -> Complaint | None:
    """The same at the drawn text that has the character which TeX does not take; None without."""
    signs = next((it for _, it, meant in IN_WORDS if issue.message.startswith(meant)), "")
    bare = re.compile(rf"(?<!\\)[{re.escape(signs)}]") if signs else None
    if bare is None or bare.search(_TAG.sub("", _VALUE.sub("", snippet.text.source))):
        return None
    for name in sorted(snippet.text.names & snippet.problem.variables.keys()):
        for member in snippet.problem.variables[name].members:
            if isinstance(member, str) and bare.search(member):
                line, column = snippet.problem.places.get(name, (complaint.line, 1))
                message = f"the drawn text {member!r}: {complaint.message}"
                where = f"problem {snippet.problem.id}: {name}"
                return Complaint(complaint.file, line, column, where, message)
    return None


def used_slots(runs: Iterable[Typeset]) -> dict[str, set[int]]:
    """The characters that runs use, by what the class calls their font."""
    used: dict[str, set[int]] = {}
    for typeset in runs:
        names = {note[2]: note[1] for note in typeset.notes if note[0] == "FONTNAME"}
        for name, slots in slots_of(typeset.pdf).items():
            used.setdefault(names[name], set()).update(slots)
    return used


def slots_of(pdf: Path) -> dict[str, set[int]]:
    """Resource name of each font of a PDF to the character codes that are in it."""
    found: dict[str, set[int]] = {}
    for page in PdfReader(BytesIO(pdf.read_bytes())).pages:
        resources: Any = page["/Resources"]
        for name, reference in resources.get("/Font", {}).items():
            if name[1:] in found:
                continue
            found[name[1:]] = _slots(reference.get_object())
    return found


def _slots(font: Any) -> set[int]:
    """The characters of a font that are in the file: by the names of their glyphs.

    A font with an encoding of its own does not name them; then all from first to last count.
    """
    within = set(range(int(font["/FirstChar"]), int(font["/LastChar"]) + 1))
    if "/Encoding" not in font:
        return within
    glyphs = set(str(font["/FontDescriptor"]["/CharSet"]).split("/"))
    slot = 0
    slots = set()
    for item in font["/Encoding"].get_object()["/Differences"]:
        if isinstance(item, int):
            slot = int(item)
            continue
        if str(item)[1:] in glyphs:
            slots.add(slot)
        slot += 1
    return slots & within


def ranges(slots: Iterable[int]) -> str:
    """Slots as LaTeX reads them: ``33-47,58``."""
    runs: list[list[int]] = []
    for slot in sorted(slots):
        if runs and slot == runs[-1][1] + 1:
            runs[-1][1] = slot
        else:
            runs.append([slot, slot])
    return ",".join(f"{first}-{last}" for first, last in runs)


def always(exam: Exam) -> dict[str, set[int]]:
    """Characters that no text of the bank need have: between members of lists, of broken words."""
    semicolon = {ord(";")} if exam.conventions.separator.startswith(";") else set()
    formulas = {font: semicolon for font in ("OT1vxrmn10.95", "OT1vxrmn8") if semicolon}
    return formulas | {f"{font}10.95": {_BREAK} for font in _BROKEN}


def merged(*uses: Mapping[str, set[int]]) -> dict[str, set[int]]:
    """The union of uses."""
    union: dict[str, set[int]] = {}
    for use in uses:
        for name, slots in use.items():
            union.setdefault(name, set()).update(slots)
    return union
