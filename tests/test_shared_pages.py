"""Pages that all copies share are read once, and only where they are proved to be the same."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from probe_bank import probe, question
from shipped import SECRET

from generator.layout import A4
from generator.pipeline.worker import Producer
from generator.pipeline.workshop import Workshop
from generator.record.copy import Copy
from generator.stamp.pdf import PdfFile
from generator.typeset.preparation import prepare_press
from generator.verify.contact_sheet import _read_twins, read_stamps
from generator.verify.leaks import Forbidden
from generator.verify.readback import PageReading, read_pages
from generator.verify.shared import SharedPages, _Page
from generator.verify.visible import compact


@pytest.mark.slow
def test_shared_pages(tmp_path: Path) -> None:
    exam = probe(tmp_path / "bank", question("Add << a >> and << b >>."))
    press = prepare_press(exam, tmp_path / "cache", 2)
    workshop = Workshop(exam, SECRET, 4)
    copies = [workshop.register(Copy(f"E{n:04d}", None, n), ()).copy for n in (1, 2)]
    producer = Producer(workshop, press, Forbidden(), tmp_path)
    made = list(producer.produce(copies))
    first, second = (produced.paper for produced in made)
    check_own_pages(SharedPages(producer._stocks["key"].prefix), *(it.key for it in made))
    prefix = producer._stocks["paper"].prefix
    shared = SharedPages(prefix)
    assert shared.known(first) == {}
    shared.keep(first, dict(enumerate(read_pages(first))))

    known = shared.known(second, looked=[2])
    assert set(known) == {0, 2, 3}  # the question is on the second page
    assert all("E0002" in page.text and "E0001" not in page.text for page in known.values())
    assert "Working instructions" in known[0].text
    whole = read_pages(second)
    check_stamps(shared, second, whole)
    check_twins(shared, second, whole)
    for index, page in known.items():
        assert sorted(page.text.split()) == sorted(whole[index].text.split())

    check_corners(shared, second)

    damaged = bytearray(second)
    damaged[len(prefix.data) // 2] ^= 1
    assert shared.known(bytes(damaged)) == {}
    entry = re.search(rb"\n\d{10} 00000 n", second)
    assert entry is not None
    moved = second[: entry.start() + 1] + b"0000000009" + second[entry.start() + 11 :]
    assert shared.known(moved) == {}
    other = second.replace(b"/MediaBox [0 0 595", b"/MediaBox [0 0 594", 1)
    assert other != second
    assert shared.known(other) == {}


def check_stamps(shared: SharedPages, pdf: bytes, whole: Sequence[PageReading]) -> None:
    """Stamps that stand side by side say what whole pages say; what is wrong in one is not read."""
    alone, fonts = shared.stamps_alone(pdf, shared.known(pdf)), shared.fonts(pdf)
    assert alone.keys() == {0, 1, 2, 3}
    codes = {index: page.codes for index, page in enumerate(whole)}
    assert read_stamps(pdf, alone, A4, fonts) == codes
    assert read_stamps(pdf, {3: alone[3], 0: alone[0]}, A4, fonts) == {3: codes[3], 0: codes[0]}
    assert read_stamps(pdf, {1: alone[3]}, A4, fonts) == {1: codes[3]}  # both are on the left
    assert read_stamps(pdf, {2: alone[3]}, A4, fonts) == {}  # a page on the right has other corners

    head, first, second = alone[0].split(b"\nq ")
    matrix, _, modules = first.partition(b" cm\n")
    lines = modules.split(b"\n")
    for changed, is_read in {
        alone[0].replace(b"\n0 g\n", b"\n0.1 g\n"): True,  # drawn whole in both corners
        b"\nq ".join((head, second, b"%b\nQ\n" % first)).replace(b"\nQ\n\nq", b"\nQ\nq"): True,
        alone[0].replace(b"\n0 g\n", b"\n0.9 g\n"): False,
        b"\nq ".join((head, second)): False,
        b"\nq ".join((head, first)) + b"\nQ\n": False,
        b"\nq ".join((head, first, first)) + b"\nQ\n": False,
        alone[0].replace(matrix, matrix.replace(b" 0 0 ", b" 0 0 -")): False,
        alone[0].replace(b"\n".join(lines[1:-2]), b"\n".join(lines[1:99:2])): False,
        # something over a symbol, as a path and as text
        alone[0].removesuffix(b"Q\n") + b"q %b cm\n0 0 9 30 re\nf\nQ\nQ\n" % matrix: False,
        alone[0].removesuffix(b"Q\n") + b"q %b cm\n-30 0 99 9 re f\nQ\nQ\n" % matrix: False,
        alone[0].replace(b" 802.20472 Td", b" 802.20472 Td 300 -14 Td"): False,
    }.items():
        assert read_stamps(pdf, {0: changed, 1: alone[1]}, A4, fonts) == {
            1: codes[1],
            **({0: codes[0]} if is_read else {}),
        }, changed


def check_twins(shared: SharedPages, pdf: bytes, whole: Sequence[PageReading]) -> None:
    """One symbol speaks for both only where both are the same, where they belong, and alone."""
    alone, fonts = shared.stamps_alone(pdf, shared.known(pdf)), shared.fonts(pdf)
    codes = {index: page.codes for index, page in enumerate(whole)}
    assert _read_twins(pdf, alone, A4, fonts) == codes

    head, first, second = alone[0].split(b"\nq ")
    upper, lower = (each.partition(b" cm\n")[0] for each in (first, second))
    scale, *_, x, y = lower.split()
    left, bottom = float(x), float(y)
    text = re.findall(rb"BT (/F\d+) 10 Tf", head)[0]

    def with_lower(matrix: bytes) -> bytes:
        return b"\nq ".join((head, first, second.replace(lower, matrix, 1)))

    def with_text(at: bytes, shown: bytes = b"(A)") -> bytes:
        return alone[0].replace(b"q\n", b"q\nBT %b 10 Tf %b Td [%b] TJ ET\n" % (text, at, shown), 1)

    other = b"\nq ".join((head, first, lower + alone[2].split(b"\nq ")[2][len(lower) :]))
    both = {0: (codes[0][0], codes[2][0])}  # what is wrong is read as it is
    assert read_stamps(pdf, {0: other}, A4, fonts) == both
    narrow = b"%.5f" % (float(scale) * 0.999)
    near = b"%.5f %.5f" % (left + 9, bottom - 9)
    for changed, is_read in {
        other: True,
        with_lower(b"%b 0 0 %b %.5f %.5f" % (scale, scale, left + 0.01, bottom)): True,
        with_lower(b"%b 0 0 %b %.5f %.5f" % (narrow, scale, left, bottom)): True,
        with_lower(b"%b 0 0 %b %.5f %.5f" % (scale, scale, -left, bottom)): False,
        with_lower(upper): False,
        alone[0].replace(first, first.replace(b"\n0 ", b"\n00 ", 2), 1): True,
        with_text(near): False,
        with_text(b"%.5f %.5f" % (left - 9, bottom + 1)): False,
        with_text(b"0 %.5f" % (bottom - 9), b"(A)-%.5f(A)" % (left * 100)): False,
        with_text(b"%.5f %.5f" % (left + 250, bottom - 9), b"(A)25000(A)"): False,
        alone[0].replace(b"q\n", b"q\n3 Tc\n", 1): True,
    }.items():
        assert changed != alone[0]
        pages = {0: changed, 1: alone[1], 2: alone[2]}
        assert 0 not in _read_twins(pdf, pages, A4, fonts), changed
        assert _read_twins(pdf, pages, A4, fonts)[1] == codes[1]
        assert (0 in read_stamps(pdf, pages, A4, fonts)) is is_read, changed
        assert read_stamps(pdf, pages, A4, fonts)[2] == codes[2]
    capitals, others = (
        fonts.area(b"BT %b 10 Tf 0 0 Td [(%b)] TJ ET" % (text, it)) for it in (b"A-1", b"e-1")
    )
    assert capitals is not None
    assert others is not None
    assert 6.0 < capitals[3] < 7.5 < others[3]  # capitals have no accents above them
    for white in (with_text(b"300 400"), with_text(b"%.5f 400" % left)):
        assert white != alone[0]
        assert _read_twins(pdf, {0: white}, A4, fonts) == {0: codes[0]}


def check_corners(shared: SharedPages, pdf: bytes) -> None:
    """Where a copy alone has something in the corner of a code, its page is rendered whole."""
    page = shared._pages(pdf)[1]
    assert shared._leaves_codes(page)
    [font] = re.findall(rb"BT\n(/F\d+ [\d.]+) Tf", page.content.operators)[:1]

    def with_more(operators: bytes) -> _Page:
        changed = replace(page)
        more = zlib.compress(page.content.operators + operators)
        changed.__dict__["content"] = shared._contents(more)
        return changed

    def with_text(shown: bytes) -> _Page:
        return with_more(b"BT\n%b Tf %b\nET\n" % (font, shown))

    seen = with_text(b"300 400 Td [(A)]TJ")
    assert seen.read is not None
    shared._beside.add(shared._drawn(seen, seen.read))
    for shown, alone in {
        b"310 390 Td [(A)]TJ": True,
        b"40 805 Td [(A)]TJ": False,  # in the upper outer corner
        b"300 400 Td [(A)]TJ 240 -365 Td [(A)]TJ": False,
        b"300 400 Td [(A)-30000(A)]TJ": True,
        b"300 35 Td [(A)-24000(A)]TJ": False,
        b"300 400 Td [(A)]TJ 0 g 0 0 Td [(A)]TJ": False,  # not as it was seen
    }.items():
        assert shared._leaves_codes(with_text(shown)) is alone, shown
    for drawn in (b"q\n1 0 0 1 300 400 cm\n0 0 9 9 re f\nQ\n", b"/Fig-3 Do\n"):
        assert not shared._leaves_codes(with_more(drawn))
    beside, known = set(shared._beside), shared.known(pdf)
    shared._beside.clear()
    shared.keep(pdf, {1: replace(known[1], codes=("one",))}, known=known)
    assert not shared._leaves_codes(page)  # one code alone could be read
    shared.keep(pdf, {1: replace(known[1], codes=("one", "other"))}, known=known)
    assert shared._leaves_codes(page)
    shared._beside |= beside
    fonts = shared.fonts(pdf)
    for before, still in {
        b"": True,
        b"q 0 1 -1 0 0 0 cm\n": False,
        b"1 0 0 1 3 0 cm\n": False,
    }.items():
        read = fonts.read(before + page.content.operators)
        assert read is not None
        assert read.is_still is still


def check_own_pages(shared: SharedPages, first: bytes, second: bytes) -> None:
    """Operators say what PDFium reads; what is changed in them says something else, or nothing."""
    shared.keep(first, dict(enumerate(read_pages(first, codes=False))))
    known = shared.known(second)
    assert set(known) == {0, 1, 2, 3}
    assert shared.known(second, looked=[2]).keys() == {0, 2, 3}
    read = read_pages(second, codes=False)[1].text
    assert compact(known[1].text) == compact(read)
    assert "Add" in known[1].text
    assert re.search(r"E0002-2 KEY\s", known[1].text)

    file = PdfFile(second)
    start = second.index(b"stream", file.offset(shared._pages(second)[1].number))
    torn = second[: start + 40] + bytes(8) + second[start + 48 :]
    assert shared.known(torn).keys() == {0, 2, 3}
    other = second.replace(b"/MediaBox [0 0 595", b"/MediaBox [0 0 594", 1)
    assert shared.known(other) == {}

    fonts, content = shared._fonts, PdfFile(second).content(1).partition(b"\nQ\n")[2]
    assert fonts is not None

    def text_of(operators: bytes) -> str | None:
        read = fonts.read(operators)
        return None if read is None else read.text

    whole = text_of(content)
    assert whole is not None
    word = b" Td [(A)28(dd)]TJ/F"
    assert content.count(word) == 1
    for changed, said in {
        b" Td [(B)28(dd)]TJ/F": whole.replace("Add", "Bdd"),
        b" Td [(A)-333(dd)]TJ/F": whole.replace("Add ", "A dd"),
        b" Td [(\\101)-28(d)50(d)]TJ/F": whole,
        b" Td [(A)28(dd)] TJ\n0 g 0 G\n/F": whole,
        b" Td [(A)28(dd)] TJ 90 0 Td [(A)]TJ/F": whole.replace("Add", "Add A"),
        b" Td [(A)28(dd)] TJ 0 -90 Td [(Add)]TJ/F": whole.replace("Add", "Add\nAdd"),
        b" Td (Add) Tj /F": None,
        b" Td [(Add)]TJ 1 0 0 1 0 9 Tm /F": None,
        b" Td [(Add)]TJ 0 0 Td 0 g /F": None,
        b" Td [(Add)]TJ (x) TJ /F": None,
        b" Td [(A)28(dd)]TJ/X": None,
        b" Td [(\\001dd)]TJ/F": None,
    }.items():
        assert text_of(content.replace(word, changed)) == said
