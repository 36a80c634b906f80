"""Texts and figures: what is printed, with every name in them checked."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from generator.bank import models
from generator.bank.parse import near_names
from generator.bank.part import Figure
from generator.bank.plugins import figures
from generator.bank.problem import Group, count_variants
from generator.bank.read.context import Desk, Spot
from generator.bank.read.steps import WhyNot
from generator.bank.template import Text, TextError, check_tex, name_offset, read_text, words
from generator.bank.tex_words import refused_words
from generator.bank.yaml import Route
from generator.files.whole import read_file

MAX_VARIANTS = 64
"""Variants of a figure: each is made once and reused."""

_IMAGE = re.compile(r"\\(?:includegraphics|pgfimage|pgfuseimage)\b")
_VERBATIM = re.compile(
    r"\\begin\s*\{\s*(?:[vV]erbatim\*?|BVerbatim|lstlisting|minted|alltt)\s*\}|\\(?:verb|lstinline)(?![a-z])"
)
_TO_CODE = (
    "a text cannot print a program as it stands; write its lines in the field code of the "
    "question, where \\, %, { and $ need no care"
)
_VALUE = re.compile(r"\\Figure(?:Value|Number)\{([A-Za-z][A-Za-z0-9_]*)\}")


def paper_text(
    desk: Desk, route: Route, spot: Spot, source: str, extra: Collection[str] = ()
) -> Text:
    """A text of the paper: it may not print an answer.

    Args:
        extra: Names that it may print besides those of the problem.
    """
    text = _text(desk, route, spot, source, desk.why_secret, extra)
    names = words(source)
    desk.used |= names
    desk.printed |= names
    return text


def key_text(
    desk: Desk, route: Route, spot: Spot, source: str, extra: Collection[str] = ()
) -> Text:
    """A text of the key alone, in TeX."""
    return _text(desk, route, spot, source, desk.why_unknown, extra)


def plain_text(desk: Desk, route: Route, spot: Spot, source: str) -> Text:
    """A text of the key's file, which is no TeX."""
    return _text(desk, route, spot, source, desk.why_unknown, (), tex=False)


def fixed_text(desk: Desk, route: Route, spot: Spot, source: str) -> Text:
    """A text of the paper that is the same in all copies."""
    text = paper_text(desk, route, spot, source)
    for name in sorted(text.names):
        message = f"<< {name} >> cannot stand here: this text is the same in every copy"
        desk.say(route, message, name_offset(source, name))
    return text


def _text(
    desk: Desk,
    route: Route,
    spot: Spot,
    source: str,
    why_not: WhyNot,
    extra: Collection[str],
    tex: bool = True,
) -> Text:
    line, _ = desk.source.place(route, 0)
    try:
        if tex:
            check_source(desk, route, source)
        text = read_text(source, line, tex=tex)
    except TextError as error:
        desk.say(route, str(error), error.offset)
        return Text("", line)
    for name in sorted(text.names - set(extra)):
        if (reason := why_not(name, spot)) is not None:
            desk.say(route, reason, name_offset(source, name))
    return text


def check_source(desk: Desk, route: Route, source: str) -> None:
    """Complains of what a text may not say to TeX.

    Raises:
        TextError: TeX could not read it at all.
    """
    if (verbatim := _VERBATIM.search(source)) is not None:
        raise TextError(_TO_CODE, verbatim.start())
    check_tex(source)
    check_escapes(desk, route)
    for refused in refused_words(source):
        desk.say(route, str(refused), refused.offset)


def check_formula(desk: Desk, route: Route, source: str) -> None:
    """Complains of a symbol or a unit that TeX could not read, or may not."""
    try:
        check_source(desk, route, source)
    except TextError as error:
        desk.say(route, str(error), error.offset)


def check_escapes(desk: Desk, route: Route) -> None:
    """Refuses what YAML reads between double quotes in place of a TeX command."""
    escape = desk.source.escape(route)
    if escape is not None:
        message = f"between double quotes, YAML reads {escape} as a character, not as TeX"
        desk.say(route, f"{message}; double the backslash, or use single quotes")


def read_figure(
    desk: Desk,
    route: Route,
    spot: Spot,
    use: models.FigureUse | None,
    slot: str,
    groups: Mapping[str, Group],
) -> Figure | None:
    """A figure with its file and values checked; None where there is none.

    Args:
        slot: Where it stands, unique in the exam.
        groups: Every drawn name and its group.
    """
    if use is None:
        return None
    _check_values(desk, (*route, "values"), spot, use.values, groups)
    compute = figures.FIGURES.get(use.compute) if use.compute else None
    if use.compute and compute is None:
        near = near_names(use.compute, figures.FIGURES)
        hint = f"did you mean {near}?" if near else f"known: {', '.join(sorted(figures.FIGURES))}"
        message = f"there is no function {use.compute} in generator/figures.py; {hint}"
        desk.say((*route, "compute"), message)
    _check_file(desk, route, use)
    desk.used |= set(use.values)
    return Figure(slot, use.name, use.values, compute)


def _check_values(
    desk: Desk, route: Route, spot: Spot, values: Collection[str], groups: Mapping[str, Group]
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


def _check_file(desk: Desk, route: Route, use: models.FigureUse) -> None:
    file = desk.figure_dir / f"{use.name}.tex"
    try:
        source = read_file(file).decode("utf-8")
    except FileNotFoundError:
        near = near_names(use.name, sorted(it.stem for it in desk.figure_dir.glob("*.tex")))
        hint = f"did you mean {near}?" if near else "draw it, or correct the name"
        desk.say((*route, "name"), f"there is no figure {file}; {hint}")
        return
    except (OSError, UnicodeDecodeError) as error:
        desk.say((*route, "name"), f"{file} cannot be read as UTF-8: {error}")
        return
    if (image := _IMAGE.search(source)) is not None:
        line = source.count("\n", 0, image.start()) + 1
        message = (
            f"{file}, line {line}, shows an image file; figures are drawn by TikZ alone and hold "
            "no PNG, JPEG or PDF: draw it, or hand the image out on a sheet of its own"
        )
        desk.say((*route, "name"), message)
    if use.compute is not None:
        return
    for name in sorted(set(_VALUE.findall(source)) - set(use.values)):
        message = f"{file} prints \\FigureValue{{{name}}}; add {name} to the values"
        desk.say(route, message)
