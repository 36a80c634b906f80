"""Names of files that every system can have: letters of ASCII, digits and hyphens."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_SPELT: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}
    | {"æ": "ae", "ø": "oe", "å": "aa", "Æ": "Ae", "Ø": "Oe", "Å": "Aa", "ł": "l", "Ł": "L"}
)
"""Letters that are no letter of ASCII with a mark, or are spelt as two without theirs."""


def plain_name(text: str, otherwise: str) -> str:
    """A text as a file name: ``Hörsaal 1`` is ``Hoersaal-1``.

    Args:
        otherwise: For a text without such letters and digits.
    """
    spelt = unicodedata.normalize("NFC", text).translate(_SPELT)
    plain = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:60] or otherwise
