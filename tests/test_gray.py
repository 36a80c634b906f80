"""Images are printed in gray, whatever they are in the bank."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import PIL.Image
import pytest
from pypdf import PdfReader

from generator.bank.gray import has_colors, in_gray
from generator.bank.images import printable

RED = '<rect width="30" height="10" fill="red" {}/>'


def drawing(inside: str) -> bytes:
    """An SVG as pdfTeX gets it."""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 10">{inside}</svg>'
    return printable("a.svg", svg.encode())[1]


def picture(mode: str, color: object, kind: str = "PNG") -> bytes:
    sink = BytesIO()
    PIL.Image.new(mode, (4, 4), color).save(sink, kind)  # type: ignore[arg-type]
    return sink.getvalue()


def shades(content: bytes) -> set[int]:
    with PIL.Image.open(BytesIO(content)) as found:
        assert found.mode == "L"
        return set(np.unique(np.asarray(found)).tolist())


def test_operators_that_set_colors_set_grays() -> None:
    suffix, content = in_gray(".pdf", drawing(RED.format("")), 30)
    assert suffix == ".pdf"
    page = PdfReader(BytesIO(content)).pages[0]
    assert "/Group" not in page
    stream = page.get_contents()
    assert stream is not None
    said = stream.get_data()
    assert b"0.299 g" in said
    assert b" rg" not in said
    assert in_gray(".pdf", content, 30) == (".pdf", content)


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (RED.format('opacity="0.5"'), 166),
        (
            '<defs><linearGradient id="a"><stop offset="0" stop-color="red"/>'
            '<stop offset="1" stop-color="white"/></linearGradient></defs>'
            '<rect width="30" height="10" fill="url(#a)"/>',
            76,
        ),
    ],
)
def test_what_operators_do_not_say_is_drawn(inside: str, expected: int) -> None:
    suffix, content = in_gray(".pdf", drawing(inside), 30)
    assert suffix == ".png"
    with PIL.Image.open(BytesIO(content)) as found:
        assert found.size == pytest.approx((709, 236), abs=2)
    assert min(shades(content)) == pytest.approx(expected, abs=3)


def test_pictures_become_gray_on_white() -> None:
    assert shades(in_gray(".png", picture("RGB", (255, 0, 0)), 30)[1]) == {76}
    assert shades(in_gray(".png", picture("RGBA", (0, 0, 0, 0)), 30)[1]) == {255}
    assert shades(in_gray(".jpg", picture("CMYK", (0, 0, 0, 0), "JPEG"), 30)[1]) == {255}
    for content in (picture("L", 90), picture("1", 1)):
        assert in_gray(".png", content, 30) == (".png", content)


def test_colors_are_told_from_grays() -> None:
    assert has_colors(picture("RGB", (255, 0, 0)))
    assert not has_colors(picture("RGB", (90, 90, 95)))
    assert not has_colors(picture("RGBA", (5, 5, 5, 100)))
