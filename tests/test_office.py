"""The papers of the office are read back: all is on them, nothing is cut, nothing overlaps."""

from __future__ import annotations

import io
import json
import unicodedata
from contextlib import closing
from dataclasses import replace
from xml.etree import ElementTree

import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader

from generator.codes import sticker_number
from generator.codes.check_character import with_check
from generator.codes.sticker_number import read_sticker, sticker_numbers
from generator.exact.secret import REFERENCE_SECRET
from generator.language.catalogue import load_catalogue
from generator.layout import A4, LETTER
from generator.office.attendance import (
    SMALL_PT,
    Attendee,
    RoomList,
    _columns,
    attendance_pdf,
)
from generator.office.canvas import Canvas
from generator.office.exam_head import MARGIN_MM, ExamHead
from generator.office.print_job import (
    PrintJob,
    RunFile,
    envelopes_pdf,
    separators_pdf,
    ticket_jdf,
    ticket_json,
    ticket_pdf,
    ticket_xpif,
)
from generator.office.seating import seating_pdf
from generator.office.stickers import (
    SHEETS,
    Sticker,
    outline_pdf,
    stickers_pdf,
)

NAMES = [
    "Müller & Söhne_50%, Zoë",
    "Nguyễn Thị Ánh",
    "王 小明",
    "ليلى أحمد",
    "כהן שרה",
    "Παπαδόπουλος Γιώργος",
    "Щербакова Ольга",
    "김 민수",
    "O'Brien <b>Pat</b> \\input{x}",
    "Wolfeschlegelsteinhausenbergerdorff Maximiliane Friederike von und zu Hohenlohe-Schillings",
]
RIGHT_TO_LEFT = (3, 4)
PT = 72 / 25.4


@pytest.fixture(params=[("en", LETTER), ("de", A4)], ids=["en-Letter", "de-A4"])
def head(request: pytest.FixtureRequest) -> ExamHead:
    language, sheet = request.param
    when = "10 February 2030, 18:30 – 20:00"
    return ExamHead("small-1", "Testing, Endterm", when, load_catalogue(language), sheet)


def numbers(count: int) -> dict[str, str]:
    students = [f"{3_700_000 + index:08}" for index in range(count)]
    return sticker_numbers(students, REFERENCE_SECRET, "small-1")


def room(name: str, count: int) -> RoomList:
    stickers = numbers(count)
    return RoomList(
        name,
        tuple(
            Attendee(str(index), NAMES[index % len(NAMES)], student, with_check("E0001"), sticker)
            for index, (student, sticker) in enumerate(stickers.items())
        ),
    )


def texts(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    return [page.get_textpage().get_text_range() for page in document]


def squeezed(text: str) -> str:
    return "".join(text.split())


# --- attendance ---------------------------------------------------------------------------------


def test_everybody_is_on_the_list_with_all_of_their_name(head: ExamHead) -> None:
    pdf = attendance_pdf(head, [room("HS 1", 20), room("Saal 2", 3)])
    pages = texts(pdf)
    assert len(pages) == 3
    found = squeezed("".join(pages))
    for name in NAMES:
        if NAMES.index(name) in RIGHT_TO_LEFT:
            # PDFium gives words from right to left, and Arabic letters in the shapes they have.
            assert set(squeezed(name)) <= set(unicodedata.normalize("NFKC", found))
        else:
            assert squeezed(name) in found, name
    for student, sticker in numbers(20).items():
        assert student in found
        assert sticker in found
    assert head.text("page", page=2, pages=2) in pages[1]
    assert "Saal 2" in pages[2]
    assert "HS 1" not in pages[2]


def test_the_list_is_the_same_every_time(head: ExamHead) -> None:
    assert attendance_pdf(head, [room("A", 9)]) == attendance_pdf(head, [room("A", 9)])


def test_the_columns_of_the_list_are_as_wide_as_the_page(head: ExamHead) -> None:
    width_mm = sum(column.width_mm for column in _columns(head))
    assert width_mm == pytest.approx(head.sheet.across_mm[0] - 2 * MARGIN_MM)


def test_no_text_leaves_its_cell(head: ExamHead) -> None:
    check_apart(attendance_pdf(head, [room("HS 1", 12)]))


LONG_NAME = "Sánchez-Fernández de la Cruz, María de los Ángeles Guadalupe"


def test_long_names_can_be_read_and_endless_ones_stay_in_their_cells(head: ExamHead) -> None:
    names = [LONG_NAME, "Xyz " * 90, *NAMES]
    rows = [
        Attendee(str(seat), name, "03700001", with_check("E0001"), "8QFY-92SS", "Extra time 30 min")
        for seat, name in enumerate(names)
    ]
    lists = [RoomList("HS 1", (*rows, *rows))]
    for pdf, least_pt in (
        (attendance_pdf(head, lists), SMALL_PT),
        (seating_pdf(head, lists, {}), 5.5),
    ):
        check_apart(pdf)
        text = pypdfium2.PdfDocument(pdf)[0].get_textpage()
        start = text.get_text_range().index(LONG_NAME[:9])
        _, bottom, _, top = text.get_charbox(start)
        assert top - bottom > 0.7 * least_pt  # capitals of Noto Sans are 0.714 em high


def check_apart(pdf: bytes) -> None:
    for page in pypdfium2.PdfDocument(pdf):
        text = page.get_textpage()
        boxes = [text.get_rect(index) for index in range(text.count_rects())]
        width, height = page.get_size()
        for index, (left, bottom, right, top) in enumerate(boxes):
            assert left > 0
            assert right < width
            assert 0 < bottom < top < height
            for other_left, other_bottom, other_right, other_top in boxes[:index]:
                across = min(right, other_right) - max(left, other_left)
                down = min(top, other_top) - max(bottom, other_bottom)
                assert across < 1 or down < 1, "two texts overlap"


# --- stickers -----------------------------------------------------------------------------------


def test_numbers_are_unlike_and_stay_when_the_roster_grows() -> None:
    some, more = numbers(500), numbers(2_000)
    assert len(set(more.values())) == 2_000
    assert all(more[student] == number for student, number in some.items())
    assert numbers(10) != sticker_numbers(numbers(10), REFERENCE_SECRET, "other-1")


def test_students_whose_numbers_would_be_alike_get_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sticker_number, "DIGITS", 1)
    assert len(set(numbers(30).values())) == 30


