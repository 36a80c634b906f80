"""What the print shop is told: a ticket for a person, and the same for machines.

All of it is made from codes, rooms and files; nothing here is given a name or an answer. All sets
of all runs have the same number of pages, so one number tells a finisher where to staple.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from generator.layout import LARGE_PRINT, Sheet
from generator.office.canvas import Canvas
from generator.office.exam_head import MARGIN_MM, ExamHead, draw_footer, draw_heading

STAPLE_TOP_LEFT = 20
"""The value of `finishings` in IPP (RFC 8011, 5.2.6), and so in XPIF."""
COLORS = {
    **{"weiß": "white", "gelb": "yellow", "blau": "blue", "grün": "green", "rosa": "pink"},
    **{"orange": "orange", "rot": "red", "grau": "gray", "creme": "ivory", "elfenbein": "ivory"},
}
"""Names of colors in German to the keywords of IPP; English ones are keywords."""
_MM_TO_PT = 72 / 25.4
_JDF = "http://www.CIP4.org/JDFSchema_1_1"


@dataclass(frozen=True)
class RunFile:
    """A print run: so many sets, one after the other.

    Attributes:
        file: Its path below ``print-shop/``.
        room: Empty where the roster names no rooms.
        codes: The copy codes of its sets, in order.
        students: How many of them are for students; the rest is spare.
        sha256: Of the file.
        extra: What is different about it, as people read it; usually empty.
        large_print: Whether it is enlarged, on single sheets.
        paper_color: The color of its paper; empty for white.
    """

    file: str
    room: str
    codes: tuple[str, ...]
    students: int
    sha256: str
    extra: str = ""
    large_print: bool = False
    paper_color: str = ""


@dataclass(frozen=True)
class PrintJob:
    """All that is to be printed.

    Attributes:
        pages: Pages of a set.
        booklet: Whether sheets are of twice the size, folded and stapled in the fold.
        deadline: When it must be delivered, as people write it; may be empty.
        contact: Whom to ask; may be empty.
    """

    head: ExamHead
    pages: int
    runs: tuple[RunFile, ...]
    booklet: bool = False
    deadline: str = ""
    contact: str = ""

    @property
    def sheet(self) -> Sheet:
        """The size of the pages."""
        return self.head.sheet

    @property
    def large(self) -> Sheet:
        """What large print and booklets are printed on."""
        return LARGE_PRINT[self.sheet].sheet

    @property
    def sheets(self) -> int:
        """Sheets of a set: two pages each, or four where they are folded."""
        return -(-self.pages // (4 if self.booklet else 2))

    def sheets_of(self, run: RunFile) -> int:
        """Sheets of a set of a run; large print is never folded."""
        return -(-self.pages // 2) if run.large_print else self.sheets

    @property
    def sets(self) -> int:
        """Sets of all runs."""
        return sum(len(run.codes) for run in self.runs)


# --- for programs -------------------------------------------------------------------------------


def ticket_json(job: PrintJob) -> bytes:
    """The ticket as JSON."""
    say = job.head.catalogue.text
    ticket: dict[str, Any] = {
        "schema": 1,
        "job": job.head.id,
        "paper": (job.large if job.booklet else job.sheet).name,
        "color": say("ticket.color"),
        "sides": say("ticket.short_edge" if job.booklet else "ticket.sides"),
        "pages_per_copy": job.pages,
        "sheets_per_copy": job.sheets,
        "scaling": say("ticket.scaling"),
        "binding": say("ticket.folded" if job.booklet else "ticket.binding"),
        "order": say("ticket.order"),
        "deadline": job.deadline or None,
        "contact": job.contact or None,
        "copies": job.sets,
        "runs": [
            {
                "file": run.file,
                "room": run.room or None,
                "copies": len(run.codes),
                "spare": len(run.codes) - run.students,
                "pages": len(run.codes) * job.pages,
                "sheets": len(run.codes) * job.sheets_of(run),
                "form": "booklet" if job.booklet and not run.large_print else "plain",
                "first": run.codes[0],
                "last": run.codes[-1],
                "extra": run.extra or None,
                "paper": (job.large if job.booklet or run.large_print else job.sheet).name,
                "paper_color": run.paper_color or None,
                "sha256": run.sha256,
            }
            for run in job.runs
        ],
        "single_copies": say("ticket.single_copies"),
        "confidential": say("ticket.confidential"),
    }
    return (json.dumps(ticket, ensure_ascii=False, indent=1) + "\n").encode()


def ticket_kinds(job: PrintJob) -> list[tuple[str, bool, str]]:
    """In what runs differ: the end of the name of their XPIF, enlarged or not, the color."""
    kinds = {(False, "")} | {(run.large_print, run.paper_color) for run in job.runs}
    named: dict[str, tuple[str, bool, str]] = {}
    for large_print, paper_color in sorted(kinds):
        plain = re.sub(r"[^A-Za-z0-9]+", "-", COLORS.get(paper_color.casefold(), paper_color))
        large = job.large.name if large_print else ""
        words = [large, plain.strip("-") or str(len(named) or "")]
        name = "".join(f"-{word}" for word in words if word and (paper_color or word == large))
        named[name] = (name, large_print, paper_color)
    return list(named.values())


def ticket_xpif(job: PrintJob, large_print: bool = False, paper_color: str = "") -> bytes:
    """The ticket as XPIF, which Xerox and Canon controllers read beside each run.

    `pages-per-subset` makes every set a document of its own for the finisher. Runs on other paper
    need a ticket of their own.
    """
    root = ElementTree.Element("xpif", {"version": "1.0", "cpss-version": "2.08", "xml:lang": "en"})
    operation = ElementTree.SubElement(root, "xpif-operation-attributes")
    _value(operation, "job-name", "name", job.head.id)
    template = ElementTree.SubElement(root, "job-template-attributes")
    _value(template, "copies", "integer", "1")
    folded = job.booklet and not large_print
    _values(template, "finishings", "enum", "28" if folded else str(STAPLE_TOP_LEFT))
    _values(template, "job-offset", "keyword", "offset-subset")
    media = ElementTree.SubElement(template, "media-col", {"syntax": "collection"})
    size = ElementTree.SubElement(media, "media-size", {"syntax": "collection"})
    paper = job.large if job.booklet or large_print else job.sheet
    _value(size, "x-dimension", "integer", f"{paper.width_mm * 100:.0f}")
    _value(size, "y-dimension", "integer", f"{paper.height_mm * 100:.0f}")
    color = COLORS.get(paper_color.casefold(), paper_color.casefold() or "white")
    _value(media, "media-color", "keyword", color)
    sheets = job.sheets if folded else -(-job.pages // 2)
    _values(template, "pages-per-subset", "integer", str(sheets * 2))
    _value(template, "print-color-mode", "keyword", "monochrome")
    _value(template, "print-scaling", "keyword", "none")
    edge = "short" if folded else "long"
    _value(template, "sides", "keyword", f"two-sided-{edge}-edge")
    return _xml(root)


def _value(parent: ElementTree.Element, name: str, syntax: str, text: str) -> None:
    ElementTree.SubElement(parent, name, {"syntax": syntax}).text = text


def _values(parent: ElementTree.Element, name: str, syntax: str, text: str) -> None:
    several = ElementTree.SubElement(parent, name, {"syntax": "1setOf"})
    _value(several, "value", syntax, text)


def ticket_jdf(job: PrintJob) -> bytes:
    """The ticket as JDF 1.4 (CIP4): files, media, sides, a staple for every set of every run."""
    root = ElementTree.Element(
        "JDF",
        {
            "xmlns": _JDF,
            "ID": "job",
            "JobID": job.head.id,
            "Type": "Combined",
            "Types": "LayoutPreparation Interpreting Rendering DigitalPrinting Stitching",
            "Status": "Waiting",
            "Version": "1.4",
        },
    )
    pool = ElementTree.SubElement(root, "ResourcePool")
    _run_list(pool, job)
    available = {"Class": "Parameter", "Status": "Available"}
    sides = "TwoSidedFlipX" if job.booklet else "TwoSidedFlipY"
    ElementTree.SubElement(
        pool, "LayoutPreparationParams", {"ID": "layout", "Sides": sides, **available}
    )
    printing = {"ID": "printing", "Collate": "Sheet", "Sides": sides, **available}
    ElementTree.SubElement(pool, "DigitalPrintingParams", printing)
    _stitching(pool, job)
    _media(pool, job)
    ElementTree.SubElement(pool, "Component", _COMPONENT)
    links = ElementTree.SubElement(root, "ResourceLinkPool")
    for kind, name, usage in _LINKS:
        ElementTree.SubElement(links, f"{kind}Link", {"rRef": name, "Usage": usage})
    return _xml(root)


_COMPONENT = {
    "ID": "sets",
    "ComponentType": "FinalProduct",
    "Class": "Quantity",
    "Status": "Unavailable",
}
_LINKS = (
    ("RunList", "runs", "Input"),
    ("LayoutPreparationParams", "layout", "Input"),
    ("DigitalPrintingParams", "printing", "Input"),
    ("StitchingParams", "stitching", "Input"),
    ("Media", "media", "Input"),
    ("Component", "sets", "Output"),
)


def _run_list(pool: ElementTree.Element, job: PrintJob) -> None:
    whole = {"ID": "runs", "PartIDKeys": "Run", "Class": "Parameter", "Status": "Available"}
    runs = ElementTree.SubElement(pool, "RunList", whole)
    for run in job.runs:
        count = len(run.codes)
        own = {"Run": run.file, "NDoc": str(count), "NPage": str(count * 2 * job.sheets_of(run))}
        part = ElementTree.SubElement(runs, "RunList", own)
        element = ElementTree.SubElement(part, "LayoutElement")
        file = {"URL": run.file, "MimeType": "application/pdf"}
        ElementTree.SubElement(element, "FileSpec", file)


def _media(pool: ElementTree.Element, job: PrintJob) -> None:
    """The usual paper, white, and a part for each run on another."""
    large = (job.large.width_mm, job.large.height_mm)
    usual = (*reversed(large),) if job.booklet else (job.sheet.width_mm, job.sheet.height_mm)
    whole = {"ID": "media", "PartIDKeys": "Run", "MediaType": "Paper", "MediaColorName": "White"}
    sheet = {"Dimension": _dimension(usual), "Class": "Consumable", "Status": "Available"}
    media = ElementTree.SubElement(pool, "Media", {**whole, **sheet})
    for run in job.runs:
        own = {"Run": run.file}
        if run.large_print:
            own["Dimension"] = _dimension(large)
        if run.paper_color:
            own["MediaColorNameDetails"] = run.paper_color
        if len(own) > 1:
            ElementTree.SubElement(media, "Media", own)


def _dimension(size_mm: tuple[float, ...]) -> str:
    return " ".join(f"{length * _MM_TO_PT:.2f}" for length in size_mm)


def _stitching(pool: ElementTree.Element, job: PrintJob) -> None:
    """A part for every set, by the indices of its pages in all runs."""
    kind = (
        {"StitchType": "Saddle", "NumberOfStitches": "2"}
        if job.booklet
        else {"StitchType": "Corner", "NumberOfStitches": "1", "ReferenceEdge": "Left"}
    )
    whole = {"ID": "stitching", "PartIDKeys": "RunIndex", "Class": "Parameter"}
    stitching = ElementTree.SubElement(
        pool, "StitchingParams", {**whole, "Status": "Available", **kind}
    )
    first = 0
    for run in job.runs:
        for _ in run.codes:
            last = first + 2 * job.sheets_of(run) - 1
            own = {"RunIndex": f"{first} ~ {last}"}
            if job.booklet and run.large_print:
                own |= {"StitchType": "Corner", "NumberOfStitches": "1"}
            ElementTree.SubElement(stitching, "StitchingParams", own)
            first = last + 1


def _xml(root: ElementTree.Element) -> bytes:
    ElementTree.indent(root, " ")
    body: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


# --- for people ---------------------------------------------------------------------------------


def ticket_pdf(job: PrintJob) -> bytes:
    """The ticket as a person reads it: one page, and more only for very many rooms."""
    canvas = Canvas(job.head.titled("ticket"), job.head.sheet.upright_mm)
    head = job.head
    top_mm = draw_heading(canvas, head, head.text("ticket"))
    for name, value in _facts(job):
        top_mm += _fact(canvas, top_mm, name, value)
    top_mm += 3
    room_mm = canvas.height_mm - _ENDS_MM
    pages = list(_ticket_pages(job.runs, room_mm - top_mm, room_mm - _HEADING_MM))
    for number, runs in enumerate(pages, 1):
        if number > 1:
            canvas.next_page()
            top_mm = draw_heading(canvas, head, head.text("ticket"))
        top_mm = _draw_runs(canvas, job, runs, top_mm)
        draw_footer(canvas, head, head.text("ticket"), number, len(pages))
    _draw_ends(canvas, head, top_mm + 3)
    return canvas.bytes()


MOST_RUNS_A_PAGE = 14
_NAME_MM = 42.0
_ENDS_MM = 44.0
"""What the head of the table, the lines below it and the foot of the page take."""
_HEADING_MM = 26.0


def _ticket_pages(
    runs: Sequence[RunFile], first_mm: float, other_mm: float
) -> Iterator[Sequence[RunFile]]:
    """The runs page by page.

    Args:
        first_mm: What they have on the first page.
        other_mm: On the others.
    """
    first = max(1, int(first_mm / _RUN_MM))
    others = min(int(other_mm / _RUN_MM), MOST_RUNS_A_PAGE)
    yield runs[:first]
    for start in range(first, len(runs), others):
        yield runs[start : start + others]


def _facts(job: PrintJob) -> list[tuple[str, str]]:
    text = job.head.text
    folded = text("booklet", paper=job.large.name)
    form = folded if job.booklet else text("plain", paper=job.sheet.name)
    return [
        (text("what"), _sets_of(job, job.sets, job.sheets)),
        (text("how"), form),
        *(
            [(text("large_runs"), text("large_runs_note", paper=job.large.name))]
            if any(run.large_print for run in job.runs)
            else []
        ),
        (text("size"), text("actual_size")),
        (text("deadline"), job.deadline or "________________"),
        (text("contact"), job.contact or "________________"),
        (text("trouble"), text("trouble_booklet") if job.booklet else text("trouble_note")),
        (text("secret"), text("secret_note")),
        (text("check"), text("check_note")),
    ]


def _sets_of(job: PrintJob, count: int, sheets: int) -> str:
    """So many sets, of so many pages and sheets."""
    text = job.head.text
    pages = text("pages", count=job.pages)
    return text("sets_of", count=count, pages=pages, sheets=text("sheets", count=sheets))


def _codes(run: RunFile) -> str:
    """The codes of a run, first and last."""
    return " … ".join(dict.fromkeys((run.codes[0], run.codes[-1])))


def _fact(canvas: Canvas, top_mm: float, name: str, value: str) -> float:
    canvas.text(MARGIN_MM, top_mm, name, 9.5, width_mm=_NAME_MM - 2, bold=True)
    width_mm = canvas.width_mm - 2 * MARGIN_MM - _NAME_MM
    return (
        canvas.text(MARGIN_MM + _NAME_MM, top_mm, value, 9.5, width_mm=width_mm, height_mm=40) + 1.5
    )


_RUN_COLUMNS_MM = (0, 62, 75, 90, 104, 125, 143, 161)
_RUN_MM = 15.0


def _draw_runs(canvas: Canvas, job: PrintJob, runs: Sequence[RunFile], top_mm: float) -> float:
    """A table of runs, with fields to reconcile what was delivered with what was used."""
    text = job.head.text
    names = ("file", "sets", "sheets", "pages", "delivered", "used", "spare", "spoiled")
    places = (*_RUN_COLUMNS_MM, canvas.width_mm - 2 * MARGIN_MM)
    ends = [MARGIN_MM + place for place in places]
    for name, left, right in zip(names, ends, ends[1:], strict=False):
        canvas.text(
            left + 1, top_mm, text(f"column_{name}"), 8, width_mm=right - left - 2, bold=True
        )
    top_mm += 6
    for number, run in enumerate(runs):
        _draw_run(canvas, job, run, ends, top_mm + number * _RUN_MM)
    bottom_mm = top_mm + len(runs) * _RUN_MM
    levels = [top_mm + number * _RUN_MM for number in range(len(runs) + 1)]
    canvas.lines((ends[0], level, ends[-1], level) for level in levels)
    canvas.lines((end, top_mm, end, bottom_mm) for end in ends)
    return bottom_mm


def _draw_run(
    canvas: Canvas, job: PrintJob, run: RunFile, ends: Sequence[float], top_mm: float
) -> None:
    count = len(run.codes)
    width_mm = ends[1] - ends[0] - 2
    below = top_mm + 0.5
    below += canvas.text(ends[0] + 1, below, run.file, 9, width_mm=width_mm, bold=True)
    # What is different comes first, and bold: who feeds the paper must not miss it.
    words = " · ".join(word for word in (run.extra, run.room, _codes(run)) if word)
    below += canvas.text(ends[0] + 1, below, words, 7.5, width_mm=width_mm, bold=bool(run.extra))
    canvas.text(ends[0] + 1, below, f"SHA-256 {run.sha256[:24]}…", 6, width_mm=width_mm, mono=True)
    numbers = (count, count * job.sheets_of(run), count * job.pages)
    for number, left in zip(numbers, ends[1:], strict=False):
        canvas.text(left + 1, top_mm + 3.5, str(number), 9.5)


def _draw_ends(canvas: Canvas, head: ExamHead, top_mm: float) -> None:
    note = head.text("reconcile")
    canvas.text(MARGIN_MM, top_mm, note, 9, width_mm=canvas.width_mm - 2 * MARGIN_MM, height_mm=12)
    line = head.text("printed_by")
    canvas.text(MARGIN_MM, top_mm + 14, line, 9, width_mm=canvas.width_mm - 2 * MARGIN_MM)


def separators_pdf(job: PrintJob) -> bytes:
    """A sheet to lay before each run, with the room in letters that are read from afar."""
    canvas = Canvas(job.head.titled("separators"), job.head.sheet.upright_mm)
    for number, run in enumerate(job.runs):
        if number:
            canvas.next_page()
        _draw_separator(canvas, job, run)
    return canvas.bytes()


def _draw_separator(canvas: Canvas, job: PrintJob, run: RunFile) -> None:
    head = job.head
    middle_mm, width_mm = canvas.width_mm / 2, canvas.width_mm - 4 * MARGIN_MM
    room = run.room or head.text("all_rooms")
    top_mm = 60.0
    top_mm += canvas.text(middle_mm, top_mm, head.id, 20, align="center", width_mm=width_mm)
    top_mm += 8
    top_mm += canvas.text(
        middle_mm, top_mm, room, 64, align="center", width_mm=width_mm, height_mm=60, bold=True
    )
    top_mm += 8
    sheets = job.sheets_of(run)
    sets = _sets_of(job, len(run.codes), sheets)
    for line in (sets, _codes(run), run.file, run.extra):
        if line:
            top_mm += 3
            top_mm += canvas.text(middle_mm, top_mm, line, 16, align="center", width_mm=width_mm)


def envelopes_pdf(job: PrintJob) -> bytes:
    """Labels for the envelopes of the rooms, each a quarter of a sheet, to be cut."""
    canvas = Canvas(job.head.titled("envelopes"), job.head.sheet.upright_mm)
    width_mm, height_mm = canvas.width_mm / 2, canvas.height_mm / 2
    for number, run in enumerate(job.runs):
        if number and number % 4 == 0:
            canvas.next_page()
        row, column = divmod(number % 4, 2)
        _draw_envelope(canvas, job, run, column * width_mm, row * height_mm)
    return canvas.bytes()


def _draw_envelope(
    canvas: Canvas, job: PrintJob, run: RunFile, left_mm: float, top_mm: float
) -> None:
    head, margin = job.head, 8.0
    canvas.box(left_mm + 2, top_mm + 2, canvas.width_mm / 2 - 4, canvas.height_mm / 2 - 4)
    width_mm = canvas.width_mm / 2 - 2 * margin
    count, spare = len(run.codes), len(run.codes) - run.students
    x_mm, y_mm = left_mm + margin, top_mm + margin
    y_mm += canvas.text(x_mm, y_mm, head.title, 11, width_mm=width_mm, height_mm=11) + 1
    y_mm += canvas.text(x_mm, y_mm, head.when, 10, width_mm=width_mm, height_mm=11) + 5
    room = run.room or head.text("all_rooms")
    y_mm += canvas.text(x_mm, y_mm, room, 30, width_mm=width_mm, height_mm=28, bold=True) + 4
    copies = f"{head.text('students', count=run.students)}, {head.text('spares', count=spare)}"
    y_mm += canvas.text(x_mm, y_mm, copies, 11, width_mm=width_mm, height_mm=11) + 1
    extra = run.extra or " "
    y_mm += canvas.text(x_mm, y_mm, extra, 11, width_mm=width_mm, height_mm=11, bold=True) + 3
    for key, value in (("delivered", count), ("used", ""), ("spare", ""), ("spoiled", "")):
        name = head.text(f"column_{key}")
        canvas.text(x_mm, y_mm, name, 10)
        canvas.text(x_mm + 45, y_mm, str(value), 10)
        canvas.lines([(x_mm + 42, y_mm + 5.5, x_mm + width_mm, y_mm + 5.5)])
        y_mm += 9
    canvas.text(x_mm, y_mm + 3, head.text("sealed_by"), 10, width_mm=width_mm, height_mm=11)
