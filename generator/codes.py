"""Codes on the paper: page codes as text and as QR symbols, check characters, marks of records.

A page code says which page this is, three times over: as text ``cit-i2dl-1-20230210-E0312-17``, and
in two QR symbols as the same text in capitals, with a tag behind it that only the holder of the
batch's secret can make. Capitals, digits and ``-`` keep the symbol in QR's alphanumeric mode
(ISO/IEC 18004, 7.4.4).

All lengths are in millimeters, measured from the lower left corner of an A4 page.
"""

from __future__ import annotations

import hmac
import itertools
import re
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.exceptions import DataOverflowError
from qrcode.util import MODE_ALPHA_NUM, QRData

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U

PAGE_WIDTH_MM: Final = 210.0
PAGE_HEIGHT_MM: Final = 297.0
MODULE_MM: Final = 0.48
QUIET_MODULES: Final = 4  # ISO/IEC 18004, 5.3.8
EDGE_MM: Final = 10.0

LARGEST_VERSION: Final = 3  # for papers; reprints may take the next larger one
_CAPACITY: Final = {1: 20, 2: 38, 3: 61, 4: 90}  # characters at level M (ISO/IEC 18004, table 7)
_MASK: Final = 2  # all masks decode; a fixed one is ten times as fast as the best one
_TAG_LENGTH: Final = 8
_MARK_LENGTH: Final = 8
_PAGE_DIGITS: Final = 2

_PAGE_CODE: Final = re.compile(
    r"(?P<exam>[a-z0-9]+(?:-[a-z0-9]+)*)-(?P<copy>[A-Z][0-9]+(?:\.[1-9][0-9]*)?)-(?P<page>[1-9][0-9]*)"
)
_PAYLOAD: Final = re.compile(
    r"(?P<exam>[A-Z0-9]+(?:-[A-Z0-9]+)*)-(?P<copy>[A-Z][0-9]+(?:\.[1-9][0-9]*)?)-(?P<page>[1-9][0-9]*)"
    rf"-(?P<tag>[{ALPHABET}]{{{_TAG_LENGTH}}})"
)
_EXAM_ID: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class CodeError(ValueError):
    """A code that can't be made or read; the message is meant for the user."""


# --- Page codes ---


@dataclass(frozen=True, slots=True)
class PageCode:
    """Which page this is.

    Attributes:
        exam: Exam id, e.g. ``cit-i2dl-1-20230210``.
        copy: Copy code, e.g. ``E0312``, of its first reprint ``E0312.1``.
        page: Page number, from 1.
    """

    exam: str
    copy: str
    page: int

    @property
    def text(self) -> str:
        """The code as it is printed: ``cit-i2dl-1-20230210-E0312-17``."""
        return f"{self.exam}-{self.copy}-{self.page}"

    def payload(self, key: bytes) -> str:
        """The content of the page's QR symbols: the text in capitals, a hyphen and the tag."""
        head = self.text.upper()
        return f"{head}-{_tag(head, key)}"


def page_code(text: str) -> PageCode:
    """Reads a page code from its printed form.

    Raises:
        CodeError: If the text is no page code.
    """
    match = _PAGE_CODE.fullmatch(text)
    if match is None:
        raise CodeError(f"not a page code: {text!r}")
    return PageCode(match["exam"], match["copy"], int(match["page"]))


def parse_payload(text: str, key: bytes) -> PageCode:
    """Reads a page code from the content of a QR symbol and checks its tag.

    Args:
        text: What a decoder read.
        key: The key of the tags (``Secret.tag_key``).

    Raises:
        CodeError: If it is no page code, or if its tag was not made with this key.
    """
    match = _PAYLOAD.fullmatch(text)
    if match is None:
        raise CodeError(f"not the content of a page code: {text!r}")
    head = text[: match.start("tag") - 1]
    if not hmac.compare_digest(match["tag"], _tag(head, key)):
        raise CodeError(f"the tag of {text!r} is not from this batch")
    return PageCode(match["exam"].lower(), match["copy"], int(match["page"]))


def _tag(head: str, key: bytes) -> str:
    return _base32(hmac.digest(key, head.encode("ascii"), "sha256"), _TAG_LENGTH)


