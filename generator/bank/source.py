"""YAML files with positions: every scalar stays the text that the author wrote.

YAML 1.1 turns ``NO`` into false, ``012`` into ten and ``1:30`` into ninety. Here nothing is
converted: scalars are strings, and the models say what each of them means.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from generator.errors import InputError, Problem

MAX_BYTES = 1_000_000
MAX_DEPTH = 20

type_path = tuple[str | int, ...]


class Scalar(str):
    """A YAML scalar as written; ``plain`` tells that it stood without quotes."""

    plain: bool

    def __new__(cls, text: str, *, plain: bool) -> Scalar:
        scalar = super().__new__(cls, text)
        scalar.plain = plain
        return scalar


@dataclass(frozen=True)
class Source:
    """A parsed YAML file.

    Attributes:
        name: The file as the user named it.
        data: Mappings, lists and :class:`Scalar` leaves.
        places: Path to (line, column) of the value, 1-based.
        text_lines: Path to the line on which the text of a scalar begins.
    """

    name: str
    data: Any
    places: Mapping[type_path, tuple[int, int]]
    text_lines: Mapping[type_path, int]

    def place(self, path: type_path) -> tuple[int, int]:
        """The position of the deepest known part of a path."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.places:
                return self.places[path[:length]]
        return 1, 1

    def problem(self, path: type_path, message: str) -> Problem:
        """A problem at a path of this file."""
        line, column = self.place(path)
        return Problem(self.name, line, column, self.describe(path), message)

    def describe(self, path: type_path) -> str:
        """A path for people: list entries that have an id are called by it."""
        names: list[str] = []
        data = self.data
        for key in path:
            data = _child(data, key)
            is_item = isinstance(key, int) and isinstance(data, Mapping) and "id" in data
            names.append(str(data["id"]) if is_item else str(key))
        return ".".join(names)


def _child(data: Any, key: str | int) -> Any:
    try:
        return data[key]
    except (KeyError, IndexError, TypeError):
        return None


@dataclass
class _Walk:
    name: str
    problems: list[Problem] = field(default_factory=list)
    places: dict[type_path, tuple[int, int]] = field(default_factory=dict)
    text_lines: dict[type_path, int] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)

    def say(self, node: yaml.Node, path: type_path, message: str) -> None:
        mark = node.start_mark
        where = ".".join(map(str, path))
        self.problems.append(Problem(self.name, mark.line + 1, mark.column + 1, where, message))

    def convert(self, node: yaml.Node, path: type_path) -> Any:
        self.places[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if id(node) in self.seen:
            self.say(node, path, "anchors and aliases (&, *) are not supported; write it out")
            return None
        self.seen.add(id(node))
        if len(path) > MAX_DEPTH:
            self.say(node, path, f"nested deeper than {MAX_DEPTH} levels")
            return None
        if isinstance(node, yaml.MappingNode):
            return dict(self._pairs(node, path))
        if isinstance(node, yaml.SequenceNode):
            return [self.convert(child, (*path, index)) for index, child in enumerate(node.value)]
        return self._scalar(node, path)

    def _pairs(self, node: yaml.MappingNode, path: type_path) -> Iterator[tuple[str, Any]]:
        lines: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.say(key, path, "a key must be a single word")
                continue
            if key.value in lines:
                message = f"duplicate key; it is there already in line {lines[key.value]}"
                self.say(key, (*path, key.value), message)
                continue
            lines[key.value] = key.start_mark.line + 1
            yield key.value, self.convert(value, (*path, key.value))

    def _scalar(self, node: yaml.Node, path: type_path) -> Scalar | None:
        if node.tag not in _SCALAR_TAGS:
            self.say(node, path, f"the tag {node.tag} is not supported")
            return None
        block = node.style in {"|", ">"}
        self.text_lines[path] = node.start_mark.line + (2 if block else 1)
        return Scalar(node.value, plain=not node.style)


_SCALAR_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "timestamp", "value", "merge")
)


def read_yaml(path: Path, name: str | None = None) -> Source:
    """Reads a YAML file.

    Args:
        path: The file.
        name: What to call it in messages; the path by default.

    Raises:
        InputError: The file cannot be read, is not UTF-8 or not YAML, or has duplicate keys.
    """
    name = name or str(path)
    text = _read_text(path, name)
    try:
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        raise InputError([_syntax_problem(name, error)]) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise InputError([Problem(name, 1, 1, "", f"not YAML: {error}")]) from None
    if node is None:
        raise InputError([Problem(name, 1, 1, "", "the file is empty")])
    walk = _Walk(name)
    data = walk.convert(node, ())
    if not isinstance(data, dict):
        walk.say(node, (), "expected a mapping of keys and values at the top")
    if walk.problems:
        raise InputError(walk.problems)
    return Source(name, data, walk.places, walk.text_lines)


def _read_text(path: Path, name: str) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise InputError([Problem(name, 0, 0, "", "there is no such file")]) from None
    except OSError as error:
        raise InputError([Problem(name, 0, 0, "", f"cannot be read: {error.strerror}")]) from None
    if len(raw) > MAX_BYTES:
        message = f"{len(raw)} bytes; at most {MAX_BYTES} are read"
        raise InputError([Problem(name, 0, 0, "", message)])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        breaks = [index for index, byte in enumerate(raw) if byte == ord("\n")]
        line = bisect.bisect_left(breaks, error.start) + 1
        column = error.start - (breaks[line - 2] + 1 if line > 1 else 0) + 1
        message = f"not UTF-8: byte 0x{raw[error.start]:02x}; save the file as UTF-8"
        raise InputError([Problem(name, line, column, "", message)]) from None


def _syntax_problem(name: str, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    parts = [part for part in (error.context, error.problem, error.note) if part]
    return Problem(name, line, column, "", "not YAML: " + "; ".join(parts))
