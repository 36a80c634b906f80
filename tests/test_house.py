"""The structure of the program: what imports what. The map is `generator/README.md`."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from functools import cache
from graphlib import TopologicalSorter
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

from generator.files.program import PROGRAM

MODULES = tuple(PROGRAM.rglob("*.py"))

FLOORS = (
    *("errors", "layout", "files", "exact", "work", "rooms", "roster", "codes", "expressions"),
    "stamp",
    *(
        "language",
        "bank",
        "draw",
        "solve",
        "compose",
        "record",
        "typeset",
        "verify",
        "scans",
    ),
    *(
        "correct",
        "exchange",
        "office",
        "marks",
        "release",
        "pipeline",
        "desk",
        "commands",
        "bench",
        "api",
        "cli",
    ),
    "__main__",
)
"""From the ground up: a package imports those that stand before it here."""


LONGEST, LARGEST = 50, 700
"""Lines of a function without its docstring, and of a module."""


@cache
def tree(path: Path) -> ast.Module:
    """A module of the program, parsed once."""
    return ast.parse(path.read_text("utf-8"))


@cache
def imports() -> Mapping[str, frozenset[str]]:
    """Module to the modules of the program that it imports, as they are called from outside."""
    paths = {path: path.relative_to(PROGRAM.parent).with_suffix("") for path in MODULES}
    names = {path: ".".join(found.parts).removesuffix(".__init__") for path, found in paths.items()}
    known, found = set(names.values()), {}
    for path, name in names.items():
        taken = set()
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("generator"):
                within = {f"{node.module}.{alias.name}" for alias in node.names}
                taken |= (within & known) or {str(node.module)}
        found[name] = frozenset(taken)
    return found


def test_every_package_has_its_floor_and_imports_those_below() -> None:
    upward = [
        (module, other)
        for module, taken in imports().items()
        for other in taken
        if module != "generator" and floor(other) > floor(module)
    ]
    assert upward == []


def floor(module: str) -> int:
    """How high a module is; the package itself, as programs see it, is above them all."""
    _, *inside = module.split(".")
    return FLOORS.index(inside[0]) if inside else len(FLOORS)


def test_no_modules_import_each_other_in_a_circle() -> None:
    order = tuple(TopologicalSorter(imports()).static_order())
    assert order[-1] in {"generator", "generator.__main__"}


def test_every_library_that_is_installed_is_imported() -> None:
    project = tomllib.loads((PROGRAM.parent / "pyproject.toml").read_text("utf-8"))["project"]
    lines = chain(project["dependencies"], *project["optional-dependencies"].values())
    libraries = {line.partition(">=")[0].lower() for line in lines}
    libraries.remove("python-multipart")  # Starlette reads forms with it
    assert sorted(libraries - imported_distributions()) == []


def imported_distributions() -> set[str]:
    """The libraries whose modules the program imports, as package registries call them."""
    taken: set[str] = set()
    for node in (node for path in MODULES for node in ast.walk(tree(path))):
        if isinstance(node, ast.Import):
            taken.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            taken.add(node.module.partition(".")[0])
    found = packages_distributions()
    return {name.lower().replace("_", "-") for module in taken for name in found.get(module, [])}


def test_a_file_name_stands_once() -> None:
    counts = Counter(path.name for path in MODULES if path.name != "__init__.py")
    assert [name for name, count in counts.items() if count > 1] == []


def test_functions_and_modules_stay_short() -> None:
    long = [
        f"{path.relative_to(PROGRAM)}: {node.name}"
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and lines_of(node) > LONGEST
    ]
    assert long == []
    sizes = {path.name: len(path.read_text().splitlines()) for path in MODULES}
    assert [name for name, size in sizes.items() if size > LARGEST] == []


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function without those of its docstring."""
    first = function.body[0]
    said = ast.get_docstring(function, clean=False)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if said is not None else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def test_who_calls_pdfium_holds_its_lock() -> None:
    sources = {path.name: path.read_text() for path in MODULES}
    calls = {name for name, source in sources.items() if "import pypdfium2" in source}
    calls.remove("bench_amc.py")  # one thread, in a process of its own
    assert "preview.py" in calls
    assert [name for name in sorted(calls) if "with PDFIUM" not in sources[name]] == []


def test_the_map_names_modules_that_there_are() -> None:
    named = set(re.findall(r"`([a-z0-9_/]+\.py)`", (PROGRAM / "README.md").read_text("utf-8")))
    known = {f"/{path.relative_to(PROGRAM.parent)}" for path in MODULES}
    known |= {f"/tests/{path.name}" for path in Path(__file__).parent.glob("*.py")}
    assert len(named) > 60
    assert [
        name for name in sorted(named) if not any(it.endswith(f"/{name}") for it in known)
    ] == []
