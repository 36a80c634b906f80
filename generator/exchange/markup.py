"""Texts of the bank as other systems read them: from TeX, by pandoc.

All texts are converted in one run, since starting pandoc takes longer than its work.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from generator.bank.read.code import plain_line
from generator.bank.read.gaps import IN_TEX
from generator.errors import ToolMissingError

Target = Literal["mathjax", "mathml", "markdown"]

_ARGUMENTS = {"mathjax": ["--mathjax"], "mathml": ["--mathml"], "markdown": []}
_WRITERS = {
    "mathjax": "html5",
    "mathml": "html5",
    "markdown": "markdown-raw_tex-fenced_divs-native_divs-simple_tables-multiline_tables",
}
_MARK = "xQvariantQ{}Qx"
_PARAGRAPH = re.compile(r"(?:<p>)?xQvariantQ(\d+)Qx(?:</p>)?")
_ENVIRONMENT = r"\{(?:align|equation|gather|multline|displaymath|math)\*?\}"
_FORMULA = re.compile(rf"(?<!\\)\$|\\[()\[\]]|\\(?:begin|end){_ENVIRONMENT}|\\ensuremath\{{")
"""Where formulas begin and end, and a value that is one wherever it stands."""
_BEGINNINGS = (r"\(", r"\[", r"\begin")
_LISTING = re.compile(r"\\CodeBlock\{[^{}]*\}\{%\n(.*?)\n\}(?=\n|\Z)", re.DOTALL)
_LINE = re.compile(r"^\\CodeLine\{(.*)\}$", re.MULTILINE)
_SPANNING = re.compile(r"(\\multicolumn\s*\{\d+\}\s*)\{((?:[^{}]|\{[^{}]*\})*)\}")
_OWN = (
    (re.compile(r"\\noalign\{[^{}]*\}"), ""),
    (re.compile(r"\\OrderingSteps\{(.*)\}", re.DOTALL), r"\\begin{tabular}{ll}\1\\end{tabular}"),
    (re.compile(r"\\(?:Worked|Result|WrittenRule)\{"), r"\n\n{"),
    (re.compile(r"\\Fallback\{"), r"\n\n{"),
    (re.compile(r"\\(?:make|frame)box(?:\[[^\]]*\]){1,2}\{"), "{"),  # pandoc drops what is in it
    (re.compile(r"\\par\b"), "\n\n"),
)


def convert(texts: Iterable[str], target: Target) -> dict[str, str]:
    """Each text as HTML or Markdown.

    Args:
        texts: TeX.
        target: ``mathjax``: HTML with formulas between ``\\(`` and ``\\)``; ``mathml``: HTML with
            formulas as MathML; ``markdown``: with formulas between dollar signs.

    Raises:
        ToolMissingError: pandoc is not installed.
    """
    kept = list(dict.fromkeys(texts))
    document = "\n\n".join(
        f"{_MARK.format(index)}\n\n{tidy(text)}" for index, text in enumerate(kept)
    )
    made = _pandoc(document, "latex", _WRITERS[target], _ARGUMENTS[target])
    pieces = _PARAGRAPH.split(made)
    found = {int(number): text for number, text in zip(pieces[1::2], pieces[2::2], strict=True)}
    return {text: _inline(found[index].strip()) for index, text in enumerate(kept)}


def from_html(texts: Iterable[str]) -> dict[str, str]:
    """HTML with formulas between ``\\(`` and ``\\)`` or ``$$`` as TeX.

    Raises:
        ToolMissingError: pandoc is not installed.
    """
    kept = list(dict.fromkeys(texts))
    document = "\n".join(f"<p>{_MARK.format(index)}</p>\n{text}" for index, text in enumerate(kept))
    made = _pandoc(document, "html+tex_math_single_backslash+tex_math_dollars", "latex", [])
    made = made.replace("\\tightlist\n", "")
    pieces = _PARAGRAPH.split(made)
    found = {int(number): text for number, text in zip(pieces[1::2], pieces[2::2], strict=True)}
    return {text: found[index].strip() for index, text in enumerate(kept)}


def from_markdown(texts: Iterable[str]) -> list[str]:
    """Texts in Markdown as HTML."""
    arguments = ["--mathjax"]
    return [_inline(_pandoc(text, "markdown", "html5", arguments).strip()) for text in texts]


def _pandoc(document: str, reader: str, writer: str, arguments: list[str]) -> str:
    try:
        import pypandoc  # type: ignore[import-untyped]
    except ModuleNotFoundError:
        install = "python -m pip install pypandoc_binary"
        raise ToolMissingError("pandoc", install) from None
    made: str = pypandoc.convert_text(
        document, writer, format=reader, extra_args=["--wrap=none", *arguments]
    )
    return made


def _inline(html: str) -> str:
    """A text of one paragraph without its tags."""
    one = re.fullmatch(r"<p>((?:(?!<p>).)*)</p>", html, re.DOTALL)
    return one[1] if one else html


def tidy(tex: str) -> str:
    """TeX in which nothing is left that only this program's class knows."""
    tex = _LISTING.sub(_listing, tex)
    tex = IN_TEX.sub(r"\\_\\_\\_\\_\\_", tex)
    for pattern, replacement in _OWN:
        tex = pattern.sub(replacement, tex)
    return _without_ensuremath(_SPANNING.sub(_spanning, tex))


def _spanning(cell: re.Match[str]) -> str:
    """A cell over several columns, as pandoc knows it: it gives up a table at ``@{}l@{}``."""
    align = re.search("[lcr]", re.sub(r"\{[^{}]*\}", "", cell[2]))
    return f"{cell[1]}{{{align[0] if align else 'l'}}}"


def _listing(block: re.Match[str]) -> str:
    lines = "\n".join(plain_line(IN_TEX.sub("_____", line)) for line in _LINE.findall(block[1]))
    return f"\n\n\\begin{{verbatim}}\n{lines}\n\\end{{verbatim}}\n\n"


def _without_ensuremath(tex: str) -> str:
    """A text in which formulas begin and end with a dollar sign."""
    pieces, done, inside = [], 0, False
    for token in _FORMULA.finditer(tex):
        if token.start() < done:
            continue
        pieces.append(tex[done : token.start()])
        done = token.end()
        if token[0] == r"\ensuremath{":
            end = _closing(tex, done)
            inner = _without_ensuremath_inside(tex[done:end])
            pieces.append(inner if inside else f"${inner}$")
            done = end + 1
            continue
        inside = not inside if token[0] == "$" else token[0].startswith(_BEGINNINGS)
        pieces.append(token[0])
    return "".join([*pieces, tex[done:]])


def _without_ensuremath_inside(tex: str) -> str:
    found = tex.find(r"\ensuremath{")
    if found < 0:
        return tex
    start = found + len(r"\ensuremath{")
    end = _closing(tex, start)
    return _without_ensuremath_inside(tex[:found] + tex[start:end] + tex[end + 1 :])


def _closing(tex: str, start: int) -> int:
    """Where the group ends that is open at a place."""
    depth = 1
    for token in re.compile(r"\\.|[{}]", re.DOTALL).finditer(tex, start):
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        if not depth:
            return token.start()
    return len(tex)
