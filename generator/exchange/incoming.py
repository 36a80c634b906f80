"""Multiple choice of other systems as a problem to start from.

Read are GIFT, Moodle XML, and tables (CSV or XLSX) with a column for the question, one for each
option, and one that names the right ones by their letters. What is no multiple choice is left out
and said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

import yaml

from generator.bank.part import OPTION_LABELS
from generator.errors import Complaint, InputError
from generator.exact.numbers import format_number
from generator.exchange.markup import from_html
from generator.roster.table import PLAIN_ROSTER, Report, Row, clean, tables

QUESTION = ("question", "frage", "text")
RIGHT = ("right", "correct", "richtig")
WHY = ("why", "feedback", "begründung")


@dataclass(frozen=True)
class Found:
    """A question with its options, in HTML.

    Attributes:
        line: Where it begins in the file, from 1; 0 where that is not known.
        options: Texts with whether each is right, and its reason.
    """

    line: int
    text: str
    options: tuple[tuple[str, bool, str], ...]


def read_questions(file: Path) -> tuple[list[Found], list[Complaint]]:
    """The multiple choice of a file, and what is left out of it.

    Raises:
        InputError: The file cannot be read, or has no multiple choice.
    """
    readers = {".gift": _gift, ".txt": _gift, ".xml": _moodle, ".csv": _table, ".xlsx": _table}
    reader = readers.get(file.suffix.lower())
    if reader is None:
        message = "expected a file of GIFT (.gift, .txt), Moodle XML (.xml), .csv or .xlsx"
        raise InputError([Complaint(str(file), 0, 0, "", message)])
    found: list[Found] = []
    left: list[Complaint] = []
    try:
        for it in reader(file):
            if isinstance(it, Complaint):
                left.append(it)
            elif reason := _unfit(it):
                left.append(Complaint(str(file), it.line, 0, "", f"left out: {reason}"))
            else:
                found.append(it)
    except (OSError, UnicodeDecodeError, xml.ParseError) as error:
        raise InputError([Complaint(str(file), 0, 0, "", f"cannot be read: {error}")]) from None
    if not found:
        message = "no multiple choice was found in it"
        raise InputError([*left, Complaint(str(file), 0, 0, "", message)])
    return found, left


def _unfit(found: Found) -> str:
    if not 2 <= len(found.options) <= len(OPTION_LABELS):
        return f"{len(found.options)} options; expected 2 to {len(OPTION_LABELS)}"
    texts = [text for text, _, _ in found.options]
    return "two options say the same" if len(set(texts)) < len(texts) else ""


def problem_yaml(found: Sequence[Found], number: str, title: str, points: Fraction) -> str:
    """A problem of the questions, one part each.

    Args:
        points: Of each question.
    """
    texts = [text for it in found for text in (it.text, *_texts(it))]
    tex = from_html(texts)
    parts: list[dict[str, Any]] = []
    for index, it in enumerate(found, 1):
        options = [
            {"correct": right, "say": tex[say], **({"why": tex[why]} if why else {})}
            for say, right, why in it.options
        ]
        parts.append(
            {
                "id": f"{number}.{index}",
                "points": _plain(points),
                "ask": tex[it.text],
                "shuffle": True,
                "options": options,
            }
        )
    problem = {
        "id": number,
        "title": title,
        "points": _plain(points * len(parts)),
        "kind": "choice",
        "scoring": "all_or_nothing",
        "parts": parts,
    }
    return yaml.dump(problem, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as people do."""


def _literal(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _literal)


def _plain(points: Fraction) -> int | float:
    return int(points) if points.denominator == 1 else float(format_number(points))


def _texts(found: Found) -> Iterator[str]:
    for say, _, why in found.options:
        yield say
        if why:
            yield why


# Moodle XML -----------------------------------------------------------------------------------


def _moodle(file: Path) -> Iterator[Found | Complaint]:
    for question in xml.parse(file).getroot().iter("question"):
        kind = question.get("type")
        name = question.findtext("name/text") or ""
        if kind == "category":
            continue
        if kind not in {"multichoice", "truefalse", "multichoiceset"}:
            message = f"left out: {name or 'a question'} is {kind}, no multiple choice"
            yield Complaint(str(file), 0, 0, "", message)
            continue
        options = tuple(
            (
                (answer.findtext("text") or "").strip(),
                Fraction(answer.get("fraction", "0")) > 0,
                (answer.findtext("feedback/text") or "").strip(),
            )
            for answer in question.iter("answer")
        )
        yield Found(0, (question.findtext("questiontext/text") or "").strip(), options)


# GIFT -----------------------------------------------------------------------------------------

