"""Page codes, QR symbols and where they stand, check characters, marks."""

from __future__ import annotations

import random
import re
from itertools import combinations

import numpy as np
import pytest
import qrcode
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.codes.check_character import check_character, with_check
from generator.codes.page_code import (
    ALPHABET,
    CodeError,
    PageCode,
    parse_payload,
    record_mark,
)
from generator.codes.qr import Symbol, encode, encode_directly, qr_paths, side_modules
from generator.codes.sheet import (
    EDGE_MM,
    MODULE_MM,
    QUIET_MODULES,
    Square,
    reserved_boxes,
    symbol_boxes,
    symbol_version,
    version_holding,
)
from generator.codes.typed_code import read_copy_code
from generator.exact.secret import REFERENCE_SECRET
from generator.layout import A4

KEY = REFERENCE_SECRET.tag_key
EXAM = "cit-i2dl-1-20230210"

EXAMS = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,5}){0,3}", fullmatch=True)
COPIES = st.from_regex(r"E[0-9]{4,5}(\.[1-9])?", fullmatch=True)
PAGES = st.integers(1, 99)
PAGE_CODES = st.builds(PageCode, EXAMS, COPIES, PAGES)


def decoded(symbol: Symbol) -> list[str]:
    """Reads a symbol by an independent decoder."""
    rows = [[int(module) for module in row] for row in symbol.rows()]
    pixels = 255 * (1 - np.kron(np.pad(rows, QUIET_MODULES), np.ones((4, 4), int)))
    return [code.text for code in zxingcpp.read_barcodes(pixels.astype(np.uint8))]


# --- Page codes ---


def test_page_code_as_the_contract_has_it() -> None:
    code = PageCode(EXAM, "E0312", 17)
    assert code.text == "cit-i2dl-1-20230210-E0312-17"
    assert re.fullmatch(rf"CIT-I2DL-1-20230210-E0312-17-[{ALPHABET}]{{8}}", code.payload(KEY))


def test_the_tags_of_the_reference_copy_never_change() -> None:
    assert PageCode(EXAM, "E0743", 17).payload(KEY).endswith("-17-A6SJEETY")


@given(PAGE_CODES)
def test_page_codes_are_read_back(code: PageCode) -> None:
    assert parse_payload(code.payload(KEY), KEY) == code


@given(PAGE_CODES, st.data())
def test_a_payload_with_one_character_changed_is_refused(
    code: PageCode, data: st.DataObject
) -> None:
    payload = code.payload(KEY)
    position = data.draw(st.integers(0, len(payload) - 1))
    other = data.draw(st.sampled_from([c for c in ALPHABET + "-" if c != payload[position]]))
    with pytest.raises(CodeError):
        parse_payload(payload[:position] + other + payload[position + 1 :], KEY)


def test_a_tag_from_another_batch_or_another_page_is_refused() -> None:
    code = PageCode(EXAM, "E0312", 17)
    with pytest.raises(CodeError, match="not from this batch"):
        parse_payload(code.payload(bytes(32)), KEY)
    tag = PageCode(EXAM, "E0312", 18).payload(KEY)[-8:]
    with pytest.raises(CodeError, match="not from this batch"):
        parse_payload(f"{code.text.upper()}-{tag}", KEY)


@pytest.mark.parametrize(
    "text",
    ["", "https://example.org", EXAM, f"{EXAM}-E0312", f"{EXAM}-E0312-0", f"{EXAM}-E0312-017"],
)
def test_other_texts_are_no_page_codes(text: str) -> None:
    with pytest.raises(CodeError, match="not the content"):
        parse_payload(text.upper(), KEY)


def test_marks_are_short_and_depend_on_key_and_content() -> None:
    marks = {record_mark(key, content) for key in (KEY, bytes(32)) for content in (b"a", b"b")}
    assert len(marks) == 4
    assert all(re.fullmatch(rf"[{ALPHABET}]{{8}}", mark) for mark in marks)


# --- QR symbols ---


@pytest.mark.parametrize(
    ("length", "digits", "version"), [(1, 4, 1), (2, 4, 1), (3, 4, 2), (20, 4, 2), (21, 4, 3)]
)
def test_the_smallest_version_that_holds_the_longest_page_code(
    length: int, digits: int, version: int
) -> None:
    exam = "a" * length
    assert symbol_version(exam, digits) == version
    longest = PageCode(exam, "E" + "9" * digits, 99).payload(KEY)
    automatic = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M)
    automatic.add_data(longest)
    assert automatic.best_fit() == version


