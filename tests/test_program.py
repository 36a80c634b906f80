"""The digest of the program: what changes papers is in it, what does not is not."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from generator.files import program
from generator.files.program import PROGRAM, digest_of, project_digest, python_files


def test_no_text_has_a_line_that_looks_like_a_comment() -> None:
    for path in python_files("."):
        source = path.read_text()
        lines = source.splitlines()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant | ast.JoinedStr) and node.end_lineno:
                inside = lines[node.lineno : node.end_lineno]
                if isinstance(node, ast.Constant) and not isinstance(node.value, str | bytes):
                    continue
                if '"""' in lines[node.lineno - 1]:
                    assert not any(re.match(" *#", line) for line in inside), f"{path}: {inside}"


def test_the_bench_is_no_part_of_it() -> None:
    names = {str(path.relative_to(PROGRAM)) for path in python_files(".")}
    assert "pipeline/build.py" in names
    assert not any(name.startswith("bench/") for name in names)


@pytest.mark.parametrize(
    ("change", "same"),
    [("# more words\n    # and more\n", True), ("CHANGED = 1\n", False)],
)
def test_comments_do_not_count(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, change: str, same: bool
) -> None:
    module = tmp_path / "draw" / "draw.py"
    module.parent.mkdir()
    module.write_text("VALUE = 1  # behind code\n")
    monkeypatch.setattr(program, "PROGRAM", tmp_path)
    before = digest_of.__wrapped__("draw")
    module.write_text(module.read_text() + change)
    assert (digest_of.__wrapped__("draw") == before) is same


def test_all_of_latex_counts() -> None:
    assert project_digest() != digest_of(".")