def record_mark(key: bytes, content: bytes) -> str:
    """Returns the short mark of a record: a truncated HMAC over what the paper shows.

    Args:
        key: The key of the marks (``Secret.mark_key``).
        content: The record in its canonical form.

    Returns:
        8 characters of Crockford's base 32 (40 bits).
    """
    return _base32(hmac.digest(key, content, "sha256"), _MARK_LENGTH)


def _base32(digest: bytes, length: int) -> str:
    """The first ``5 * length`` bits of a digest, most significant first."""
    number = int.from_bytes(digest, "big") >> (8 * len(digest) - 5 * length)
    return "".join([ALPHABET[number >> shift & 31] for shift in range(5 * length - 5, -1, -5)])


# --- QR symbols ---


def symbol_version(exam_id: str, digits: int) -> int:
    """Chooses the QR version of an exam: the smallest that holds all of its page codes at level M.

    Args:
        exam_id: Exam id.
        digits: Number of digits of a copy code.

    Returns:
        A version from 1 to `LARGEST_VERSION`.

    Raises:
        CodeError: If the exam id is too long, or has characters that a page code can't hold.
    """
    if not _EXAM_ID.fullmatch(exam_id):
        raise CodeError(
            f"the exam id {exam_id!r} must consist of small letters a-z and digits, "
            "with single hyphens between them"
        )
    length = len(exam_id) + len("-E") + digits + len("-") + _PAGE_DIGITS + len("-") + _TAG_LENGTH
    for version in range(1, LARGEST_VERSION + 1):
        if length <= _CAPACITY[version]:
            return version
    excess = length - _CAPACITY[LARGEST_VERSION]
    raise CodeError(
        f"the exam id {exam_id!r} is {excess} character{'s' * (excess > 1)} too long "
        f"for the QR symbol: it has {len(exam_id)}, at most {len(exam_id) - excess} fit"
    )


@dataclass(frozen=True, slots=True)
class Symbol:
    """A QR symbol without its quiet zone.

    Attributes:
        side: Number of modules of a side.
        bits: The modules row by row from the top left, one bit each, the first one most
            significant; 1 is dark.
    """

    side: int
    bits: int

    def rows(self) -> list[str]:
        """The rows from the top, each as a string of ``0`` and ``1``."""
        text = f"{self.bits:0{self.side**2}b}"
        return [text[start : start + self.side] for start in range(0, self.side**2, self.side)]


def side_modules(version: int) -> int:
    """Number of modules of a side (ISO/IEC 18004, 5.3.1)."""
    return 17 + 4 * version


_FEW: Final = 48
_made: Final = itertools.count()


def encode(payload: str, version: int) -> Symbol:
    """Makes the QR symbol (level M, alphanumeric mode) of a payload: what `encode_directly` makes.

    With version, level, mask and length fixed, every module is a sum modulo 2 of payload bits and a
    constant: the Reed-Solomon code is linear, and placing and masking move and flip bits. Payloads
    of a batch differ in few bits. Therefore one symbol is made by ``qrcode``, what each bit changes
    is learned from it once, and every other symbol is a handful of XORs: 0.01 ms instead of 0.25.

    Args:
        payload: Capitals, digits and the other characters of QR's alphanumeric mode.
        version: QR version, 1 to 4.

    Raises:
        CodeError: If the payload doesn't fit.
    """
    if next(_made) < _FEW:  # a preview has not enough codes to learn from
        return encode_directly(payload, version)
    bits = _base(version, len(payload))
    for position in range(0, len(payload), 2):
        bits ^= _contribution(version, len(payload), position, payload[position : position + 2])
    return Symbol(side_modules(version), bits)


def encode_directly(payload: str, version: int) -> Symbol:
    """Makes the QR symbol (level M, alphanumeric mode) of a payload by ``qrcode`` alone, 0.25 ms.

    Raises:
        CodeError: If the payload doesn't fit, or has characters that don't belong in it.
    """
    code = qrcode.QRCode(
        version=version, error_correction=ERROR_CORRECT_M, mask_pattern=_MASK, border=0
    )
    try:
        code.add_data(QRData(payload.encode("ascii"), mode=MODE_ALPHA_NUM), optimize=0)
        code.make(fit=False)
    except DataOverflowError as error:
        raise CodeError(
            f"{payload!r} does not fit into a QR symbol of version {version}"
        ) from error
    except ValueError as error:  # UnicodeEncodeError included
        raise CodeError(f"{payload!r} is not made of capitals, digits and - . only") from error
    text = "".join(["1" if module else "0" for row in code.modules for module in row])
    return Symbol(side_modules(version), int(text, 2))


