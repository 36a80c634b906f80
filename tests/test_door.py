"""The page at the door: a spare copy is given to a student by two scans, and taken back."""

from __future__ import annotations

import html
import os
import pty
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_client import PASSWORD, Visitor, open_desk, visitor
from marked import mark
from small_project import ROOT, Project

from generator.bank.exam import Grades
from generator.cli.shared_options import ask_passphrase
from generator.codes.check_character import with_check
from generator.codes.page_code import PageCode
from generator.codes.sticker_number import sticker_numbers
from generator.desk.desk import Desk
from generator.errors import InputError
from generator.marks.mark_lists import mark_lines
from generator.pipeline.binding import copy_in_use
from generator.record.batch import open_batch
from generator.release.place import Place


@pytest.fixture
def desk(built: Project, tmp_path: Path) -> Iterator[Desk]:
    with open_desk(built, tmp_path) as opened:
        opened.people.add("dora", "door")
        opened.people.set_password("dora", PASSWORD)
        yield opened


@pytest.fixture
def dora(desk: Desk) -> Visitor:
    someone = visitor(desk)
    assert someone.sign_in("dora").status_code == 303
    someone.get("/door")
    return someone


def spare_and_stickers(desk: Desk) -> tuple[str, dict[str, str]]:
    """The code of a spare copy, and registration number to sticker."""
    batch = desk.library.batch
    numbers = [it.holder.registration_number for it in batch.ledger.bindings()]
    held = {it.code for it in batch.ledger.bindings()}
    spare = next(code for code in batch.codes() if code not in held)
    return spare, dict(sticker_numbers(numbers, batch.secret, batch.exam_id))


def holders(desk: Desk) -> dict[str, str]:
    with open_batch(desk.library.folder) as batch:
        return {it.code: it.holder.registration_number for it in batch.ledger.bindings()}


def test_two_scans_give_a_spare_copy_to_a_student(desk: Desk, dora: Visitor) -> None:
    spare, stickers = spare_and_stickers(desk)
    number, sticker = next(iter(stickers.items()))
    before = {code: who for code, who in holders(desk).items() if who == number}
    batch = desk.library.batch
    page = PageCode(batch.exam_id, spare, 2).payload(batch.secret.tag_key)
    said = dora.post("/door", paper=page, sticker=sticker.lower())
    assert said.status_code == 200
    assert f"{spare} belongs to sticker" in said.text
    assert all(code in said.text for code in before)
    assert number not in said.text
    assert holders(desk)[spare] == number
    assert not set(before) & set(holders(desk))
    moved = dora.post("/door", paper=with_check(spare), sticker=sticker, seat="27")
    assert "The seat is 27." in moved.text
    with open_batch(desk.library.folder) as now:
        assert now.ledger.holders()[spare].seat == "27"
    again = dora.post("/door", paper=with_check(spare), back="1")
    assert "is nobody" in again.text
    assert spare not in holders(desk)
    kinds = [(it.kind, it.about) for it in desk.marks.audit.entries()]
    assert ("door", f"bound {spare}") in kinds
    assert ("door", f"released {spare}") in kinds


def test_what_cannot_be_given_is_said_and_changes_nothing(desk: Desk, dora: Visitor) -> None:
    spare, stickers = spare_and_stickers(desk)
    (number, sticker), (_, other), *_ = stickers.items()
    taken = next(code for code, who in holders(desk).items() if who == number)
    before = holders(desk)
    for form, says in (
        ({"paper": "E9999", "sticker": sticker}, "E9999"),
        ({"paper": taken, "sticker": other}, "give out a spare copy"),
        ({"paper": spare, "sticker": "0000-0000"}, "No student has this sticker"),
        ({"paper": spare, "sticker": ""}, "number of the sticker"),
        ({"paper": "another-1|E0001|1", "sticker": sticker}, ""),
    ):
        refused = dora.post("/door", **form)
        assert refused.status_code >= 400
        assert says in refused.text
        assert number not in refused.text
    assert holders(desk) == before


