"""Author texts: LaTeX with ``<< name >>`` for drawn values and ``<% if ... %>`` for variants.

``<< +name >>`` is a term of a sum: ``+ 3x``, ``- x``, and nothing where the value is 0. The first
term of a formula has no plus.

A text may print names and compare them; it cannot loop, call, filter or reach for attributes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import inf
from typing import Any, NoReturn

import jinja2
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from generator.bank.characters import as_set

FALLBACK = "fallback"
MAX_NESTING = 20
MAX_SOURCE = 10_000

_ENVIRONMENT = ImmutableSandboxedEnvironment(
    block_start_string="<%",
    block_end_string="%>",
    variable_start_string="<<",
    variable_end_string=">>",
    comment_start_string="<#",
    comment_end_string="#>",
    undefined=jinja2.StrictUndefined,
    autoescape=False,
    trim_blocks=True,
)
_ENVIRONMENT.globals.clear()

FILTERS = ("list", "table", "column_table", "matrix")
"""Ways to print a list: ``<< data | table >>``."""


def _filter(name: str) -> Callable[[Any], str]:
    return lambda shown: shown.forms.get(name, shown.tex)


_ENVIRONMENT.filters.clear()
_ENVIRONMENT.filters.update({name: _filter(name) for name in FILTERS})

_ALLOWED = "only << name >>, << +name >> and <% if name == value %> are allowed in a text"
_ORDERS = frozenset(("lt", "lteq", "gt", "gteq"))
_OPENING = re.compile("<[<%]")
_CLOSING = {"<<": ">>", "<%": "%>"}
_TEX_TOKEN = re.compile(r"\\.|[{}%]", re.DOTALL)


FORMULA = r"\$(?![\s$])[^$]*(?<![\s$\\])\$(?!\d)"
"""A formula in a plain text, told from prices as pandoc does: no blank within the dollars, no digit
behind them."""

_SIGNED = "\x0e"
"""Stands in front of a signed term until its symbol is known."""

_SYMBOL = re.compile(
    r"\s*((?:(?:[A-Za-z]|\\(?!(?:cdot|times|div|pm|mp|le|ge|leq|geq|ne|neq|text|quad|qquad|frac|to"
    r"|right|in|big|approx|equiv)(?![A-Za-z]))[A-Za-z]+\s*)"
    r"(?:[_^](?:\{[^{}]*\}|\\[A-Za-z]+|[A-Za-z0-9]))*)+)"
)
"""What a signed term is a multiple of: ``x``, ``x^2 y``, ``\\alpha_1``."""

Constant = bool | int | float | str


class TextError(ValueError):
    """A text that is refused.

    Attributes:
        offset: The character of the text that is wrong, from 0.
    """

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


@dataclass(frozen=True)
class Shown:
    """A value as a text prints and compares it.

    Attributes:
        value: The value.
        tex: How it is printed.
        items: The members of a list.
        forms: How a list is printed with each of `FILTERS`.
    """

    value: Any
    tex: str
    items: tuple[Shown, ...] = ()
    forms: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, index: int) -> Shown:
        """A member of a list, counted from 0."""
        if not self.items:
            return self
        if index >= len(self.items):
            raise TextError(f"member {index} of a list of {len(self.items)} is printed", 0)
        return self.items[index]

    def __str__(self) -> str:
        return self.tex

    def __eq__(self, other: object) -> bool:
        return bool(self.value == _exact(other))

    def __lt__(self, other: object) -> bool:
        return bool(self.value < _exact(other))

    def __le__(self, other: object) -> bool:
        return bool(self.value <= _exact(other))

    def __gt__(self, other: object) -> bool:
        return bool(self.value > _exact(other))

    def __ge__(self, other: object) -> bool:
        return bool(self.value >= _exact(other))

    def __pos__(self) -> str:
        """The value as a term of a sum, to be finished by `_with_terms`."""
        sign = "-" if self.value < 0 else "+"
        number = self.tex if self.value < 0 else f"+ {self.tex}"
        unit = {0: "0", 1: sign, -1: sign}.get(self.value, "")
        return f"{_SIGNED}{unit}{_SIGNED}{number}{_SIGNED}"

    __hash__ = None  # type: ignore[assignment]


def _exact(other: object) -> Any:
    """What a value is compared with: of a number the digits that are written in the text."""
    if isinstance(other, Shown):
        return other.value
    return Fraction(repr(other)) if isinstance(other, float) else other


@dataclass(frozen=True)
class TextComparison:
    """A name that a text compares with a number, a text, or true or false."""

    name: str
    constant: Constant


@dataclass(frozen=True)
class Text:
    """A text of the bank.

    Attributes:
        source: What the author wrote.
        line: The line of the file on which it begins.
        names: The values it uses, in no order; ``fallback.x`` is ``fallback_x``.
        printed: Those that it prints, in the order in which they first appear.
        compared: What it compares with constants.
        lists: Names that it takes to be lists, each with the positions of a member, if it has any.
    """

    source: str
    line: int = 0
    names: frozenset[str] = field(default=frozenset(), compare=False)
    printed: tuple[str, ...] = field(default=(), compare=False)
    compared: tuple[TextComparison, ...] = field(default=(), compare=False)
    _template: jinja2.Template | None = field(default=None, compare=False, repr=False)
    lists: frozenset[tuple[str, tuple[int, ...]]] = field(default=frozenset(), compare=False)
    _pieces: tuple[tuple[str, str], ...] = field(default=(), compare=False, repr=False)

    @property
    def varies(self) -> bool:
        """Whether the text depends on the copy."""
        return self._template is not None

    def render(self, shown: Mapping[str, Shown]) -> str:
        """The text with the copy's values.

        Args:
            shown: All names that the text uses.
        """
        if self._template is None:
            return self.source
        if self._pieces:
            return "".join([said or shown[name].tex for said, name in self._pieces])
        rendered = self._template.render({name: shown[name] for name in self.names})
        return _with_terms(rendered) if _SIGNED in rendered else rendered


MATH = re.compile(
    r"(?<!\\)\$\$?(.*?)(?<!\\)\$\$?|\\\((.*?)\\\)|\\\[(.*?)\\\]"
    r"|\\begin\{((?:align|equation|gather|multline)\*?)\}(.*?)\\end\{\4\}",
    re.DOTALL,
)
"""A formula of a text, with its signs."""


def stands_in_formulas(texts: Iterable[Text], name: str) -> bool:
    """Whether some text prints a name, and each that does has it between the signs of a formula."""
    own = [it.source for it in texts if name in it.printed]
    tag = re.compile(rf"<<\s*[(+-]*\s*{re.escape(name)}\b")
    return bool(own) and not any(tag.search(MATH.sub("", source)) for source in own)


_OPENS = re.compile(r"(?:[=$({\[<>]|\\(?:le|ge|approx|equiv|to|left\(|left\[|\[|\())\s*\Z")
"""Behind this a sum begins, so that its first term has no plus."""


def _with_terms(rendered: str) -> str:
    """A text with its signed terms: 0 goes with its symbol, and 1 is not written before one."""
    before, *terms = rendered.split(_SIGNED)
    pieces = [before]
    for unit, number, rest in zip(terms[::3], terms[1::3], terms[2::3], strict=True):
        symbol = _SYMBOL.match(rest)
        if unit == "0" and (symbol or not re.match(r"\s*\\", rest)):
            pieces.append(rest[symbol.end() if symbol else 0 :])
        else:
            term = f"{unit} " if unit in ("+", "-") and symbol else number
            if _begins_a_sum("".join(pieces)):
                term = term.removeprefix("+ ")
            pieces += [term, rest]
    return "".join(pieces)


def _begins_a_sum(before: str) -> bool:
    """Whether a term behind a text is the first one of a formula."""
    opened = _OPENS.search(before)
    return opened is not None and (opened[0][0] != "$" or before.count("$") % 2 == 1)


def read_text(source: str, line: int = 0, *, tex: bool = True) -> Text:
    """Parses a text.

    Args:
        source: What the author wrote; line breaks around it are dropped.
        line: The line of the file on which it begins.
        tex: Whether it is LaTeX.

    Raises:
        TextError: Its syntax is wrong, or it does more than print and compare.
    """
    if len(source) > MAX_SOURCE:
        raise TextError(f"{len(source)} characters; at most {MAX_SOURCE} are allowed", 0)
    line += len(source) - len(source.lstrip("\n"))
    source = as_set(source) if tex else source
    stripped = source.strip("\n")
    if re.search(r"<<|<%|<#", stripped) is None:
        return Text(stripped, line)
    flat = _flat(source)
    reader = _Reader(flat)
    reader.read(_parse(flat))
    template = _compile(flat.strip("\n"))
    if not reader.names:
        return Text(template.render(), line)
    printed = tuple(dict.fromkeys(reader.printed))
    return Text(
        stripped,
        line,
        frozenset(reader.names),
        printed,
        tuple(reader.compared),
        template,
        frozenset(reader.lists),
        _pieces(flat.strip("\n")),
    )


def name_offset(source: str, name: str) -> int:
    """Where a text first uses a name."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    flat = _flat(source)
    found = (word.search(flat, *tag) for tag in _tags(flat))
    return next((match.start() for match in found if match), 0)