_ALPHANUMERIC: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"  # ISO/IEC 18004, table 5


def _pair_number(pair: str) -> int:
    """The number that stands for two characters (in 11 bits) or for a last one (in 6 bits)."""
    number = 0
    for character in pair:
        value = _ALPHANUMERIC.find(character)
        if value < 0:
            raise CodeError(f"{character!r} can't be in a page code")
        number = number * len(_ALPHANUMERIC) + value
    return number


@cache
def _base(version: int, length: int) -> int:
    return encode_directly("0" * length, version).bits


@cache
def _column(version: int, length: int, position: int, bit: int) -> int:
    """The modules that one bit of the pair of characters at a position flips."""
    high, low = divmod(1 << bit, len(_ALPHANUMERIC))
    single = position == length - 1
    pair = _ALPHANUMERIC[low] if single else _ALPHANUMERIC[high] + _ALPHANUMERIC[low]
    payload = ("0" * position + pair).ljust(length, "0")
    return encode_directly(payload, version).bits ^ _base(version, length)


@cache
def _contribution(version: int, length: int, position: int, pair: str) -> int:
    """The modules that a pair of characters at a position flips against ``00``."""
    number = _pair_number(pair)
    modules = 0
    for bit in range(number.bit_length()):
        if number >> bit & 1:
            modules ^= _column(version, length, position, bit)
    return modules


