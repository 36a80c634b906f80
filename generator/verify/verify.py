"""Stage 9, verify: what was stamped is read back and compared with what it should say.

The expectation is made from the records, never from the TeX that was typeset: a block that went to
the wrong copy is found as well as a glyph that came out wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from generator.bank.problem import ChoicePart, Exam, OpenPart, OrderPart, Problem
from generator.bank.template import Shown, Text
from generator.codes.page_code import PageCode, parse_payload
from generator.compose.given import Given, GivenOption
from generator.compose.plan import Page, Section
from generator.solve.printed import Plain, read
from generator.verify.readback import PageReading

KEY_WORD = "KEY"
SHINGLE = 6
"""So many consecutive words of a model answer on a paper are a leak."""

PROPER_WORDS = 4
"""So many of them are longer than the letters of a formula."""

MIN_NUMBER_LENGTH = 5
"""Shorter registration numbers cannot be told from the numbers of a question."""

_MINUS = re.compile("[\N{MINUS SIGN}\N{EN DASH}]\\s*(?=[\\d.])")
_WORD = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(r"-?\d+([., ]\d+)*")
_COMMAND = re.compile(r"\\[A-Za-z]+\*?|\\.")
_MATH = re.compile(r"\$[^$]*\$|\\\[.*?\\\]|\\\(.*?\\\)", re.DOTALL)
_MARKED = re.compile("\x01(.*?)\x02", re.DOTALL)


@dataclass(frozen=True)
class Expected:
    """What a page must say, in this order.

    Attributes:
        page: Its number.
        tokens: Numbers and words, each of them once per appearance.
    """

    page: int
    tokens: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Forbidden:
    """What nothing for the print shop may hold.

    Attributes:
        numbers: Registration numbers.
        names: Full names as sequences of words in small letters, by their number of words.
        sentences: Sequences of `SHINGLE` words of answers and rubrics.
    """

    numbers: frozenset[str] = frozenset()
    names: Mapping[int, frozenset[tuple[str, ...]]] = field(default_factory=dict)
    sentences: frozenset[tuple[str, ...]] = frozenset()

    def found(self, text: str) -> list[str]:
        """What a text holds of it, for people."""
        words = words_of(text)
        leaks = [f"a registration number ({n})" for n in self.numbers & set(_DIGITS.findall(text))]
        for length, names in self.names.items():
            leaks += [f"a name ({' '.join(name)})" for name in names & shingles(words, length)]
        leaks += [f"of an answer: {' '.join(s)}" for s in self.sentences & shingles(words, SHINGLE)]
        return sorted(leaks)


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text in small letters."""
    return tuple(word.casefold() for word in _WORD.findall(text))


def shingles(words: Sequence[str], length: int) -> set[tuple[str, ...]]:
    """All sequences of consecutive words of a length."""
    return set(zip(*(words[start:] for start in range(length)), strict=False))


def without_tex(source: str) -> str:
    """What is left of a TeX text without math and commands: its words."""
    return _COMMAND.sub(" ", _MATH.sub(" . ", source))


def forbid(exam: Exam, students: Iterable[tuple[str, str, str]]) -> Forbidden:
    """Collects what must not leak.

    What the questions themselves say is no leak, be it the name of a student.

    Args:
        students: Registration number, first name, last name.
    """
    own_words = [words_of(without_tex(text.source)) for text in _paper_texts(exam)]
    own_words.append(words_of(" ".join((exam.examiner, exam.chair, exam.university, exam.course))))
    sentences = {
        shingle
        for text in _key_texts(exam)
        for piece in re.split(r"<[<%].*?[>%]>|[.:;]\s", without_tex(text.source))
        for shingle in shingles(words_of(piece), SHINGLE)
        if sum(len(word) > 2 for word in shingle) >= PROPER_WORDS
    }
    sentences -= {shingle for words in own_words for shingle in shingles(words, SHINGLE)}
    names: dict[int, set[tuple[str, ...]]] = {}
    numbers = set()
    for number, first, last in students:
        if len(number) >= MIN_NUMBER_LENGTH:
            numbers.add(number)
        for name in (f"{first} {last}", f"{last} {first}"):
            words = words_of(name)
            if len(words) > 1:
                names.setdefault(len(words), set()).add(words)
    for length, found in names.items():
        found -= {shingle for words in own_words for shingle in shingles(words, length)}
    return Forbidden(
        frozenset(numbers),
        {length: frozenset(found) for length, found in names.items()},
        frozenset(sentences),
    )


