"""What must not leave with the papers: students' numbers and names, and texts of answers."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain

from generator.bank.covers import OwnText
from generator.bank.exam import Exam
from generator.bank.template import Text
from generator.compose.sayings import sayings
from generator.errors import Complaint
from generator.solve.printed import Plain, read

SHINGLE = 6
"""So many consecutive words of a model answer on a paper are a leak."""

PROPER_WORDS = 4
"""So many of them are longer than the letters of a formula."""

MIN_NUMBER_LENGTH = 5
"""Shorter registration numbers cannot be told from the numbers of a question."""


_WORD = re.compile(r"[^\W\d_]+")
_TOKEN = re.compile(r"[^\W_]+")
_TAG = re.compile(r"<<.*?>>|<%.*?%>|<#.*?#>")
_DIGIT = re.compile(r"\d")
_COMMAND = re.compile(r"\\[A-Za-z]+\*?|\\.")
_MATH = re.compile(r"\$[^$]*\$|\\\[.*?\\\]|\\\(.*?\\\)", re.DOTALL)

Person = tuple[str, str, str]
"""Registration number, first name, last name."""

Tokens = tuple[str, ...]
"""Consecutive runs of letters and digits, as they are written."""


@dataclass(frozen=True, eq=False)
class Forbidden:
    """What nothing for the print shop may hold.

    It is handed to worker processes, also on other machines, which need to know no person: numbers
    and names are digests under a key of the build.

    Attributes:
        key: Of the digests.
        people: Registration numbers and full names as sequences of tokens, by their length.
        sentences: Sequences of `SHINGLE` words of answers and rubrics.
    """

    key: bytes = field(default=b"", repr=False)
    people: Mapping[int, frozenset[tuple[bytes, ...]]] = field(default_factory=dict)
    sentences: frozenset[tuple[str, ...]] = frozenset()

    def found(self, text: str) -> list[str]:
        """What a text holds of it, for people."""
        lines = text.split("\n")
        leaks = set(self._found_people(lines)) if self.people else set()
        words = list(chain.from_iterable(map(_words_of_line, lines)))
        pieces = zip(*(words[start:] for start in range(SHINGLE)), strict=False)
        if not self.sentences.isdisjoint(pieces):
            sentences = self.sentences & shingles(words, SHINGLE)
            leaks |= {f"of an answer: {' '.join(piece)}" for piece in sentences}
        return sorted(leaks)

    def _found_people(self, lines: Iterable[str]) -> Iterator[str]:
        pairs = [pair for line in lines for pair in _digests_of_line(self.key, line)]
        digests = [digest for _, digest in pairs]
        for length, people in self.people.items():
            pieces = zip(*(digests[start:] for start in range(length)), strict=False)
            if people.isdisjoint(pieces):
                continue
            tokens = [token for token, _ in pairs]
            pieces = zip(*(digests[start:] for start in range(length)), strict=False)
            for start, piece in enumerate(pieces):
                if piece in people:
                    yield f"{_kind(tokens[start])} ({' '.join(tokens[start : start + length])})"


def tokens_of(text: str) -> Tokens:
    """The words of a text as they are written, and its numbers, in small letters."""
    found = _TOKEN.findall(unicodedata.normalize("NFC", text))
    return tuple(it.casefold() if _DIGIT.search(it) else it for it in found)


def _kind(token: str) -> str:
    return "a registration number" if _DIGIT.search(token) else "a name"


@lru_cache(maxsize=16384)
def _digest(key: bytes, word: str) -> bytes:
    # Kept: pages of all copies say mostly the same words.
    return hashlib.blake2b(word.encode(), key=key, digest_size=8).digest()


@lru_cache(maxsize=8192)
def _digests_of_line(key: bytes, line: str) -> tuple[tuple[str, bytes], ...]:
    return tuple((token, _digest(key, token)) for token in tokens_of(line))


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text in small letters."""
    return tuple(word.casefold() for word in _WORD.findall(text))


@lru_cache(maxsize=8192)
def _words_of_line(line: str) -> Tokens:
    # No word and no number goes on in the next line; most lines stand on pages of other copies.
    return words_of(line)


def shingles(words: Sequence[str], length: int) -> set[tuple[str, ...]]:
    """All sequences of consecutive words of a length."""
    return set(zip(*(words[start:] for start in range(length)), strict=False))


def without_tex(source: str) -> str:
    """What is left of a TeX text without math and commands: its words."""
    return _COMMAND.sub(" ", _MATH.sub(" . ", source))


