"""Page codes, their tags, and the marks of records.

A page code says which page this is, three times over: as text ``cit-i2dl-1-20230210-E0312-17``, and
in two QR symbols as the same text in capitals, with a tag behind it that only the holder of the
batch's secret can make. Capitals, digits and ``-`` keep the symbol in QR's alphanumeric mode
(ISO/IEC 18004, 7.4.4).
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
REFERENCE_CODE: Final = "E0743"
"""The copy with the values that the bank writes out; never allocated."""

TAG_LENGTH: Final = 8
_MARK_LENGTH: Final = 8

_PAYLOAD: Final = re.compile(
    r"(?P<exam>[A-Z0-9]+(?:-[A-Z0-9]+)*)-(?P<copy>[A-Z][0-9]+(?:\.[1-9][0-9]*)?)-(?P<page>[1-9][0-9]*)"
    rf"-(?P<tag>[{ALPHABET}]{{{TAG_LENGTH}}})"
)
EXAM_ID: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class CodeError(ValueError):
    """A code that can't be made or read; the message is meant for the user."""


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
    return _base32(hmac.digest(key, head.encode("ascii"), "sha256"), TAG_LENGTH)


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