def test_a_typed_number_is_read_and_a_wrong_one_is_not() -> None:
    for number in numbers(50).values():
        assert read_sticker(f" {number.lower().replace('0', 'o').replace('1', 'l')} ") == number
        for place, char in enumerate(number):
            other = "7" if char != "7" else "8"
            if char != "-":
                assert read_sticker(number[:place] + other + number[place + 1 :]) is None
    assert read_sticker("E0312-Y") is None


@pytest.mark.parametrize("name", SHEETS)
def test_every_sticker_is_read_inside_its_label(head: ExamHead, name: str) -> None:
    sheet = SHEETS[name]
    offset = (0.4, -0.3)
    stickers = [
        Sticker(number, "HS 1 · 7") for number in numbers(sheet.columns * sheet.rows + 1).values()
    ]
    document = pypdfium2.PdfDocument(stickers_pdf(head, stickers, sheet, offset))
    assert len(document) == 2
    page = document[0]
    scale = 300 / 72
    image = page.render(scale=scale, grayscale=True).to_numpy()
    per_mm = PT * scale
    for (left, top), sticker in zip(sheet.places(), stickers, strict=False):
        x, y = (left + offset[0]) * per_mm, (top + offset[1]) * per_mm
        part = image[
            int(y) : int(y + sheet.height_mm * per_mm), int(x) : int(x + sheet.width_mm * per_mm)
        ]
        [symbol] = zxingcpp.read_barcodes(part)
        assert symbol.text == sticker.number
        border = int(1.5 * per_mm)
        sides = (part[:border], part[-border:], part[:, :border], part[:, -border:])
        assert all(side.min() > 200 for side in sides)
        assert sticker.number in squeezed(page.get_textpage().get_text_range())


@pytest.mark.parametrize("name", SHEETS)
def test_the_outline_sheet_has_the_labels(head: ExamHead, name: str) -> None:
    sheet = SHEETS[name]
    image = (
        pypdfium2.PdfDocument(outline_pdf(head, sheet, (0, 0)))[0]
        .render(scale=4, grayscale=True)
        .to_numpy()
    )
    for left, top in sheet.places():
        for x, y in ((left, top + sheet.height_mm / 3), (left + sheet.width_mm / 3, top)):
            row, column = round(y * PT * 4), round(x * PT * 4)
            assert image[row - 2 : row + 3, column - 2 : column + 3].min() < 128


# --- print shop ---------------------------------------------------------------------------------


def job(head: ExamHead, *, rooms: int = 3, booklet: bool = False) -> PrintJob:
    runs = tuple(
        RunFile(f"runs/HS-{n}.pdf", f"HS {n}", (f"E{n:04}", f"E1{n:03}", f"E2{n:03}"), 2, "0a" * 32)
        for n in range(rooms)
    )
    return PrintJob(head, 20, runs, booklet, "2030-02-03", "Ada")