_GIFT_QUESTION = re.compile(
    r"(?:::(?P<name>(?:\\.|[^\\:]|:(?!:))*)::)?\s*(?:\[(?P<form>\w+)\])?\s*"
    r"(?P<text>(?:\\.|[^\\{])*)\{(?P<answers>(?:\\.|[^\\}])*)\}(?P<behind>.*)",
    re.DOTALL,
)
_GIFT_OPTION = re.compile(r"(?P<sign>[=~])(?P<say>(?:\\.|[^\\=~])*)", re.DOTALL)
_GIFT_WEIGHT = re.compile(r"%(-?[0-9.]+)%")
_GIFT_REASON = re.compile(r"(?<!\\)#")


def _gift(file: Path) -> Iterator[Found | Complaint]:
    text = file.read_text("utf-8-sig")
    line = 1
    for block in re.split(r"(\n[ \t]*\n)", text):
        begins = line + len(block) - len(block.lstrip("\n"))
        line += block.count("\n")
        said = "\n".join(it for it in block.split("\n") if not it.lstrip().startswith("//")).strip()
        if not said or said.startswith("$CATEGORY"):
            continue
        question = _GIFT_QUESTION.fullmatch(said)
        options = _gift_options(question["answers"]) if question else ()
        if question is None or len(options) < 2:
            message = f"left out: no multiple choice: {said[:40]!r}"
            yield Complaint(str(file), begins, 0, "", message)
            continue
        asked = f"{question['text']} ____ {question['behind']}".strip()
        asked = asked.removesuffix("____").strip()
        yield Found(begins, _unescaped(asked), options)


def _gift_options(answers: str) -> tuple[tuple[str, bool, str], ...]:
    if re.fullmatch(r"\s*(T|TRUE|F|FALSE)\s*", answers):
        true = answers.strip().startswith("T")
        return (("True", true, ""), ("False", not true, ""))
    found = []
    for option in _GIFT_OPTION.finditer(answers):
        if "->" in option["say"]:
            return ()
        say, *why = _GIFT_REASON.split(option["say"], 1)
        weight = _GIFT_WEIGHT.match(say.strip())
        right = float(weight[1]) > 0 if weight else option["sign"] == "="
        say = _GIFT_WEIGHT.sub("", say, count=1)
        found.append((_unescaped(say), right, _unescaped("".join(why))))
    return tuple(found) if "~" in answers else ()


def _unescaped(text: str) -> str:
    return re.sub(r"\\([~=#{}:\\])", r"\1", text.replace("\\n", "<br/>")).strip()


# Tables ---------------------------------------------------------------------------------------


def _table(file: Path) -> Iterator[Found | Complaint]:
    """One question a row; headings say which column is what, in any order."""
    report = Report(str(file))
    found = tables(file.read_bytes(), PLAIN_ROSTER, report)
    report.raise_if_any()
    for table in found:
        for start, row in enumerate(table.rows):
            columns = _columns([clean(cell).casefold() for cell in row.cells])
            if columns is not None:
                yield from _rows(file, columns, table.rows[start + 1 :])
                return
    message = (
        f"no headings were found; expected {QUESTION[0]}, a, b, c, … for the options, and "
        f"{RIGHT[0]} for the letters of the right ones"
    )
    raise InputError([Complaint(str(file), 1, 0, "", message)])


def _columns(headings: Sequence[str]) -> dict[str, int] | None:
    """What is in which column; None for a row that holds no headings."""
    found = {}
    for index, heading in enumerate(headings):
        word = heading.removeprefix("option ").strip()
        for name, words in (("question", QUESTION), ("right", RIGHT), ("why", WHY)):
            if heading in words:
                found[name] = index
        if len(word) == 1 and word in OPTION_LABELS:
            found[word] = index
    needed = {"question", "right", "a", "b"}
    return found if needed <= set(found) else None


def _rows(file: Path, columns: dict[str, int], rows: Sequence[Row]) -> Iterator[Found | Complaint]:
    for row in rows:

        def cell(name: str, row: Row = row) -> str:
            index = columns.get(name, len(row.cells))
            return clean(row.cells[index]) if index < len(row.cells) else ""

        if not any(map(clean, row.cells)):
            continue
        labels = [label for label in OPTION_LABELS if cell(label)]
        right = set(re.findall(r"[a-h]", cell("right").casefold()))
        if unknown := sorted(right - set(labels)):
            message = f"left out: {', '.join(unknown)} is right, but has no text"
            yield Complaint(str(file), row.line, 0, "", message)
            continue
        options = tuple(
            (escape(cell(label)), label in right, escape(cell("why")) if label in right else "")
            for label in labels
        )
        yield Found(row.line, escape(cell("question")), options)
