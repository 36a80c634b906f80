"""Source text to tree: a whitelist over Python's own syntax.

The text is bounded before Python's parser sees it, and what the parser returns is never compiled
or run: each node that is allowed is translated, everything else is an error with its column.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Collection
from typing import Final, NoReturn

from generator.exact.numbers import NumberError, parse_number
from generator.expressions.expression_errors import ExpressionError, near
from generator.expressions.functions import FUNCTIONS, OF_CONDITIONS
from generator.expressions.limits import MAX_DEPTH, MAX_DIGITS, MAX_NODES, MAX_SOURCE
from generator.expressions.nodes import (
    CONDITIONS,
    Binary,
    Call,
    Comparison,
    Comprehension,
    Conditional,
    Constant,
    Index,
    Logical,
    Member,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Slice,
    TextLiteral,
    Truth,
    Vector,
)
from generator.expressions.precise import CONSTANTS
from generator.work.locks import fork_safe_lock

# CPython 3.11 loses count of its depth where threads make trees at the same time (SystemError).
_PYTHON_PARSER: Final = fork_safe_lock()

ALLOWED: Final = (
    "allowed are numbers, names, 'texts', + - * / ** %, comparisons, and, or, not, "
    "a if condition else b, [lists], v[0] and functions, such as sqrt(x) or mean(list); "
    "the guide of the bank lists them"
)

_BINARY: Final[dict[type[ast.operator], str]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.Mod: "%",
}
_COMPARISONS: Final[dict[type[ast.cmpop], str]] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_INSTEAD: Final[dict[type[ast.AST], str]] = {
    ast.Attribute: "a dot after a value (an attribute)",
    ast.Lambda: "lambda",
    ast.SetComp: "a comprehension",
    ast.DictComp: "a comprehension",
    ast.JoinedStr: "an f-string",
    ast.NamedExpr: "an assignment (:=)",
    ast.Starred: "a starred value",
    ast.Dict: "a dictionary",
    ast.Set: "a set",
    ast.Tuple: "a comma; a list is written [a, b], and a decimal with a point",
    ast.Await: "await",
    ast.Yield: "yield",
    ast.YieldFrom: "yield",
    ast.FloorDiv: "//; write div(a, b)",
    ast.MatMult: "@; write matmul(a, b)",
    ast.BitXor: "^; a power is written **",
    ast.BitAnd: "&; write and",
    ast.BitOr: "|; write or",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.Invert: "~",
    ast.UAdd: "a sign + in front of a value; leave it out",
    ast.Is: "is; write ==",
    ast.IsNot: "is not; write !=",
}
_IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def parse(source: str, taken: Collection[str] = ()) -> Node:
    """Reads an expression.

    Args:
        source: The text.
        taken: Names that the problem has; one of them that is also that of a constant or a function
            is the problem's.

    Raises:
        ExpressionError: It is not one, or larger than an expression may be.
    """
    return _Reader(source, taken).read()


_SIGNS: Final = {
    **dict.fromkeys("·×∙⋅", "a product is written with *"),
    **dict.fromkeys("÷", "a quotient is written with /"),
    **dict.fromkeys("−–", "a minus sign is written -, as on the keyboard"),
    "²": "a square is written x**2",
    "³": "a cube is written x**3",
    "√": "a root is written sqrt(x)",
    "∛": "a root is written root(x, 3)",
    "≤": "less or equal is written <=",
    "≥": "greater or equal is written >=",
    "≠": "unequal is written !=",
    "π": "it is written pi",
    "∞": "there is no infinite number",
    "∑": "a sum is written sum(list)",
    "½": "a half is written 1/2",
    "°": "write sin(x*pi/180) for an angle of x degrees",
    **dict.fromkeys("„“”", "quotes are straight: 'text'"),
}
"""Signs that people write in formulas, and what is written here."""

_HINTS = (
    (re.compile("[\u00a0\u202f\u200b]"), "it looks like a blank; type one in its place"),
    (re.compile("[" + "".join(_SIGNS) + "]"), ""),
    (re.compile(r"&&"), "&& is written and"),
    (re.compile(r"\|\|"), "|| is written or; an absolute value is abs(x)"),
    (re.compile(r"\|"), "an absolute value is written abs(x)"),
    (re.compile(r"<>"), "unequal is written !="),
    (re.compile(r"\?|\b(?:if|then)\b"), "a choice is written a if condition else b"),
    (re.compile(r"[\w)]!(?!=)"), "a factorial is written factorial(n)"),
    (re.compile(r"!(?=[A-Za-z(])"), "! is written not"),
    (re.compile(r"%\s*$"), "15 % is written 0.15, and a remainder a % b"),
    (re.compile(r"(?<!\w)(?:mod|div|choose)(?!\w)"), "write mod(a, b), div(a, b), binomial(n, k)"),
    (
        re.compile(r"\b(?:sqrt|sin|cos|tan|log|ln|exp|abs)\s+\w"),
        "the argument of a function is in parentheses",
    ),
    (re.compile(r"(?<![\w.])\d[\d.]*\s*[A-Za-z_(]"), "a product is written with *, as in 2*w1"),
    (re.compile(r"(?<![=<>!])=(?!=)"), "equal is written =="),
    (
        re.compile(r"^[^()]*\([^()]*$|^[^()]*\)"),
        "where a comma of it ended an entry of YAML, put the expression in quotes",
    ),
)


def _hint(text: str) -> str:
    """What may be meant where Python finds no expression."""
    for pattern, hint in _HINTS:
        if found := pattern.search(text):
            return f"; {hint or _SIGNS[found[0]]}"
    return ""


_BACKSLASH = "\ue000"
"""A backslash in a text, which stands for itself: texts are TeX, and ``\\to`` is no tabulator."""
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")


def _with_backslashes(text: re.Match[str]) -> str:
    return re.sub(r"\\([\\'\"])|\\", lambda it: it[0] if it[1] else _BACKSLASH, text[0])


class _Reader:
    """Translates one source; holds what is needed to point into it."""

    def __init__(self, source: str, taken: Collection[str]) -> None:
        self.source, self.taken = source, taken
        self.nodes = 0
        self.texts: list[tuple[int, int]] = []
        # Folded and literal blocks of YAML have line ends and indents; one line keeps columns.
        self.line = _QUOTED.sub(_with_backslashes, re.sub(r"[\r\n\t]", " ", source))
        self.lead = len(self.line) - len(self.line.lstrip(" "))

    def read(self) -> Node:
        if len(self.source) > MAX_SOURCE:
            self.fail(f"{len(self.source)} characters; at most {MAX_SOURCE} are allowed", 0)
        if not self.line.strip():
            self.fail("there is nothing here; an expression such as a + b is expected", 0)
        if control := re.search(r"[\x00-\x1f\x7f]", self.line):
            self.fail(f"the control character {control[0]!r} is not allowed", control.start())
        tree = self.python_tree()
        node = self.node(tree.body, 1)
        # Last: only what was read tells which characters stand in a text, where all are allowed.
        self.refuse_odd_characters()
        return node

    def fail(self, message: str, column: int) -> NoReturn:
        raise ExpressionError(message.replace(_BACKSLASH, "\\"), self.source, column)

    def python_tree(self) -> ast.Expression:
        text = self.line.strip()
        try:
            with _PYTHON_PARSER, warnings.catch_warnings():
                warnings.simplefilter("error")
                return ast.parse(text, mode="eval")
        except SyntaxError as error:
            # Python has no offset where the text ends too early.
            offset = error.offset - 1 if error.offset else len(text)
            column = self.lead + min(len(text), offset)
            near_here = self.line[column : column + 12].strip()
            found = f"at {near_here!r}" if near_here else "at the end"
            self.fail(f"{error.msg or 'not an expression'} {found}{_hint(text)}", column)
        except (RecursionError, MemoryError):
            self.fail(f"nested too deeply; at most {MAX_DEPTH} levels are allowed", self.lead)
        except ValueError:
            self.fail("a character that can be in no expression", self.lead)

    def refuse_odd_characters(self) -> None:
        """Comments and non-ASCII letters are dropped or changed by Python's parser; not here."""
        for column, character in enumerate(self.line):
            if (character == "#" or not character.isascii()) and not any(
                start <= column < end for start, end in self.texts
            ):
                found = "a comment (#)" if character == "#" else f"the character {character!r}"
                self.fail(f"{found} outside of a text is not allowed", column)

    def span(self, node: ast.expr) -> tuple[int, int]:
        """Start and end in the source, in characters; Python counts in bytes of UTF-8."""
        text = self.line[self.lead :]
        if text.isascii():
            return self.lead + node.col_offset, self.lead + (node.end_col_offset or 0)
        encoded = text.encode()
        start = len(encoded[: node.col_offset].decode(errors="replace"))
        end = len(encoded[: node.end_col_offset].decode(errors="replace"))
        return self.lead + start, self.lead + end

    def node(self, tree: ast.expr, depth: int) -> Node:
        start, _ = self.span(tree)
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.fail(f"more than {MAX_NODES} parts; split it into steps", start)
        if depth > MAX_DEPTH:
            self.fail(f"nested more than {MAX_DEPTH} levels deep; split it into steps", start)
        translate = _TRANSLATIONS.get(type(tree))
        if translate is None:
            self.refuse(tree, start)
        return translate(self, tree, depth + 1)

    def refuse(self, found: ast.AST, column: int) -> NoReturn:
        what, _, instead = _INSTEAD.get(type(found), type(found).__name__).partition("; ")
        self.fail(f"{what} is not allowed; {instead or ALLOWED}", column)

    def value(self, tree: ast.expr, depth: int) -> Node:
        """A node that must not be a condition: an operand of arithmetic."""
        node = self.node(tree, depth)
        if isinstance(node, CONDITIONS):
            self.fail("a condition is not a number; write indicator(condition)", node.start)
        return node

    def test(self, tree: ast.expr, depth: int) -> Node:
        """A node that must be true or false; a number in its place is a slip."""
        node = self.node(tree, depth)
        if isinstance(node, (Number, TextLiteral, Vector, Negative, Binary)):
            self.fail("a condition such as a > 0 is expected here", node.start)
        return node

    def constant(self, tree: ast.Constant, _depth: int) -> Node:
        start, end = self.span(tree)
        if isinstance(tree.value, str):
            self.texts.append((start, end))
            return TextLiteral(start, end, tree.value.replace(_BACKSLASH, "\\"))
        written = self.line[start:end]
        if isinstance(tree.value, bool):
            self.fail(f"{written} is written {written.lower()}", start)
        if isinstance(tree.value, (type(None), type(...), bytes)):
            self.fail(f"{written} is not allowed; {ALLOWED}", start)
        if len(written) > MAX_DIGITS:
            self.fail(f"a number of {len(written)} digits; at most {MAX_DIGITS}", start)
        if isinstance(tree.value, complex):
            self.fail(f"{written} is not a number here; write complex(0, {written[:-1]})", start)
        try:
            # From the text, not from what Python has made of it: 0.1 is one tenth.
            value = parse_number(written)
        except NumberError as error:
            self.fail(str(error), start)
        return Number(start, end, value, written)

    def name(self, tree: ast.Name, _depth: int) -> Name | Constant | Truth:
        start, end = self.span(tree)
        if not _IDENTIFIER.fullmatch(self.line[start:end]):
            self.fail(
                f"the name {self.line[start:end]!r} is not allowed; a name is a letter followed "
                f"by letters, digits and _ (ASCII){_hint(self.line[start:end])}",
                start,
            )
        # What the problem calls so goes first, be it e or a function's name.
        if tree.id in self.taken:
            return Name(start, end, tree.id)
        if tree.id in ("true", "false"):
            return Truth(start, end, tree.id == "true")
        if tree.id in CONSTANTS:
            return Constant(start, end, tree.id)
        if tree.id in FUNCTIONS:
            self.fail(f"{tree.id} is a function; write {FUNCTIONS[tree.id].usage}", start)
        return Name(start, end, tree.id)

    def vector(self, tree: ast.List, depth: int) -> Node:
        if not tree.elts:
            self.fail("an empty list is not allowed", self.span(tree)[0])
        return Vector(*self.span(tree), tuple(self.value(item, depth) for item in tree.elts))

    def index(self, tree: ast.Subscript, depth: int) -> Node:
        inside = tree.slice
        if isinstance(inside, ast.Tuple) or (isinstance(inside, ast.Slice) and inside.step):
            self.fail(
                "an element of a list is written v[0], of a matrix m[0][1], a part v[0:2]",
                self.span(inside)[0],
            )
        base = self.value(tree.value, depth)
        if isinstance(inside, ast.Slice):
            bounds = (inside.lower, inside.upper)
            first, stop = (None if it is None else self.value(it, depth) for it in bounds)
            return Slice(*self.span(tree), base, first, stop)
        return Index(*self.span(tree), base, self.value(tree.slice, depth))

    def unary(self, tree: ast.UnaryOp, depth: int) -> Node:
        if isinstance(tree.op, ast.Not):
            return Not(*self.span(tree), self.test(tree.operand, depth))
        if isinstance(tree.op, ast.USub):
            return Negative(*self.span(tree), self.value(tree.operand, depth))
        self.refuse(tree.op, self.span(tree)[0])

    def binary(self, tree: ast.BinOp, depth: int) -> Node:
        operator = _BINARY.get(type(tree.op))
        if operator is None:
            self.refuse(tree.op, self.span(tree.left)[1])
        left = self.value(tree.left, depth)
        return Binary(*self.span(tree), operator, left, self.value(tree.right, depth))

    def membership(self, tree: ast.Compare, depth: int) -> Node:
        if len(tree.ops) > 1:
            self.fail("in stands alone; join two conditions by and", self.span(tree)[0])
        item = self.value(tree.left, depth)
        items = self.value(tree.comparators[0], depth)
        return Member(*self.span(tree), item, items, isinstance(tree.ops[0], ast.NotIn))

    def comprehension(self, tree: ast.ListComp | ast.GeneratorExp, depth: int) -> Node:
        start, end = self.span(tree)
        (loop, *others) = tree.generators
        if others or len(loop.ifs) > 1 or loop.is_async or not isinstance(loop.target, ast.Name):
            self.fail("a list is made by one for, as in [x**2 for x in v if x > 0]", start)
        source = self.value(loop.iter, depth)
        # Only behind `for` and in front of it does the name mean a member of the list.
        before, self.taken = self.taken, {*self.taken, loop.target.id}
        name = self.name(loop.target, depth)
        assert isinstance(name, Name)
        element = self.value(tree.elt, depth)
        test = self.test(loop.ifs[0], depth) if loop.ifs else None
        self.taken = before
        return Comprehension(start, end, element, name.name, source, test)

    def comparison(self, tree: ast.Compare, depth: int) -> Node:
        if any(isinstance(operator, (ast.In, ast.NotIn)) for operator in tree.ops):
            return self.membership(tree, depth)
        operators = []
        for operator in tree.ops:
            symbol = _COMPARISONS.get(type(operator))
            if symbol is None:
                self.refuse(operator, self.span(tree.left)[1])
            operators.append(symbol)
        operands = tuple(self.value(item, depth) for item in (tree.left, *tree.comparators))
        return Comparison(*self.span(tree), tuple(operators), operands)

    def logical(self, tree: ast.BoolOp, depth: int) -> Node:
        operator = "and" if isinstance(tree.op, ast.And) else "or"
        operands = tuple(self.test(item, depth) for item in tree.values)
        return Logical(*self.span(tree), operator, operands)

    def conditional(self, tree: ast.IfExp, depth: int) -> Node:
        then = self.node(tree.body, depth)
        test = self.test(tree.test, depth)
        return Conditional(*self.span(tree), test, then, self.node(tree.orelse, depth))

    def call(self, tree: ast.Call, depth: int) -> Node:
        start, end = self.span(tree)
        if not isinstance(tree.func, ast.Name):
            self.fail("only a function of the list can be called; " + ALLOWED, start)
        name = tree.func.id
        function = FUNCTIONS.get(name)
        if function is None:
            self.fail(f"there is no function {name}{_instead(name)}; {ALLOWED}", start)
        if tree.keywords:
            self.fail(f"{name} takes no named arguments; write {function.usage}", start)
        if not function.least <= len(tree.args) <= function.most:
            self.fail(f"{name} with {len(tree.args)} arguments; write {function.usage}", start)
        read = self.test if name in OF_CONDITIONS else self.value
        return Call(start, end, name, tuple(read(item, depth) for item in tree.args))


