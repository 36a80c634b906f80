"""Batches opened again: without their bank, and those that earlier versions left."""

from __future__ import annotations

import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from generator.errors import InputError
from generator.record.batch import open_batch
from generator.record.copy import Holder

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
