"""The ledger and the shelf: who has which code, what is kept of it, and what is not saved."""

from __future__ import annotations

import errno
import random
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from small_disk import small_disk

from generator.bank.exam import Exam
from generator.codes.page_code import CodeError
from generator.codes.sheet import symbol_version
from generator.errors import InputError
from generator.exact.secret import REFERENCE_SECRET
from generator.pipeline.workshop import Workshop
from generator.record.allocation import Seat, allocate
from generator.record.batch import Batch
from generator.record.copy import Copy, Holder, Reprint
from generator.record.ledger import Ledger
from generator.record.typed_copy import why_not_in_use
from generator.release.finished import Produced, Shelf

EXAM = "small-1"


def students(*numbers: str, room: str = "HS 1") -> list[Seat]:
    return [
        Seat(room, None, Holder(number, f"Last {number}", "First", number[-2:]))
        for number in numbers
    ]


@pytest.fixture
def released(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


def opened(released: Path) -> Ledger:
    return Ledger(released, EXAM, REFERENCE_SECRET, released.with_name("working.sqlite"))


def bound(ledger: Ledger, seats: list[Seat]) -> dict[str, str]:
    """Registration number to code, of the copies that are to be built."""
    allocate(ledger, seats, REFERENCE_SECRET, {"E0000"})
    return {holder.registration_number: code for code, holder in ledger.holders().items()}


def test_a_code_is_given_once(released: Path) -> None:
    with closing(opened(released)) as ledger:
        first = bound(ledger, students("03000001", "03000002"))
        ledger.save(released)
    with closing(opened(released)) as ledger:
        assert bound(ledger, students("03000002", "03000003"))["03000002"] == first["03000002"]
        assert not ledger[first["03000001"]].active
        assert first["03000001"] not in ledger.codes()
        ledger.save(released)
    with closing(opened(released)) as ledger:
        third = bound(ledger, students("03000001", "03000002", "03000003"))
        assert third.items() >= first.items()
        assert len(set(third.values())) == 3


def test_a_name_that_is_spelled_otherwise_is_said(released: Path) -> None:
    with closing(opened(released)) as ledger:
        first = bound(ledger, students("03000001", "03000002"))
        ledger.save(released)
    with closing(opened(released)) as ledger:
        seated, renamed = students("03000001", "03000002")
        seated = replace(seated, holder=Holder("03000001", "Last 03000001", "First", "99"))
        renamed = replace(renamed, holder=Holder("03000002", "B\u00e4r", "Udo", "02"))
        done = allocate(ledger, [seated, renamed], REFERENCE_SECRET, {"E0000"})
        assert done.respelled == [first["03000002"]]
        assert done.new == []


def test_what_was_drawn_survives_a_new_room(released: Path) -> None:
    with closing(opened(released)) as ledger:
        [code] = bound(ledger, students("03000001")).values()
        assert ledger.unrecorded("b") == [code]
        ledger.put(replace(ledger[code], record="{}", mark="0123-4567", bank="b", key_revision=2))
        assert ledger.unrecorded("b") == []
        assert ledger.unrecorded("c") == [code]
        ledger.changes[code, 2] = '["3.2 mse: 5 -> 6"]'
        ledger.save(released)
    with closing(opened(released)) as ledger:
        [moved] = students("03000001", room="HS 2")
        bound(ledger, [moved])
        assert ledger[code] == Copy(code, "HS 2", None, True, "{}", "0123-4567", "b", 2)
        assert ledger.holders() == {code: moved.holder}
        assert ledger.changes == {(code, 2): '["3.2 mse: 5 -> 6"]'}


def test_why_a_code_is_none_in_use(released: Path) -> None:
    with closing(opened(released)) as ledger:
        codes = bound(ledger, students("03000001", "03000002"))
        kept, gone = codes["03000001"], codes["03000002"]
        bound(ledger, students("03000001"))
        ledger.reprints[f"{kept}.1"] = Reprint(f"{kept}.1", kept, "2023-02-10T08:00:00Z", "torn")
        batch = Batch(released.parent, REFERENCE_SECRET, ledger)
        assert why_not_in_use(batch, f"{kept}.1") == ""
        assert why_not_in_use(batch, kept) == f"is void: it was printed again as {kept}.1"
        assert why_not_in_use(batch, f"{kept}.2") == "there is no such reprint"
        assert "was withdrawn" in why_not_in_use(batch, gone)
        assert f"the codes of this batch go from {kept} to {kept}" in why_not_in_use(batch, "E4444")


def test_the_copy_of_who_has_a_spare_one_lies_where_it_was_printed_for(released: Path) -> None:
    with closing(opened(released)) as ledger:
        own = bound(ledger, [*students("03000001"), Seat("HS 1", 1)])["03000001"]
        [spare] = ledger.spares()
        holder = ledger.holders()[own]
        ledger.release(own, "2023-02-10T08:00:00Z")
        ledger.bind(spare, holder, "at the door", "2023-02-10T08:00:00Z")
        moved = [*students("03000001", room="HS 2"), Seat("HS 1", 1)]
        done = allocate(ledger, moved, REFERENCE_SECRET, {"E0000"})
        assert (ledger[own].room, ledger[spare].room) == ("HS 1", "HS 1")
        assert done.moved == []


def test_spare_copies_of_two_rooms_that_become_one_keep_numbers_apart(released: Path) -> None:
    rooms = ("HS 1", "HS 2")
    spares = [Seat(room, number) for room in rooms for number in (1, 2)]
    seats = [*students("03000001"), *students("03000002", room="HS 2"), *spares]
    with closing(opened(released)) as ledger:
        bound(ledger, seats)
        ledger.save(released)
    with closing(opened(released)) as ledger:
        done = allocate(
            ledger,
            [*students("03000001", "03000002", room="HS 3"), *(Seat("HS 3", it) for it in (1, 2))],
            REFERENCE_SECRET,
            {"E0000"},
        )
        places = ledger.places()
        assert {room for _, room, _, _ in places} == {"HS 3"}
        assert sorted(spare for _, _, spare, _ in places if spare) == [1, 2, 3, 4]
        assert len(done.kept_spares) == 2
        assert done.renamed == dict.fromkeys(rooms, "HS 3")


def test_the_released_file_is_not_written_to(released: Path) -> None:
    working = released.with_name("working.sqlite")
    with closing(opened(released)) as ledger:
        [code] = bound(ledger, students("03000001")).values()
        ledger.save(released)
    before = released.read_bytes()
    working.write_text("left by a build that was killed")
    with closing(opened(released)) as ledger:
        bound(ledger, students("03000002"))
        ledger.put(replace(ledger[code], mark="0123-4567"))
        assert working.exists()
    assert not working.exists()
    with closing(Ledger(released, EXAM, REFERENCE_SECRET)) as ledger:
        assert ledger[code] == Copy(code, "HS 1")
        with pytest.raises(OSError, match="readonly"):
            ledger.put(replace(ledger[code], mark="0123-4567"))
    assert released.read_bytes() == before


def test_the_same_copies_give_the_same_bytes(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("once.sqlite", "twice.sqlite", "again.sqlite")]
    copies = [Copy(f"E{number:04d}", "HS 1") for number in range(1, 200)]
    with closing(opened(files[0])) as ledger:
        for copy in copies:
            ledger.put(copy)
        ledger.save(files[0])
    with closing(opened(files[1])) as ledger:
        for copy in reversed(copies):
            ledger.put(replace(copy, record="x" * 5000))
        for copy in ledger.active():  # as a build does: read and put by turns
            ledger.put(replace(copy, record=""))
        ledger.save(files[1])
    with closing(opened(files[1])) as ledger:
        ledger.save(files[2])
    first, *others = [file.read_bytes() for file in files]
    assert all(other == first for other in others)


@pytest.mark.parametrize(
    "folder", ["a#b", "a?b", "a%41b", "a b", "\N{LATIN SMALL LETTER O WITH DIAERESIS}"]
)
def test_folders_may_be_called_anything(tmp_path: Path, folder: str) -> None:
    released = tmp_path / folder / "ledger.sqlite"
    released.parent.mkdir()
    with closing(opened(released)) as ledger:
        codes = bound(ledger, students("03000001"))
        ledger.save(released)
    with closing(opened(released)) as ledger:
        assert bound(ledger, students("03000001")) == codes
    assert [path.name for path in tmp_path.iterdir()] == [folder]


@pytest.mark.parametrize("record", ['{"3": tru', '{"3": {"epoch": 0}}', '{"3": 7}', "[]"])
def test_a_damaged_record_is_said(record: str) -> None:
    copy = Copy("E0001", "HS 1", record=record)
    with pytest.raises(InputError, match="the record of E0001 is damaged"):
        copy.problems  # noqa: B018


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of 300 KB."""
    with small_disk(tmp_path / "full", "300k") as folder:
        yield folder


def test_a_full_disk_is_no_fault_of_the_ledger(full_disk: Path, released: Path) -> None:
    big = [Copy(f"E{n:04d}", "HS 1", record="x" * 5000) for n in range(1, 999)]
    working = full_disk / "working.sqlite"
    with closing(opened(released)) as ledger:
        for copy in big:
            ledger.put(copy)
        with pytest.raises(OSError, match="full") as saving:
            ledger.save(full_disk / "ledger.sqlite")
        (full_disk / "ledger.sqlite").unlink()
        ledger.save(released)
    with pytest.raises(OSError, match="full") as loading:
        Ledger(released, EXAM, REFERENCE_SECRET, working)
    assert not working.exists()
    ledger = Ledger(full_disk / "none", EXAM, REFERENCE_SECRET, working)
    with closing(ledger), pytest.raises(OSError, match="full") as putting:
        list(map(ledger.put, big))
    assert {it.value.errno for it in (saving, loading, putting)} == {errno.ENOSPC}


def test_an_unknown_code(released: Path) -> None:
    with closing(opened(released)) as ledger, pytest.raises(KeyError, match="E0007"):
        ledger["E0007"]


@pytest.mark.parametrize("content", [b"", b"no database", bytes(4096)])
def test_what_is_no_ledger_is_refused(released: Path, content: bytes) -> None:
    released.write_bytes(content)
    with pytest.raises(InputError, match=r"ledger\.sqlite.*cannot be read as a ledger"):
        opened(released)


def test_no_damage_goes_unnoticed(released: Path) -> None:
    """What can be read of a ledger with a flipped bit, or half of it, is what was written."""
    with closing(opened(released)) as ledger:
        bound(ledger, students("03000001", "03000002"))
        ledger.put(replace(ledger["E0001"], record='{"3":{}}', mark="0123-4567"))
        ledger.changes["E0001", 2] = "[]"
        ledger.note("built", ["E0001"], "why", {"a": 1})
        ledger.sources = {"bank/exam.yaml": b"id: small-1"}
        ledger.save(released)
    whole, before = released.read_bytes(), _contents(released)
    dice = random.Random(1)
    for turn in range(300):
        damaged = bytearray(whole)
        if turn % 10:
            damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
        else:
            del damaged[dice.randrange(len(damaged)) :]
        released.write_bytes(bytes(damaged))
        with suppress(InputError):
            assert _contents(released) == before


def _contents(file: Path) -> tuple[object, ...]:
    with closing(Ledger(file, EXAM, REFERENCE_SECRET)) as ledger:
        copies = [ledger[code] for code in ledger.all_codes()]
        return copies, ledger.bindings(), ledger.events, ledger.changes, ledger.sources


# --- The shelf ---


COPY = Copy("E0001", "HS 1", made="a" * 64)
FINISHED = Produced(COPY, b"paper", b"key", b"{}")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path / "copies")
    shelf.open()
    return shelf


def test_what_was_put_is_found(shelf: Shelf) -> None:
    put = shelf.put(FINISHED)
    assert shelf.find(COPY) == put
    assert [path.read_bytes() for path in shelf.paths(COPY)] == [b"paper", b"key", b"{}"]
    assert len({put.paper_sha256, put.key_sha256, put.json_sha256, ""}) == 4


def test_what_is_out_of_date_is_not_found(shelf: Shelf) -> None:
    shelf.put(FINISHED)
    assert shelf.find(replace(COPY, made="b" * 64)) is None


@pytest.mark.parametrize("missing", range(3))
def test_a_copy_that_is_not_whole_is_not_found(shelf: Shelf, missing: int) -> None:
    shelf.put(FINISHED)
    shelf.paths(COPY)[missing].unlink()
    assert shelf.find(COPY) is None


@pytest.mark.parametrize("damaged", range(3))
def test_a_copy_that_was_cut_is_not_found(shelf: Shelf, damaged: int) -> None:
    shelf.put(FINISHED)
    shelf.paths(COPY)[damaged].write_bytes(b"")
    assert shelf.find(COPY) is None
    shelf.put(FINISHED)
    assert shelf.find(COPY) is not None


def test_a_shelf_is_emptied(shelf: Shelf) -> None:
    shelf.put(FINISHED)
    shelf.clear()
    assert not shelf.folder.exists()
    shelf.clear()
    assert shelf.find(COPY) is None


def test_more_than_nine_thousand_copies_have_longer_codes(released: Path) -> None:
    with closing(opened(released)) as ledger:
        codes = bound(ledger, students(*(f"03{number:06d}" for number in range(9_001))))
        assert ledger.digits == 5
        assert min(codes.values()) == "E00001"
        assert len(set(codes.values())) == 9_001
        ledger.save(released)
    with closing(opened(released)) as ledger:
        [new] = set(bound(ledger, students("04000001")).values())
        assert new == "E09002"


def test_an_exam_id_may_be_too_long_for_longer_codes(exam: Exam) -> None:
    length = len(exam.id)
    while True:
        try:
            symbol_version("x" * (length + 1), 4)
        except CodeError:
            break
        length += 1
    longest = replace(exam, id="x" * length)
    Workshop(longest, REFERENCE_SECRET, 4)
    with pytest.raises(InputError, match=r"id: .* 1 character too long .*; shorten it"):
        Workshop(longest, REFERENCE_SECRET, 5)
