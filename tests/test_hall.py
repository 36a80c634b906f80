"""An exam in three rooms, from the roster to the reprint: plan, spares, late students, large print.

The suite does it with a few students; ``make test-hall`` with six hundred and the exam that comes
with the program.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
from pathlib import Path

import commands
import pypdfium2
import pytest
from small_project import ROOT, Project, small_exam

from generator.codes.check_character import with_check
from generator.record.batch import open_batch
from generator.record.copy import Event
from generator.rooms.room_plan import row_names
from generator.verify.readback import read_pages

STUDENTS = int(os.environ.get("HALL", "24"))
JAVA = Path("/usr/share/java")
JARS = (
    "preflight",
    "pdfbox2",
    "fontbox2",
    "xmpbox",
    "commons-logging",
    "javax.activation",
    "jaxb-api",
)
"""Of the validator of PDF/A-1b that is a package of Debian; only `make test-hall` installs it."""
IS_LARGE = STUDENTS > 100
ROWS = 2 + STUDENTS // 30
ROOMS = ("Audimax", "HS 2", "Library")
HEADER = "registration_number,last_name,first_name,room,seat,large_print,extra_time\n"


def place(number: int) -> str:
    """Half of all sit in the first room; some in the last one have seats of their own."""
    if number % 2 == 0:
        return "Audimax,"
    if number % 3:
        return "HS 2,"
    return f"Library,{chr(65 + number // 6 // 20)} {number // 6 % 20 + 1:02}"


def row(number: int) -> str:
    large = "yes,30" if number in (2, 5, 9) else ",15" if number == 7 else ","
    return f"{4_000_000 + 37 * number:08},Name {number},First,{place(number)},{large}\n"


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = small_exam(tmp_path_factory.mktemp("hall") / "project")
    if IS_LARGE:
        commands.TIMEOUT_S = 3_000
        shutil.rmtree(project.folder / "bank")
        shutil.copytree(ROOT / "bank", project.folder / "bank")
        text = project.exam.read_text().replace("cit-i2dl-1-20230210", "small-1")
        project.exam.write_text(text)
    lines = [line for line in project.exam.read_text().splitlines() if "spare_copies" not in line]
    project.exam.write_text(
        "\n".join(lines)
        + f"""