def qr_path(symbol: Symbol) -> bytes:
    """Draws a symbol as one filled path of row runs, in PDF operators, black only.

    The unit is one module, the origin the lower left corner of the symbol: a ``cm`` before it says
    where the symbol stands and how large a module is. One path has no seams between modules.
    """
    side = symbol.side
    data = (symbol.bits << -(side**2) % 8).to_bytes((side**2 + 7) // 8, "big")
    framed = np.zeros((side, side + 2), np.uint8)
    modules = np.unpackbits(np.frombuffer(data, np.uint8), count=side**2)
    framed[:, 1:-1] = modules.reshape(side, side)
    # In a row of side + 1 places between modules, every other change of color starts a run.
    changes = np.flatnonzero(framed[:, 1:] != framed[:, :-1])
    starts, ends = changes[::2], changes[1::2]
    rectangles = _rectangles(side)
    runs = [rectangles[run] for run in (starts * (side + 1) + ends - starts).tolist()]
    return "\n".join(["0 g", *runs, "f\n"]).encode("ascii")


@cache
def _rectangles(side: int) -> list[str]:
    """The rectangle of every run, at the index ``start * (side + 1) + width`` of its start.

    Starts are counted on through all rows, with ``side + 1`` places in each.
    """
    places = side + 1
    return [
        f"{start % places} {side - 1 - start // places} {width} 1 re"
        for start in range(side * places)
        for width in range(places)
    ]


@dataclass(frozen=True, slots=True)
class Box:
    """A square on the page.

    Attributes:
        left_mm: Distance of its left side from the left edge of the page.
        bottom_mm: Distance of its lower side from the lower edge of the page.
        side_mm: Length of a side.
    """

    left_mm: float
    bottom_mm: float
    side_mm: float


def symbol_boxes(page: int, version: int) -> tuple[Box, Box]:
    """Where the two symbols of a page stand: in the upper outer and in the lower inner corner.

    A booklet is bound at the left of its odd pages, at the right of its even ones. The sides toward
    the page's edges are 10 mm from them; a symbol of a larger version grows toward the middle of
    the page.

    Args:
        page: Page number, from 1.
        version: QR version.

    Returns:
        The upper and the lower symbol, without their quiet zones.
    """
    side_mm = side_modules(version) * MODULE_MM
    left_mm = EDGE_MM
    right_mm = PAGE_WIDTH_MM - EDGE_MM - side_mm
    top_mm = PAGE_HEIGHT_MM - EDGE_MM - side_mm
    upper_mm, lower_mm = (right_mm, left_mm) if page % 2 else (left_mm, right_mm)
    return Box(upper_mm, top_mm, side_mm), Box(lower_mm, EDGE_MM, side_mm)


def reserved_boxes(page: int, version: int) -> tuple[Box, Box]:
    """The squares on a page that nothing else may touch.

    They hold the symbols of the next larger version with their quiet zones: a reprint
    (``E0312.1``) needs the room.

    Args:
        page: Page number, from 1.
        version: QR version of the exam.

    Returns:
        The upper and the lower square.
    """
    quiet_mm = QUIET_MODULES * MODULE_MM
    upper, lower = symbol_boxes(page, version + 1)
    return _widened(upper, quiet_mm), _widened(lower, quiet_mm)


def _widened(box: Box, margin_mm: float) -> Box:
    return Box(box.left_mm - margin_mm, box.bottom_mm - margin_mm, box.side_mm + 2 * margin_mm)


# --- Check characters ---

# GF(32) = GF(2)[x] / (x^5 + x^2 + 1), which is primitive: the powers of x (written 2) are all of
# the 31 elements but 0. A character stands for the element whose bits are its index in the
# alphabet.
_POLYNOMIAL: Final = 0b100101
# The characters behind a dot count from here on, so that a lost dot is noticed as well.
_REPRINT_POWER: Final = 16


def _power_table() -> list[int]:
    table = [1]
    for _ in range(30):
        double = table[-1] << 1
        table.append(double ^ _POLYNOMIAL if double & 32 else double)
    return table


_POWERS: Final = _power_table()
_LOGARITHMS: Final = {power: exponent for exponent, power in enumerate(_POWERS)}


def check_character(code: str) -> str:
    """Returns the check character of a copy code: the sum of a_i * x**i over GF(32).

    ``a_i`` is the i-th character from the left, from 1; those behind the dot of a reprint count
    from 16 on. The polynomial is x^5 + x^2 + 1, the alphabet Crockford's. As all weights differ
    from each other, from 0 and from the 1 of the check character, a wrong character, any two
    exchanged ones (next to each other or not) and a wrong pair of equal ones are all noticed.

    Args:
        code: A copy code, e.g. ``E0312`` or ``E0312.1``.

    Raises:
        CodeError: If the code has a character that is not in the alphabet, or too many.
    """
    number, _, reprint = code.partition(".")
    if len(number) >= _REPRINT_POWER or len(reprint) > len(_POWERS) - _REPRINT_POWER:
        raise CodeError(f"too long for a check character: {code!r}")
    total = 0
    for first, part in ((1, number), (_REPRINT_POWER, reprint)):
        for exponent, character in enumerate(part, first):
            value = ALPHABET.find(character)
            if value < 0:
                raise CodeError(f"{character!r} can't be in the code {code!r}")
            if value:
                total ^= _POWERS[(_LOGARITHMS[value] + exponent) % 31]
    return ALPHABET[total]


def with_check(code: str) -> str:
    """Returns a copy code with its check character, as people read it out: ``E0312-Y``."""
    return f"{code}-{check_character(code)}"


# What keyboards and mail programs make of a hyphen.
_DASHES: Final = "-\u2010\u2011\u2012\u2013\u2014\u2212"
_TYPED: Final = str.maketrans("OIL", "011", _DASHES)


def read_typed(text: str) -> str:
    """Reads a copy code with its check character as somebody typed it.

    Lower case, O for 0, I and L for 1, hyphens and spaces anywhere are accepted.

    Returns:
        The copy code without the check character.

    Raises:
        CodeError: If it has characters that no code has, or if the check character does not match.
    """
    typed = "".join(text.split()).upper().translate(_TYPED)
    code, check = typed[:-1], typed[-1:]
    if len(code) < 2:
        raise CodeError(f"{text!r} is too short: expected a copy code and its check character")
    if check_character(code) != check:
        raise CodeError(f"{text!r} is not a copy code with its check character: a typing error?")
    return code
