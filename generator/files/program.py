"""The program itself: where its parts are, and the digest of what decides on its output."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

VERSION = "0.1.0"

PROGRAM = Path(__file__).resolve().parents[1]
INSTALLED = (PROGRAM / "shipped").is_dir()
"""Whether this is an installed program, and no checkout."""


def _part(name: str) -> Path:
    """A folder that belongs to the program: within it where it is installed, else beside it."""
    return (PROGRAM / "shipped" if INSTALLED else PROGRAM.parent) / name


LATEX = _part("latex")
FIGURES = LATEX / "figures"
SCHEMAS = _part("bank") / "schema"

_LOOK = {".cls", ".sty", ".tex"}
_MEASURES_ONLY = "bench"
"""The package that measures builds; no build runs it."""
_AFTER_BUILDS = {"marks", "desk"}
"""The packages that work with what was built."""

_COMMENT_LINES = re.compile(rb"(?m)^ *#.*\n")
# No text in the program has such a line; a test sees to that.


@cache
def project_digest() -> str:
    """Digest of the program with its catalogues, and of everything under ``latex/``."""
    latex = [path for path in LATEX.rglob("*") if path.is_file()]
    modules = [file for file in python_files(".") if file.parent.name not in _AFTER_BUILDS]
    return _digest([*modules, *PROGRAM.glob("language/*.yaml"), *latex])


def latex_files(folder: Path = LATEX) -> dict[str, bytes]:
    """Path below ``latex/`` to content of what decides on how papers look."""
    paths = (path for path in sorted(folder.rglob("*")) if path.suffix in _LOOK)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def look_digest(folder: Path) -> str:
    """Digest of the program, and of a folder in place of ``latex/``.

    It is `project_digest` where both hold the same: what was made for one is good for the other.
    """
    files = latex_files(folder)
    if files == latex_files():
        return project_digest()
    parts = [project_digest().encode()]
    for name, content in sorted(files.items()):
        parts += [name.encode(), str(len(content)).encode(), content]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


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
    """The content of a file; of a module without its lines of comments, which change no paper."""
    content = path.read_bytes()
    return _COMMENT_LINES.sub(b"", content) if path.suffix == ".py" else content
