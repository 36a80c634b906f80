"""What the class says in the language of the exam: the strings of the catalogue as TeX."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from generator.bank.covers import RULES
from generator.bank.exam import Exam
from generator.compose.latex import escaped
from generator.language.catalogue import Catalogue, load_catalogue

SECTIONS = ("paper", "key", "word")
"""Sections of a catalogue that the class knows."""

COMMANDS = {
    "number": r"\PageNumber{}",
    "aids": r"\Field{aids}",
    "problem": r"\ProblemNumber{}",
    "results": r"\FallbackResults{}",
    "over": r"\OverPage{}",
    "part": r"\OverPart{}",
    "from": r"\PageNumber{}",
}
"""What only TeX knows, by what the catalogue calls it."""


def sayings(exam: Exam) -> dict[str, str]:
    """All that the class says in the language of the exam, as TeX, by the name it is called by.

    Behind the code of another language and a slash: what the cover says in that one, too.
    """
    catalogue = exam.conventions.catalogue
    found = _sayings(exam, catalogue)
    for language in exam.cover.languages:
        others = _sayings(exam, load_catalogue(language))
        found |= {f"{language}/{name}": others[name] for name in ("instructions", "aids", *RULES)}
    return found


def _sayings(exam: Exam, catalogue: Catalogue) -> dict[str, str]:
    say = partial(_saying, catalogue)
    own = {
        "complete": say(
            "paper.complete",
            pages=say("paper.pages", count=exam.pages),
            problems=say("paper.problems", count=len(exam.problems)),
        ),
        "total": say("paper.total", points=exam.conventions.number(exam.credits)),
        "minutes": say("paper.minutes", count=exam.minutes),
        "released": _release(exam, say),
    }
    for problem in exam.problems:
        points = {problem.id: problem.points} | {part.id: part.points for part in problem.parts}
        for name, number in points.items():
            own[f"credits/{name}"] = say("paper.credits", points=exam.conventions.number(number))
    values = COMMANDS | {"pages": str(exam.pages)}
    return own | {
        name: say(f"{section}.{name}", **values)
        for section in SECTIONS
        for name in catalogue.section(section)
        if isinstance(catalogue.texts[f"{section}.{name}"], str) and name not in own
    }


def _release(exam: Exam, say: Callable[..., str]) -> str:
    """What keys say about when they are published; nothing where the exam does not."""
    if exam.keys_released is None:
        return ""
    day = exam.conventions.catalogue.short_date(exam.keys_released)
    return say("key.released", date=escaped(day))


def _saying(catalogue: Catalogue, key: str, **values: object) -> str:
    """A text of the catalogue as TeX; the values are TeX already."""
    return "".join(
        escaped(words) + ("" if name is None else str(values[name]))
        for words, name in catalogue.pieces(key, **values)
    )
