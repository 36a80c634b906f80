"""A language that the program does not have is one file: all that people get then speaks it."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from pypdf import PdfReader
from shipped import ROOT
from small_project import small_exam

FORMS = {"date", "short_date", "break_words"}
STEM = "і"
# As formulas have them.
KNOWN = {"max", "wnew"}
# The branch patterns and names of a bank; digests and codes; heads of columns for programs.
DATA = re.compile(r"relu|step|[0-9a-f]{8,}|[A-Z0-9]{2,}(?:-[A-Z0-9]+)*")


def foreign(data: Any, top: bool = True) -> Any:
    """A catalogue in which each letter is another, but for what stands in braces."""
    if isinstance(data, dict):
        return {
            key: value if top and key in FORMS else foreign(value, top=False)
            for key, value in data.items()
        }
    pieces = re.split(r"(\{\{|\}\}|\{[^{}]*\})", data)
    return "".join(
        piece if index % 2 else re.sub("[A-Za-z]", STEM, piece)
        for index, piece in enumerate(pieces)
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program with a file more, and a batch that it made."""
    folder = tmp_path_factory.mktemp("third")
    for name in ("generator", "latex"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copytree(ROOT / "bank" / "schema", folder / "bank" / "schema")
    catalogue = foreign(yaml.safe_load((ROOT / "generator/language/en.yaml").read_text("utf-8")))
    text = yaml.safe_dump(catalogue | {"date": "dd.MM.yyyy"}, allow_unicode=True)
    (folder / "generator" / "language" / "uk.yaml").write_text(text, "utf-8")
    project = small_exam(folder / "project")
    project.edit(project.exam, "title: Endterm", "title: Endterm\nlanguage: uk\naids: calculator")
    project.roster.write_text("".join(project.roster.read_text("utf-8").splitlines(True)[:3]))
    done = subprocess.run(
        project.command(), cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder / "project"


def strange(folder: Path, text: str) -> set[str]:
    """The Latin words of a text that are neither the bank's nor data."""
    files = [*(folder / "bank").glob("*.yaml"), folder / "roster.csv"]
    said = " ".join(file.read_text("utf-8") for file in files)
    said += " ".join(path.name for path in folder.rglob("*"))
    own = set(re.findall("[A-Za-z]+", said)) | KNOWN
    words = set(re.findall(r"(?<![\w-])[A-Za-z][a-z]{2,}(?![\w])", DATA.sub(" ", text)))
    return {word for word in words if word not in own}


@pytest.mark.slow
def test_every_paper_speaks_the_language_of_the_new_file(folder: Path) -> None:
    output = folder / "output" / "small-1"
    found = {}
    for file in sorted(output.rglob("*.pdf")):
        text = "\n".join(page.extract_text() for page in PdfReader(file).pages)
        if file.stem != "stickers-outline" and file.stem != "stickers":
            assert STEM in text, file.name
        found[file.name] = strange(folder, text)
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.slow
def test_report_ticket_and_notes_speak_it_too(folder: Path) -> None:
    output = folder / "output" / "small-1"
    page = (output / "examiner" / "report.html").read_text("utf-8")
    shown = html.unescape(re.sub(r"<style.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL))
    ticket = json.loads((output / "print-shop" / "job-ticket.json").read_text("utf-8"))
    note = (output / "exam-office" / "README.txt").read_text("utf-8")
    assert 'lang="uk"' in page
    said = " ".join(value for value in ticket.values() if isinstance(value, str))
    for text in (shown, said, note):
        assert STEM in text
        assert strange(folder, text) == set()


@pytest.mark.slow
def test_numbers_and_dates_are_those_of_the_language(folder: Path) -> None:
    paper = folder / "output" / "small-1" / "correctors" / "keys"
    text = "\n".join(it.extract_text() for it in PdfReader(next(paper.glob("*.pdf"))).pages)
    assert "10.02.2030" in text
    assert re.search(r"\d,\d", text)
