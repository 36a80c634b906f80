"""What a finished page draws, in its order and at its places: paths, called figures, and texts.

pdfTeX moves to where something is drawn and back again, ``1 0 0 1 216.3 802.2 cm``; a path of a
plot is one line, ``q ... Q``. What TeX sets for a figure follows it: so each number of a plot is
known by the path before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from generator.layout import PAGE_MATRIX, Matrix, concatenated, place_in
from generator.verify.operators import TextOperators

_TOKEN: Final = re.compile(
    rb"^BT\n(?P<text>.*?)\nET$|^(?P<matrix>[-.\d]+(?: [-.\d]+){5}) cm$|^/(?P<figure>Fig-\S+) Do$"
    rb"|^(?P<path>q [^\n]* Q)$|^(?P<state>[qQ])$",
    re.MULTILINE | re.DOTALL,
)
_FIGURE: Final = "Fig-"


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that is drawn.

    Attributes:
        kind: A path, a figure that is called, or a text.
        said: The operators of a path, the slot of a figure, or the characters of a text.
        start: Where it is drawn from, in points from the lower left corner of the page: of a text,
            the left end of its base line.
        end: The other end of the base line of a text; else its start.
    """

    kind: Literal["path", "figure", "text"]
    said: str
    start: tuple[float, float]
    end: tuple[float, float]


def read_marks(content: bytes, fonts: TextOperators) -> Iterator[Mark]:
    """Everything that a page draws, in its order, as far as pdfTeX has written it."""
    matrix = PAGE_MATRIX
    kept: list[Matrix] = []
    for token in _TOKEN.finditer(content):
        origin = matrix[4], matrix[5]
        if token["state"] == b"q":
            kept.append(matrix)
        elif token["state"] == b"Q":
            matrix = kept.pop() if kept else matrix
        elif token["matrix"]:
            inner: Any = tuple(map(float, token["matrix"].split()))
            matrix = concatenated(inner, matrix)
        elif token["figure"]:
            slot = token["figure"].decode("latin-1").removeprefix(_FIGURE)
            yield Mark("figure", slot, origin, origin)
        elif token["path"]:
            yield Mark("path", token["path"].decode("latin-1"), origin, origin)
        else:
            for run in fonts.runs(token["text"] or b""):
                ends = [place_in(matrix, x, run.base) for x in (run.start, run.end)]
                yield Mark("text", run.text, *ends)
