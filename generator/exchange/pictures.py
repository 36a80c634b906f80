"""Figures as SVG, from the PDFs that papers are made with; by pdftocairo of poppler."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Collection
from pathlib import Path

from generator.errors import ToolMissingError
from generator.typeset.press import Press

PDFTOCAIRO = "pdftocairo"
LIMIT_S = 60


def figure_svgs(press: Press, wanted: Collection[str]) -> dict[str, bytes]:
    """The figures that are wanted, by the names of their variants.

    Raises:
        ToolMissingError: pdftocairo is not installed.
    """
    if shutil.which(PDFTOCAIRO) is None:
        raise ToolMissingError(PDFTOCAIRO, "apt-get install poppler-utils")
    return {
        name: _svg(sheet.pdf, page)
        for sheet in press.figures
        for page, name in enumerate(sheet.names, 1)
        if name in wanted
    }


def _svg(pdf: Path, page: int) -> bytes:
    with tempfile.TemporaryDirectory(prefix="figure-") as folder:
        made = Path(folder) / "figure.svg"
        numbers = ["-f", str(page), "-l", str(page)]
        subprocess.run(
            [PDFTOCAIRO, "-svg", *numbers, str(pdf), str(made)],
            check=True,
            timeout=LIMIT_S,
            stdin=subprocess.DEVNULL,
        )
        return made.read_bytes()
