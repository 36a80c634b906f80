"""What happens to pages between the printer and the scanner, done to pictures of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import cos, radians, sin, tan

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generator.codes.qr import encode
from generator.codes.sheet import symbol_boxes, version_holding
from generator.layout import A4, Sheet
from generator.scans.identify import GrayPicture

Damage = Callable[[GrayPicture, np.random.Generator], GrayPicture]
PAGE_MM = A4.height_mm
"""By which damages are measured; on other sheets they are a little smaller."""


def warped(picture: GrayPicture, matrix: NDArray[np.float64]) -> GrayPicture:
    """The picture under a linear map around its middle, white where there is nothing.

    Args:
        matrix: Shape (2, 2), on (x, y) in pixels.
    """
    height, width = picture.shape
    (a, b), (c, d) = np.linalg.inv(matrix)
    # Pillow counts from the corners of pixels, so their middles lie at halves.
    x, y = width / 2 + 0.5, height / 2 + 0.5
    shifts = (x - a * x - b * y, y - c * x - d * y)
    moved = Image.fromarray(picture).transform(
        (width, height),
        Image.Transform.AFFINE,
        (a, b, shifts[0], c, d, shifts[1]),
        Image.Resampling.BILINEAR,
        fillcolor=255,
    )
    return np.asarray(moved)


def _turn(degrees: float) -> NDArray[np.float64]:
    angle = radians(degrees)
    return np.array([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]])


def turned(degrees: float) -> Damage:
    """Turned by so much, in one direction or the other."""
    return lambda picture, dice: warped(picture, _turn(degrees * dice.choice([-1, 1])))


def scaled(share: float) -> Damage:
    """Larger or smaller by a share, as a printer that fits pages does."""
    return lambda picture, dice: warped(picture, np.eye(2) * (1 + share * dice.choice([-1, 1])))


def skewed(degrees: float) -> Damage:
    """Drawn in askew."""
    return lambda picture, dice: warped(picture, np.array([[1, tan(radians(degrees))], [0, 1]]))


def upside_down(picture: GrayPicture, dice: np.random.Generator) -> GrayPicture:
    """Laid in the wrong way round."""
    return np.ascontiguousarray(picture[::-1, ::-1])


def faded(picture: GrayPicture, dice: np.random.Generator) -> GrayPicture:
    """Printed with little toner."""
    return (255 - (255 - picture.astype(np.uint16)) * 45 // 100).astype(np.uint8)


def blurred(picture: GrayPicture, dice: np.random.Generator) -> GrayPicture:
    """Out of focus: the mean of three by three pixels."""
    padded = np.pad(picture.astype(np.uint16), 1, mode="edge")
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    mean: GrayPicture = ((rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) // 9).astype(np.uint8)
    return mean


def noisy(picture: GrayPicture, dice: np.random.Generator) -> GrayPicture:
    """Grain of a cheap scanner."""
    grain = dice.standard_normal(picture.shape, np.float32) * 20
    grained: GrayPicture = np.clip(picture + grain, 0, 255).astype(np.uint8)
    return grained


def black_and_white(picture: GrayPicture, dice: np.random.Generator) -> GrayPicture:
    """Scanned without grays."""
    return np.where(picture < 140, 0, 255).astype(np.uint8)


def copied_twice(picture: GrayPicture, dice: np.random.Generator) -> GrayPicture:
    """A copy of a copy: blur and contrast, two times."""
    for _ in range(2):
        soft = blurred(picture, dice).astype(np.int16)
        picture = np.clip((soft - 128) * 2 + 128, 0, 255).astype(np.uint8)
    return picture


def _rectangle(
    picture: GrayPicture, box_mm: tuple[float, float, float, float], gray: int
) -> GrayPicture:
    """A filled rectangle (left, top, width, height in mm); from the right or bottom if negative."""
    height, width = picture.shape
    per_mm = height / PAGE_MM
    left, top, across, down = (round(length * per_mm) for length in box_mm)
    left, top = left % width, top % height
    changed = picture.copy()
    changed[top : top + down, left : left + across] = gray
    return changed


def pen_stroke(picture: GrayPicture, dice: np.random.Generator) -> GrayPicture:
    """Two strokes of a pen through one of the symbols."""
    corner = _dark_corner(picture, dice)
    for shift in (3.0, 7.5):
        picture = _rectangle(picture, (corner[0] - 3, corner[1] + shift, 20, 0.9), 20)
    return picture


def one_code_gone(picture: GrayPicture, dice: np.random.Generator) -> GrayPicture:
    """A corner torn off, and a symbol with it."""
    x, y = _dark_corner(picture, dice)
    return _rectangle(picture, (x - 6, y - 6, 26, 26), 255)


def staple_holes(picture: GrayPicture, dice: np.random.Generator) -> GrayPicture:
    """Holes and dirt where the staple was."""
    for top in (9.0, 12.0):
        picture = _rectangle(picture, (6.0, top, 1.5, 1.5), 0)
    return picture


def mild(picture: GrayPicture, dice: np.random.Generator) -> GrayPicture:
    """What every page goes through: a slight turn and stretch, some noise, a little less toner."""
    angle = radians(dice.uniform(-0.7, 0.7))
    matrix = np.array([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]])
    paler = warped(picture, matrix * dice.uniform(0.99, 1.01)).astype(np.float32)
    paler *= 0.85
    paler += dice.standard_normal(paler.shape, np.float32) * 8 + 255 * 0.15
    return np.clip(paler, 0, 255).astype(np.uint8)


def with_codes(picture: GrayPicture, payload: str, page: int, sheet: Sheet = A4) -> GrayPicture:
    """A page with other codes in its corners: what a forger prints, or a page of another exam.

    Args:
        payload: What the symbols say.
        page: Number of the page, on which their places depend.
        sheet: What the page is printed on.
    """
    version = version_holding(len(payload))
    modules = encode(payload, version).rows()
    per_mm = picture.shape[0] / sheet.height_mm
    changed = picture.copy()
    for square in symbol_boxes(page, version, sheet):
        side = round(square.side_mm * per_mm)
        top = round((sheet.height_mm - square.bottom_mm - square.side_mm) * per_mm)
        left = round(square.left_mm * per_mm)
        index = np.arange(side) * len(modules) // side
        dark = np.array([[bit == "1" for bit in row] for row in modules])
        changed[max(0, top - 9) : top + side + 9, max(0, left - 9) : left + side + 9] = 255
        changed[top : top + side, left : left + side] = np.where(dark[np.ix_(index, index)], 0, 255)
    return changed


def _dark_corner(picture: GrayPicture, dice: np.random.Generator) -> tuple[float, float]:
    """Left and top of one of the two symbols, in mm from the upper left; 10 mm from the edges."""
    height, width = picture.shape
    per_mm = height / PAGE_MM
    side = round(22 * per_mm)
    left_mm, right_mm, bottom_mm = 10.0, width / per_mm - 22, PAGE_MM - 22
    upper_left = picture[:side, :side].mean() < picture[:side, -side:].mean()
    places = [(left_mm, 10.0), (right_mm, bottom_mm)]
    if not upper_left:
        places = [(right_mm, 10.0), (left_mm, bottom_mm)]
    return places[int(dice.integers(2))]


DAMAGES: Mapping[str, Damage] = {
    "as it is": lambda picture, dice: picture,
    "turned by 2 degrees": turned(2),
    "3 % larger or smaller": scaled(0.03),
    "skewed by 1 degree": skewed(1),
    "upside down": upside_down,
    "faded": faded,
    "blurred": blurred,
    "noisy": noisy,
    "black and white": black_and_white,
    "a copy of a copy": copied_twice,
    "pen strokes over a code": pen_stroke,
    "one code torn off": one_code_gone,
    "staple holes": staple_holes,
}
"""What is rehearsed, by what people call it."""
