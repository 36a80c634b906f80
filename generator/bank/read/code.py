"""Listings: programs and other text that is printed as it stands, with drawn values in it."""

from __future__ import annotations

import re
from collections.abc import Callable

from generator.bank import models
from generator.bank.characters import with_formula_signs
from generator.bank.problem import Problem
from generator.bank.read.context import ReadingDesk, Spot
from generator.bank.read.texts import fixed_text, paper_text
from generator.bank.template import Text, TextError, read_text
from generator.bank.yaml import Route

_VALUE = re.compile(
    r"<<\s*(?:fallback\.|gap\.)?(?P<name>[A-Za-z][A-Za-z0-9_]*)(?:\[\d+\])*\s*(?:\|\s*list\s*)?>>"
)
"""What stands in a listing and is none of its characters: a value, a member or all of those of a
list, or a gap."""

_SIGNS = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    " ": r"\ ",
    **{sign: rf"\{sign}" for sign in "{}$&#%_"},
    # A font would join some of them: -- is a dash, ,, a quotation mark.
    **{sign: f"{sign}{{}}" for sign in "-,!?"},
}


def listing(code: models.Code) -> str:
    """A listing as TeX, in which << name >> still stands for a value."""
    lines = code.text.strip("\n").expandtabs(4).split("\n")
    rows = "\n".join(rf"\CodeLine{{{_line(line.rstrip())}}}" for line in lines)
    return f"\\CodeBlock{{{'1' if code.numbers else ''}}}{{%\n{rows}\n}}"


def _line(line: str) -> str:
    pieces, done = [], 0
    for value in _VALUE.finditer(line):
        pieces += [_escaped(line[done : value.start()]), value[0]]
        done = value.end()
    return "".join([*pieces, _escaped(line[done:])])


def _escaped(text: str) -> str:
    return with_formula_signs("".join(_SIGNS.get(sign, sign) for sign in text))


def plain_line(tex: str) -> str:
    """The characters of a line of a listing, from its TeX with values in it."""
    signs = sorted(((tex, sign) for sign, tex in _SIGNS.items()), key=lambda it: -len(it[0]))
    found = re.sub(r"\\ensuremath\{([^{}]*)\}|(?<!\\)\$([^\x00-\x7f]+)\$", r"\1\2", tex)
    pattern = "|".join(re.escape(written) for written, _ in signs)
    return re.sub(pattern, lambda it: dict(signs)[it[0]], found)


_AS_FORMULAS = {"fraction", "mixed", "scientific", "engineering", "binary", "octal", "hexadecimal"}


def check_listings(desk: ReadingDesk, problem: Problem) -> None:
    """Complains of values in listings that are more than a plain number."""
    for spot, question in desk.questions():
        code: models.Code | None = getattr(question, "code", None)
        for value in _VALUE.finditer(code.text) if code is not None else ():
            name = value["name"]
            known = name in problem.variables or name in problem.forms
            if name in problem.units or (known and problem.form(name).kind in _AS_FORMULAS):
                message = (
                    f"{value[0]} prints a unit, or a formula, which a listing cannot; draw {name} "
                    "without unit and form, and say them in the question"
                )
                desk.say((*spot.route, "code"), message)


def question_text(
    desk: ReadingDesk,
    route: Route,
    spot: Spot,
    ask: str,
    code: models.Code | None,
    *,
    fixed: bool = False,
    with_gaps: Callable[[str], str] = str,
) -> Text:
    """A question with the listing below it.

    Args:
        route: The question or part.
        fixed: It is the same in every copy.
        with_gaps: Puts TeX in place of gaps.
    """
    read = fixed_text if fixed else paper_text
    text = read(desk, (*route, "ask"), spot, with_gaps(ask))
    if code is None:
        return text
    inner = (*route, "code", "text") if "text" in desk.source.value((*route, "code")) else ()
    shown = read(desk, inner or (*route, "code"), spot, with_gaps(listing(code)))
    try:
        return read_text(f"{text.source}\n{shown.source}", text.line)
    except TextError as error:
        desk.say((*route, "code"), str(error))
        return text
