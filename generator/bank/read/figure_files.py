"""Figures of a problem: TikZ files and images, found, read once, and checked."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from generator.bank import models
from generator.bank.fields.words import has_image_suffix
from generator.bank.group import Group, count_variants
from generator.bank.images import ImageError, check_image, check_size
from generator.bank.parsed_file import near_names
from generator.bank.part import BankFile, Figure
from generator.bank.plugins import figures
from generator.bank.read.context import ReadingDesk, Spot
from generator.bank.read.plots import read_plot
from generator.bank.read.texts import key_text, paper_text
from generator.bank.tex_words import refused_words
from generator.bank.yaml import Route, Source
from generator.errors import Complaint
from generator.files.whole import check_file, read_file

MAX_VARIANTS = 64
"""Variants of a figure: each is made once and reused."""

FOLDER = "figures"
"""Beside the exam: its own TikZ files, and images if one likes."""

WIDEST_MM = 165
"""An image across the text."""

USUAL_MM = Fraction(80)
"""The width of an image that states none."""

_IMAGE = re.compile(r"\\(?:includegraphics|pgfimage|pgfuseimage)\b")
_FRAMED = re.compile(
    r"\\begin\{tikzpicture\}\s*(?:\\useasboundingbox[^;]*;\s*)?"
    r"\\node\s*(?:\[[^\]]*\]\s*)?(?:at\s*\([^)]*\)\s*)?"
    r"\{\s*\\includegraphics(?:\[(?P<options>[^\]]*)\])?\{(?P<file>[^{}]+)\}\s*\};\s*\\end\{tikzpicture\}"
)
"""A picture of one node, which is an image."""
_WIDTH = re.compile(r"width\s*=\s*([0-9]+(?:\.[0-9]+)?)\s*(mm|cm)")
_TEX_COMMENT = re.compile(r"(?<!\\)%[^\n]*")
_LABEL = re.compile(r"\\FigureLabel(?:\[[^\]]*\])?\{([A-Za-z][A-Za-z0-9_]*)\}")
_COMPUTED = re.compile(r"\\FigureLabel(?:\[[^\]]*\])?\{[^}]*[\\#]")
_VALUE = re.compile(r"\\Figure(?:Value|Number)\{([A-Za-z][A-Za-z0-9_]*)\}")


def read_figure(
    desk: ReadingDesk,
    route: Route,
    spot: Spot,
    use: models.FigureUse | None,
    slot: str,
    groups: Mapping[str, Group],
    *,
    of_key: bool = False,
) -> Figure | None:
    """A figure with its file and values checked; None where there is none.

    Args:
        slot: Where it stands, unique in the exam.
        groups: Every drawn name and its group.
        of_key: Only the key shows it: its labels may print answers.
    """
    if use is None:
        return None
    if sum(it is not None for it in (use.name, use.image, use.plot)) != 1:
        message = "expected one of name: a TikZ file, image: a PNG, JPEG, PDF or SVG file, and plot"
        desk.say(route, message)
        return None
    if use.plot is not None:
        fitted = _within_column(desk, route, use, slot)
        return read_plot(desk, route, spot, fitted, slot, groups, of_key=of_key)
    read = _read_image if use.image else _read_tikz
    found = read(desk, route, spot, use, slot, groups)
    labels = {
        name: (key_text if of_key else paper_text)(desk, (*route, "labels", name), spot, text)
        for name, text in use.labels.items()
    }
    answers = {
        name: key_text(desk, (*route, "answers", name), spot, text)
        for name, text in use.answers.items()
    }
    place = desk.source.key_place(route)
    return found and replace(found, place=place, labels=labels, answers=answers)


_COLUMN_MM: Final = {"intro": 72, "ask": 59, "canvas": 67, "answer": 67}
"""How wide a figure may be where the paper has two columns, by its place; so has the class."""


def _within_column(
    desk: ReadingDesk, route: Route, use: models.FigureUse, slot: str
) -> models.FigureUse:
    """A plot as wide as its column where it states no width, and would be wider."""
    plot = use.plot
    room_mm = _COLUMN_MM.get(slot.partition("-")[2].partition("-")[0])
    if desk.paper_columns == 1 or plot is None or room_mm is None or plot.kind == "graph":
        return use
    if plot.width <= room_mm:
        return use
    if "width" in plot.model_fields_set:
        message = (
            f"the plot is {float(plot.width):g} mm wide, but a column of the paper has room for "
            f"{room_mm} mm here; state at most that, or leave width out"
        )
        desk.say((*route, "plot", "width"), message)
        return use
    fitted = plot.model_copy(update={"width": Fraction(room_mm)})
    return use.model_copy(update={"plot": fitted})


# Images


def _read_image(
    desk: ReadingDesk,
    route: Route,
    spot: Spot,
    use: models.FigureUse,
    slot: str,
    groups: Mapping[str, Group],
) -> Figure | None:
    assert use.image is not None
    if use.values or use.compute or use.labels or use.answers:
        message = "an image is the same in all copies; values and labels belong to a TikZ file"
        desk.say(route, message)
    width_mm = USUAL_MM if use.width is None else use.width
    if not 0 < width_mm <= WIDEST_MM:
        message = f"expected more than 0 and at most {WIDEST_MM} mm, the width of the text"
        desk.say((*route, "width"), message)
    where = (*route, "image")
    file = find_image(desk.source, desk.complaints, where, use.image, float(width_mm))
    return Figure(slot, use.image, (), None, file, width_mm) if file is not None else None


def find_image(
    source: Source, complaints: list[Complaint], route: Route, name: str, width_mm: float
) -> BankFile | None:
    """An image beside the exam, checked; None where it is not there or cannot be printed.

    Args:
        source: The file that names it.
        complaints: Gets what is wrong.
        route: Where it is named.
    """

    def say(message: str) -> None:
        complaints.append(source.problem(route, message))

    bank = Path(source.name).parent
    places = (name, f"{FOLDER}/{name}")
    found = next((place for place in places if (bank / place).exists()), None)
    if found is None:
        beside = [it.name for it in bank.iterdir() if has_image_suffix(it.name)]
        beside += [it.name for it in bank.glob(f"{FOLDER}/*") if has_image_suffix(it.name)]
        near = near_names(name, sorted(beside))
        hint = f"did you mean {near}?" if near else "put it there, or correct the name"
        say(f"there is no image {bank / name}; {hint}")
        return None
    path = bank / found
    try:
        check_file(path)
        check_size(path.stat().st_size, width_mm)
        content = path.read_bytes()
        check_image(name, content)
    except OSError as error:
        say(f"{path} cannot be read: {error.strerror or error}")
        return None
    except ImageError as error:
        say(f"{path} {error}")
        return None
    return BankFile(found, str(path), content)


# TikZ


def _read_tikz(
    desk: ReadingDesk,
    route: Route,
    spot: Spot,
    use: models.FigureUse,
    slot: str,
    groups: Mapping[str, Group],
) -> Figure | None:
    assert use.name is not None
    if (found := _framed_image(desk, use)) is not None:
        return _read_image(desk, route, spot, found, slot, groups)
    if use.width is not None:
        desk.say((*route, "width"), "a TikZ file says itself how wide it is; width is for images")
    _check_values(desk, (*route, "values"), spot, use.values, groups)
    compute = figures.FIGURES.get(use.compute) if use.compute else None
    if use.compute and compute is None:
        near = near_names(use.compute, figures.FIGURES)
        hint = f"did you mean {near}?" if near else f"known: {', '.join(sorted(figures.FIGURES))}"
        where = "generator/bank/plugins/figures.py"
        message = f"there is no function {use.compute} in {where}; {hint}"
        desk.say((*route, "compute"), message)
    file = _find_tikz(desk, route, use)
    desk.used |= set(use.values)
    return replace(Figure(slot, use.name, use.values, compute), file=file)


def _framed_image(desk: ReadingDesk, use: models.FigureUse) -> models.FigureUse | None:
    """The image that a TikZ file has as all that it shows, as if the bank named it itself."""
    path = _own_tikz(desk, use)
    try:
        framed = _FRAMED.fullmatch(_TEX_COMMENT.sub("", read_file(path).decode("utf-8")).strip())
    except (OSError, UnicodeDecodeError):
        return None
    if framed is None or use.values or use.compute or use.labels or use.answers:
        return None
    width = _WIDTH.search(framed["options"] or "")
    width_mm = USUAL_MM if width is None else Fraction(width[1]) * (10 if width[2] == "cm" else 1)
    return use.model_copy(
        update={"name": None, "image": Path(framed["file"]).name, "width": use.width or width_mm}
    )


def _own_tikz(desk: ReadingDesk, use: models.FigureUse) -> Path:
    """Where the file of a figure is, or should be: in the folder of figures, or beside the exam."""
    bank = Path(desk.source.name).parent
    own, beside = bank / FOLDER / f"{use.name}.tex", bank / f"{use.name}.tex"
    return beside if beside.exists() and not own.exists() else own


def _check_values(
    desk: ReadingDesk,
    route: Route,
    spot: Spot,
    values: Collection[str],
    groups: Mapping[str, Group],
) -> None:
    right = True
    for index, name in enumerate(values):
        reason = desk.why_unknown(name, spot)
        known = desk.names.get(name)
        if reason is None and known is not None and known.kind == "step":
            reason = f"{name} is a step; a figure depends on drawn names only"
        if name in list(values)[:index]:
            reason = f"{name} is there twice; remove one"
        if reason is not None:
            desk.say((*route, index), reason)
        right = right and reason is None and name in groups
    variants = count_variants(groups, list(values)) if right else 0
    if variants > MAX_VARIANTS:
        message = (
            f"the figure has up to {variants} variants, one for each combination of its values; "
            f"at most {MAX_VARIANTS} are made; use fewer values or shorter lists"
        )
        desk.say(route, message)


def _find_tikz(desk: ReadingDesk, route: Route, use: models.FigureUse) -> BankFile | None:
    """The file with its checks; None where it is one of the program's, or is not there."""
    own = _own_tikz(desk, use)
    shared = desk.figure_dir / f"{use.name}.tex"
    path = own if own.exists() else shared
    try:
        content = read_file(path)
        source = content.decode("utf-8")
    except FileNotFoundError:
        known = {it.stem for folder in (own.parent, shared.parent) for it in folder.glob("*.tex")}
        near = near_names(str(use.name), sorted(known))
        hint = f"did you mean {near}?" if near else "draw it, or correct the name"
        if has_image_suffix(str(use.name)):
            hint = f"for an image, write image: {use.name}"
        message = f"there is no figure {own} or {shared}; {hint}"
        desk.say((*route, "name"), message)
        return None
    except (OSError, UnicodeDecodeError) as error:
        desk.say((*route, "name"), f"{path} cannot be read as UTF-8: {error}")
        return None
    _check_source(desk, route, use, path, source, trusted=path is shared)
    return BankFile(f"{FOLDER}/{own.name}", str(path), content) if path is own else None