def words(source: str) -> frozenset[str]:
    """All that may be names in a text, also in one that is refused."""
    flat = _flat(source)
    found = (re.findall(r"[A-Za-z][A-Za-z0-9_]*", flat[start:end]) for start, end in _tags(flat))
    return frozenset(word for tag in found for word in tag)


def check_tex(source: str) -> None:
    """Checks what TeX itself would report at another place, or not at all.

    Raises:
        TextError: Braces don't match, or an unescaped % hides the rest of a line.
    """
    blanked = _change_tags(source, lambda tag: re.sub(r"[^\n]", " ", tag))
    open_braces: list[int] = []
    for token in _TEX_TOKEN.finditer(blanked):
        if token[0] == "{":
            open_braces.append(token.start())
        elif token[0] == "}" and not open_braces:
            raise TextError("this } closes no {; write \\} to print one", token.start())
        elif token[0] == "}":
            open_braces.pop()
        elif token[0] == "%" and _hides(source, blanked, token.start()):
            message = "TeX ignores the line from % on; write \\% to print one"
            raise TextError(message, token.start())
    if open_braces:
        raise TextError("this { is never closed; write \\{ to print one", open_braces[-1])
    dollars = [it.start() for it in _DOLLAR.finditer(blanked) if it[0] == "$"]
    if len(dollars) % 2 and "<%" not in source:
        raise TextError("this $ is never closed; write \\$ to print one", dollars[-1])
    if "<%" not in source and not _DEFINES.search(source):
        _check_environments(blanked)


