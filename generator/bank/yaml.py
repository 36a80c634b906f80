"""YAML files with positions: every scalar stays the text that the author wrote.

YAML 1.1 turns ``NO`` into false, ``012`` into ten and ``1:30`` into ninety. Here nothing is
converted: scalars are strings, and the models say what each of them means. Only what stands for
nothing (``~``, ``null``, no value at all) is None.

The file is read as a stream of events, so that what is too deep or too large is refused before it
is built, and aliases are never followed.
"""

from __future__ import annotations

import codecs
import re
import stat
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

import yaml

from generator.errors import Complaint, InputError, JoinedName

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_VALUES = 20_000
MAX_BREAKS = 50
"""So many of them are named."""

Route = tuple[str | int, ...]
"""Keys and indices from the top of a file down to a value."""

_BREAK = re.compile(r"\r\n|[\n\r]")
_HIDDEN_BREAK = re.compile("[\x85\u2028\u2029]")
"""What ends a line for YAML, but not in editors, so that they would count lines otherwise."""
_ODD_BLANK = "\u00a0\u1680\u2000-\u200b\u202f\u205f\u2060\u3000\ufeff"
_ODD_STRUCTURE = re.compile(rf"^[ -]*([{_ODD_BLANK}])|[\w\"']:([{_ODD_BLANK}])|^[ \w-]*(\uff1a)")
"""What looks like a blank or a colon where YAML needs one."""
_WHAT_TO_WRITE = "write the fields of an exam or a problem into it, as bank/README.md has them"
_NOTHING = frozenset(("", "~", "null", "Null", "NULL"))