def forbid(exam: Exam, people: Iterable[Person]) -> Forbidden:
    """Collects what must not leak.

    What the bank and the program say themselves is no leak, be it the name of a student: see
    :func:`coincidences`.
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
    own = [tokens_of(text) for _, _, _, text in _own_texts(exam)]
    own += [tokens_of(_COMMAND.sub(" ", text)) for text in sayings(exam).values()]
    key = secrets.token_bytes(16)
    hidden: dict[int, frozenset[tuple[bytes, ...]]] = {}
    for length, found in _by_length(people).items():
        leaks = found.keys() - {piece for tokens in own for piece in shingles(tokens, length)}
        hidden[length] = frozenset(tuple(_digest(key, it) for it in leak) for leak in leaks)
    return Forbidden(key, hidden, frozenset(sentences))


def coincidences(exam: Exam, people: Iterable[Person]) -> list[Complaint]:
    """Where papers print what is also a registration number or a full name of the roster.

    Whole tokens are compared, of all that papers can print. What the exam file lists as a
    coincidence is left out.
    """
    confirmed = {tokens_of(it) for it in exam.coincidences}
    sought = _by_length(people)
    found: dict[tuple[str, int, str, Tokens], Complaint] = {}
    for file, line, where, text in _own_texts(exam):
        tokens = tokens_of(text)
        for length, known in sought.items():
            for piece in shingles(tokens, length) & known.keys() - confirmed:
                said = " ".join(piece)
                message = (
                    f"papers print {said!r} here, which is {_kind(piece[0])} of the roster, too; "
                    f"if that is a coincidence, confirm it in {exam.file}: "
                    f'coincidences: ["{said}"]'
                )
                complaint = Complaint(file, line + _line_of(text, piece), 0, where, message)
                found.setdefault((file, line, where, piece), complaint)
    return list(found.values())


def _by_length(people: Iterable[Person]) -> dict[int, dict[Tokens, None]]:
    """What identifies people, as tokens: numbers, and names of at least two words."""
    found: dict[int, dict[Tokens, None]] = {}
    for number, first, last in people:
        names = [it for it in (f"{first} {last}", f"{last} {first}") if len(tokens_of(it)) > 1]
        numbers = [number] if len(number) >= MIN_NUMBER_LENGTH else []
        for tokens in map(tokens_of, (*numbers, *names)):
            found.setdefault(len(tokens), {})[tokens] = None
    return found


def _line_of(text: str, piece: Tokens) -> int:
    """Lines of a text before a sequence of tokens."""
    pattern = r"[\W_]+".join(map(re.escape, piece))
    whole = rf"(?<![^\W_]){pattern}(?![^\W_])"
    match = re.search(whole, unicodedata.normalize("NFC", text), re.IGNORECASE)
    return text.count("\n", 0, match.start()) if match else 0


def _own_texts(exam: Exam) -> Iterator[tuple[str, int, str, str]]:
    """All that papers can print of the bank: file, line, field and text."""
    said = {name: getattr(exam, name) for name in ("university", "chair", "course", "module")}
    said |= {"title": exam.title, **exam.facts, "aids": exam.aids or ""}
    own = [it.text for it in (*exam.cover.blocks, *exam.cover.rules) if isinstance(it, OwnText)]
    for field_name, text in (*said.items(), *(("cover", text) for text in own)):
        start = re.search(rf"^{field_name}\s*:", exam.source, re.MULTILINE)
        line = exam.source.count("\n", 0, start.start()) + 1 if start else 0
        yield exam.file, line, field_name, text
    for problem in exam.problems:
        start = re.search(r"^title\s*:", problem.source, re.MULTILINE)
        line = problem.source.count("\n", 0, start.start()) + 1 if start else 0
        yield problem.file, line, "title", problem.title
        texts = [(problem.id, problem.intro)]
        for part in problem.questions():
            texts += [(part.id, it.text) for it in part.texts() if it.on_paper]
        printed: set[str] = set()
        for where, text in texts:
            printed |= set(text.printed)
            yield problem.file, text.line, where, _COMMAND.sub(" ", _TAG.sub(" ", text.source))
        for name in sorted(printed & problem.variables.keys()):
            members = problem.variables[name].members
            shown = "; ".join(_flat(read(problem, name, member)) for member in members)
            yield problem.file, problem.places.get(name, (0, 0))[0], name, shown


def _flat(value: Plain) -> str:
    return value if isinstance(value, str) else " ".join(map(_flat, value))


def _paper_texts(exam: Exam) -> Iterator[Text]:
    for problem in exam.problems:
        yield problem.intro
        for part in problem.questions():
            yield from (it.text for it in part.texts() if it.on_paper)


def _key_texts(exam: Exam) -> Iterator[Text]:
    for problem in exam.problems:
        for part in problem.questions():
            yield from (it.text for it in part.texts() if not it.on_paper)