_DOLLAR = re.compile(r"\\.|\$", re.DOTALL)
_ENVIRONMENT_ENDS = re.compile(r"(?<!\\)(?:\\\\)*\\(begin|end)\s*\{([^{}]*)\}")
_DEFINES = re.compile(r"\\(?:(?:re)?newcommand|providecommand|[gex]?def)\b")


def _check_environments(source: str) -> None:
    """Each environment is closed, before the one that it is in."""
    opened: list[tuple[str, int]] = []
    for match in _ENVIRONMENT_ENDS.finditer(source):
        kind, name = match.groups()
        if kind == "begin":
            opened.append((name, match.start()))
        elif not opened or opened.pop()[0] != name:
            message = f"this \\end{{{name}}} closes no \\begin{{{name}}}; add that, or remove this"
            raise TextError(message, match.start())
    if opened:
        name, start = opened[-1]
        raise TextError(f"\\begin{{{name}}} has no \\end{{{name}}}; add it", start)


def _hides(source: str, blanked: str, percent: int) -> bool:
    """Whether a % hides something, or is likely to be meant as one: ``5 %`` ends a line."""
    rest = blanked[percent + 1 :]
    if rest.split("\n", 1)[0].strip() or not rest.strip():
        return True
    return re.search(r"(?:[0-9$]|>>)[ ~]?$", source[:percent]) is not None


def _tags(source: str) -> Iterator[tuple[int, int]]:
    """Start and end of each ``<< >>`` and ``<% %>``."""
    end = 0
    while opening := _OPENING.search(source, end):
        end = source.find(_CLOSING[opening[0]], opening.end()) + 2
        if end < opening.end():
            return
        yield opening.start(), end


def _change_tags(source: str, change: Callable[[str], str]) -> str:
    pieces, done = [], 0
    for start, end in _tags(source):
        pieces += [source[done:start], change(source[start:end])]
        done = end
    return "".join([*pieces, source[done:]])


def _flat(source: str) -> str:
    """The source with ``fallback.x`` as one name; no character moves."""
    fallback = re.compile(rf"\b{FALLBACK}\.(?=[A-Za-z])")
    return _change_tags(source, lambda tag: fallback.sub(f"{FALLBACK}_", tag))


def _parse(flat: str) -> nodes.Template:
    try:
        return _ENVIRONMENT.parse(flat)
    except jinja2.TemplateSyntaxError as error:
        message = f"{error.message}; {_ALLOWED}"
        raise TextError(message, _line_offset(flat, error.lineno)) from None
    except (RecursionError, MemoryError):
        raise TextError(f"nested too deeply; {_ALLOWED}", 0) from None
    except (ValueError, ArithmeticError, SyntaxError) as error:
        # Jinja reads numbers by Python's own means, which have limits.
        raise TextError(f"{error}; {_ALLOWED}", 0) from None


def _pieces(flat: str) -> tuple[tuple[str, str], ...]:
    """What a text says and the names that it prints, in turn; nothing if it does more than that.

    Most texts are no more, and are put together several times as fast as by a template.
    """
    pieces: list[tuple[str, str]] = []
    for output in _parse(flat).body:
        for node in output.nodes if isinstance(output, nodes.Output) else [output]:
            if isinstance(node, nodes.TemplateData):
                pieces.append((node.data, ""))
            elif isinstance(node, nodes.Name):
                pieces.append(("", node.name))
            else:
                return ()
    return tuple(pieces)


def _compile(flat: str) -> jinja2.Template:
    try:
        return _ENVIRONMENT.from_string(flat)
    except (RecursionError, MemoryError, SyntaxError):
        raise TextError("too many conditions; make it shorter", 0) from None