_UNPRINTABLE = re.compile(
    r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""What YAML 1.1 (5.1) allows nowhere in a file."""

_ADVICE = (
    ("mapping values are not allowed", "put a text that holds ': ' in quotes"),
    ("tab character", "indent with blanks, not with tabs"),
    ("cannot start any token", "put a text that begins with a special character in quotes"),
    ("unknown escape character", "double a backslash between double quotes, or use single quotes"),
    ("unexpected end of stream", "close the quotes"),
    ("did not find expected key", "check the indentation, and the quotes further up"),
    ("did not find expected '-' indicator", "check the indentation"),
    (
        "did not find expected ',' or",
        "between braces or brackets, put an expression with [ ] or { } in quotes, as in "
        '{is: "v[0]"}; or close them',
    ),
    ("nesting depth", f"nest at most {MAX_DEPTH} levels"),
)
"""What to do about the commonest errors of syntax, by a piece of the parser's message."""


class Scalar(str):
    """A YAML scalar as written; ``plain`` tells that it stood without quotes."""

    plain: bool

    def __new__(cls, text: str, *, plain: bool) -> Scalar:
        scalar = super().__new__(cls, text)
        scalar.plain = plain
        return scalar


@dataclass(frozen=True)
class Span:
    """Where a value stands in the text of a file, as 0-based offsets.

    Attributes:
        start: Its first character; that of the quote or of the ``|``, if it has one.
        end: Behind its last character.
        style: How a scalar is written: ``'``, ``"``, ``|``, ``>``, or nothing.
        key: The first character of its key in a mapping; its own elsewhere.
    """

    start: int
    end: int
    style: str
    key: int


@dataclass(frozen=True)
class Source:
    """A parsed YAML file.

    Attributes:
        name: The file as the user named it.
        text: All of it.
        data: Mappings, lists, and leaves that are a :class:`Scalar` or None.
        spans: Where each value stands.
        problems: What is wrong, but leaves the rest readable: duplicate keys.
        own_length: How much of the text is its own, where another file was read behind it.
    """

    name: str
    text: str
    data: dict[str, Any]
    spans: Mapping[Route, Span]
    problems: tuple[Complaint, ...] = ()
    own_length: int | None = None

    @property
    def own_text(self) -> str:
        """What stands in the file itself."""
        return self.text[: self.own_length]

    def value(self, route: Route) -> Any:
        """The value at a route; None where there is none."""
        value: Any = self.data
        for key in route:
            value = _child(value, key)
        return value

    def written(self, route: Route) -> str:
        """The text of the file from the beginning of a value on; empty where there is none."""
        span = self.spans.get(route)
        return self.text[span.start :] if span else ""

    def place(self, route: Route, offset: int | None = None) -> tuple[int, int]:
        """Line and column, from 1, of a value or of the deepest known part of its route.

        Args:
            route: The way to the value.
            offset: A character of a scalar's value, from 0; its beginning in the file by default.
        """
        known = next(
            route[:length] for length in range(len(route), -1, -1) if route[:length] in self.spans
        )
        span = self.spans[known]
        if offset is None or known != route:
            return self._line_and_column(span.start)
        return self._line_and_column(span.start + self._inside(route, span, offset))

    def key_place(self, route: Route) -> tuple[int, int]:
        """Line and column, from 1, of the key of a value."""
        span = self.spans.get(route)
        return self._line_and_column(span.key) if span else self.place(route)

    def problem(self, route: Route, message: str, offset: int | None = None) -> Complaint:
        """A problem with a value of this file, or with a character of it."""
        return Complaint(self.name, *self.place(route, offset), self.describe(route), message)

    def key_problem(self, route: Route, message: str) -> Complaint:
        """A problem with a key of this file."""
        return Complaint(self.name, *self.key_place(route), self.describe(route), message)

    def describe(self, route: Route) -> str:
        """A route for people: list entries that have an id are called by it."""
        names: list[str] = []
        data: Any = self.data
        for key in route:
            data = _child(data, key)
            is_item = isinstance(key, int) and isinstance(data, dict)
            name = data.get("id") if is_item else None
            names.append(shorten(name if isinstance(name, str) else str(key)))
        return ".".join(names)

    def escape(self, route: Route) -> str | None:
        """The first escape of a scalar in double quotes that may be meant as a TeX command."""
        span = self.spans.get(route)
        if span is None or span.style != '"':
            return None
        found = (it[0] for it in _ESCAPE.finditer(self.text, span.start + 1, span.end - 1))
        return next((it for it in found if it[0] == "\\" and it[1:] in _TEX_LIKE), None)

    def _inside(self, route: Route, span: Span, offset: int) -> int:
        """The offset in the file's text of a scalar's character: blanks may differ, others not."""
        value = str(self.value(route))
        before = sum(not character.isspace() for character in value[:offset])
        for position in _solid(self.text[span.start : span.end], span.style):
            if not before:
                return position
            before -= 1
        return 0

    def _line_and_column(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(found.end() for found in _BREAK.finditer(self.text))]


def joined(source: Source, behind: Source, key: str) -> Source:
    """A file with the value that another one has for a key, as if it stood behind its last line.

    Complaints about the other file's lines name it (`JoinedName`).
    """
    own = source.text if source.text.endswith("\n") else f"{source.text}\n"
    spans = {route: span for route, span in source.spans.items() if route[:1] != (key,)}
    for route, span in behind.spans.items():
        if route[:1] == (key,):
            start, end, at = (it + len(own) for it in (span.start, span.end, span.key))
            spans[route] = replace(span, start=start, end=end, key=at)
    name = JoinedName(source.name, len(_BREAK.split(own)) - 1, behind.name)
    data = {**source.data, key: behind.data[key]}
    text = own + behind.text
    return Source(name, text, data, spans, source.problems, own_length=len(source.text))


def char_name(char: str) -> str:
    """Which character it is, also if nobody sees it: U+00A0 (no-break space)."""
    known = unicodedata.name(char, "next line" if char == "\x85" else "")
    return f"U+{ord(char):04X} ({known.lower()})" if known else f"U+{ord(char):04X}"


def shorten(text: str, length: int = 60) -> str:
    """A text for a message: not longer than a line holds."""
    return text if len(text) <= length else text[: length - 3] + "..."


def _child(data: Any, key: str | int) -> Any:
    try:
        return data[key]
    except (KeyError, IndexError, TypeError):
        return None


_ESCAPE = re.compile(r"\\(?:x(..)|u(....)|U(.{8})|\r\n|.)|\S", re.DOTALL)
_TEX_LIKE = frozenset("0abtnvfre _NLP")
"""Escapes of one character between double quotes, but for quotes, slashes and the backslash."""
_BLANK_ESCAPES = frozenset("ntrvf _NLP\t\r\n\x85\u2028\u2029")


def _solid(raw: str, style: str) -> Iterator[int]:
    """Offsets of the characters of a scalar, as it is written, that are not blank in its value."""
    if style == '"':
        for found in _ESCAPE.finditer(raw, 1, len(raw) - 1):
            if not _is_blank(found):
                yield found.start()
    elif style == "'":
        yield from (found.start() for found in re.compile(r"''|\S").finditer(raw, 1, len(raw) - 1))
    else:
        header = _BREAK.search(raw) if style else None
        begin = header.end() if header else 0
        yield from (found.start() for found in re.compile(r"\S").finditer(raw, begin))


def _is_blank(escape: re.Match[str]) -> bool:
    text = escape[0]
    if not text.startswith("\\"):
        return False
    code = escape[1] or escape[2] or escape[3]
    return chr(int(code, 16)).isspace() if code else text[1] in _BLANK_ESCAPES


class _RefusedError(Exception):
    """The rest of the file is not read."""


class _Builder:
    """Builds data from the events of a file."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text
        self.fatal: list[Complaint] = []
        self.duplicates: list[Complaint] = []
        self.spans: dict[Route, Span] = {}
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.events: Iterator[Any] = yaml.parse(text, Loader=loader)

    def say(self, event: Any, route: Route, message: str) -> None:
        self.fatal.append(self.problem(event, route, message))

    def refuse(self, event: Any, route: Route, message: str) -> NoReturn:
        self.say(event, route, message)
        raise _RefusedError

    def problem(self, event: Any, route: Route, message: str) -> Complaint:
        where = ".".join(shorten(str(key)) for key in route)
        return Complaint(self.name, *_place(event), where, message)

    def document(self) -> Any:
        """The data of the only document; None where there is none."""
        data = None
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.refuse(event, (), "a second document (---) begins; keep one per file")
            elif isinstance(event, yaml.NodeEvent):
                data = self.value(event, ())
                if not isinstance(data, dict):
                    found = "a list" if isinstance(data, list) else "a single value"
                    self.say(event, (), f"expected a mapping of keys and values, got {found}")
        return data

    def value(self, event: Any, route: Route, key: Any = None) -> Any:
        start, end = event.start_mark.index, event.end_mark.index
        style = getattr(event, "style", None) or ""
        self.spans[route] = Span(start, end, style, key.start_mark.index if key else start)
        if len(self.spans) > MAX_VALUES:
            self.refuse(event, route, f"more than {MAX_VALUES} values; split the file")
        if len(route) > MAX_DEPTH:
            self.refuse(event, route, f"nested deeper than {MAX_DEPTH} levels; make it flatter")
        self.check_plainness(event, route)
        if isinstance(event, yaml.MappingStartEvent):
            return dict(self.pairs(route))
        if isinstance(event, yaml.SequenceStartEvent):
            return list(self.items(route))
        if isinstance(event, yaml.AliasEvent):
            return None
        plain = not style
        return None if plain and event.value in _NOTHING else Scalar(event.value, plain=plain)

    def check_plainness(self, event: Any, route: Route) -> None:
        if event.anchor is not None:
            self.say(event, route, "anchors and aliases (&, *) are not supported; write it out")
        if getattr(event, "tag", None) is not None:
            tag = shorten(event.tag.replace("tag:yaml.org,2002:", "!!"))
            self.say(event, route, f"the tag {tag} is not supported; put texts in quotes")

    def items(self, route: Route) -> Iterator[Any]:
        index = 0
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            yield self.value(event, (*route, index))
            index += 1

    def pairs(self, route: Route) -> Iterator[tuple[str, Any]]:
        lines: dict[str, int] = {}
        while not isinstance(key := next(self.events), yaml.MappingEndEvent):
            if not isinstance(key, yaml.ScalarEvent):
                self.refuse(key, route, "a key must be a single word; put a text in quotes")
            self.check_plainness(key, route)
            name = key.value
            if name in lines:
                message = f"duplicate key; it is there already in line {lines[name]}; remove one"
                self.duplicates.append(self.problem(key, (*route, name), message))
                self.skip_value()
                continue
            lines[name] = _place(key)[0]
            yield name, self.value(next(self.events), (*route, name), key)

    def skip_value(self) -> None:
        depth = 0
        while True:
            event = next(self.events)
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if not depth:
                return


def _place(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def read_yaml(path: Path, name: str | None = None) -> Source:
    """Reads a YAML file.

    Args:
        path: The file.
        name: What to call it in messages; the path by default.

    Raises:
        InputError: The file cannot be read, is not UTF-8 or not YAML, is larger or deeper than a
            file may be, or uses anchors or tags. Duplicate keys are in the source's problems.
    """
    name = name or str(path)
    text = _read_text(path, name)
    builder = _Builder(name, text)
    try:
        data = builder.document()
        if data is None and not builder.fatal:
            builder.fatal.append(Complaint(name, 1, 1, "", f"the file is empty; {_WHAT_TO_WRITE}"))
    except _RefusedError:
        pass
    except yaml.YAMLError as error:
        builder.fatal.append(_syntax_problem(name, text, error))
    if builder.fatal:
        raise InputError([*builder.fatal, *builder.duplicates])
    return Source(name, text, data, builder.spans, tuple(builder.duplicates))


def _read_text(path: Path, name: str) -> str:
    raw = _read_bytes(path, name).removeprefix(codecs.BOM_UTF8)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        message = f"not UTF-8: byte 0x{raw[error.start]:02x}; save the file as UTF-8"
        raise InputError([Complaint(name, *_end_of(before), "", message)]) from None
    if found := _UNPRINTABLE.search(text):
        before = text[: found.start()]
        message = f"the character U+{ord(found[0]):04X} cannot stand in a YAML file; remove it"
        raise InputError([Complaint(name, *_end_of(before), "", message)])
    if breaks := list(_HIDDEN_BREAK.finditer(text)):
        found_at = [(char_name(it[0]), *_end_of(text[: it.start()])) for it in breaks[:MAX_BREAKS]]
        message = "ends a line for YAML, though editors do not show it; put a blank in its place"
        raise InputError(
            Complaint(name, line, column, "", f"{what} {message}")
            for what, line, column in found_at
        )
    return text


def _read_bytes(path: Path, name: str) -> bytes:
    try:
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            raise InputError([Complaint(name, 0, 0, "", "not a file; expected a YAML file")])
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        message = "there is no such file; check the name, or leave it out"
        raise InputError([Complaint(name, 0, 0, "", message)]) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError([Complaint(name, 0, 0, "", f"cannot be read: {reason}")]) from None
    if len(raw) > MAX_BYTES:
        message = f"larger than {MAX_BYTES} bytes; split the file"
        raise InputError([Complaint(name, 0, 0, "", message)])
    return raw


def _end_of(text: str) -> tuple[int, int]:
    """Line and column behind a text."""
    lines = _BREAK.split(text)
    return len(lines), len(lines[-1]) + 1


_OPEN_QUOTE = re.compile(r"""[ -]*(?:[\w-]+: +)?(?:"(?:[^"\\]|\\.)*|'(?:[^']|'')*)$""")
"""A line on which a text in quotes begins that goes on in the next one."""


def _syntax_problem(name: str, text: str, error: yaml.YAMLError) -> Complaint:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    pieces = [getattr(error, piece, None) for piece in ("context", "problem")]
    message = "; ".join(str(piece) for piece in pieces if piece) or str(error)
    lines = [*_BREAK.split(text), ""]
    for number in range(line, max(line - 2, 0), -1):
        if odd := _ODD_STRUCTURE.search(lines[min(number, len(lines)) - 1]):
            sign = odd[1] or odd[2] or odd[3]
            wanted = "an ordinary blank" if odd[3] is None else "an ordinary colon, and a blank"
            message = f"not YAML: {char_name(sign)} stands here; type {wanted} in its place"
            return Complaint(name, number, odd.start(odd.lastindex or 0) + 1, "", message)
    if lines[min(line, len(lines)) - 1][column - 1 :].startswith("\t"):
        message = message.replace("found character", "found a tab character")
    advice = [text for part, text in _ADVICE if part in message]
    if opened := [number for number, it in enumerate(lines[:line], 1) if _OPEN_QUOTE.match(it)]:
        advice.insert(0, f"a quote is opened in line {opened[0]}, and not closed there")
    return Complaint(name, line, column, "", "; ".join([f"not YAML: {message}", *advice[:1]]))