def _check_source(
    desk: ReadingDesk,
    route: Route,
    use: models.FigureUse,
    path: Path,
    source: str,
    *,
    trusted: bool,
) -> None:
    """What a TikZ file may not say, at its name.

    Args:
        trusted: It is one of the program's, which may use all of TeX.
    """
    if (image := _IMAGE.search(source)) is not None:
        message = (
            f"{path}, line {_line(source, image.start())}, shows an image file; a TikZ figure "
            "holds no PNG, JPEG or PDF: name the file itself, {image: NAME.png, width: 60 mm}"
        )
        desk.say((*route, "name"), message)
    for refused in () if trusted else refused_words(source):
        line = _line(source, refused.offset or 0)
        desk.say((*route, "name"), f"{path}, line {line}: {refused}")
    _check_labels(desk, route, use, path, source)
    if use.compute is not None:
        return
    for name in sorted(set(_VALUE.findall(source)) - set(use.values)):
        message = f"{path} prints \\FigureValue{{{name}}}; add {name} to the values"
        desk.say(route, message)


def _check_labels(
    desk: ReadingDesk, route: Route, use: models.FigureUse, path: Path, source: str
) -> None:
    """Each label of the file has its text, and the reverse."""
    placed = set(_LABEL.findall(source))
    # Names that TeX makes up, \\FigureLabel{cell\\i}, are compared when it has.
    computed = _COMPUTED.search(source) is not None
    for key, names in (("labels", use.labels), ("answers", use.answers)):
        for name in names:
            if name not in placed and not computed:
                desk.say((*route, key, name), f"{path} has no \\FigureLabel{{{name}}}; add it")
    for name in sorted(use.labels.keys() & use.answers.keys()):
        message = f"{name} is a label of the paper already; a place has one text"
        desk.say((*route, "answers", name), message)
    for name in sorted(placed - use.labels.keys() - use.answers.keys()):
        message = f"{path} has \\FigureLabel{{{name}}}; add {name} to labels or answers"
        desk.say(route, message)


def _line(source: str, offset: int) -> int:
    return source.count("\n", 0, offset) + 1