_MEANT: Final[dict[str, str]] = {
    **dict.fromkeys(("ln", "loge"), "log(x)"),
    **dict.fromkeys(("lg", "log10"), "log(x, 10)"),
    **dict.fromkeys(("ld", "lb", "log2"), "log(x, 2)"),
    **dict.fromkeys(("variance", "varianz", "pvar"), "var(list) or sample_var(list)"),
    **dict.fromkeys(("std", "stdev", "stddev", "sigma"), "sd(list) or sample_sd(list)"),
    **dict.fromkeys(("average", "avg", "mittelwert"), "mean(list)"),
    **dict.fromkeys(("covariance", "kovarianz"), "cov(list, list)"),
    **dict.fromkeys(("correlation", "cor"), "corr(list, list)"),
    **dict.fromkeys(("percentile", "quartile"), "quantile(list, p)"),
    **dict.fromkeys(("cot", "ctg"), "1/tan(x)"),
    "sec": "1/cos(x)",
    **dict.fromkeys(("csc", "cosec"), "1/sin(x)"),
    **dict.fromkeys(("arcsin", "arsin"), "asin(x)"),
    **dict.fromkeys(("arccos", "arcos"), "acos(x)"),
    **dict.fromkeys(("arctan", "artan"), "atan(x)"),
    "tg": "tan(x)",
    "deg": "degrees(x)",
    "rad": "radians(x)",
    "hex": "to_base(n, 16), or n with form: hexadecimal",
    "bin": "to_base(n, 2), or n with form: binary",
    "oct": "to_base(n, 8), or n with form: octal",
    **dict.fromkeys(("int", "trunc"), "floor(x)"),
    "ceiling": "ceil(x)",
    "pow": "a**b",
    "sqr": "x**2",
    "cbrt": "root(x, 3)",
    "wurzel": "sqrt(x)",
    **dict.fromkeys(("fact", "fac"), "factorial(n)"),
    **dict.fromkeys(("comb", "choose", "ncr", "nCr", "binom", "binomcoeff"), "binomial(n, k)"),
    **dict.fromkeys(("perm", "npr", "nPr"), "permutations(n, k)"),
    **dict.fromkeys(("ggt", "ggT", "hcf"), "gcd(a, b)"),
    **dict.fromkeys(("kgv", "kgV"), "lcm(a, b)"),
    **dict.fromkeys(("fmod", "modulo"), "mod(a, b)"),
    "divmod": "div(a, b) and mod(a, b)",
    **dict.fromkeys(("sgn", "signum"), "sign(x)"),
    **dict.fromkeys(("betrag", "fabs"), "abs(x)"),
    "maximum": "max(a, b)",
    "minimum": "min(a, b)",
    "heaviside": "step(x)",
    **dict.fromkeys(("length", "size"), "len(list)"),
    "prod": "product(list)",
    "sort": "sorted(list)",
    "inv": "inverse(matrix)",
    **dict.fromkeys(("eig", "eigvals", "eigenvalue"), "eigenvalues(matrix)"),
    **dict.fromkeys(("linreg", "regression", "linregress"), "slope(x, y) and intercept(x, y)"),
    **dict.fromkeys(("std_dev", "stdev_s", "sd_sample"), "sd(list) or sample_sd(list)"),
    "iqr": "quantile(list, 0.75) - quantile(list, 0.25)",
    "hypot": "sqrt(a**2 + b**2)",
    "erf": "2*normal_cdf(x*sqrt(2)) - 1",
    **dict.fromkeys(("normcdf", "pnorm"), "normal_cdf(x, mu, sigma)"),
    **dict.fromkeys(("norminv", "qnorm"), "normal_quantile(share, mu, sigma)"),
    **dict.fromkeys(("binompdf", "dbinom"), "binomial_pmf(k, n, p)"),
    **dict.fromkeys(("binomcdf", "pbinom"), "binomial_cdf(k, n, p)"),
    **dict.fromkeys(("real", "realteil"), "re(z)"),
    **dict.fromkeys(("imag", "imaginary"), "im(z)"),
    **dict.fromkeys(("phase", "angle"), "arg(z) or atan2(y, x)"),
    **dict.fromkeys(("conjugate",), "conj(z)"),
    **dict.fromkeys(("reverse", "rev"), "reversed(list)"),
    **dict.fromkeys(("corrcoef", "pearson"), "corr(list, list)"),
    "str": "text(x)",
    "determinant": "det(matrix)",
    **dict.fromkeys(("if", "iff_else", "where"), "a if condition else b"),
}
"""Functions as other languages call them, and what they are here."""

_LONG: Final = 4
"""Of a shorter name nobody can tell which other one is meant."""


def _instead(name: str) -> str:
    """What to write in place of a function that there is not."""
    meant = _MEANT.get(name) or _MEANT.get(name.lower())
    if meant is not None:
        return f" (write {meant})"
    return near(name, FUNCTIONS) if len(name) >= _LONG else ""


_TRANSLATIONS: Final[dict[type[ast.expr], Callable[..., Node]]] = {
    ast.Constant: _Reader.constant,
    ast.Name: _Reader.name,
    ast.List: _Reader.vector,
    ast.Subscript: _Reader.index,
    ast.ListComp: _Reader.comprehension,
    ast.GeneratorExp: _Reader.comprehension,
    ast.UnaryOp: _Reader.unary,
    ast.BinOp: _Reader.binary,
    ast.Compare: _Reader.comparison,
    ast.BoolOp: _Reader.logical,
    ast.IfExp: _Reader.conditional,
    ast.Call: _Reader.call,
}