def test_who_did_not_come_is_noted_and_nobody_waits_for_their_marks(
    desk: Desk, dora: Visitor
) -> None:
    spare, stickers = spare_and_stickers(desk)
    (first, sticker), (second, number), (third, _) = (
        (code, stickers[owner] if not at else owner)
        for at, (code, owner) in enumerate(list(holders(desk).items())[:3])
    )
    before = len(desk.library.batch.events)
    refused = dora.post("/door/away", kind="absent", who=f"{with_check(first)} {spare} E0099")
    assert refused.status_code == 409
    assert f"{with_check(spare)} is nobody" in html.unescape(refused.text)
    assert "no copy E0099" in refused.text
    assert len(desk.library.batch.events) == before
    page = dora.post("/door/away", kind="absent", who=f"{sticker}, {number}").text
    assert f"Did not come: {with_check(first)}, {with_check(second)}." in page
    assert "Gave up" in dora.post("/door/away", kind="withdrew", who=with_check(third).lower()).text
    dora.post("/door/away", kind="attended", who=second)
    desk.library.batch  # noqa: B018  (opened again)
    assert desk.marks.papers.turnout == {first: "absent", second: "attended", third: "withdrew"}
    spares = set(desk.library.codes) - holders(desk).keys()
    assert desk.marks.unused() == {first, third, *spares}
    mark(desk.marks, second, "3.1", "1")
    line = next(it for it in mark_lines(desk.marks, Grades()) if it.code == first)
    assert (line.turnout, line.total) == ("absent", None)
    ada = visitor(desk)
    ada.sign_in("ada")
    work = ada.get("/work").text
    left = len(desk.library.codes) - 2 - len(spares)
    assert f"{left} copies are to be marked" in work
    assert "1 whose student did not come, 1 whose student gave up" in work
    assert f"1/{left}" in work
    events = [(it.kind, it.copies) for it in desk.library.batch.events[before:]]
    assert events == [
        ("absent", (first, second)),
        ("withdrew", (third,)),
        ("attended", (second,)),
    ]


def test_whoever_is_at_the_door_sees_no_key_and_correctors_give_out_nothing(
    desk: Desk, dora: Visitor
) -> None:
    spare, stickers = spare_and_stickers(desk)
    assert dora.get(f"/key/{spare}/3").status_code in {403, 404}
    assert dora.get(f"/download/key/{spare}.pdf").status_code in {403, 404}
    bob = visitor(desk)
    bob.sign_in("bob")
    assert bob.get("/door").status_code == 403
    refused = bob.post("/door", paper=spare, sticker=next(iter(stickers.values())))
    assert refused.status_code == 403
    assert spare not in holders(desk)


def test_two_at_the_door_wait_for_each_other(tmp_path: Path) -> None:
    """A build does not wait; neither does anybody for longer than is patient."""
    place = Place(tmp_path, "small-1")
    place.folder.mkdir(parents=True)
    taken, given = threading.Event(), threading.Event()

    def give_out() -> None:
        with place.lock():
            taken.set()
            given.wait(60)

    other = threading.Thread(target=give_out)
    other.start()
    assert taken.wait(60)
    with pytest.raises(InputError, match="another command is at work on this exam"), place.lock():
        pass
    threading.Timer(0.2, given.set).start()
    with place.lock(60.0):
        assert place.scratch.is_dir()
    other.join()


def test_commands_without_a_copy_or_a_terminal_say_what_to_do(desk: Desk) -> None:
    with pytest.raises(InputError, match="say which copy"):
        copy_in_use(desk.library.batch.ledger, " ")
    with pytest.raises(InputError, match="no terminal to ask on"):
        ask_passphrase(True, None, twice=True, what="Password of bob")


def test_a_password_on_a_terminal_is_asked_for_until_it_will_do() -> None:
    """On a real terminal: what is typed is not shown, and what will not do is said at once."""
    code = (
        "from generator.cli.shared_options import ask_passphrase as ask\n"
        "from generator.desk.people import why_no_password as why\n"
        "found = ask(True, None, twice=True, what='New', refuse=lambda it: why('Bert', it))\n"
        "print(len(found))"
    )
    master, terminal = pty.openpty()
    typed = ["short", "long enough 1", "long enough 2", "long enough 1", "long enough 1"]
    said = ""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=terminal, stdout=terminal, stderr=terminal, cwd=ROOT
    ) as asking:
        os.close(terminal)
        for number, line in enumerate(typed, 1):
            while len(re.findall(r"New: |sure: ", said)) < number:
                said += os.read(master, 1024).decode()
            os.write(master, f"{line}\n".encode())
        while "13" not in said.rpartition("sure: ")[2]:
            said += os.read(master, 1024).decode()
    os.close(master)
    assert asking.returncode == 0
    assert said.count("a password has 12 to 128 characters and is not the name; try again") == 1
    assert said.count("these were two different ones; try again") == 1
    assert "short" not in said