def test_the_model_exam_takes_version_2_and_its_reprints_fit_the_reserve() -> None:
    assert symbol_version(EXAM, 4) == 2
    reprint = PageCode(EXAM, "E0312.1", 17).payload(KEY)
    assert decoded(encode(reprint, 3)) == [reprint]


def test_an_exam_id_that_is_too_long_says_by_how_much() -> None:
    symbol_version("a" * 43, 4)
    with pytest.raises(CodeError, match=r"is 1 character too long .* has 44, at most 43 fit"):
        symbol_version("a" * 44, 4)
    with pytest.raises(CodeError, match="is 3 characters too long"):
        symbol_version("a" * 45, 5)


@pytest.mark.parametrize("exam", ["", "I2DL", "a_b", "a--b", "-a", "a b", "ü"])
def test_an_exam_id_with_other_characters_is_refused(exam: str) -> None:
    with pytest.raises(CodeError, match="small letters"):
        symbol_version(exam, 4)


@given(COPIES, PAGES)
@settings(deadline=None)
def test_fast_symbols_are_those_of_qrcode(copy: str, page: int) -> None:
    payload = PageCode(EXAM, copy, page).payload(KEY)
    assert encode(payload, 3) == encode_directly(payload, 3)


@given(PAGE_CODES)
@settings(deadline=None, max_examples=5)
def test_fast_symbols_of_any_exam_are_those_of_qrcode(code: PageCode) -> None:
    payload = code.payload(KEY)
    assert encode(payload, 4) == encode_directly(payload, 4)


def test_symbols_of_a_copy_are_decoded() -> None:
    for page in range(1, 21):
        payload = PageCode(EXAM, "E0312", page).payload(KEY)
        assert decoded(encode(payload, 2)) == [payload]


@pytest.mark.parametrize("make", [encode, encode_directly])
def test_payloads_that_cannot_be_encoded(make: object) -> None:
    assert callable(make)
    with pytest.raises(CodeError, match="does not fit"):
        make("A" * 39, 2)
    for payload in ("lower", "A,B", "Ä"):
        with pytest.raises(CodeError):
            make(payload, 2)


def test_the_path_fills_exactly_the_dark_modules() -> None:
    symbols = [encode(PageCode(EXAM, "E0312", page).payload(KEY), 2) for page in (3, 4, 5)]
    full = Symbol(25, (1 << 625) - 1)
    symbols += [full, full, Symbol(25, 1), Symbol(25, 1 << 624), Symbol(25, 0), symbols[0]]
    for symbol, path in zip(symbols, qr_paths(symbols), strict=True):
        lines = path.decode("ascii").split("\n")
        assert (lines[0], lines[-2:]) == ("0 g", ["f", ""])
        dark = np.zeros((symbol.side, symbol.side), int)
        for line in lines[1:-2]:
            x, y, width, height, operator = line.split()
            assert operator == "re"
            dark[int(y) : int(y) + int(height), int(x) : int(x) + int(width)] += 1
        assert dark[::-1].tolist() == [[int(module) for module in row] for row in symbol.rows()]
    assert qr_paths([full]) == [b"0 g\n0 0 25 25 re\nf\n"]


# --- Geometry ---


def corner_distances(box: Square) -> tuple[float, float]:
    """Distances to the nearer vertical and the nearer horizontal edge of the page."""
    right = A4.width_mm - box.left_mm - box.side_mm
    top = A4.height_mm - box.bottom_mm - box.side_mm
    return min(box.left_mm, right), min(box.bottom_mm, top)


@pytest.mark.parametrize("version", [1, 2, 3, 4])
@pytest.mark.parametrize("page", [1, 2])
def test_symbols_stand_10_mm_from_the_edges_of_opposite_corners(page: int, version: int) -> None:
    upper, lower = symbol_boxes(page, version)
    for box in (upper, lower):
        assert corner_distances(box) == pytest.approx((EDGE_MM, EDGE_MM))
        assert box.side_mm == pytest.approx(side_modules(version) * MODULE_MM)
    assert upper.bottom_mm > A4.height_mm / 2 > lower.bottom_mm
    outer_is_right = page % 2 == 1
    assert (upper.left_mm > A4.width_mm / 2) == outer_is_right
    assert (lower.left_mm < A4.width_mm / 2) == outer_is_right


def test_modules_are_large_enough_and_the_symbol_is_12_mm() -> None:
    assert MODULE_MM >= 0.45
    assert symbol_boxes(1, 2)[0].side_mm == pytest.approx(12)


