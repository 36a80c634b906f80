"""What must not leave with the papers: students' numbers and names, and texts of answers."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from generator.bank.problem import Exam
from generator.bank.template import Text

SHINGLE = 6
"""So many consecutive words of a model answer on a paper are a leak."""

PROPER_WORDS = 4
"""So many of them are longer than the letters of a formula."""

MIN_NUMBER_LENGTH = 5
"""Shorter registration numbers cannot be told from the numbers of a question."""


_WORD = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"\d+")
_COMMAND = re.compile(r"\\[A-Za-z]+\*?|\\.")
_MATH = re.compile(r"\$[^$]*\$|\\\[.*?\\\]|\\\(.*?\\\)", re.DOTALL)


@dataclass(frozen=True, eq=False)
class Forbidden:
    """What nothing for the print shop may hold.

    It is handed to worker processes, also on other machines, which need to know no person: numbers
    and words of names are digests under a key of the build.

    Attributes:
        key: Of the digests.
        numbers: Registration numbers.
        names: Full names as sequences of words in small letters, by their number of words.
        sentences: Sequences of `SHINGLE` words of answers and rubrics.
    """

    key: bytes = field(default=b"", repr=False)
    numbers: frozenset[bytes] = frozenset()
    names: Mapping[int, frozenset[tuple[bytes, ...]]] = field(default_factory=dict)
    sentences: frozenset[tuple[str, ...]] = frozenset()

    def found(self, text: str) -> list[str]:
        """What a text holds of it, for people."""
        words = words_of(text)
        leaks = [
            f"a registration number ({number})"
            for number in set(_DIGITS.findall(text))
            if _digest(self.key, number) in self.numbers
        ]
        digests = [_digest(self.key, word) for word in words]
        for length, names in self.names.items():
            pieces = zip(*(digests[start:] for start in range(length)), strict=False)
            found = {
                " ".join(words[start : start + length])
                for start, piece in enumerate(pieces)
                if piece in names
            }
            leaks += [f"a name ({name})" for name in found]
        leaks += [f"of an answer: {' '.join(s)}" for s in self.sentences & shingles(words, SHINGLE)]
        return sorted(leaks)


@lru_cache(maxsize=16384)
def _digest(key: bytes, word: str) -> bytes:
    # Kept: pages of all copies say mostly the same words.
    return hashlib.blake2b(word.encode(), key=key, digest_size=8).digest()


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
    key = secrets.token_bytes(16)
    hidden = {
        length: frozenset(tuple(_digest(key, word) for word in name) for name in found)
        for length, found in names.items()
    }
    return Forbidden(
        key, frozenset(_digest(key, number) for number in numbers), hidden, frozenset(sentences)
    )


def _paper_texts(exam: Exam) -> Iterator[Text]:
    for problem in exam.problems:
        yield problem.intro
        for part in problem.questions():
            yield from (it.text for it in part.texts() if it.on_paper)


def _key_texts(exam: Exam) -> Iterator[Text]:
    for problem in exam.problems:
        for part in problem.questions():
            yield from (it.text for it in part.texts() if not it.on_paper)