def _paper_texts(exam: Exam) -> Iterator[Text]:
    for problem in exam.problems:
        yield problem.intro
        for part in problem.questions():
            yield part.ask
            if isinstance(part, OrderPart):
                yield from part.steps
            elif isinstance(part, ChoicePart):
                pools = [getattr(part, name, {}) for name in ("statements", "computed")]
                for pool in pools:
                    yield from (statement.say for statement in pool.values())
                yield from (option.say for option in getattr(part, "options", ()))


def _key_texts(exam: Exam) -> Iterator[Text]:
    for problem in exam.problems:
        for part in problem.questions():
            if isinstance(part, OpenPart):
                yield part.answer
                yield from (item.text for item in part.rubric if item.text is not None)
                yield from part.also_accept
                yield from (mistake.text for mistake in part.mistakes)
            elif not isinstance(part, OrderPart):
                for name in ("statements", "computed"):
                    yield from (it.why for it in getattr(part, name, {}).values())
                yield from (option.why for option in getattr(part, "options", ()))


# What a page must say.


def expect(exam: Exam, given: Given, plan: Iterable[Page]) -> list[Expected]:
    """What each page of a copy must say: every printed value and every option, in order."""
    problems = {problem.id: problem for problem in exam.problems}
    return [
        Expected(
            page.number,
            tuple(
                token
                for section in page.sections
                for token in _section_tokens(problems[section.problem], given, section)
            ),
        )
        for page in plan
        if page.sections
    ]


def expect_answers(
    answers: Mapping[str, Mapping[str, Plain]], plan: Iterable[Page]
) -> list[Expected]:
    """The numbers that each page of a key must show somewhere.

    Args:
        answers: Part id to its answers as they are printed; lists and texts are left out.
    """
    return [
        Expected(
            page.number,
            tuple(
                value
                for part in page.parts
                for value in answers.get(part.id, {}).values()
                if isinstance(value, str) and _NUMBER.fullmatch(value)
            ),
        )
        for page in plan
        if page.sections
    ]


def _section_tokens(problem: Problem, given: Given, section: Section) -> Iterator[str]:
    values = _marked(problem, given.values[problem.id])
    if section.first:
        yield from _tokens(problem.intro, values)
    parts = {part.id: part for part in problem.parts}
    for planned in section.parts:
        part = parts[planned.id]
        yield from _tokens(given.questions.get(part.id, part.ask), values)
        for label, text in given.labeled.get(part.id, ()):
            yield label
            yield from words_in_order(text.source)
        for option in given.options.get(part.id, ()):
            yield from _option_tokens(problem, option)


def _marked(problem: Problem, values: Mapping[str, Shown]) -> dict[str, Shown]:
    """Values as a text prints them in plain, between marks by which they are found again."""
    return {
        # What is set in other forms than digits is not looked for.
        name: Shown(shown.value, f"\x01{_flat(read(problem, name, shown.value))}\x02")
        if problem.form(name).kind == "decimal"
        else Shown(shown.value, "")
        for name, shown in values.items()
    }


def _tokens(text: Text, values: Mapping[str, Shown]) -> Iterator[str]:
    if text.varies:
        for token in _MARKED.findall(text.render(values)):
            yield from _split(token)


def _option_tokens(problem: Problem, option: GivenOption) -> Iterator[str]:
    values = _marked(problem, option.values)
    for index, piece in enumerate(_MARKED.split(option.text.render(values))):
        yield from _split(piece) if index % 2 else words_in_order(piece)


@lru_cache(maxsize=4096)
def words_in_order(source: str) -> tuple[str, ...]:
    """The words of a TeX text that its page must show, without math and commands."""
    return tuple(_WORD.findall(without_tex(source)))


def _split(token: str) -> list[str]:
    """A drawn text is looked for word by word, a number as a whole."""
    return _WORD.findall(token) if _WORD.search(token) else [token]


def _flat(value: Plain) -> str:
    return value if isinstance(value, str) else " ".join(map(_flat, value))


