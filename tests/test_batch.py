"""Batches opened again: without their bank, and those that earlier versions left."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import tarfile
from contextlib import closing
from pathlib import Path

import pytest
from commands import run_command

from generator.errors import InputError
from generator.record.batch import open_batch
from generator.record.copy import Holder
from generator.verify.readback import read_pages

OLD = Path(__file__).parent / "batch_of_schema_1"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A small batch as the first schema of the ledger left it."""
    with tarfile.open(OLD / "released.tar.xz") as tar:
        tar.extractall(tmp_path, filter="data")
    return tmp_path / "old-1"


def test_a_ledger_of_the_first_schema_is_read(old: Path) -> None:
    file = old / "examiner" / "ledger.sqlite"
    before = file.read_bytes()
    with open_batch(old) as batch:
        assert batch.exam_id == "old-1"
        assert batch.codes() == ["E0001", "E0002", "E0003"]
        holders = {batch.holder(code) for code in batch.codes()}
        assert holders == {
            None,
            Holder("03700001", "Adler", "Eva", "A1"),
            Holder("03700002", "Bär", "Udo", "A2"),
        }
        assert {batch.room(code) for code in batch.codes()} == {"HS 1"}
        assert all(len(batch.mark(code)) == 8 for code in batch.codes())
        assert batch.copy("E0001").problems["3"].answers["3.1"]["h1"]
        with pytest.raises(InputError, match="did not keep the bank"):
            _ = batch.exam
    assert file.read_bytes() == before


def test_no_batch_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ledger\.sqlite: is missing"):
        open_batch(tmp_path)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE copies SET code = '../../x' WHERE code = 'E0002'", "no copy code"),
        ("UPDATE batch SET digits = 99", "99 digits"),
        ("UPDATE batch SET schema = 7", "another version"),
        ("DROP TABLE copies", "cannot be read as a ledger"),
    ],
)
def test_what_was_changed_in_an_old_ledger_is_said(old: Path, statement: str, said: str) -> None:
    with closing(sqlite3.connect(old / "examiner" / "ledger.sqlite")) as database:
        database.execute(statement)
        database.commit()
    with pytest.raises(InputError, match=said):
        open_batch(old)


@pytest.mark.slow
def test_a_batch_of_the_version_before_lives_on(old: Path) -> None:
    """Opened, sealed, extended by a student, its key revised, and reprinted in its record."""
    project = old.parent
    shutil.copytree(OLD / "bank", project / "bank")
    roster = project / "roster.csv"
    shutil.copy(OLD / "roster.csv", roster)

    def run(command: str, *arguments: str) -> str:
        options = ["--exam", project / "bank/exam.yaml", "--roster", roster, "--out", project]
        done = run_command(command, *options, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    papers = {path.name: path.read_bytes() for path in (old / "print-shop/papers").iterdir()}
    with open_batch(old) as batch:
        marks = {code: batch.mark(code) for code in batch.codes()}
    assert "3 papers are sealed" in run("seal")
    roster.write_text(roster.read_text() + "03700009;Neu;Ned;HS 1;A9\n")
    assert "to do: print these 1: E0004" in run("build")
    problem = project / "bank/problem-3.yaml"
    right = "mse: ((o1 - t1)**2 + (o2 - t2)**2) / 2"
    assert right in problem.read_text()
    problem.write_text(problem.read_text().replace(right, right.removesuffix(" / 2")))
    assert "next revision of the key, 3.2 mse" in run("build")
    problem.unlink()
    assert "E0002.1.pdf" in run("reprint", "--copy", "E0002", "--reason", "torn")
    folder = old / "print-shop/papers"
    assert {name: (folder / name).read_bytes() for name in papers} == papers
    with open_batch(old) as batch:
        assert {code: batch.mark(code) for code in marks} == marks
        assert batch.key("E0001")["key_revision"] >= 2
        kinds = [event.kind for event in batch.events]
        assert kinds[:2] == ["sealed", "built"]
        assert kinds[-3:] == ["built", "revised", "reprinted"]
    assert marks["E0002"] in read_pages(folder / "E0002.1.pdf")[0].text
    for who in ("print-shop", "correctors", "exam-office"):
        sums = ["sha256sum", "-c", "--quiet", "SHA256SUMS"]
        subprocess.run(sums, cwd=old / who, check=True)
