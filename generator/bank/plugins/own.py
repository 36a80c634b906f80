"""Solvers of one's own: Python files in the folder ``plugins`` beside the exam file.

A file is read once, as a text that the ledger keeps, and its functions are checked: nothing in
them may differ between two runs, so there is no import beyond a short list, no file, no clock, no
chance, no float, and no loop without end. This is no wall against malice: a bank with plugins is a
program, and runs with the rights of who builds it.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import threading
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import CodeType
from typing import Any

from generator.bank.parsed_file import near_names
from generator.bank.plugins.solvers import Evaluation, Solver, Working, built_in, solvers_in
from generator.errors import Complaint

FOLDER = "plugins"

MAX_ROUNDS = 1_000_000
"""Rounds of loops and calls of functions that one solution may take."""

MAX_BYTES = 200_000

MODULES = frozenset(
    (
        *("__future__", "bisect", "collections", "collections.abc", "decimal", "fractions"),
        *("functools", "heapq", "itertools", "math", "operator", "re", "string", "typing"),
    )
)
"""What a plugin may import, besides the interface."""

INTERFACE = ("Value", "solver", "whole")
"""What it may import from ``generator``."""

_EXACT_MATH = frozenset(
    ("ceil", "comb", "factorial", "floor", "gcd", "inf", "isqrt", "lcm", "perm", "prod")
)
_ENDLESS = frozenset(("count", "cycle", "repeat"))

_LEFT_OUT = frozenset(
    (
        *("__import__", "breakpoint", "compile", "copyright", "credits", "delattr", "dir", "eval"),
        *("exec", "exit", "float", "complex", "getattr", "globals", "hash", "help", "id", "input"),
        *("license", "locals", "memoryview", "open", "print", "quit", "setattr", "vars"),
    )
)
"""Functions of Python that leave something behind, or give another value in another run."""

_BUILTINS = {
    name: value
    for name, value in vars(builtins).items()
    if name not in _LEFT_OUT and (not name.startswith("_") or name == "__build_class__")
}

_ROUND = "__round__"


class EndlessError(ArithmeticError):
    """A solution takes more rounds than are allowed."""


class Plugins:
    """The solvers beside an exam, read when one of them is first asked for.

    Attributes:
        folder: Where they are.
        complaints: Gets what is wrong with the files.
        files: Name, such as ``plugins/dijkstra.py``, to the text that was read.
    """

    def __init__(self, folder: Path, complaints: list[Complaint]) -> None:
        self.folder = folder
        self.complaints = complaints
        self.files: dict[str, str] = {}
        self._refused = False

    def find(self, name: str) -> Solver:
        """A solver by its name, of the program or of the bank's own.

        Raises:
            KeyError: There is none; the message says where it is looked for.
        """
        known = built_in()
        if name in known:
            return known[name]
        if name in self._solvers:
            return self._solvers[name]
        names = sorted({*known, *self._solvers})
        near = near_names(name, names)
        hint = f"did you mean {near}?" if near else f"known: {', '.join(names)}"
        where = f"looked for in {self.folder.name}/*.py beside the exam"
        if self._refused:
            raise KeyError(f"there is no solver {name} yet: mend the files of {FOLDER} first")
        raise KeyError(f"there is no solver {name} ({where}); {hint}")

    @cached_property
    def _solvers(self) -> Mapping[str, Solver]:
        found: dict[str, Solver] = {}
        for path in sorted(self.folder.glob("*.py")):
            text = self._read(path)
            if text is None:
                continue
            self.files[f"{FOLDER}/{path.name}"] = text
            for own in self._load(path, text):
                name = own.name
                if name in built_in() or name in found:
                    self._say(path, 0, 0, f"there is a solver {name} already; name it otherwise")
                found.setdefault(name, own)
        return found

    def _say(self, path: Path, line: int, column: int, message: str) -> None:
        self._refused = True
        self.complaints.append(Complaint(str(path), line, column, "", message))

    def _read(self, path: Path) -> str | None:
        try:
            content = path.read_bytes()
        except OSError as error:
            self._say(path, 0, 0, f"cannot be read: {error.strerror}")
            return None
        if len(content) > MAX_BYTES:
            self._say(path, 0, 0, f"has {len(content)} bytes; at most {MAX_BYTES} are allowed")
            return None
        try:
            return content.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            self._say(path, line, 0, "is not UTF-8; save it as UTF-8")
            return None

    def _load(self, path: Path, text: str) -> list[Solver]:
        """The solvers of a file; what is wrong with it is complained of."""
        try:
            tree = ast.parse(text, str(path))
        except (SyntaxError, ValueError) as error:
            line, column = getattr(error, "lineno", 0) or 0, getattr(error, "offset", 0) or 0
            self._say(path, line, column, f"Python says: {getattr(error, 'msg', error)}")
            return []
        refused = sorted(set(_refused(tree)))
        for line, column, message in refused:
            self._say(path, line, column + 1, message)
        if refused:
            return []
        counter = _Counter()
        try:
            code = compile(_counted(tree), str(path), "exec")
            found = solvers_in(_run(code, path, counter))
        except Exception as error:  # whatever the file does when it is read
            frames = traceback.extract_tb(error.__traceback__)
            lines = [it.lineno or 0 for it in frames if it.filename == str(path)]
            line = lines[-1] if lines else 0
            self._say(path, line, 0, f"cannot be run: {type(error).__name__}: {error}")
            return []
        if not found:
            self._say(path, 0, 0, "defines no solver: decorate a function with @solver(...)")
        digest = hashlib.sha256(text.encode()).hexdigest()
        return [_guarded(it, str(path), digest, counter) for it in found]


def _guarded(found: Solver, file: str, digest: str, counter: _Counter) -> Solver:
    """A solver whose rounds are counted."""

    def evaluation(values: Mapping[str, Any]) -> Mapping[str, Any]:
        counter.left = MAX_ROUNDS
        return found.function(values)

    def working(values: Mapping[str, Any]) -> list[str]:
        counter.left = MAX_ROUNDS
        return found.working(values) if found.working is not None else []

    function: Evaluation = evaluation
    worked: Working | None = working if found.working is not None else None
    return replace(found, function=function, working=worked, file=file, digest=digest)


class _Counter(threading.local):
    """Counts the rounds of a solution, in each thread for itself."""

    left = MAX_ROUNDS

    def round(self) -> bool:
        """One round more; always true, so that it can stand in a condition.

        Raises:
            EndlessError: It is one too many.
        """
        self.left -= 1
        if self.left < 0:
            raise EndlessError(f"more than {MAX_ROUNDS:,} rounds of loops: this does not end")
        return True


def _run(code: CodeType, path: Path, counter: _Counter) -> Mapping[str, Any]:
    """The names that a file defines."""

    def bring(name: str, *others: Any) -> Any:
        return __import__(name, {}, {}, *others[2:])

    counter.left = MAX_ROUNDS
    namespace: dict[str, Any] = {
        "__builtins__": {**_BUILTINS, "__import__": bring, _ROUND: counter.round},
        "__name__": f"{FOLDER}.{path.stem}",
    }
    exec(code, namespace)  # a bank's plugins are run: that is what they are for
    return namespace


# What is refused.


def _refused(tree: ast.AST) -> Iterator[tuple[int, int, str]]:
    """Line, column (from 0) and reason of all that a plugin may not have."""
    for node in ast.walk(tree):
        line, column = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
        for reason in _reasons(node):
            yield line, column, reason


def _reasons(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (_not_imported(alias.name) for alias in node.names if not _may(alias.name))
    elif isinstance(node, ast.ImportFrom):
        yield from _reasons_of_names(node)
    elif isinstance(node, ast.Name):
        if node.id in _LEFT_OUT:
            yield _no_function(node.id)
        elif node.id.startswith("__") and node.id != "__name__":
            yield f"names that begin with __ are not for plugins, got {node.id}"
    elif isinstance(node, ast.Attribute):
        yield from _reasons_of_attribute(node)
    elif isinstance(node, ast.Constant) and isinstance(node.value, (float, complex)):
        yield f"{node.value!r} is not exact; write Fraction(1, 2) or Decimal('0.5')"
    elif isinstance(node, ast.Global):
        yield "global keeps something from one copy for the next; give it back as a value"
    elif isinstance(node, (ast.AsyncFunctionDef, ast.Await)):
        yield "async has no meaning here"


def _may(name: str) -> bool:
    return name in MODULES


def _not_imported(name: str) -> str:
    listed = ", ".join(sorted(MODULES - {"__future__"}))
    return (
        f"{name} is not imported by plugins: the same values must give the same answers; there are "
        f"{listed}, and from generator {', '.join(INTERFACE)}"
    )


def _no_function(name: str) -> str:
    if name in {"float", "complex"}:
        return f"{name} is not exact; use Fraction or Decimal, and math.inf for what has no end"
    return f"{name} is not for plugins: the same values must give the same answers, and no more"


def _reasons_of_names(node: ast.ImportFrom) -> Iterator[str]:
    module = node.module or ""
    for alias in node.names:
        if node.level or not (_may(module) or module == "generator"):
            yield _not_imported("." * node.level + module)
        elif module == "generator" and alias.name not in INTERFACE:
            yield f"generator has {', '.join(INTERFACE)} for plugins, not {alias.name}"
        else:
            yield from _reasons_of_member(module, alias.name)


def _reasons_of_attribute(node: ast.Attribute) -> Iterator[str]:
    if node.attr.startswith("__"):
        yield f"names that begin with __ are not for plugins, got {node.attr}"
    elif isinstance(node.value, ast.Name):
        yield from _reasons_of_member(node.value.id, node.attr)


def _reasons_of_member(module: str, name: str) -> Iterator[str]:
    if module == "math" and name not in _EXACT_MATH:
        listed = ", ".join(sorted(_EXACT_MATH))
        yield f"math.{name} is not exact, or differs between machines; of math there are {listed}"
    elif module == "itertools" and name in _ENDLESS:
        yield f"itertools.{name} does not end; use range"


# What is counted.


class _Counting(ast.NodeTransformer):
    """Puts a call of the counter into each loop, function and comprehension."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        if isinstance(node, (ast.For, ast.While, ast.FunctionDef)):
            at = 1 if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) else 0
            node.body.insert(at, ast.copy_location(ast.Expr(_call()), node))
        elif isinstance(node, ast.comprehension):
            node.ifs.insert(0, _call())
        return node


def _call() -> ast.expr:
    return ast.Call(ast.Name(_ROUND, ast.Load()), [], [])


def _counted(tree: ast.Module) -> ast.Module:
    counted: ast.Module = _Counting().visit(tree)
    return ast.fix_missing_locations(counted)
