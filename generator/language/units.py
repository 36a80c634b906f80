r"""Units by name: ``kΩ``, ``m/s²``, ``kg·m²/s²`` as TeX, ``\mathrm{m}/\mathrm{s}^{2}``.

What has a backslash, a brace or a dollar sign in it is TeX already.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_TEX: Final = re.compile(r"[\\{}$]")
_PIECE: Final = re.compile(
    r"(?P<word>[A-Za-z]+)|(?P<power>[⁻⁺]?[⁰¹²³⁴-⁹]+|\^-?[0-9]+)|(?P<sign>[·*/() ]+)|(?P<other>.)"
)
_SIGNS: Final = {
    **{r"{}^{\circ}": "°", r"\Omega": "Ω", r"\%": "%", r"\,": " ", "~": " ", r"\cdot": "·"},
    **{r"\mu": "µ", r"\euro": "€", r"\texteuro": "€", r"\$": "$"},
}
_UP: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_OTHER: Final = {"Ω": r"\Omega", "\u2126": r"\Omega", "%": r"\%", "°": r"{}^{\circ}"}


@lru_cache(maxsize=1024)
def unit_tex(unit: str) -> str:
    """A unit as TeX for math mode, upright.

    Args:
        unit: Its name, with exponents as raised digits or behind ^; or TeX.
    """
    if _TEX.search(unit):
        return unit
    return "".join(map(_piece, _PIECE.finditer(unit.strip())))


def unit_text(tex: str) -> str:
    r"""A unit as people type it: ``\mathrm{m}/\mathrm{s}^{2}`` is ``m/s^2``; a sign that has no
    name here stays as it is.
    """
    for source, sign in _SIGNS.items():
        tex = tex.replace(source, sign)
    return re.sub(r"\\(?:mathrm|text)|[{}$]", "", tex).strip()


def behind_number(unit: str) -> str:
    """The TeX of a unit with what stands before it: a narrow space, but none for degrees of angles.

    The SI brochure (9th ed., 5.4.3) has it so.
    """
    if not unit or unit == _OTHER["°"] or unit.startswith("^"):
        return unit
    return rf"\,{unit}"


def _piece(match: re.Match[str]) -> str:
    if match["word"]:
        return rf"\mathrm{{{match['word']}}}"
    if match["power"]:
        return f"^{{{match['power'].removeprefix('^').translate(_UP)}}}"
    if match["sign"]:
        sign = match["sign"].strip()
        return r"\," if sign in ("", "·", "*") else sign
    return _OTHER.get(match[0], rf"\text{{{match[0]}}}")
