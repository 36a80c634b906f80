"""The same pages without us: what TeX alone takes for them, and what people do without the program.

The page codes, which a build stamps, are made by a package of TeX or put in as images; figures are
drawn where a build places those that it has typeset once.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from generator.bank.exam import Exam
from generator.bench.command_cost import counted
from generator.codes.page_code import PageCode
from generator.codes.sheet import symbol_boxes
from generator.compose.frame import FigureSize
from generator.compose.page_template import declarations, dumps, pages
from generator.compose.source import copy_source, define_block
from generator.errors import CopyError
from generator.exact.secret import REFERENCE_SECRET
from generator.files.program import LATEX
from generator.pipeline.workshop import Composed, Workshop
from generator.record.copy import Copy
from generator.typeset.figure_sheets import figure_sources
from generator.typeset.pdftex import run
from generator.typeset.preparation import prepare_press
from generator.typeset.press import Press, Side

FLOOR = "the floor: the same pages by pdfTeX alone"
FLOOR_COPIES = 200
PLAIN_COPIES = 4


class Bare:
    """Papers and keys made by TeX alone."""

    def __init__(self, exam: Exam, folder: Path, jobs: int) -> None:
        folder.mkdir(parents=True)
        self.exam = exam
        self.folder = folder
        self.jobs = jobs
        self.press: Press = prepare_press(exam, folder / "cache", jobs)
        self.workshop = Workshop(exam, REFERENCE_SECRET, 4)

    def composed(self, count: int) -> list[Composed]:
        """Copies that were drawn, solved and composed."""
        result = []
        for number in range(1, count + 1):
            copy = self.workshop.register(Copy(f"E{number:04}", None, number), ()).copy
            result.append(self.workshop.compose(copy.code, self.workshop.solutions(copy)))
        return result

    def each(self, tasks: Iterable[Callable[[], None]]) -> None:
        """Runs tasks side by side; their work is in processes of TeX."""
        with ThreadPoolExecutor(self.jobs) as threads:
            for future in [threads.submit(task) for task in tasks]:
                future.result()

    def floor(self, *, copying: bool) -> dict[str, float]:
        """Every page of every copy in batches; how many pages a second.

        Args:
            copying: The class copies what a run has set before.
        """
        copies = self.composed(FLOOR_COPIES)
        size = -(-len(copies) // self.jobs)
        tasks = [
            (side, copies[start : start + size])
            for side in (self.press.paper, self.press.key)
            for start in range(0, len(copies), size)
        ]
        result: dict[str, float] = {}
        with counted(result, len(copies)):
            self.each(
                partial(self._batch, side, chunk, "" if copying else ALWAYS_SET)
                for side, chunk in tasks
            )
        result["pages_per_second"] = 2 * self.exam.pages * len(copies) / result["wall"]
        return result

    def _batch(self, side: Side, copies: Sequence[Composed], preamble: str) -> None:
        all_pages = range(1, self.exam.pages + 1)
        sources = (
            copy_source(it.given.code, self.workshop.contributed(side, it), all_pages)
            for it in copies
        )
        source = f"{preamble}\\begin{{document}}\n{''.join(sources)}\\end{{document}}\n"
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            run(side.format, source, Path(folder))

    def plain(self) -> dict[str, float]:
        """Each document by itself, two passes; figures are drawn and codes computed by TeX."""
        return self._one_by_one("plain", prepared=False)

    def tuned(self) -> dict[str, float]:
        """Each document by itself on a precompiled format; codes are images."""
        return self._one_by_one("tuned", prepared=True)

    def _one_by_one(self, name: str, *, prepared: bool) -> dict[str, float]:
        copies = self.composed(PLAIN_COPIES)
        folder = self.folder / name
        folder.mkdir()
        if prepared:
            for side in ("paper", "key"):
                _pdflatex(folder, f"{side}.tex", self._head(side, prepared) + "\\dump\n", ini=side)
        jobs = [(side, copy) for copy in copies for side in ("paper", "key")]
        result: dict[str, float] = {}
        with counted(result, len(copies)):
            self.each(partial(self._single, folder, side, copy, prepared) for side, copy in jobs)
        return result

    def _single(self, folder: Path, side: str, copy: Composed, prepared: bool) -> None:
        name = f"{copy.given.code}-{side}"
        body = "".join(
            define_block(block, tex)
            for block, tex in {**copy.paper, **(copy.key if side == "key" else {})}.items()
        )
        own = folder / name
        own.mkdir()
        body += self._figures(side, copy)
        body += self._codes(copy, own, prepared) if side == "paper" else ""
        ships = "".join(f"\\ShipPage{{{page}}}\n" for page in range(1, self.exam.pages + 1))
        source = f"\\begin{{document}}\n{body}{ships}\\end{{document}}\n"
        if not prepared:
            source = self._head(side, prepared) + source
        for _ in range(2):
            _pdflatex(own, f"{name}.tex", source, form=folder / side if prepared else None)

    def _head(self, side: str, prepared: bool) -> str:
        """Class, packages and template: what every document begins with."""
        option = "[key]" if side == "key" else ""
        packages = FIGURES_IN_TEX + ("" if prepared else CODES_IN_TEX)
        body = pages(self.exam, self.press.plan, key=side == "key")
        return (
            f"\\documentclass{option}{{variantexam}}\n{packages}\n"
            + PLACED
            + dumps(declarations(self.exam, {}, self._sizes()))
            + dumps(body)
            + "\\VFLoadFonts\\normalsize\n"
        )

    def _sizes(self) -> dict[str, FigureSize]:
        return {
            name.split("~")[0]: FigureSize("0pt", "0pt")
            for sheet in self.press.figures
            for name in sheet.names
        }

    def _figures(self, side: str, copy: Composed) -> str:
        """What \\PlaceFigure shows in this copy: the drawing and its values."""
        lines = []
        indices = {**copy.given.figures, **(copy.answers.figures if side == "key" else {})}
        for problem in self.exam.problems:
            for figure in problem.figures():
                if figure.slot not in indices:
                    continue
                values = list(figure_sources(problem, figure))[indices[figure.slot]].values
                settings = (f"\\FigureValueIs{{{k}}}{{{v}}}%\n" for k, v in values.items())
                shown = f"{''.join(settings)}\\input{{figures/{figure.name}}}"
                name = f"\\csname fig@{figure.slot}\\endcsname"
                lines.append(f"\\expandafter\\def{name}{{{shown}}}\n")
        return "".join(lines)

    def _codes(self, copy: Composed, own: Path, prepared: bool) -> str:
        """The two symbols of each page, by a TeX package or as images."""
        lines = []
        for number in range(1, self.exam.pages + 1):
            code = PageCode(self.exam.id, copy.given.code, number)
            payload = code.payload(self.workshop.secret.tag_key)
            shown = f"\\qrcode[height=12mm,level=M]{{{payload}}}"
            if prepared:
                _write_image(own / f"code-{number}.png", payload, self.workshop.version)
                shown = f"\\includegraphics[height=12mm]{{code-{number}.png}}"
            placed = "".join(
                f"\\rlap{{\\kern {box.left_mm}mm\\raise {box.bottom_mm}mm\\hbox{{{shown}}}}}"
                for box in symbol_boxes(number, self.workshop.version)
            )
            lines.append(f"\\expandafter\\def\\csname code@{number}\\endcsname{{{placed}}}\n")
        return "".join(lines)


def _write_image(path: Path, payload: str, version: int) -> None:
    """A symbol as an image, four pixels a module: a portable bitmap would not go into a PDF."""
    import qrcode

    image = qrcode.QRCode(version=version, box_size=4, border=0)
    image.add_data(payload)
    image.make(fit=True)
    _png(path, image.get_matrix())


def _png(path: Path, matrix: Sequence[Sequence[bool]]) -> None:
    """Writes modules as a PNG of one bit a pixel (ISO/IEC 15948)."""
    import struct
    import zlib

    side = len(matrix) * 4
    rows = []
    for row in matrix:
        bits = "".join(("0" if dark else "1") * 4 for dark in row).ljust(-(-side // 8) * 8, "1")
        line = int(bits, 2).to_bytes(len(bits) // 8, "big")
        rows += [b"\0" + line] * 4

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    pixels = zlib.compress(b"".join(rows))
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


# Everything is set whenever it is wanted.
ALWAYS_SET = r"""\makeatletter
\renewcommand\VX@set[2]{\VX@got=5000 \global\setbox\VX@got#2}
\renewcommand\VX@setblock[3]{\setbox#1#3}
\makeatother
"""

# In place of what is stamped: figures where the class wants them, codes on every page.
FIGURES_IN_TEX = r"\usepackage{graphicx,variantfigure}"
CODES_IN_TEX = r"\usepackage{qrcode}"
PLACED = r"""\makeatletter
\renewcommand\PlaceFigure[2][]{\hbox{\ifcsname fig@#2\endcsname\csname fig@#2\endcsname
  \else\errmessage{the bench has no figure #2}\fi}}
\let\bare@footer\VX@footer
\def\VX@footer{\vbox to 0pt{\vss\hbox to \paperwidth{\ifcsname code@\VX@number\endcsname
  \lower 20mm\hbox to 0pt{\csname code@\VX@number\endcsname\hss}\fi\hss}}\bare@footer}
\makeatother
"""


def _pdflatex(
    folder: Path, name: str, source: str, *, ini: str | None = None, form: Path | None = None
) -> None:
    (folder / name).write_text(source)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error"]
    if ini is not None:
        command = ["pdftex", "-interaction=nonstopmode", "-ini", f"-jobname={ini}", "&pdflatex"]
    elif form is not None:
        command = ["pdftex", "-interaction=nonstopmode", "-halt-on-error", f"-fmt={form.name}"]
    environment = {**os.environ, "TEXINPUTS": f".:{LATEX}:"}
    if form is not None:
        environment["TEXFORMATS"] = f"{form.parent}:"
    done = subprocess.run(
        [*command, name], cwd=folder, env=environment, capture_output=True, check=False
    )
    if done.returncode:
        tail = done.stdout.decode(errors="replace")[-1500:]
        raise CopyError(f"pdflatex failed on {name}: {tail}")
