"""What people do after the first build: nothing disappears or changes without a word."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from small_project import EXAM_ID, ROSTER, Project, small_exam

from generator.codes.page_code import PageCode, parse_payload
from generator.codes.sticker_number import sticker_numbers
from generator.exact.secret import load_secret
from generator.pipeline.remake import remake
from generator.record.batch import open_batch
from generator.record.ledger import Ledger
from generator.verify.readback import read_pages

pytestmark = pytest.mark.slow

LINES = ROSTER.splitlines(keepends=True)
LATE = "03555555;Spaet;Kim;HS 1;9;x\n"
TYPO = ("Write down all of your computations", "Write down all your computations")
WRONG_KEY = ("mse: ((o1 - t1)**2 + (o2 - t2)**2) / 2", "mse: (o1 - t1)**2 + (o2 - t2)**2")


def papers(project: Project) -> dict[str, str]:
    found = project.digests()
    return {name: digest for name, digest in found.items() if name.startswith("print-shop/papers")}


def refused(project: Project, *arguments: str, command: str = "build") -> str:
    """What is said; no file has changed."""
    before = project.digests(examiner=True)
    done = project.run(*arguments, command=command)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert project.digests(examiner=True) == before
    return done.stderr


def events(project: Project) -> list[tuple[str, tuple[str, ...]]]:
    with open_batch(project.out) as batch:
        return [(event.kind, event.copies) for event in batch.events]


def answer_of(key: dict[str, object]) -> str:
    """The mean squared error that a key has."""
    return key["problems"][0]["parts"][1]["answers"]["mse"]  # type: ignore[index,no-any-return]


# What disappears.


def test_a_roster_without_most_students_is_refused(project: Project) -> None:
    codes = project.codes()
    project.roster.write_text(LINES[0] + LATE)
    said = refused(project)
    assert "4 students of the batch are not in this roster" in said
    assert "--withdraw" in said
    students = [code for number, code in codes.items() if number != code]
    assert all(code in said for code in students)
    done = project.build("--withdraw")
    assert "copies withdrawn, their students are not in the roster: 4" in done
    assert "to do: print these 1: E0007" in done
    out = done[done.index("to do: take these out if they are printed: ") :].splitlines()[0]
    assert out.count(" (HS 1)") == out.count(" (Interim 2)") == 1
    assert all(code in out for code in students)
    assert ("withdrawn", tuple(sorted(students))) in events(project)


def test_leading_zeros_that_were_lost_are_said(project: Project) -> None:
    project.roster.write_text(LINES[0] + "".join(LINES[1:]).replace("\n0", "\n").lstrip("0"))
    said = refused(project)
    assert "the same as in the batch but for leading zeros" in said
    assert "03777777 is now 3777777" in said
    project.roster.write_text(ROSTER.replace("\n03777777", "\n3777777"))
    assert "03777777 is now 3777777" in refused(project)


def test_the_key_of_a_withdrawn_copy_stays(project: Project) -> None:
    code = project.codes()["03777777"]
    key = (project.out / f"correctors/keys/{code}.pdf").read_bytes()
    card = project.out / f"correctors/cards/{code}.pdf"
    released = card.read_bytes()
    project.roster.write_text(ROSTER.replace("03777777;O'Brien;Pat;HS 1;2;Informatik\n", ""))
    assert f"not in the roster: 1 ({code})" in project.build()
    assert not (project.out / f"print-shop/papers/{code}.pdf").exists()
    assert (project.out / f"correctors/keys/{code}.pdf").read_bytes() == key
    assert project.key(code)["withdrawn"] is True
    assert card.read_bytes() == released
    rows = (project.out / "correctors/withdrawn.csv").read_text().splitlines()
    assert rows[0] == "code,since"
    assert rows[1].startswith(f"{code},20")
    project.roster.write_text(ROSTER.replace("03777777;O'Brien;Pat;HS 1;2;Informatik\n", LATE))
    project.build()
    assert project.key(code)["withdrawn"] is True
    project.roster.write_text(ROSTER + LATE)
    assert f"copies in use again: 1 ({code})" in project.build()
    assert "withdrawn" not in project.key(code)
    assert not (project.out / "correctors/withdrawn.csv").exists()


def test_a_released_spare_stays(project: Project) -> None:
    spares = [code for number, code in project.codes().items() if number == code]
    before = papers(project)
    project.edit(project.exam, "per_room: 1, rooms: {Interim 2: 50 %}", "per_room: 0")
    assert f"more than asked for: 2 ({', '.join(spares)})" in project.build()
    assert papers(project) == before


def test_a_room_that_is_renamed_takes_its_spares_along(project: Project) -> None:
    before = papers(project)
    project.roster.write_text(ROSTER.replace("HS 1", "Audimax"))
    said = project.build()
    assert "room renamed: HS 1 is Audimax now" in said
    assert "print runs gone: 1 (HS-1.pdf)" in said
    assert papers(project) == before
    with open_batch(project.out) as batch:
        rooms = [batch.room(code) for code in batch.codes()]
        assert sorted(map(str, rooms)) == ["Audimax"] * 3 + ["Interim 2"] * 3


def test_rooms_that_are_named_late_leave_no_spare_behind(tmp_path: Path) -> None:
    project = small_exam(tmp_path / "project")
    rows = [line.split(";") for line in LINES]
    project.roster.write_text("".join(";".join(row[:3]) + "\n" for row in rows))
    project.build()
    before = papers(project)
    [spare] = [code for number, code in project.codes().items() if number == code]
    project.roster.write_text(ROSTER)
    said = project.build()
    assert "copies that are in another room now: 5" in said
    assert re.search(rf"to do: carry these to HS 1 if they are printed: .*{spare}", said)
    assert papers(project).items() >= before.items()


def test_a_room_that_is_lost_leaves_no_spare_behind(project: Project) -> None:
    text = ROSTER.replace("Interim 2;1", "HS 1;3").replace("Interim 2;2", "HS 1;4")
    project.roster.write_text(text)
    said = project.build()
    assert "print runs gone: 1 (Interim-2.pdf)" in said
    assert re.search(r"carry these from Interim 2 to HS 1 if they are printed: (E\d+, ){2}E", said)
    with open_batch(project.out) as batch:
        assert {batch.room(code) for code in batch.codes()} == {"HS 1"}


# What changes.


def test_changes_of_papers_and_keys_are_counted_apart(project: Project) -> None:
    project.edit(project.problem, *TYPO)
    said = project.build()
    assert "papers changed: 6 (E0001," in said
    assert "keys changed with their papers: 6 (E0001," in said
    assert "to do: print these 6" in said
    assert "next revision" not in said
    project.edit(project.problem, '"The square root of the MSE"', '"The root of the MSE"')
    said = project.build()
    assert "papers changed" not in said
    assert "next revision of the key, 3.2 mistakes: E0001" in said
    assert [kind for kind, _ in events(project)] == ["built", "built", "built", "revised"]


def test_a_corrected_key_needs_no_redraw(project: Project) -> None:
    before = papers(project)
    old = {code: project.key(code) for code in project.codes().values()}
    project.edit(project.problem, *WRONG_KEY)
    # Another value than the reference copy's, which has to fulfil the conditions.
    doubled = {code: 2 * Fraction(answer_of(key)) for code, key in old.items()}
    code, value = next((code, value) for code, value in doubled.items() if value != 5)
    project.edit(project.problem, "mse <= 10", f"mse != {float(value)}")
    said = project.build()
    assert "next revision of the key, 3.2 mse" in said
    assert re.search(
        rf"warning: problem 3: '.*mse != {float(value)}' does not hold for .*{code}", said
    )
    assert papers(project) == before
    assert all(project.key(code)["key_revision"] == 2 for code in old)


def test_a_failed_build_announces_no_revision(project: Project) -> None:
    project.edit(project.problem, *WRONG_KEY)
    project.edit(project.problem, "Perform the forward pass", r"Perform \nosuchmacro the pass")
    assert "next revision" not in refused(project)


# Sealed.


def test_what_is_sealed_stays(project: Project) -> None:
    before = papers(project)
    done = project.run(command="seal")
    assert done.returncode == 0, done.stderr
    assert "6 papers are sealed" in done.stdout
    assert "is sealed since" in refused(project, command="seal")
    for file, change in (
        (project.problem, TYPO),
        (project.exam, ("date: 2030-02-10", "date: 2030-02-11")),
        (project.exam, ('start: "18:30"', 'start: "18:15"')),
        (project.exam, ("pages: 4", "pages: 8")),
    ):
        text = file.read_text()
        project.edit(file, *change)
        said = refused(project)
        assert f"bank/{file.name} would change 6 papers" in said
        assert all(code in said for code in project.codes().values())
        assert "make thaw REASON=" in said
        file.write_text(text)
    assert "drawing problem 3 afresh would change 6 papers" in refused(project, "--redraw", "3")
    # Keys, new copies and people go on.
    project.edit(project.problem, *WRONG_KEY)
    project.roster.write_text(ROSTER.replace("O'Brien", "O'Brian") + LATE)
    said = project.build()
    assert "next revision of the key, 3.2 mse" in said
    assert "to do: print these 1: E0007" in said
    assert papers(project).items() >= before.items()
    assert "say why" in refused(project, command="thaw")
    assert project.run("--reason", "the printer's proof", command="thaw").returncode == 0
    assert "is not sealed" in refused(project, "--reason", "once more", command="thaw")
    project.edit(project.problem, *TYPO)
    assert "papers changed: 7" in project.build()
    kinds = [kind for kind, _ in events(project)]
    assert kinds == ["built", "sealed", "built", "revised", "thawed", "built"]
    done = project.run("--json", command="events")
    thawed = json.loads(done.stdout)[4]
    assert (thawed["kind"], thawed["reason"]) == ("thawed", "the printer's proof")


def test_what_is_not_as_it_was_released_is_not_sealed(project: Project) -> None:
    (project.out / "print-shop/papers/E0002.pdf").write_bytes(b"")
    assert "E0002; build again" in refused(project, command="seal")


# Folders that were worked in.


def test_what_others_put_into_folders_is_moved_aside(project: Project) -> None:
    office = project.out / "exam-office"
    (office / "marks.csv").write_text("E0001,7.5\n")
    (office / "lists").mkdir()
    (office / "lists" / "attendance.csv").write_text("E0001\n")
    (office / "binding.csv").write_text((office / "binding.csv").read_text() + "note\n")
    report = project.out / "examiner" / "report.html"
    report.write_text("what I thought of it")
    (project.out / "examiner" / "notes.txt").write_text("mine")
    project.roster.write_text(ROSTER + LATE)
    said = project.build()
    [kept] = project.out.glob("kept-*")
    assert (kept / "exam-office/marks.csv").read_text() == "E0001,7.5\n"
    assert (kept / "exam-office/lists/attendance.csv").exists()
    assert (kept / "exam-office/binding.csv").read_text().endswith("note\n")
    assert (kept / "examiner/report.html").read_text() == "what I thought of it"
    assert report.read_text().startswith("<!doctype")
    assert (project.out / "examiner" / "notes.txt").read_text() == "mine"
    assert f"{kept.name}/exam-office/marks.csv" in said
    assert f"{kept.name}/exam-office/binding.csv" in said
    assert not {"marks.csv", "lists"} & {path.name for path in office.iterdir()}
    assert "nothing has changed" in project.build()


@pytest.mark.parametrize(
    "file",
    ["print-shop/papers/E0002.pdf", "correctors/keys.csv", "print-shop/runs/HS-1.pdf"],
)
def test_a_released_file_that_was_emptied_is_made_again(project: Project, file: str) -> None:
    before = project.digests()
    (project.out / file).write_bytes(b"")
    said = project.build()
    assert f"made again: {file}" in said
    [kept] = project.out.glob("kept-*")
    shutil.rmtree(kept)
    assert project.digests() == before
    assert "nothing has changed" in project.build()


def test_files_with_answers_and_names_are_for_their_owner_alone(built: Project) -> None:
    for recipient in ("correctors", "exam-office", "examiner"):
        folder = built.out / recipient
        for path in (folder, *folder.rglob("*")):
            wanted = 0o700 if path.is_dir() else 0o600
            assert path.stat().st_mode & 0o777 == wanted, path


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("print-shop/papers/E0002.pdf", "made again: print-shop/papers/E0002.pdf"),
        ("examiner/secret.key", "secret.key: is no "),
        ("examiner/ledger.sqlite", "is no file, but a pipe or a device"),
    ],
)
def test_a_pipe_in_place_of_a_file_holds_nothing_up(project: Project, file: str, said: str) -> None:
    (project.out / file).unlink()
    os.mkfifo(project.out / file)
    done = project.run()
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_link_in_place_of_a_folder_is_refused(project: Project, tmp_path: Path) -> None:
    office = project.out / "exam-office"
    office.rename(tmp_path / "elsewhere")
    office.symlink_to(tmp_path / "elsewhere")
    project.roster.write_text(ROSTER + LATE)
    assert "exam-office: is a link" in refused(project)


def test_an_old_ledger_that_was_put_back_is_refused(project: Project) -> None:
    ledger = project.out / "examiner" / "ledger.sqlite"
    old = ledger.read_bytes()
    project.roster.write_text(ROSTER + LATE)
    project.build()
    ledger.write_bytes(old)
    said = refused(project)
    assert "does not know E0007" in said
    assert "1 events of 2" in said
    # Earlier versions had the number in the manifest.
    (project.out / "examiner" / "ledger-head.json").unlink()
    assert "events of" not in refused(project)
    project.edit(
        project.out / "examiner" / "manifest.json", '"copies": ', '"events": 3, "copies": '
    )
    assert "1 events of 3" in refused(project)


def test_an_interrupted_release_is_completed_before_a_bad_roster(project: Project) -> None:
    staging = project.folder / "output" / ".work" / project.out.name / "staging"
    (staging / "examiner").mkdir(parents=True)
    shutil.move(project.out / "exam-office", staging / "exam-office")
    (staging / "READY").touch()
    project.roster.write_text("nonsense\n")
    done = project.run()
    assert done.returncode == 2
    assert "a release that was interrupted is complete now" in done.stderr
    assert (project.out / "exam-office" / "binding.csv").exists()


# At the door.


def test_a_spare_is_given_to_a_walk_in(project: Project) -> None:
    codes = project.codes()
    spare, other = [code for number, code in codes.items() if number == code]
    own = codes["03777777"]
    before = papers(project)
    printed = {name: it for name, it in project.digests().items() if "/runs/" in name}

    def bind(copy: str, sticker: str, *, fails: bool = False) -> str:
        options = ("--copy", copy, "--sticker", sticker)
        if fails:
            return refused(project, *options, command="bind")
        done = project.run(*options, command="bind")
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "no student has the number 03555555; add a row" in bind(spare, "03555555", fails=True)
    project.roster.write_text(ROSTER + LATE)

    def attendance() -> str:
        pages = read_pages(project.out / "exam-office" / "attendance.pdf", codes=False)
        return "".join(page.text for page in pages)

    assert "Spaet" not in attendance()
    assert f"{spare} is that of 03555555 (Kim Spaet) now" in bind(spare, "03555555")
    assert "Spaet" in attendance()
    assert project.codes()["03555555"] == spare
    assert "already" in bind(spare, "03555555", fails=True)
    assert f"03555555 has {spare} since" in bind(other, "03555555", fails=True)
    assert f"{spare} is that of 03555555; take it back" in bind(spare, "03777777", fails=True)
    assert f"{own} is that of 03777777; give out a spare" in bind(own, "03555555", fails=True)
    assert "there is no copy E0099" in bind("E0099", "03555555", fails=True)
    assert "6 copies (0 made now)" in project.build()  # no other copy for her
    assert papers(project) == before
    runs = {name: it for name, it in project.digests().items() if "/runs/" in name}
    assert runs == printed
    secret = load_secret(project.out / "examiner" / "secret.key")
    sticker = sticker_numbers(["03777777"], secret, EXAM_ID)["03777777"]
    assert f"instead of {own}" in bind(other, sticker.lower())
    assert f"03777777, who has {own} again" in bind(other, "none")
    assert project.codes()["03777777"] == own
    assert f"{own} is that of 03777777 already" in bind(own, "03777777", fails=True)
    assert "who has no copy" in bind(spare, "none")
    assert "7 copies (1 made now)" in project.build()  # a copy of her own: the roster has her
    kinds = [kind for kind, _ in events(project)]
    assert kinds == ["built", "bound", "built", "bound", "unbound", "unbound", "built"]
    subprocess.run(
        ["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=project.out / "exam-office", check=True
    )


# Reprints.


def test_a_reprint_has_the_record_of_its_copy(project: Project) -> None:
    code, other = project.codes()["03777777"], project.codes()["03888888"]
    before = project.digests()
    assert project.run(command="seal").returncode == 0
    shutil.rmtree(project.folder / "bank" / "schema", ignore_errors=True)
    project.problem.unlink()  # the batch keeps its bank
    said = refused(project, "--copy", code, command="reprint")
    assert "say why" in said
    done = project.run("--copy", code, "--reason", "torn", command="reprint")
    assert done.returncode == 0, done.stderr
    assert f"{code}.1.pdf: print {code}.1-" in done.stdout
    pages = read_pages(project.out / f"print-shop/papers/{code}.1.pdf")
    secret = load_secret(project.out / "examiner" / "secret.key")
    assert len(pages) == 4
    for number, page in enumerate(pages, 1):
        wanted = PageCode(EXAM_ID, f"{code}.1", number)
        assert [parse_payload(it, secret.tag_key) for it in page.codes] == [wanted, wanted]
        assert page.text.count(wanted.text) == 2
        assert str(project.key(code)["record"]) in page.text
    assert f"{code}.1\n" in pages[0].text.replace("\r", "") + "\n"
    manifest = json.loads((project.out / "examiner/manifest.json").read_text())
    entries = {entry["code"]: entry for entry in manifest["copies"]}
    assert entries[code]["void"] is True
    assert entries[f"{code}.1"]["reprint_of"] == code
    assert entries[f"{code}.1"]["record"] == entries[code]["record"]
    assert "void" not in entries[f"{code}.1"]
    assert "void" not in entries[other]
    after = project.digests()
    lists = {f"{who}/SHA256SUMS" for who in ("print-shop", "exam-office")}
    changed = {name for name in after if after[name] != before.get(name)}
    office = {
        f"exam-office/{room}{name}.pdf"
        for room in ("", "rooms/HS-1/")
        for name in ("attendance", "seating")
    }
    paper = f"print-shop/papers/{code}.1.pdf"
    assert changed == lists | office | {paper, "exam-office/binding.csv"}
    for who in ("print-shop", "exam-office"):
        command = ["sha256sum", "-c", "--quiet", "SHA256SUMS"]
        subprocess.run(command, cwd=project.out / who, check=True)
    assert f"{code} is void: {code}.1" in refused(
        project, "--copy", code, "--reason", "again", command="reprint"
    )


def test_a_reprint_stays_with_its_batch(project: Project) -> None:
    code = project.codes()["03777777"]
    paper = project.out / f"print-shop/papers/{code}.1.pdf"
    assert project.run("--copy", code, "--reason", "torn", command="reprint").returncode == 0
    assert "nothing has changed" in project.build()
    first = paper.read_bytes()
    project.roster.write_text(ROSTER + LATE)
    project.build()
    assert paper.read_bytes() == first
    paper.unlink()
    assert "made again" in project.build()
    assert paper.read_bytes() == first
    project.edit(project.problem, *TYPO)
    assert f"{code}.1" in project.build().split("papers changed: ")[1].split("\n")[0]
    assert paper.read_bytes() != first
    assert str(project.key(code)["record"]) in read_pages(paper)[0].text


def test_a_lost_bank_gives_the_same_bytes(project: Project, tmp_path: Path) -> None:
    project.problem.unlink()
    with open_batch(project.out) as batch:
        [code, *_] = batch.codes()
        [made] = remake(batch, [code], tmp_path / "cache")
    assert made.paper == (project.out / f"print-shop/papers/{code}.pdf").read_bytes()
    assert made.key == (project.out / f"correctors/keys/{code}.pdf").read_bytes()
    assert made.key_json == (project.out / f"correctors/keys/{code}.json").read_bytes()


def test_another_version_of_the_program_leaves_sealed_papers_alone(project: Project) -> None:
    """A version that printed the same bank with other words, so other marks, by another class."""
    examiner = project.out / "examiner"
    secret = load_secret(examiner / "secret.key")
    file, working = examiner / "ledger.sqlite", project.folder / "working.sqlite"
    with closing(Ledger(file, EXAM_ID, secret, working)) as ledger:
        for copy in ledger.active():
            ledger.put(replace(copy, mark="0" * 8, made=""))
        ledger.facts["program"] = ledger.facts["modules"] = "of a version before"
        ledger.sources["latex/variantexam.cls"] += b"% of a version before\n"
        ledger.inputs = ""
        ledger.note("sealed", ledger.codes())
        ledger.save(file)
    (examiner / "manifest.json").unlink()
    before = papers(project)
    project.edit(project.problem, *WRONG_KEY)
    said = project.build()
    assert "next revision of the key, 3.2 mse" in said
    assert papers(project) == before
    assert project.key("E0001")["record"] == "0" * 8
    assert project.key("E0001")["key_revision"] == 2
    project.edit(project.problem, *TYPO)
    assert "would change 6 papers" in refused(project)
