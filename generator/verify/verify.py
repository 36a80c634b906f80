"""Stage 9, verify: what was stamped is read back and compared with what it should say.

The expectation is made from the records, never from the TeX that was typeset: a block that went to
the wrong copy is found as well as a glyph that came out wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from generator.codes.page_code import PageCode, parse_payload
from generator.verify.expect import Claim, Expected, Reading
from generator.verify.leaks import Forbidden
from generator.verify.readback import BOTH, PageReading

NO_CROSSES: Mapping[int, Mapping[str, bool | None]] = {}

KEY_WORD = "KEY"
"""What stands behind the page code of a key; a question may say it, too."""

_SAYS_KEY = re.compile(rf"\s+{KEY_WORD}\b")


def check_paper(
    expected: Sequence[Expected],
    readings: Sequence[PageReading],
    exam_id: str,
    code: str,
    pages: int,
    tag_key: bytes,
    forbidden: Forbidden,
    mark: str,
    on_cover: str = "",
) -> list[str]:
    """All that is wrong with a finished paper; nothing if all is well.

    Args:
        on_cover: What the first page of this copy alone has to say.
    """
    wrong = _check_pages(readings, exam_id, code, pages, mark)
    if on_cover and not any(on_cover in reading.text for reading in readings[:1]):
        wrong.append(f"{code}, page 1: the text {on_cover} is missing")
    if readings and not _shows_code(readings[0].text, PageCode(exam_id, code, 1), mark):
        wrong.append(f"{code}, page 1: the code of the copy is missing, or another one is there")
    for number, reading in enumerate(readings, 1):
        where = f"{code}, page {number}"
        wanted = PageCode(exam_id, code, number)
        if len(reading.codes) != BOTH:
            wrong.append(f"{where}: {len(reading.codes)} page codes can be read, expected {BOTH}")
        for payload in reading.codes:
            try:
                found = parse_payload(payload, tag_key)
            except ValueError as error:
                wrong.append(f"{where}: a page code says {payload!r}: {error}")
                continue
            if found != wanted:
                wrong.append(f"{where}: a page code says {found.text}, expected {wanted.text}")
        if any(reading.crossed):
            wrong.append(f"{where}: a tick box has a cross in it")
        if _is_of_a_key(reading, wanted):
            wrong.append(f"{where}: its page code says {KEY_WORD}")
        text = reading.text.replace(wanted.text, " ").replace(mark, " ").replace(code, " ")
        wrong += [f"{where}: it holds {leak}" for leak in _leaks(forbidden, text)]
    wrong += _check_values(expected, readings, code)
    return wrong


def _shows_code(cover: str, page: PageCode, mark: str) -> bool:
    """Whether a cover says the code of its copy, by which it is called, beside its page code."""
    rest = cover.replace(page.text, " ").replace(mark, " ")
    return re.search(rf"(?<![\w.-]){re.escape(page.copy)}(?![\w-]|\.\d)", rest) is not None


def check_key(
    expected: Sequence[Expected],
    readings: Sequence[PageReading],
    exam_id: str,
    code: str,
    pages: int,
    mark: str,
    crosses: Mapping[int, Mapping[str, bool | None]] = NO_CROSSES,
) -> list[str]:
    """All that is wrong with a finished key; nothing if all is well.

    Args:
        crosses: Page number to its tick boxes (``a of 1.1``) and whether each is to have a cross.
    """
    wrong = _check_pages(readings, exam_id, code, pages, mark)
    if readings and not _shows_code(readings[0].text, PageCode(exam_id, code, 1), mark):
        wrong.append(f"key of {code}, page 1: the code of the copy is missing, or another is there")
    for number, reading in enumerate(readings, 1):
        if not _is_of_a_key(reading, PageCode(exam_id, code, number)):
            wrong.append(f"key of {code}, page {number}: its page code does not say {KEY_WORD}")
    wrong += _check_crosses(crosses, readings, f"key of {code}")
    return wrong + _check_values(expected, readings, f"key of {code}")


def _check_crosses(
    crosses: Mapping[int, Mapping[str, bool | None]], readings: Sequence[PageReading], what: str
) -> list[str]:
    """What the tick boxes show that they should not, in words."""
    wrong = []
    for number, wanted in crosses.items():
        shown = readings[number - 1].crossed if number <= len(readings) else ()
        if len(shown) != len(wanted):
            wrong.append(f"{what}, page {number}: {len(shown)} tick boxes, expected {len(wanted)}")
        for (option, right), crossed in zip(wanted.items(), shown, strict=False):
            if crossed is not right:
                found = "has a cross, but is wrong" if crossed else "is right, but has no cross"
                wrong.append(f"{what}, page {number}: option {option} {found}")
    return wrong


def _is_of_a_key(reading: PageReading, page: PageCode) -> bool:
    _, *behind = reading.text.split(page.text)
    return any(_SAYS_KEY.match(rest) for rest in behind)


def _check_pages(
    readings: Sequence[PageReading], exam_id: str, code: str, pages: int, mark: str
) -> list[str]:
    wrong = []
    if len(readings) != pages:
        wrong.append(f"{code}: {len(readings)} pages, expected {pages}")
    for number, reading in enumerate(readings, 1):
        for text in (PageCode(exam_id, code, number).text, mark):
            if not _says_whole(reading.text, text):
                wrong.append(f"{code}, page {number}: the text {text} is missing")
    return wrong


def _says_whole(said: str, text: str) -> bool:
    """Whether a text stands on a page, and not as the start of a longer one: page 1 is not 12."""
    _, *behind = said.split(text)
    return any(not rest[:1].isdigit() for rest in behind)


def _check_values(
    expected: Sequence[Expected], readings: Sequence[PageReading], what: str
) -> list[str]:
    return [
        f"{what}, page {page.page}: {missing}"
        for page in expected
        if page.page <= len(readings)
        for missing in _compared(*_joined(readings, page), page.claims)[0]
    ]


def said_beside(
    expected: Sequence[Expected], readings: Sequence[PageReading]
) -> Iterator[tuple[int, Sequence[tuple[str, str]]]]:
    """Pages, and what they say between their blocks, of which no copy has others: where, and what.

    Only of pages that were read by their operators, which has no other text among it.
    """
    for page in expected:
        shown = readings[page.page - 1 : page.page]
        if not page.last and shown and shown[0].body is not None:
            _, beside = _compared(shown[0].body, shown[0].kept, page.claims)
            yield page.page, beside


@lru_cache(maxsize=2048)
def _compared(
    text: str, kept: str | None, claims: tuple[Claim, ...]
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """What a page does not say, and what it says between its blocks.

    Many pages are those of other copies, but for what is stamped.
    """
    reading = Reading(text, kept)
    return tuple(reading.missing(claims)), tuple(reading.beside)


def _joined(readings: Sequence[PageReading], page: Expected) -> tuple[str, str | None]:
    """The text of the pages that blocks stand on, and what of it is compared, if that is known."""
    shown = readings[page.page - 1 : max(page.page, page.last)]
    bodies = [reading.body for reading in shown if reading.body is not None]
    if len(bodies) < len(shown):
        return "\n".join([reading.text for reading in shown]), None
    return "\n".join(bodies), "".join([reading.kept for reading in shown])


@lru_cache(maxsize=512)
def _leaks(forbidden: Forbidden, text: str) -> tuple[str, ...]:
    return tuple(forbidden.found(text))
