"""QR symbols: made fast, and drawn as one path (ISO/IEC 18004)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from generator.codes.page_code import CodeError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MASK: Final = 2  # all masks decode; a fixed one is ten times as fast as the best one


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
_OWN: Final = 11
"""So many characters at the end of a payload, at most, differ in the pages of a copy."""

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
    length = len(payload)
    alike = max(0, length - _OWN) // 2 * 2
    bits = _begun(version, length, payload[:alike])
    for position in range(alike, length, 2):
        bits ^= _contribution(version, length, position, payload[position : position + 2])
    return Symbol(side_modules(version), bits)


@lru_cache(maxsize=16)
def _begun(version: int, length: int, start: str) -> int:
    """The modules of a payload that begins so, in pairs, with nothing but ``0`` behind."""
    bits = _base(version, length)
    for position in range(0, len(start), 2):
        bits ^= _contribution(version, length, position, start[position : position + 2])
    return bits


def encode_directly(payload: str, version: int) -> Symbol:
    """Makes the QR symbol (level M, alphanumeric mode) of a payload by ``qrcode`` alone, 0.25 ms.

    Raises:
        CodeError: If the payload doesn't fit, or has characters that don't belong in it.
    """
    # Here, and numpy below: many commands want no more than the size of a symbol.
    import qrcode
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.exceptions import DataOverflowError
    from qrcode.util import MODE_ALPHA_NUM, QRData

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


def qr_paths(symbols: Sequence[Symbol]) -> list[bytes]:
    """Draws symbols of one size, each as one filled path, in PDF operators, black only.

    It is made of rectangles: the runs of dark modules in rows, equal ones below each other as one.
    The unit is one module, the origin the lower left corner of the symbol: a ``cm`` before it says
    where the symbol stands and how large a module is. One path has no seams between modules.
    """
    import numpy as np

    side, count = symbols[0].side, len(symbols)
    places = side + 1
    fill, length = -(side**2) % 8, (side**2 + 7) // 8
    data = b"".join([(symbol.bits << fill).to_bytes(length, "big") for symbol in symbols])
    packed = np.frombuffer(data, np.uint8).reshape(count, length)
    framed = np.zeros((count, places, side + 2), np.uint8)
    modules = np.unpackbits(packed, axis=1, count=side**2)
    framed[:, :side, 1:-1] = modules.reshape(count, side, side)
    # In a row of side + 1 places between modules, every other change of color starts a run.
    changes = np.flatnonzero(framed[:, :, 1:] != framed[:, :, :-1])
    starts, widths = changes[::2], changes[1::2] - changes[::2]
    rows, columns = np.divmod(starts, places)
    # Sorted by where a run begins in its row, by its width, and by its row: equal ones below each
    # other follow each other. An empty row stands below each symbol, which none is continued over.
    all_rows = count * places
    sorted_runs = np.sort((columns * places + widths) * all_rows + rows)
    is_first = np.diff(sorted_runs, prepend=-2) != 1
    firsts = np.flatnonzero(is_first)
    heights = np.diff(firsts, append=len(sorted_runs))
    kinds, tops = np.divmod(sorted_runs[firsts], all_rows)
    order = np.argsort(tops, kind="stable")
    columns, widths = np.divmod(kinds[order], places)
    at, rows = np.divmod(tops[order], places)
    heights = heights[order]
    corners, sizes = _pairs(places), _pairs(places, b" re\n")
    rectangles = np.empty(len(order), [("corner", corners.dtype), ("size", sizes.dtype)])
    rectangles["corner"] = corners[columns, side - rows - heights]
    rectangles["size"] = sizes[widths, heights]
    ends = np.cumsum(np.bincount(at, minlength=count)).tolist()
    # Lines have room for the longest; what they do not fill is zero.
    drawn = [rectangles[start:end].tobytes() for start, end in pairwise([0, *ends])]
    return [b"0 g\n%bf\n" % lines.translate(None, b"\0") for lines in drawn]


@cache
def _pairs(count: int, end: bytes = b" ") -> NDArray[np.bytes_]:
    """All pairs of numbers below a count, as they are written."""
    import numpy as np

    written = [[b"%d %d%b" % (one, other, end) for other in range(count)] for one in range(count)]
    return np.array(written)
