"""The logo of an exam: an image on its cover."""

from __future__ import annotations

from typing import Final

from generator.bank import models
from generator.bank.covers import BESIDE, LOGO, Cover, logo_block
from generator.bank.part import Figure
from generator.bank.read.figure_files import find_image
from generator.bank.yaml import Source
from generator.errors import Complaint

SLOT: Final = "cover-logo"
_WIDEST_BESIDE_MM: Final = 66
_WIDEST_MM: Final = 160


def read_logo(
    source: Source, exam: models.ExamFile, cover: Cover, complaints: list[Complaint]
) -> Figure | None:
    """The image on the cover, checked; None where there is none.

    Args:
        source: The file of the exam.
        complaints: Gets what is wrong.
    """
    if exam.logo is None:
        if LOGO in cover.blocks:
            message = "there is no logo; name its file, logo: FILE.svg, or remove this block"
            where = ("cover", "blocks", cover.blocks.index(LOGO))
            complaints.append(source.problem(where, message))
        return None
    block = logo_block(cover)
    if block is None:
        message = (
            f"the cover has no block that shows it; add one to its blocks: {LOGO}, which is a line "
            f"of its own, or {' or '.join(BESIDE)}"
        )
        complaints.append(source.key_problem(("logo",), message))
    widest_mm = _WIDEST_MM if block == LOGO else _WIDEST_BESIDE_MM
    if not 0 < exam.logo.width <= widest_mm:
        message = f"expected more than 0 and at most {widest_mm} mm"
        complaints.append(source.problem(("logo", "width"), message))
        return None
    name, width_mm = exam.logo.image, exam.logo.width
    file = find_image(source, complaints, ("logo", "image"), name, float(width_mm))
    if file is None:
        return None
    return Figure(SLOT, name, (), None, file, width_mm, source.key_place(("logo",)))
