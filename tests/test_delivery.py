"""What the print shop gets: a proof to approve, an archive, and a check that needs no bank."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from pathlib import Path

import pytest
import pyzipper
from pypdf import PdfWriter
from small_project import EXAM_ID, Project

from generator.codes.page_code import CodeError, parse_payload
from generator.commands.delivery import verify, zipped
from generator.errors import CopyError, InputError
from generator.exact.secret import load_secret
from generator.verify.readback import read_pages

pytestmark = pytest.mark.slow
PASSPHRASE = "correct horse"


def test_a_proof_is_marked_on_every_page_and_approved_before_sealing(project: Project) -> None:
    done = project.run(command="approve")
    assert done.returncode == 2
    assert "make proof first" in done.stderr
    done = project.run(command="seal")
    assert "no proof of these papers was approved" in done.stdout
    assert project.run("--reason", "a look first", command="thaw").returncode == 0
    done = project.run(command="proof")
    assert done.returncode == 0, done.stderr
    readings = read_pages(project.out / "print-shop" / "proof.pdf")
    assert len(readings) == 4
    assert all("PROOF" in reading.text for reading in readings)
    key = load_secret(project.out / "examiner" / "secret.key").tag_key
    for reading in readings:
        for text in reading.codes:
            with pytest.raises(CodeError):
                parse_payload(text, key)
    assert project.run("--by", "Ada", command="approve").returncode == 0
    assert "warning" not in project.run(command="seal").stdout
    events = json.loads(project.run("--json", command="events").stdout)
    assert [event["kind"] for event in events][-3:] == ["proof", "approved", "sealed"]
    project.build()
    assert (project.out / "print-shop" / "proof.pdf").exists()


def test_a_seat_of_the_roster_after_one_from_the_door_is_said_and_spares_stay_spares(
    project: Project,
) -> None:
    ticket = project.out / "print-shop" / "job-ticket.json"
    before = json.loads(ticket.read_text())["runs"]
    with (project.out / "exam-office" / "binding.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    # The spare of the student's own room: codes are drawn, so another room's may come first.
    spare = next(
        row["code"] for row in rows if row["room"] == "HS 1" and not row["registration_number"]
    )
    done = project.run("--copy", spare, "--sticker", "03777777", "--seat", "7", command="bind")
    assert done.returncode == 0, done.stderr
    # Where the roster had this student before nobody moved, and nothing is said.
    project.edit(project.roster, "Müller & Söhne", "Müller-Söhne")
    assert "put at the door" not in project.build()
    after = json.loads(ticket.read_text())["runs"]
    assert [run["spare"] for run in after] == [run["spare"] for run in before]
    project.edit(project.roster, "Pat;HS 1;2", "Pat;HS 1;4")
    said = project.build()
    assert "students with a spare copy stay where they were put at the door" in said
    assert f"{spare} at HS 1 7, not HS 1 4" in said


def test_an_archive_is_packed_and_checked_without_the_bank(
    project: Project, tmp_path: Path
) -> None:
    assert project.run(command="print-shop").returncode == 0
    archive = project.out.parent / f"{EXAM_ID}-print-shop.zip"
    received = shutil.move(archive, tmp_path / "received.zip")
    shutil.rmtree(project.folder)
    assert "2 runs, 6 sets, 24 pages: all as they should be" in verify(Path(received), None)
    with pyzipper.AESZipFile(received) as found:
        names = found.namelist()
        found.extractall(tmp_path / "folder")
    assert {"README.txt", "SHA256SUMS", "job-ticket.pdf", "runs/HS-1.pdf"} <= set(names)
    (tmp_path / "folder" / "README.txt").unlink()
    assert "all as they should be" in verify(tmp_path / "folder", None)


def test_an_encrypted_archive_needs_its_passphrase(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    file.write_text(PASSPHRASE + "\n")
    done = project.run("--passphrase-file", str(file), command="print-shop")
    assert done.returncode == 0, done.stderr
    assert PASSPHRASE not in done.stdout + done.stderr
    archive = project.out.parent / f"{EXAM_ID}-print-shop.zip"
    for wrong, said in ((None, "--encrypted asks for"), ("another", "not its passphrase")):
        with pytest.raises(InputError, match=f"is encrypted.*{said}"):
            verify(archive, wrong)
    assert "6 sets" in verify(archive, PASSPHRASE)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("runs/HS-1.pdf", "is another file than SHA256SUMS says"),
        ("papers/E0001.pdf", "is missing"),
        ("more.txt", "is not in SHA256SUMS"),
    ],
)
def test_what_was_changed_on_the_way_is_named(
    built: Project, tmp_path: Path, name: str, why: str
) -> None:
    folder = tmp_path / "print-shop"
    shutil.copytree(built.out / "print-shop", folder)
    if why == "is missing":
        (folder / name).unlink()
    else:
        with (folder / name).open("ab") as file:
            file.write(b"\n")
    with pytest.raises(CopyError, match=f"{name}: {why}"):
        verify(folder, None)


def test_a_run_that_is_not_its_sets_is_named(built: Project, tmp_path: Path) -> None:
    """Also where the sums were made to fit."""
    folder = tmp_path / "print-shop"
    shutil.copytree(built.out / "print-shop", folder)
    writer = PdfWriter(clone_from=folder / "runs" / "HS-1.pdf")
    writer.insert_page(writer.pages[1], 4)
    writer.write(folder / "runs" / "HS-1.pdf")
    digest = hashlib.sha256((folder / "runs" / "HS-1.pdf").read_bytes()).hexdigest()
    sums = (folder / "SHA256SUMS").read_text().splitlines()
    kept = [line for line in sums if not line.endswith("runs/HS-1.pdf")]
    (folder / "SHA256SUMS").write_text("\n".join([*kept, f"{digest}  runs/HS-1.pdf", ""]))
    with pytest.raises(CopyError) as caught:
        verify(folder, None)
    assert "runs/HS-1.pdf: 13 pages, expected 12" in str(caught.value)
    assert "page 5 of the file is not page 1 of a set" in str(caught.value)


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_an_archive_that_was_damaged_on_the_way_is_refused(
    tmp_path: Path, passphrase: str | None
) -> None:
    """Cut off, or with any byte changed: never an error of the program's own."""
    file = tmp_path / "received.zip"
    content = zipped({"SHA256SUMS": b"", "job-ticket.json": b"{}" * 300}, passphrase)
    for at in range(0, len(content), 5):
        for damaged in (content[:at], content[:at] + b"\xff" + content[at + 1 :]):
            file.write_bytes(damaged)
            with pytest.raises((InputError, CopyError)):
                verify(file, passphrase)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04nonsense", b"%PDF-1.5"])
def test_what_is_no_archive_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "received.zip").write_bytes(content)
    with pytest.raises(InputError, match="no folder and no archive"):
        verify(tmp_path / "received.zip", None)
    with pytest.raises(InputError, match="name a folder or archive for a print shop"):
        verify(tmp_path, None)