@pytest.mark.parametrize("page", [1, 2])
def test_the_reserve_holds_the_next_version_with_its_quiet_zone(page: int) -> None:
    for reserve, small, large in zip(
        reserved_boxes(page, 2), symbol_boxes(page, 2), symbol_boxes(page, 3), strict=True
    ):
        for box in (small, large):
            for low, size, outer_low, outer_size in (
                (box.left_mm, box.side_mm, reserve.left_mm, reserve.side_mm),
                (box.bottom_mm, box.side_mm, reserve.bottom_mm, reserve.side_mm),
            ):
                quiet = QUIET_MODULES * MODULE_MM - 1e-9
                assert low - outer_low >= quiet
                assert outer_low + outer_size - low - size >= quiet


# --- Check characters ---


def codes(count: int) -> list[str]:
    dice = random.Random(1)
    plain = [f"E{dice.randrange(10**4):04d}" for _ in range(count)]
    return [
        *plain,
        *(f"E{dice.randrange(10**5):05d}.{dice.randrange(1, 10)}" for _ in range(count)),
    ]


CHECKED = [code + check_character(code) for code in codes(150)]


def is_read(text: str) -> bool:
    try:
        return check_character(text[:-1]) == text[-1]
    except CodeError:
        return False


def test_check_characters_never_change() -> None:
    assert [with_check(code) for code in ("E0312", "E0743", "E0312.1")] == [
        "E0312-Y",
        "E0743-4",
        "E0312.1-5",
    ]


def test_the_check_character_is_the_documented_sum() -> None:
    """The definition, by multiplication of polynomials instead of logarithms."""

    def times_x(element: int) -> int:
        return (element << 1) ^ (0b100101 if element & 16 else 0)

    for code in codes(50):
        number, _, reprint = code.partition(".")
        total = 0
        for first, part in ((1, number), (16, reprint)):
            for exponent, character in enumerate(part, first):
                term = ALPHABET.index(character)
                for _ in range(exponent):
                    term = times_x(term)
                total ^= term
        assert check_character(code) == ALPHABET[total]


def test_the_longest_code_with_a_check_character_uses_every_weight_once() -> None:
    longest = f"E{'1' * 14}.{'1' * 15}"
    assert is_read(longest + check_character(longest))
    for too_long in (longest.replace("E", "E1"), f"{longest}1"):
        with pytest.raises(CodeError, match="too long"):
            check_character(too_long)


def test_all_single_substitutions_are_noticed() -> None:
    for text in CHECKED:
        for position, right in enumerate(text):
            for wrong in ALPHABET.replace(right, "") if right != "." else "":
                assert not is_read(text[:position] + wrong + text[position + 1 :])


def test_all_exchanges_are_noticed() -> None:
    """Adjacent swaps, jump swaps and all others."""
    for text in CHECKED:
        for i, j in combinations(range(len(text)), 2):
            if "." not in text[i] + text[j] and text[i] != text[j]:
                swapped = list(text)
                swapped[i], swapped[j] = text[j], text[i]
                assert not is_read("".join(swapped))


def test_all_twin_errors_are_noticed() -> None:
    """aa typed as bb, and aca as bcb."""
    for text in CHECKED:
        for i, j in combinations(range(len(text)), 2):
            if j - i <= 2 and text[i] == text[j]:
                for wrong in ALPHABET.replace(text[i], ""):
                    twin = list(text)
                    twin[i] = twin[j] = wrong
                    assert not is_read("".join(twin))


def test_a_lost_character_or_a_lost_dot_is_noticed_or_changes_nothing() -> None:
    for text in CHECKED:
        if "." in text:
            assert not is_read(text.replace(".", ""))


def test_what_people_type_is_accepted() -> None:
    for code in codes(100):
        checked = with_check(code)
        lookalikes = checked.replace("0", "o").replace("1", "l")
        for typed in (
            checked,
            checked.lower(),
            checked.replace("-", ""),
            f" {checked[:3]} {checked[3:]}\n",
            lookalikes,
            lookalikes.upper().replace("L", "i"),
            checked.replace("-", "\u2013"),
        ):
            assert read_copy_code(typed, len(code.partition(".")[0]) - 1, EXAM) == code


@pytest.mark.parametrize("text", ["", "E", "E031", "E0312-U", "E0312-!", "E" * 40])
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(CodeError):
        read_copy_code(text, 4, EXAM)


def test_a_version_holds_what_a_page_code_needs() -> None:
    assert [version_holding(length) for length in (20, 21, 38, 39)] == [1, 2, 2, 3]
    with pytest.raises(CodeError, match="1000 characters do not fit"):
        version_holding(1000)


def test_a_page_of_another_exam_is_no_copy_code() -> None:
    assert read_copy_code(f"{EXAM}-E0312-17", 4, EXAM) == "E0312"
    with pytest.raises(CodeError, match="is a page of other-1, not of "):
        read_copy_code("other-1-E0312-17", 4, EXAM)