spare_copies: {{per_room: {2 + STUDENTS // 100}}}
rooms:
  Audimax: {{rows: {ROWS + 3}, seats: 30, gaps: [15], blocked: [A1, B19 to B20], distance: 1}}
  HS 2: {{rows: {ROWS}, seats: 14, row_gaps: [1]}}
  Library: {{rows: {ROWS}, seats: 20}}
"""
    )
    project.roster.write_text(HEADER + "".join(map(row, range(STUDENTS))))
    project.build()
    return project


def bindings(project: Project) -> list[dict[str, str]]:
    with (project.out / "exam-office" / "binding.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def seats(project: Project) -> dict[str, tuple[str, str]]:
    return {
        it["registration_number"]: (it["room"], it["seat"])
        for it in bindings(project)
        if it["registration_number"] and "." not in it["code"]
    }


def test_everything_that_happens_before_and_on_the_day(hall: Project) -> None:
    before, held, papers = seats(hall), hall.codes(), hall.digests()
    assert len(before) == STUDENTS
    assert len(set(before.values())) == STUDENTS
    assert all(seat for _, seat in before.values())
    _check_shop(hall)
    _check_neighbors(hall)
    # Two are late.
    with hall.roster.open("a") as file:
        file.write(row(STUDENTS) + row(STUDENTS + 1))
    told = hall.build()
    assert "papers made: 2" in told
    after = seats(hall)
    assert {number: after[number] for number in before} == before
    codes = hall.codes()
    assert {number: codes[number] for number in held} == held
    assert len(set(after.values())) == STUDENTS + 2
    now = hall.digests()
    kept = [name for name in papers if name.startswith("print-shop/papers/")]
    assert {name: now[name] for name in kept} == {name: papers[name] for name in kept}
    sealed = hall.run(command="seal")
    assert sealed.returncode == 0, sealed.stderr
    _happen(hall)
    _check_shop(hall)
    _check_office(hall)
    for run in hall.out.glob("print-shop/runs/*.pdf") if IS_LARGE else ():
        assert _validated(run) == f"The file {run.name} is a valid PDF/A-1b file"


def _happen(hall: Project) -> None:
    """Two reprints, one of them in large print; a spare at the door, taken back and given again."""
    codes = hall.codes()
    for number in (2, 3):
        code = codes[f"{4_000_000 + 37 * number:08}"]
        done = hall.run("--copy", code, "--reason", "torn", command="reprint")
        assert done.returncode == 0, done.stderr
        again = hall.run("--copy", code, "--reason", "torn", command="reprint")
        assert again.returncode == 2
        assert "is void" in again.stderr
    spare = next(it["code"] for it in bindings(hall) if not it["registration_number"])
    student = f"{4_000_000 + 37 * 4:08}"
    for sticker in (student, "none", student):
        done = hall.run("--copy", spare, "--sticker", sticker, command="bind")
        assert done.returncode == 0, done.stderr
    _come_late(hall, student)
    kinds = [event.kind for event in _events(hall)]
    assert kinds.count("reprinted") == 2
    assert kinds.count("bound") == 4
    assert kinds.count("unbound") == 1


def _come_late(hall: Project, student: str) -> None:
    """Lists say where somebody with a spare copy sits, and the next build leaves them there."""
    kept = seats(hall)[student]
    spare = next(
        it for it in bindings(hall) if not it["registration_number"] and it["room"] == "HS 2"
    )
    taken = {seat for room, seat in seats(hall).values() if room == "HS 2"}
    with hall.roster.open("a") as file:
        file.write("05000000,Spaet,Kim,Library,,,\n")
    options = ("--copy", spare["code"], "--sticker", "05000000")
    for seat, says in (("A99", "HS 2 has no seat 'A99'"), (min(taken), "is that of")):
        done = hall.run(*options, "--seat", seat, command="bind")
        assert done.returncode == 2
        assert says in done.stderr
    done = hall.run(*options, command="bind")
    assert done.returncode == 0, done.stderr
    room, seat = seats(hall)["05000000"]
    assert room == "HS 2"
    assert seat not in taken | {""}
    assert f"at seat {seat} in HS 2" in done.stdout
    assert f"{seat}{with_check(spare['code'])}Spaet,Kim" in _squeezed(
        hall.out / "exam-office" / "seating.pdf"
    )
    # They sit down elsewhere; the next build knows, and makes no copy.
    all_seats = (f"{name}{at}" for name in row_names(ROWS) for at in range(1, 15))
    free = next(it for it in all_seats if it not in taken | {seat})
    assert hall.run(*options, "--seat", free.lower(), command="bind").returncode == 0
    told = hall.build()
    assert "(0 made now)" in told
    assert "print runs changed" not in told
    assert "moved aside" not in told
    assert seats(hall)["05000000"] == ("HS 2", free)
    assert seats(hall)[student] == kept


def _events(hall: Project) -> list[Event]:
    with open_batch(hall.out) as batch:
        return list(batch.events)


def _check_neighbors(hall: Project) -> None:
    """The copies were dealt: far fewer neighbors share a number than by chance."""
    [built] = [event for event in _events(hall) if event.kind == "built"]
    for room, parted in built.data["neighbors"].items():
        assert parted["permuted"] > 2, room
        assert parted["least_numbers"] >= parted["numbers"] // 2


def _check_shop(hall: Project) -> None:
    """Runs and ticket by the program's own check, and by two tools of others."""
    shop = hall.out / "print-shop"
    done = hall.ask("verify", str(shop))
    assert done.returncode == 0, done.stderr
    ticket = json.loads((shop / "job-ticket.json").read_text())
    large = [run for run in ticket["runs"] if run["paper"] == "A3"]
    assert sum(run["copies"] for run in large) == 3
    assert {run["room"] for run in ticket["runs"]} == set(ROOMS)
    runs = sorted(shop.glob("runs/*.pdf"))
    assert sum(run.stat().st_size for run in runs) < STUDENTS * 60_000
    for file in [*shop.glob("runs/*.pdf"), *shop.glob("*.pdf")]:
        for tool in (["qpdf", "--check"], ["pdfinfo"]):
            found = subprocess.run([*tool, file], capture_output=True, text=True, check=False)
            assert (found.returncode, found.stderr) == (0, ""), (file, tool)


def _validated(run: Path) -> str:
    """What PDFBox says of a run."""
    path = ":".join(f"{JAVA / jar}.jar" for jar in JARS)
    command = ["java", "-cp", path, "org.apache.pdfbox.preflight.Validator_A1b", str(run)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip()


def _check_office(hall: Project) -> None:
    office = hall.out / "exam-office"
    texts = {
        name: _squeezed(office / f"{name}.pdf") for name in ("attendance", "seating", "stickers")
    }
    for number, (room, seat) in seats(hall).items():
        assert number in texts["attendance"]
        assert "".join(seat.split()) in texts["seating"], (room, seat)
    assert "Extratime30min" in texts["attendance"]
    # The paper in use is listed, and no copy in whose place another was given out.
    with open_batch(hall.out) as batch:
        reprints, holders = batch.ledger.last_reprints(), batch.ledger.holders()
        own = {code for code, _, spare, _ in batch.ledger.places() if spare is None}
    assert len(reprints) == 2
    assert all(with_check(code) in texts["attendance"] for code in reprints.values())
    [instead] = own - holders.keys()
    assert not any(with_check(code) in texts["seating"] for code in (instead, *reprints))


def _squeezed(file: Path) -> str:
    document = pypdfium2.PdfDocument(file)
    return "".join("".join(page.get_textpage().get_text_range().split()) for page in document)


def test_the_reprints_are_read_back(hall: Project) -> None:
    for reprint in hall.out.glob("print-shop/papers/E*.1.pdf"):
        for page in read_pages(reprint):
            assert all(f"-{reprint.stem}-" in code for code in page.codes)
            assert len(page.codes) == 2