def _line_offset(source: str, line: int) -> int:
    """Where the first tag of a line (from 1) is; the line's first character where there is none."""
    start = sum(len(text) + 1 for text in source.split("\n")[: line - 1])
    end = source.find("\n", start)
    tag = re.compile("<[<%#]").search(source, start, end if end >= 0 else len(source))
    return tag.start() if tag else min(start, len(source))


class _Reader:
    """Finds what a text uses, and refuses what is neither printing nor comparing."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.names: set[str] = set()
        self.printed: list[str] = []
        self.compared: list[TextComparison] = []
        self.lists: set[tuple[str, tuple[int, ...]]] = set()

    def read(self, tree: nodes.Template) -> None:
        self.check_nesting(tree, MAX_NESTING)
        self.body(tree.body)

    def refuse(self, node: nodes.Node, message: str) -> NoReturn:
        raise TextError(message, _line_offset(self.source, node.lineno))

    def check_nesting(self, node: nodes.Node, left: int) -> None:
        if not left:
            self.refuse(node, f"nested deeper than {MAX_NESTING} levels; {_ALLOWED}")
        for child in node.iter_child_nodes():
            self.check_nesting(child, left - 1)

    def body(self, body: list[nodes.Node]) -> None:
        for node in body:
            if isinstance(node, nodes.Output):
                self.output(node)
            elif isinstance(node, nodes.If):
                self.test(node.test)
                self.body(node.body)
                self.body(list(node.elif_))
                self.body(node.else_)
            else:
                self.refuse(node, f"{_ALLOWED}, not {type(node).__name__}")

    def output(self, output: nodes.Output) -> None:
        for printed in output.nodes:
            node = printed.node if isinstance(printed, nodes.Pos) else printed
            if isinstance(node, nodes.Getitem) or (
                isinstance(node, nodes.Filter) and node is printed
            ):
                base = self.member(node)
                node = base if isinstance(base, nodes.Expr) else node
            if isinstance(node, nodes.Name):
                self.names.add(node.name)
                self.printed.append(node.name)
            elif not isinstance(node, nodes.TemplateData):
                self.refuse(node, f"{_ALLOWED}, not {type(node).__name__}")

    def member(self, node: nodes.Node) -> nodes.Node:
        """The name of which a member, or a form of its list, is printed."""
        if isinstance(node, nodes.Filter):
            if node.name not in FILTERS or node.args or node.kwargs:
                forms = " or ".join(FILTERS)
                self.refuse(node, f"a list is printed as << name | FORM >>, FORM being {forms}")
            if isinstance(node.node, nodes.Name):
                self.lists.add((node.node.name, ()))
            return node.node or node
        positions: list[int] = []
        base: nodes.Node = node
        while isinstance(base, nodes.Getitem):
            place = base.arg.value if isinstance(base.arg, nodes.Const) else None
            if not isinstance(place, int) or isinstance(place, bool) or place < 0:
                self.refuse(node, "a member of a list is printed as << name[0] >>")
            positions.insert(0, place)
            base = base.node
        if isinstance(base, nodes.Name):
            self.lists.add((base.name, tuple(positions)))
        return base

    def test(self, node: nodes.Node) -> None:
        if isinstance(node, nodes.And | nodes.Or):
            self.test(node.left)
            self.test(node.right)
        elif isinstance(node, nodes.Not):
            self.test(node.node)
        elif isinstance(node, nodes.Compare):
            self.comparison(node)
        else:
            message = f"a condition compares, as in <% if name == value %>; {_ALLOWED}"
            self.refuse(node, message)

    def comparison(self, node: nodes.Compare) -> None:
        operands = [node.expr, *(operand.expr for operand in node.ops)]
        names = [operand.name for operand in operands if isinstance(operand, nodes.Name)]
        constants = [self.constant(it) for it in operands if not isinstance(it, nodes.Name)]
        orders = {operand.op for operand in node.ops} - {"eq", "ne"}
        if not names or not orders <= _ORDERS:
            self.refuse(node, f"a condition compares names and values; {_ALLOWED}")
        if orders and any(isinstance(constant, bool | str) for constant in constants):
            self.refuse(node, "only numbers can be smaller or larger; use == or !=")
        self.names.update(names)
        self.compared += [TextComparison(name, value) for name in names for value in constants]

    def constant(self, node: nodes.Node) -> Constant:
        value = node.node if isinstance(node, nodes.Neg) else node
        found = value.value if isinstance(value, nodes.Const) else None
        if not isinstance(found, bool | int | float | str) or found == inf:
            self.refuse(node, f"a condition compares names and values; {_ALLOWED}")
        if value is node:
            return found
        if isinstance(found, bool | str):
            self.refuse(node, f"- needs a number behind it; {_ALLOWED}")
        return -found
