"""Figures are set in runs of their own, and kept for all presses together."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generator.files.whole import sums_of, write_whole
from generator.typeset import letters
from generator.typeset.pdftex import Format, Typeset, run
from generator.typeset.tex_log import notes_of


@dataclass(frozen=True)
class FigureSource:
    """A variant of a figure.

    Attributes:
        name: Its file; of an image, what it is called.
        values: What ``\\FigureValue`` gives.
        content: The file, if it is not one of the program's.
        image: Suffix of an image, e.g. ``.png``; empty for TikZ.
        width_mm: How wide an image is.
        labels: Name of a label to samples of what copies set there.
        says: Name of a label to what one copy sets there, for a figure by itself.
        plot: In place of a file: the size of a plot in TeX, and what is drawn.
    """

    name: str
    values: Mapping[str, str]
    content: bytes | None = None
    image: str = ""
    width_mm: float = 0.0
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    says: Mapping[str, str] = field(default_factory=dict)
    plot: tuple[str, str, str] | None = None

    @property
    def file(self) -> str:
        """The path of the file in the folder of the run."""
        if not self.image:
            return f"figures/{self.name}.tex"
        return f"images/{hashlib.sha256(self.content or b'').hexdigest()[:16]}{self.image}"

    @property
    def command(self) -> str:
        """The command of the class that makes a page of it."""
        if self.image:
            return f"\\ShipImage{{{self.name}}}{{{self.file}}}{{{self.width_mm:.2f}mm}}"
        if self.plot is not None:
            width, height, drawn = self.plot
            return f"\\ShipPlot{{{self.name}}}{{{width}}}{{{height}}}{{%\n{drawn}}}"
        values = "".join(f"\\FigureValueIs{{{k}}}{{{v}}}%\n" for k, v in self.values.items())
        for name, samples in self.labels.items():
            sampled = "".join(f"\\FigureSample{{{sample}}}%\n" for sample in samples)
            values += f"\\FigureLabelIs{{{name}}}{{{sampled}}}%\n"
        values += "".join(f"\\FigureLabelSays{{{k}}}{{{v}}}%\n" for k, v in self.says.items())
        return f"{{{values}\\ShipFigure{{{self.name}}}}}"


def typeset_figures(
    variants: Sequence[FigureSource],
    cache: Path,
    latex: Path,
    salt: str,
    others: str = "",
    packages: str = "",
) -> tuple[Typeset, list[tuple[str, str]]]:
    """Typesets figures, one a page, in one run, or finds them in the cache.

    Args:
        variants: The variants of one figure follow each other: what they share is made once.
        cache: Folder in which they get a folder of their own.
        salt: Digest of what else they depend on.
        others: Letters of other scripts.
        packages: What loads the packages of TeX that the bank asks for.

    Returns:
        The pages, and the width and height of each in TeX points.

    Raises:
        TypesetError: A figure does not compile; the block of an issue is its name.
    """
    lines = [r"\documentclass{variantfigure}", packages.rstrip()]
    lines += [letters.template_lines(others) + r"\begin{document}"]
    lines += [variant.command for variant in variants]
    lines.append(r"\end{document}")
    source = "\n".join(lines)
    own = {it.file: it.content for it in variants if it.content is not None}
    digest = _digest_of_figures(salt, source, own)
    folder = cache / f"figures-{digest}"
    made = [folder / "figures.pdf", folder / "figures.log"]
    done = folder / "done"
    if not done.exists() or done.read_bytes() != " ".join(sums_of(made)).encode():
        folder.mkdir(parents=True, exist_ok=True)
        letters.make_letters(others, folder)
        for name, content in own.items():  # found before the program's own of that name
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
        # Not a format of its own: it would be loaded once or twice.
        run(Format(folder, "pdflatex"), source, folder, "figures", latex=latex)
        write_whole(done, " ".join(sums_of(made)).encode())
    notes = notes_of((folder / "figures.log").read_text(encoding="utf-8", errors="replace"))
    sizes = [(note[1], note[2]) for note in notes if note[0] == "SIZE"]
    return Typeset(folder / "figures.pdf", tuple(notes)), sizes


def _digest_of_figures(salt: str, source: str, own: Mapping[str, bytes]) -> str:
    parts = [salt, source]
    for name, content in sorted(own.items()):
        parts += [name, hashlib.sha256(content).hexdigest()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
