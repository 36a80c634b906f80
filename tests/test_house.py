"""The structure of the program: what imports what. The map is `generator/README.md`."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from generator.files.program import PROGRAM

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


def imports() -> Iterator[tuple[str, str, str]]:
    """Module, its package, and a package of the program that it imports."""
    for path in PROGRAM.rglob("*.py"):
        module = path.relative_to(PROGRAM).with_suffix("")
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("generator."):
                yield str(module), module.parts[0], str(node.module).split(".")[1]


def test_every_package_has_its_floor_and_imports_those_below() -> None:
    upward = [
        (module, other)
        for module, own, other in imports()
        if module != "__init__" and FLOORS.index(other) > FLOORS.index(own)
    ]
    assert upward == []


def test_a_file_name_stands_once() -> None:
    counts = Counter(path.name for path in PROGRAM.rglob("*.py") if path.name != "__init__.py")
    assert [name for name, count in counts.items() if count > 1] == []


def test_who_calls_pdfium_holds_its_lock() -> None:
    sources = {path.name: path.read_text() for path in PROGRAM.rglob("*.py")}
    calls = {name for name, source in sources.items() if "import pypdfium2" in source}
    calls.remove("bench_amc.py")  # one thread, in a process of its own
    assert "preview.py" in calls
    assert [name for name in sorted(calls) if "with PDFIUM" not in sources[name]] == []