def test_the_ticket_says_the_same_to_people_and_machines(head: ExamHead) -> None:
    data = json.loads(ticket_json(job(head)))
    assert (data["copies"], data["sheets_per_copy"], data["runs"][0]["sheets"]) == (9, 10, 30)
    [page] = texts(ticket_pdf(job(head)))
    for words in ("runs/HS-2.pdf", "2030-02-03", "Ada", "0a0a0a", "E0000"):
        assert words in page
    xpif = ElementTree.fromstring(ticket_xpif(job(head)))
    values = {element.tag: "".join(element.itertext()).split() for element in xpif[1]}
    assert values["pages-per-subset"] == ["20"]
    assert values["finishings"] == ["20"]
    assert values["sides"] == ["two-sided-long-edge"]
    assert values["print-scaling"] == ["none"]
    jdf = ElementTree.fromstring(ticket_jdf(job(head)))
    space = {"j": "http://www.CIP4.org/JDFSchema_1_1"}
    files = [spec.get("URL") for spec in jdf.iterfind(".//j:FileSpec", space)]
    assert files == ["runs/HS-0.pdf", "runs/HS-1.pdf", "runs/HS-2.pdf"]
    parts = [
        part.get("RunIndex") for part in jdf.iterfind(".//j:StitchingParams[@RunIndex]", space)
    ]
    assert len(parts) == 9
    assert (parts[0], parts[8]) == ("0 ~ 19", "160 ~ 179")
    names = {element.get("ID") for element in jdf.iter()} - {None}
    assert {link.get("rRef") for link in jdf.find("j:ResourceLinkPool", space) or ()} < names


def test_a_booklet_is_told_as_one(head: ExamHead) -> None:
    data = json.loads(ticket_json(job(head, booklet=True)))
    assert (data["paper"], data["sheets_per_copy"]) == (head.large_paper, 5)
    assert b"two-sided-short-edge" in ticket_xpif(job(head, booklet=True))
    assert b"Saddle" in ticket_jdf(job(head, booklet=True))


def test_many_rooms_take_more_pages_and_no_table_leaves_one(head: ExamHead) -> None:
    large = RunFile("runs/A3.pdf", "HS 1", ("E9000",), 1, "0a" * 32, "A3", large_print=True)
    for rooms in (5, 8, 21):
        whole = job(head, rooms=rooms)
        pdf = ticket_pdf(replace(whole, booklet=True, runs=(*whole.runs, large)))
        pages = texts(pdf)
        assert len(pages) <= 3
        assert all(f"runs/HS-{n}.pdf" in "".join(pages) for n in range(rooms))
        for page in pypdfium2.PdfDocument(pdf):
            image = page.render(scale=1, grayscale=True).to_numpy()
            assert image[-12:].min() > 200
            foot = image[-34:-28]  # between the last line and the foot
            assert foot.min() > 200


def test_one_sheet_is_no_sheets(head: ExamHead) -> None:
    single = replace(job(head), pages=2, runs=job(head).runs[:1])
    [page] = texts(ticket_pdf(single))
    assert {"en": "3 sets of 2 pages (1 sheet) each", "de": "3 Sätze mit je 2 Seiten (1 Blatt)"}[
        head.catalogue.language
    ] in page


def test_each_room_has_a_separator_and_a_label(head: ExamHead) -> None:
    pages = texts(separators_pdf(job(head)))
    assert [f"HS {n}" in page for n, page in enumerate(pages)] == [True] * 3
    [page] = texts(envelopes_pdf(job(head)))
    assert all(f"HS {n}" in page for n in range(3))


def test_all_fonts_are_embedded_and_nothing_says_when(head: ExamHead) -> None:
    for pdf in (ticket_pdf(job(head)), attendance_pdf(head, [room("A", 9)])):
        reader = PdfReader(io.BytesIO(pdf))
        assert str(reader.metadata["/CreationDate"]).removeprefix("D:").startswith("20000101")  # type: ignore[index]
        for page in reader.pages:
            for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
                own = font.get_object()
                last = own.get("/DescendantFonts", [own])[0].get_object()
                described = last["/FontDescriptor"].get_object()
                assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(described)


@pytest.mark.parametrize("word", ["PROOF", "PROBEDRUCK"])
def test_a_word_across_the_page_stays_on_it(word: str) -> None:
    canvas = Canvas(word, (A4.width_mm, A4.height_mm))
    canvas.watermark(word)
    with closing(pypdfium2.PdfDocument(canvas.bytes())) as document:
        page = document[0]
        (left, bottom, right, top), *_ = [it.get_bounds() for it in page.get_objects()]
        assert squeezed(page.get_textpage().get_text_range()) == word
        assert min(left, bottom, page.get_width() - right, page.get_height() - top) > 20
