"""Scanned pages: which one each is, where its millimeters are, and what a stack has in it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from scipy.stats import beta
from small_project import EXAM_ID, Project

from generator.commands.rehearse import least_share, rehearse
from generator.exact.secret import load_secret
from generator.scans.damage import DAMAGES, warped
from generator.scans.identify import Doubt, GrayPicture, Identified, identify
from generator.scans.rehearsal import rehearse_stack
from generator.scans.stack import sort_stack
from generator.verify.readback import page_picture

pytestmark = pytest.mark.slow
PAGES = 4


@pytest.fixture(scope="module")
def key(built: Project) -> bytes:
    return load_secret(built.out / "examiner" / "secret.key").tag_key


def picture(built: Project, code: str, page: int, dpi: int = 150) -> GrayPicture:
    return page_picture(built.out / "print-shop" / "papers" / f"{code}.pdf", dpi, page)


def black(image: GrayPicture, *corners: tuple[int, int]) -> GrayPicture:
    """The picture without the symbols of some corners: 0 is up or left, 1 down or right."""
    image = image.copy()
    height, width = image.shape
    for row, column in corners:
        rows = slice(0, height // 8) if not row else slice(-(height // 8), None)
        columns = slice(0, width // 6) if not column else slice(-(width // 6), None)
        image[rows, columns] = 255
    return image


@pytest.mark.parametrize("page", range(1, PAGES + 1))
@pytest.mark.parametrize("lost", [None, 0, 1])
def test_millimeters_are_found_on_the_picture(
    built: Project, key: bytes, page: int, lost: int | None
) -> None:
    """Within 0.3 mm over the whole page, from one symbol alone within 4 mm."""
    image = picture(built, "E0002", page)
    if lost is not None:
        image = black(image, (lost, (page + lost) % 2))
    for turn in (0.0, 1.5, 180.0):
        angle = np.radians(turn)
        matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * 1.02
        found = identify(warped(image, matrix), key, EXAM_ID)
        assert isinstance(found, Identified), found
        assert (found.code.copy, found.code.page) == ("E0002", page)
        assert found.symbols == (2 if lost is None else 1)
        height, width = image.shape
        for x_mm, y_mm in ((20, 20), (190, 20), (105, 148), (20, 277), (190, 277)):
            straight = np.array([x_mm / 210 * width, y_mm / 297 * height])
            middle = np.array([width / 2, height / 2])
            expected = matrix @ (straight - middle) + middle
            error = np.abs(np.array(found.transform.pixel(x_mm, y_mm)) - expected).max()
            assert error / 150 * 25.4 < (0.3 if lost is None else 4)


def test_every_kind_of_damage_is_survived_or_is_a_doubt(built: Project, key: bytes) -> None:
    dice = np.random.default_rng(7)
    image = picture(built, "E0003", 2)
    for name, damage in DAMAGES.items():
        found = identify(damage(image, dice), key, EXAM_ID)
        assert isinstance(found, Identified), name
        assert (found.code.copy, found.code.page) == ("E0003", 2), name


def test_what_is_not_of_this_batch_is_no_page_of_it(built: Project, key: bytes) -> None:
    image = picture(built, "E0001", 1)
    assert identify(image, b"another key", EXAM_ID) == Doubt("forged", _read(image, key))
    assert identify(image, b"another key", "other-1") == Doubt("foreign", _read(image, key))
    assert identify(np.full_like(image, 255), key, EXAM_ID) == Doubt("unread")
    other = picture(built, "E0002", 1)
    half = image.shape[0] // 2
    both = np.vstack([image[:half], other[half:]])
    found = identify(both, key, EXAM_ID)
    assert isinstance(found, Doubt)
    assert found.reason == "several"


def _read(image: GrayPicture, key: bytes) -> tuple[str, ...]:
    found = identify(image, key, EXAM_ID)
    assert isinstance(found, Identified)
    return (found.code.payload(key),) * 2


def test_a_stack_with_everything_in_it_is_sorted(built: Project, key: bytes) -> None:
    def scanned() -> Iterator[tuple[str, int]]:
        yield from (("E0001", page) for page in (1, 2, 3, 4))
        yield from (("E0002", page) for page in (1, 2))  # a sheet is missing
        yield from (("E0003", page) for page in (1, 2, 3, 4, 3, 4))  # one came twice
        yield from (("E0004", page) for page in (1, 2, 3, 4))  # void

    found = [identify(picture(built, code, page), key, EXAM_ID) for code, page in scanned()]
    found.append(identify(picture(built, "E0005", 1), b"forged", EXAM_ID))
    stack = sort_stack(found, PAGES, {f"E{n:04}" for n in range(1, 6)}, {"E0004"})
    assert stack.complete == ("E0001", "E0003")
    assert stack.incomplete == {"E0002": (2,)}
    assert stack.doubled == {("E0003", 3): (8, 10), ("E0003", 4): (9, 11)}
    assert stack.void == {"E0004": (12, 13, 14, 15)}
    assert stack.doubts == {"forged": (16,)}
    assert stack.shifted == (6,)
    stack = sort_stack(found, PAGES, {"E0001"})
    assert set(stack.unknown) == {"E0002", "E0003", "E0004"}


def test_a_rehearsal_takes_no_page_for_another(built: Project) -> None:
    rehearsed = rehearse(built.exam, built.out.parent, pictures=30)
    assert rehearsed.wrong == ()
    for (name, dpi), (tried, good) in rehearsed.shares.items():
        assert tried == 12
        assert good == tried, (name, dpi)
    assert rehearsed.every == {"mild damage": (30, 30), "mild damage, one code torn off": (30, 30)}
    assert rehearsed.pages == 24
    assert "30 of 30 identified, 100.00 % (90.50 % or more" in "\n".join(rehearsed.lines())
    assert rehearsed.stack == ()


@pytest.mark.parametrize(("tried", "good"), [(24, 24), (3_000, 3_000), (3_000, 2_991), (50, 3)])
def test_what_is_sure_of_a_share_is_that_of_the_beta_distribution(tried: int, good: int) -> None:
    assert least_share(tried, good) == pytest.approx(beta.ppf(0.05, good, tried - good + 1))


def test_a_stack_that_is_sorted_otherwise_is_said(built: Project, key: bytes) -> None:
    """Sorting by another exam's id, every page is foreign."""
    codes = sorted(built.codes().values())
    wrong = rehearse_stack(codes, PAGES, lambda *page: picture(built, *page), key, "other-1")
    assert any(it.startswith("complete") for it in wrong)
