"""Multiple choice of other systems as a problem to start from.

Read are GIFT, Moodle XML, and tables (CSV or XLSX) with a column for the question, one for each
option, and one that names the right ones by their letters. What is no multiple choice is left out
and said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml
from xml.parsers import expat

import yaml

from generator.bank.part import OPTION_LABELS
from generator.errors import Complaint, InputError
from generator.exact.numbers import format_number
from generator.exchange.markup import from_html, from_markdown
from generator.roster.table import PLAIN_ROSTER, Report, Row, clean, tables

QUESTION = ("question", "frage", "text", "question text", "fragetext", "stem")
RIGHT = (
    *("right", "correct", "richtig", "answer", "key", "correct answer", "right answer"),
    *("correct option", "richtige antwort", "lösung"),
)
WHY = ("why", "feedback", "begründung", "explanation")
_OPTION_WORD = re.compile(r"(?:option|answer|choice|antwort|auswahl)[ _-]*(?=[a-h1-8]$)")
_OFF = Fraction(1)
"""By how many percent shares of right options may miss the whole: three times 33.3 %."""

_HTML = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>|&(?:[a-z]+|#\d+);", re.IGNORECASE)
_UNWRAPPED = re.compile(r"</?(?:a|u|s|del|ins|strike|font)\b[^<>]*>", re.IGNORECASE)
_HEADING = re.compile(r"<(/?)h[1-6]\b[^<>]*>", re.IGNORECASE)
_CANNOT = (
    (re.compile(r"<img\b|@@PLUGINFILE@@", re.IGNORECASE), "a picture", "figure: {image: FILE}"),
    (re.compile(r"<table\b", re.IGNORECASE), "a table", "a tabular in ask"),
    (re.compile(r"<pre\b", re.IGNORECASE), "a listing", "code"),
    (re.compile(r"<(?:audio|video|iframe|object)\b", re.IGNORECASE), "a medium", "words"),
)
"""What no text of a bank has, what it is called, and where it belongs."""


@dataclass(frozen=True)
class Found:
    """A question with its options, in HTML.

    Attributes:
        line: Where it begins in the file, from 1; 0 where that is not known.
        options: Texts with whether each is right, and its reason.
        note: What is said of it to the user, though it is taken.
    """

    line: int
    text: str
    options: tuple[tuple[str, bool, str], ...]
    note: str = ""


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
        for read in reader(file):
            if isinstance(read, Complaint):
                left.append(read)
            elif reason := _unfit(read):
                left.append(Complaint(str(file), read.line, 0, "", f"left out: {reason}"))
            else:
                found.append(read)
                left += [Complaint(str(file), read.line, 0, "", read.note)] if read.note else []
    except UnicodeDecodeError as error:
        line = 1 + error.object.count(b"\n", 0, error.start)
        message = "is not UTF-8; save it as UTF-8"
        raise InputError([Complaint(str(file), line, 0, "", message)]) from None
    except xml.ParseError as error:
        message = f"cannot be read: {error}"
        raise InputError([Complaint(str(file), error.position[0], 0, "", message)]) from None
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
        raise InputError([Complaint(str(file), 0, 0, "", message)]) from None
    if not found:
        message = "no multiple choice was found in it"
        raise InputError([*left, Complaint(str(file), 0, 0, "", message)])
    return found, left


def _unfit(found: Found) -> str:
    if not 2 <= len(found.options) <= len(OPTION_LABELS):
        return f"{len(found.options)} options; expected 2 to {len(OPTION_LABELS)}"
    texts = [text for text, _, _ in found.options]
    if not all(map(_says, (found.text, *texts))):
        return "the question, or an option, says nothing"
    for every in (found.text, *_texts(found)):
        for pattern, what, where in _CANNOT:
            if pattern.search(every):
                return f"{what} stands in it; write it anew, with {where}"
    return "two options say the same" if len(set(texts)) < len(texts) else ""


def _says(html: str) -> bool:
    """Whether anything is to be seen of a text."""
    return bool(re.sub(r"<(?!img\b)[^<>]*>|&nbsp;|\s", "", html))


def problem_yaml(found: Sequence[Found], number: str, title: str, points: Fraction) -> str:
    """A problem of the questions, one part each.

    Args:
        points: Of each question.
    """
    texts = [text for it in found for text in (it.text, *_texts(it))]
    tidied = {text: _HEADING.sub(r"<\1strong>", _UNWRAPPED.sub("", text)) for text in texts}
    read = from_html(tidied.values())
    tex = {text: read[tidy] for text, tidy in tidied.items()}
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
    content = file.read_bytes()
    questions = xml.fromstring(content).iter("question")
    for line, question in zip(_question_lines(content), questions, strict=True):
        kind = question.get("type")
        name = " ".join((question.findtext("name/text") or "").split())
        if kind == "category":
            continue
        if kind not in {"multichoice", "truefalse", "multichoiceset"}:
            message = f"left out: {name or 'a question'} is {kind}, no multiple choice"
            yield Complaint(str(file), line, 0, "", message)
            continue
        answers = list(question.findall("answer"))
        try:
            shares = [_share(answer.get("fraction", "0")) for answer in answers]
        except ValueError as error:
            yield Complaint(str(file), line, 0, "", f"left out: {name}: {error}")
            continue
        options = [
            (_moodle_text(answer, "text"), share, _moodle_text(answer, "feedback/text"))
            for answer, share in zip(answers, shares, strict=True)
        ]
        yield _judged(file, line, _moodle_text(question, "questiontext/text"), options)


def _question_lines(content: bytes) -> list[int]:
    """The line on which each question begins."""
    found: list[int] = []
    parser = expat.ParserCreate()

    def begin(name: str, _: dict[str, str]) -> None:
        if name == "question":
            found.append(parser.CurrentLineNumber)

    parser.StartElementHandler = begin
    parser.Parse(content, True)
    return found


def _moodle_text(element: xml.Element, path: str) -> str:
    """A text as HTML; what is no HTML there has characters that stand for themselves."""
    text = _inside(element.find(path)).strip()
    holder = element.find(path.rpartition("/")[0] or ".")
    form = None if holder is None else holder.get("format")
    if form == "markdown" and text:
        return from_markdown([text])[0]
    return escape(text, quote=False) if form == "plain_text" else text


def _inside(element: xml.Element | None) -> str:
    """What stands in an element: who writes by hand may forget to escape tags of HTML."""
    if element is None:
        return ""
    tags = (xml.tostring(it, "unicode") for it in element)
    before = element.text or ""
    return "".join([escape(before, quote=False) if len(element) else before, *tags])


def _share(written: str) -> Fraction:
    """What an option earns, in percent; 33,33333 where commas are usual.

    Raises:
        ValueError: It is no number.
    """
    try:
        return Fraction(written.strip().replace(",", ".") or "x")
    except ValueError:
        message = f"fraction is {written!r}; expected a number from -100 to 100"
        raise ValueError(message) from None


def _judged(
    file: Path, line: int, text: str, options: Sequence[tuple[str, Fraction, str]]
) -> Found | Complaint:
    """A question with options that earn shares in percent, each right or wrong here.

    Right is what earns all; where several share it, all that earn a part.
    """
    earning = [share for _, share, _ in options if share > 0]
    whole = [share for share in earning if share >= 100 - _OFF]
    together = sum(earning, Fraction(0))
    if earning and not whole and abs(together - 100) > _OFF:
        message = f"left out: its right options earn {float(together):g} % together, expected 100 %"
        return Complaint(str(file), line, 0, "", message)
    least = min(whole) if whole else Fraction(0)
    judged = tuple((say, share > 0 and share >= least, why) for say, share, why in options)
    partial = [say for say, share, _ in options if 0 < share < least]
    note = f"wrong here, though it earns a part there: {', '.join(partial)}" if partial else ""
    note = note or ("" if earning else "no option of it is right")
    return Found(line, text, judged, note)


# GIFT -----------------------------------------------------------------------------------------

_GIFT_QUESTION = re.compile(
    r"(?:::(?P<name>(?:\\.|[^\\:]|:(?!:))*)::)?\s*(?:\[(?P<form>\w+)\])?\s*"
    r"(?P<text>(?:\\.|[^\\{])*)\{(?P<answers>(?:\\.|[^\\}])*)\}(?P<behind>.*)",
    re.DOTALL,
)
_GIFT_OPTION = re.compile(r"(?P<sign>[=~])(?P<say>(?:\\.|[^\\=~])*)", re.DOTALL)
_GIFT_WEIGHT = re.compile(r"\s*%(-?[0-9.,]+)%")
_GIFT_REASON = re.compile(r"(?<!\\)#")
_GIFT_BRACE = re.compile(r"(?<!\\)\{")
_GIFT_TRUE = re.compile(r"\s*(?P<truth>T|TRUE|F|FALSE)\s*(?:#.*)?", re.DOTALL)


def _gift(file: Path) -> Iterator[Found | Complaint]:
    text = file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    line = 1
    for block in re.split(r"(\n[ \t]*\n)", text):
        begins = line + len(block) - len(block.lstrip("\n"))
        line += block.count("\n")
        kept = [it for it in block.split("\n") if not it.lstrip().startswith(("//", "$CATEGORY"))]
        said = "\n".join(kept).strip()
        if said:
            yield _gift_question(file, begins, said)


def _gift_question(file: Path, line: int, said: str) -> Found | Complaint:
    question = _GIFT_QUESTION.fullmatch(said)
    if question is not None and _GIFT_BRACE.search(question["behind"]):
        message = (
            "left out: two questions without an empty line between them, or two sets of answers"
        )
        return Complaint(str(file), line, 0, "", message)
    try:
        options = _gift_options(question["answers"]) if question else []
    except ValueError as error:
        return Complaint(str(file), line, 0, "", f"left out: {error}")
    if question is None or len(options) < 2:
        message = f"left out: no multiple choice: {said[:40]!r}"
        return Complaint(str(file), line, 0, "", message)
    asked = f"{question['text']} ____ {question['behind']}".strip()
    texts = [
        asked.removesuffix("____").strip(),
        *(it for say, _, why in options for it in (say, why)),
    ]
    as_html = dict(zip(texts, _gift_html(question["form"] or "", texts), strict=True))
    told = [(as_html[say], share, as_html[why]) for say, share, why in options]
    return _judged(file, line, as_html[texts[0]], told)


def _gift_html(form: str, texts: Sequence[str]) -> list[str]:
    """Texts of a question as HTML, which they are unless it says otherwise."""
    found = [_unescaped(text) for text in texts]
    if form == "plain":
        return [escape(text, quote=False) for text in found]
    return from_markdown(found) if form == "markdown" else found


def _gift_options(answers: str) -> list[tuple[str, Fraction, str]]:
    """The options with what they earn in percent; none where these are no options.

    Raises:
        ValueError: A weight is no number.
    """
    answers = re.split(r"(?<!\\)####", answers, maxsplit=1)[0]  # behind it: feedback for all
    if (judged := _GIFT_TRUE.fullmatch(answers)) is not None:
        true = judged["truth"].startswith("T")
        return [("True", Fraction(100 * true), ""), ("False", Fraction(100 * (not true)), "")]
    found = []
    for option in _GIFT_OPTION.finditer(answers):
        if "->" in option["say"]:
            return []
        weight = _GIFT_WEIGHT.match(option["say"])
        share = _share(weight[1]) if weight else Fraction(100 * (option["sign"] == "="))
        say, *why = _GIFT_REASON.split(option["say"][weight.end() if weight else 0 :], maxsplit=1)
        found.append((say.strip(), share, "".join(why).strip()))
    return found if "~" in answers else []


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
    found: dict[str, int] = {}
    for index, heading in enumerate(headings):
        for name, words in (("question", QUESTION), ("right", RIGHT), ("why", WHY)):
            if heading in words:
                found.setdefault(name, index)
        word = _OPTION_WORD.sub("", heading)
        label = OPTION_LABELS[int(word) - 1] if re.fullmatch("[1-8]", word) else word
        if len(label) == 1 and label in OPTION_LABELS:
            found.setdefault(label, index)
    needed = {"question", "right", "a", "b"}
    return found if needed <= set(found) else None


def _rows(file: Path, columns: dict[str, int], rows: Sequence[Row]) -> Iterator[Found | Complaint]:
    for row in rows:

        def cell(name: str, row: Row = row) -> str:
            index = columns.get(name, len(row.cells))
            return clean(row.cells[index]) if index < len(row.cells) else ""

        if not any(map(clean, row.cells)):
            continue
        said = {label: cell(label) for label in OPTION_LABELS if cell(label)}
        right, unknown = _right_labels(cell("right"), said)
        if unknown:
            message = (
                f"left out: {', '.join(unknown)} is right, but is the letter of no text; expected "
                "letters as in the headings, numbers, or the text of an option"
            )
            yield Complaint(str(file), row.line, 0, "", message)
            continue
        options = tuple(
            (_as_html(text), label in right, _as_html(cell("why")) if label in right else "")
            for label, text in said.items()
        )
        yield Found(row.line, _as_html(cell("question")), options)


def _right_labels(written: str, said: Mapping[str, str]) -> tuple[set[str], list[str]]:
    """The labels that a cell names, and what of it names none."""
    by_text = {text.casefold(): label for label, text in said.items()}
    named = by_text.get(written.casefold(), "")
    if named and written.casefold() not in said:
        is_number = re.fullmatch("[1-8]", written) is not None
        if is_number and OPTION_LABELS[int(written) - 1] != named:
            return set(), [f"{written} (the text of {named}, or the option of that number)"]
        return {named}, []
    words = [it for it in re.split(r"[,;/&+|\s]+|\band\b|\bund\b", written.casefold()) if it]
    words = [it for it in words if it not in {"option", "answer", "antwort"}]
    if len(words) == 1 and re.fullmatch("[a-h]{2,8}", words[0]):  # all letters in a row: ac
        words = list(words[0])
    right, unknown = set(), []
    for word in words:
        bare = word.strip("().")
        label = OPTION_LABELS[int(bare) - 1] if re.fullmatch("[1-8]", bare) else bare
        if label in said:
            right.add(label)
        else:
            unknown.append(word)
    return right, unknown


def _as_html(text: str) -> str:
    """A cell as HTML, which some have there already."""
    return text if _HTML.search(text) else escape(text)
