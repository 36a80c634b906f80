"""The program itself: where its parts are, and the digest of what decides on its output."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

PROGRAM = Path(__file__).resolve().parents[1]
LATEX = PROGRAM.parent / "latex"
FIGURES = LATEX / "figures"

_MEASURES_ONLY = "bench"
"""The package that measures builds; no build runs it."""


@cache
def project_digest() -> str:
    """Digest of the program with its catalogues, and of everything under ``latex/``."""
    latex = [path for path in LATEX.rglob("*") if path.is_file()]
    return _digest([*python_files("."), *PROGRAM.glob("language/*.yaml"), *latex])


@cache
def digest_of(*names: str) -> str:
    """Digest of packages and modules of the program, by their paths in it."""
    return _digest(python_files(*names))


def python_files(*names: str) -> list[Path]:
    """The modules of packages of the program, and single modules, without those that measure it."""
    found = {file for name in names for file in _modules(PROGRAM / name)}
    return sorted(file for file in found if _MEASURES_ONLY not in file.relative_to(PROGRAM).parts)


def _modules(path: Path) -> list[Path]:
    return [path] if path.is_file() else list(path.rglob("*.py"))


def _digest(files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        content = _what_counts(path)
        digest.update(path.name.encode() + b"\0" + content + b"\0")
    return digest.hexdigest()


def _what_counts(path: Path) -> bytes:
    """The content of a file; of a module only what runs, not its comments and docstrings."""
    content = path.read_bytes()
    if path.suffix != ".py":
        return content
    tree = ast.parse(content)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [item for item in body if not _is_text(item)]  # type: ignore[attr-defined]
    return ast.dump(tree).encode()


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
