"""How values are printed: as plain text in files, as TeX on paper and key."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from fractions import Fraction

from generator.bank.characters import as_set
from generator.bank.problem import Problem
from generator.bank.template import Shown, stands_in_formulas
from generator.exact.numbers import Complex, Number, NumberError, Value
from generator.expressions import ShownDigits, Step
from generator.expressions.shown_values import print_value
from generator.language.forms import Form
from generator.language.units import behind_number

_SCRIPT = re.compile("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉]+")
_SIGNS = re.compile(r"\s?[%‰€$£¥]\s?")

Plain = str | list["Plain"]

MOST_MATRICES = 100
"""Printed matrices of a problem that are kept."""

MOST_NUMBERS = 4096
"""Printed numbers of a problem that are kept."""


def plain(problem: Problem, name: str, value: Value) -> Plain:
    """A value as it stands in files: exact decimal strings, texts, nested lists.

    Args:
        problem: The problem that the name belongs to.
        name: A drawn name or a step; it decides on the decimals.
        value: Its value.

    Raises:
        NumberError: The value has no short decimal expansion and states no decimals.
    """
    if not isinstance(value, tuple) or not value or not isinstance(value[0], tuple):
        return _plain(problem.form(name), value, {})
    # A matrix, which a solver gives for many copies: the same object is printed once.
    known = problem.printed_matrices.get((name, id(value)))
    if known is None:
        if len(problem.printed_matrices) >= MOST_MATRICES:
            problem.printed_matrices.clear()
        known = value, _plain(problem.form(name), value, {})
        problem.printed_matrices[name, id(value)] = known
    return known[1]


def _plain(form: Form, value: Value, seen: dict[int, str]) -> Plain:
    """The same; of a large matrix, many members are one object, which is printed once."""
    if type(value) is Fraction:
        known = seen.get(id(value))
        if known is None:
            known = seen[id(value)] = form.plain(value)
        return known
    if isinstance(value, tuple):
        return [_plain(form, member, seen) for member in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return form.plain(value)


def shown_value(
    problem: Problem,
    name: str,
    value: Value,
    form: Callable[[Problem, str, Value], str] | None = None,
) -> Shown:
    """A value as texts print it; a list also member by member and in all of its forms.

    Args:
        form: How a number is printed; `tex` by default.
    """
    form = form or tex
    if not isinstance(value, tuple):
        return Shown(value, form(problem, name, value))
    items = tuple(shown_value(problem, name, member, form) for member in value)
    if form is not tex or not items:
        return Shown(value, form(problem, name, value), items)
    is_graph = _is_graph(problem, name) and bool(items[0].items)
    if is_graph:
        forms = _graph_forms(problem, name, items)
        return Shown(value, forms["list"], items, forms)
    forms = _list_forms(problem, items, _columns(problem, name, items))
    return Shown(value, form(problem, name, value), items, forms)


TABLE_COLUMNS = 12
"""Short numbers in one row of the table of a list; a longer one has several rows."""

GRAPH_COLUMNS = 10
"""Edges in one row of the table of a graph."""


def _columns(problem: Problem, name: str, items: tuple[Shown, ...]) -> int:
    """Numbers in one row of a table, which must be no wider than the line of a question.

    Of a drawn list the longest that may be in it count, so that all copies have the same.
    """
    if len(items) < _FEWEST or items[0].items:
        return TABLE_COLUMNS
    group = problem.variables.get(name)
    longest = group.samples()[0] if group is not None and group.shape else None
    members = longest if isinstance(longest, tuple) else tuple(it.value for it in items)
    widest = max(_width_mm(tex(problem, name, it)) for it in members)
    return max(1, min(TABLE_COLUMNS, int(_LINE_MM / widest)))


def _width_mm(written: str) -> float:
    """About as wide is a cell of a table, by the digits and signs in it."""
    bare = _COMMANDS.sub("", written).replace("{,}", ",")
    points = sum(map(bare.count, ".,"))
    signs = bare.count("-") + bare.count("+")
    digits = sum(map(str.isalnum, bare))
    return _CELL_MM + 1.93 * digits + 1.07 * points + 3.0 * signs


_COMMANDS = re.compile(r"\\[A-Za-z]+")
_FEWEST, _LINE_MM, _CELL_MM = 6, 146.0, 4.4


def _list_forms(problem: Problem, items: tuple[Shown, ...], columns: int) -> dict[str, str]:
    """A list, a table and a matrix of the same members.

    Args:
        columns: Cells in a row of the table of a list.
    """
    rows = [row.items or (() if row.value == () else (row,)) for row in items]
    is_matrix = any(row.items for row in items)
    length = max(1, *map(len, rows))
    # Rows may be of different lengths where a solver made them.
    cells = [[cell.tex for cell in row] + [""] * (length - len(row)) for row in rows]
    wide = cells if is_matrix else _wrapped([cell for (cell,) in cells], columns)
    math = r" \\ ".join(" & ".join(row) for row in cells)
    separator = problem.conventions.separator
    listed = [separator.join(row) for row in cells] if is_matrix else [row[0] for row in cells]
    return {
        "list": (separator if not is_matrix else "; ").join(listed),
        "table": _tabular(wide),
        "column_table": _tabular(cells),
        "matrix": rf"\ensuremath{{\begin{{pmatrix}} {math} \end{{pmatrix}}}}",
    }


def _is_graph(problem: Problem, name: str) -> bool:
    group = problem.variables.get(name)
    return group is not None and bool(group.edges)


def _graph_forms(problem: Problem, name: str, items: tuple[Shown, ...]) -> dict[str, str]:
    """A graph as a list of its edges, as a table of them, and as a matrix of weights."""
    directed = problem.variables[name].directed
    edges = [(edge[0].tex, edge[1].tex, edge[2].tex) for edge in items]
    joint = r"\ensuremath{\to}" if directed else "--"
    names = [f"{start}{joint}{end}" for start, end, _ in edges]
    count = -(-len(edges) // GRAPH_COLUMNS)
    length = -(-len(edges) // count)
    rows: list[list[str]] = []
    for at in range(0, len(edges), length):
        upper, lower = names[at : at + length], [edge[2] for edge in edges[at : at + length]]
        rows += [row + [""] * (length - len(row)) for row in (upper, lower)]
    nodes = sorted({end for edge in edges for end in edge[:2]})
    weights = {edge[:2]: edge[2] for edge in edges}
    if not directed:
        weights |= {(edge[1], edge[0]): edge[2] for edge in edges}
    matrix = [["", *nodes]]
    matrix += [[row, *(weights.get((row, column), "") for column in nodes)] for row in nodes]
    listed = (f"{it}: {edge[2]}" for it, edge in zip(names, edges, strict=True))
    return {
        "list": problem.conventions.separator.join(listed),
        "table": _tabular(rows),
        "column_table": _tabular([[it, edge[2]] for it, edge in zip(names, edges, strict=True)]),
        "matrix": _tabular(matrix),
    }


def _wrapped(cells: list[str], columns: int) -> list[list[str]]:
    """The cells of a list in as few rows as have room, of about the same length."""
    count = -(-len(cells) // columns)
    length = -(-len(cells) // count)
    rows = [cells[at : at + length] for at in range(0, len(cells), length)]
    return [row + [""] * (length - len(row)) for row in rows]


def _tabular(rows: list[list[str]]) -> str:
    lines = "".join(f"{' & '.join(row)} \\\\ \\hline " for row in rows)
    columns = "|" + "r|" * len(rows[0])
    # A text right below would touch the last line.
    room = r"\noalign{\vskip 3pt}"
    return rf"\begin{{tabular}}{{{columns}}} {room}\hline {lines}{room}\end{{tabular}}"


def tex(problem: Problem, name: str, value: Value) -> str:
    """A value as TeX, with a true minus sign in text and in math."""
    conventions = problem.conventions
    if isinstance(value, tuple):
        if value and isinstance(value[0], tuple) and _is_graph(problem, name):
            return str(shown_value(problem, name, value))
        if value and isinstance(value[0], tuple):
            cells = [row if isinstance(row, tuple) else (row,) for row in value]
            rows = [" & ".join(_member(problem, name, cell) for cell in row) for row in cells]
            body = r" \\ ".join(rows)
            return rf"\ensuremath{{\begin{{pmatrix}} {body} \end{{pmatrix}}}}"
        inner = conventions.separator.join(_member(problem, name, member) for member in value)
        return rf"\ensuremath{{({inner})}}"
    if isinstance(value, bool):
        return conventions.truth(value)
    if isinstance(value, str):
        return as_set(value)
    if not isinstance(value, Fraction):
        return _number_tex(problem, name, value)
    number = name, value.numerator, value.denominator
    known = problem.printed_numbers.get(number)
    if known is None:
        if len(problem.printed_numbers) >= MOST_NUMBERS:
            problem.printed_numbers.clear()
        known = problem.printed_numbers[number] = _number_tex(problem, name, value)
    return known


def _member(problem: Problem, name: str, value: Value) -> str:
    """A member of a list that is a formula: words in it are text, letters are symbols."""
    written = tex(problem, name, value)
    is_word = isinstance(value, str | bool) and not _SYMBOL.fullmatch(written)
    return rf"\text{{{written}}}" if is_word else written


_SYMBOL = re.compile(r"[A-Za-z]?[0-9]*|\\[A-Za-z]+")


def set_by_itself(problem: Problem, name: str, text: str) -> str:
    """A drawn text, or that of a step, where no author set it: as a formula, if texts have it in
    formulas alone and it has their signs.
    """
    if not _FORMULA_SIGN.search(text):
        return text
    texts = [problem.intro, *(it.text for part in problem.questions() for it in part.texts())]
    return rf"\ensuremath{{{text}}}" if stands_in_formulas(texts, name) else text


_FORMULA_SIGN = re.compile(r"[\\^_]")


def _number_tex(problem: Problem, name: str, value: Number | Complex) -> str:
    unit = behind_number(problem.units.get(name, "")) if _is_drawn(problem, name) else ""
    return rf"\ensuremath{{{problem.form(name).math(value, problem.conventions)}{unit}}}"


def _is_drawn(problem: Problem, name: str) -> bool:
    """Steps have their units where they are the result of something, and texts say them."""
    return name in problem.variables


def read(problem: Problem, name: str, value: Value) -> Plain:
    """A value as it reads on the finished page: ``12,5``, ``wahr``."""
    conventions = problem.conventions
    if isinstance(value, tuple):
        return [read(problem, name, member) for member in value]
    if isinstance(value, bool):
        return conventions.truth(value)
    if isinstance(value, str):
        return value
    return problem.form(name).text(value, conventions)


def as_extracted(text: str) -> str:
    """A number as :func:`read` gives it, as it comes out of a PDF: with blanks in place of bars and
    before digits that stand up or down, which may or may not be read; without signs of money.
    """
    bare = _SIGNS.sub("", text).replace("/", " ")
    spaced = _SCRIPT.sub(lambda match: f" {match[0]}", bare)
    return unicodedata.normalize("NFKC", spaced).replace("\N{MINUS SIGN}", "-")


def in_formula(problem: Problem, name: str, value: Value) -> ShownDigits:
    """A value where it stands in a formula with numbers."""
    if isinstance(value, tuple):
        return tuple(in_formula(problem, name, member) for member in value)
    if isinstance(value, bool | str):
        return str(plain(problem, name, value))
    return problem.form(name).in_formula(value, problem.conventions)


def as_result(problem: Problem, step: Step, value: Value) -> ShownDigits:
    """The value of a step, not yet rounded, at the end of its worked solution."""
    return _as_result(problem, step.name, step.round(value))


def _as_result(problem: Problem, name: str, value: Value) -> ShownDigits:
    if isinstance(value, tuple):
        return tuple(_as_result(problem, name, member) for member in value)
    if isinstance(value, bool | str):
        return str(plain(problem, name, value))
    form = problem.form(name)
    try:
        return form.as_result(value, problem.conventions)
    except NumberError:
        return print_value(value, problem.min_decimals)


class ShownValues(dict[str, Shown]):
    """Values as texts print them; each is formatted when a text first asks for it."""

    def __init__(
        self,
        problem: Problem,
        values: Mapping[str, Value],
        form: Callable[[Problem, str, Value], str],
    ) -> None:
        super().__init__()
        self._problem = problem
        self._values = values
        self._form = form

    def __missing__(self, name: str) -> Shown:
        value = self._values[name]
        shown = self[name] = shown_value(self._problem, name, value, self._form)
        return shown


def shown(problem: Problem, values: Mapping[str, Value]) -> ShownValues:
    """Values as texts print them in TeX."""
    return ShownValues(problem, values, tex)


def plainly_shown(problem: Problem, values: Mapping[str, Value]) -> ShownValues:
    """Values as texts print them in files: as on paper, without TeX around them."""

    def joined(value: Plain) -> str:
        if isinstance(value, str):
            return value
        return "(" + problem.conventions.separator.join(map(joined, value)) + ")"

    return ShownValues(problem, values, lambda *value: joined(read(*value)))