# What a page says.


def check_paper(
    expected: Sequence[Expected],
    readings: Sequence[PageReading],
    exam_id: str,
    code: str,
    pages: int,
    tag_key: bytes,
    forbidden: Forbidden,
    mark: str,
) -> list[str]:
    """All that is wrong with a finished paper; nothing if all is well."""
    wrong = _check_pages(readings, exam_id, code, pages, mark)
    for number, reading in enumerate(readings, 1):
        where = f"{code}, page {number}"
        wanted = PageCode(exam_id, code, number)
        if len(reading.codes) != 2:
            wrong.append(f"{where}: {len(reading.codes)} page codes can be read, expected 2")
        for payload in reading.codes:
            try:
                found = parse_payload(payload, tag_key)
            except ValueError as error:
                wrong.append(f"{where}: a page code says {payload!r}: {error}")
                continue
            if found != wanted:
                wrong.append(f"{where}: a page code says {found.text}, expected {wanted.text}")
        if KEY_WORD in reading.text.split():
            wrong.append(f"{where}: it says {KEY_WORD}")
        text = reading.text.replace(wanted.text, " ").replace(mark, " ").replace(code, " ")
        wrong += [f"{where}: it holds {leak}" for leak in _leaks(forbidden, text)]
    wrong += _check_values(expected, readings, code)
    return wrong


def check_key(
    expected: Sequence[Expected],
    answers: Sequence[Expected],
    readings: Sequence[PageReading],
    exam_id: str,
    code: str,
    pages: int,
    mark: str,
) -> list[str]:
    """All that is wrong with a finished key; nothing if all is well."""
    wrong = _check_pages(readings, exam_id, code, pages, mark)
    for number, reading in enumerate(readings, 1):
        if KEY_WORD not in reading.text.split():
            wrong.append(f"key of {code}, page {number}: it does not say {KEY_WORD}")
        if reading.codes:
            wrong.append(f"key of {code}, page {number}: it has a scannable code")
    for page in answers:
        text = _MINUS.sub("-", readings[page.page - 1].text) if page.page <= len(readings) else ""
        for token in page.tokens:
            if _pattern(token).search(text) is None:
                wrong.append(f"key of {code}, page {page.page}: the answer {token} is missing")
    return wrong + _check_values(expected, readings, f"key of {code}")


def _check_pages(
    readings: Sequence[PageReading], exam_id: str, code: str, pages: int, mark: str
) -> list[str]:
    wrong = []
    if len(readings) != pages:
        wrong.append(f"{code}: {len(readings)} pages, expected {pages}")
    for number, reading in enumerate(readings, 1):
        for text in (PageCode(exam_id, code, number).text, mark):
            if text not in reading.text:
                wrong.append(f"{code}, page {number}: the text {text} is missing")
    return wrong


def _check_values(
    expected: Sequence[Expected], readings: Sequence[PageReading], what: str
) -> list[str]:
    wrong = []
    for page in expected:
        if page.page > len(readings):
            continue
        missing = first_missing(page.tokens, readings[page.page - 1].text)
        if missing is not None:
            wrong.append(
                f"{what}, page {page.page}: {missing!r} of the record is not on the page, or not "
                "where it should be"
            )
    return wrong


def first_missing(tokens: Iterable[str], text: str) -> str | None:
    """The first token that does not follow the ones before it in a text; None if all do."""
    text = _MINUS.sub("-", text)
    position = 0
    for token in tokens:
        match = _pattern(token).search(text, position)
        if match is None:
            return token
        position = match.end()
    return None


@lru_cache(maxsize=65536)
def _pattern(token: str) -> re.Pattern[str]:
    """A token as a whole: ``1.5`` is not in ``-1.5`` nor in ``11.5``."""
    if _WORD.fullmatch(token):
        return re.compile(re.escape(token))
    # The room between thousands is none or a blank when it is read.
    written = re.escape(token).replace(r"\ ", r"\s?")
    return re.compile(rf"(?<![\d.-]){written}(?!\.?\d)")


@lru_cache(maxsize=512)
def _leaks(forbidden: Forbidden, text: str) -> tuple[str, ...]:
    return tuple(forbidden.found(text))
