"""The whole path on a small exam, with real TeX: what is released, and what stays as it was."""

from __future__ import annotations

import csv
import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from small_disk import small_disk
from small_project import EXAM_ID, ROOT, ROSTER, RUN, Project

from generator.codes.page_code import PageCode, parse_payload
from generator.errors import InputError
from generator.exact.secret import load_secret
from generator.pipeline.build import build_exam
from generator.record.batch import open_batch
from generator.release.place import RECIPIENTS
from generator.verify.readback import read_pages

pytestmark = pytest.mark.slow

CORRECTED = ("w21_new: w21 - alpha*grad_w21", "w21_new: w21 - 2*alpha*grad_w21")
"""A formula and another one, that no mistake of the bank leads to."""

EXAMINERS = {"report.html", "layout.json", "ledger-head.json"}
ENTRY = {"code", "record", "pages", "paper_sha256", "key_sha256", "room", "spare"}
"""What the manifest says of a copy."""


def test_everybody_gets_their_folder(built: Project) -> None:
    names = {str(path.relative_to(built.out)) for path in built.out.rglob("*") if path.is_file()}
    codes = sorted(built.codes().values())
    assert codes == [f"E{number:04}" for number in range(1, 7)]
    expected = {f"print-shop/papers/{code}.pdf" for code in codes}
    expected |= {f"correctors/keys/{code}.{end}" for code in codes for end in ("pdf", "json")}
    expected |= {f"correctors/cards/{code}.pdf" for code in codes} | {"correctors/cards.pdf"}
    expected |= {f"correctors/by-problem/P3.{end}" for end in ("pdf", "csv")}
    expected |= {f"print-shop/runs/{room}.pdf" for room in ("HS-1", "Interim-2")}
    expected |= {f"{who}/SHA256SUMS" for who in ("print-shop", "correctors", "exam-office")}
    expected |= {f"print-shop/job-ticket.{kind}" for kind in ("json", "pdf", "xpif", "jdf")}
    expected |= {"print-shop/separators.pdf", "print-shop/envelopes.pdf", "correctors/keys.csv"}
    papers = ("attendance", "stickers", "stickers-outline", "seating")
    expected |= {f"exam-office/{name}.pdf" for name in papers}
    expected |= {"exam-office/binding.csv", "exam-office/README.txt"}
    own = ("attendance.pdf", "seating.pdf", "stickers.pdf", "README.txt")
    expected |= {f"exam-office/rooms/{room}/{it}" for room in ("HS-1", "Interim-2") for it in own}
    expected |= {f"examiner/{name}" for name in ("ledger.sqlite", "manifest.json", "secret.key")}
    assert expected <= names
    assert {it.removeprefix("examiner/") for it in names - expected} <= EXAMINERS
    assert (built.out / "examiner" / "secret.key").stat().st_mode & 0o777 == 0o600


def test_sums_check_from_their_own_folder(built: Project) -> None:
    for who in ("print-shop", "correctors", "exam-office"):
        folder = built.out / who
        subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=folder, check=True)
        listed = {line.split("  ")[1] for line in (folder / "SHA256SUMS").read_text().splitlines()}
        there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
        assert listed == there - {"SHA256SUMS"}


def test_every_page_says_whose_it_is(built: Project) -> None:
    secret = load_secret(built.out / "examiner" / "secret.key")
    for code in built.codes().values():
        key = built.key(code)
        pages = read_pages(built.out / "print-shop" / "papers" / f"{code}.pdf")
        assert len(pages) == 4
        for number, page in enumerate(pages, 1):
            wanted = PageCode(EXAM_ID, code, number)
            found = [parse_payload(payload, secret.tag_key) for payload in page.codes]
            assert found == [wanted, wanted]
            assert page.text.count(wanted.text) == 2
            assert str(key["record"]) in page.text
            assert "KEY" not in page.text
        keys = read_pages(built.out / "correctors" / "keys" / f"{code}.pdf")
        for number, page in enumerate(keys, 1):
            assert not page.codes
            assert f"{PageCode(EXAM_ID, code, number).text} KEY" in page.text
            assert str(key["record"]) in page.text


def test_manifest_and_lists_agree(built: Project) -> None:
    manifest = json.loads((built.out / "examiner" / "manifest.json").read_text())
    codes = built.codes()
    assert set(manifest) == {"exam", "copies"}
    assert manifest["exam"] == EXAM_ID
    assert [copy["code"] for copy in manifest["copies"]] == sorted(codes.values())
    for copy in manifest["copies"]:
        assert set(copy) == ENTRY
        paper = (built.out / "print-shop" / "papers" / f"{copy['code']}.pdf").read_bytes()
        assert copy["paper_sha256"] == hashlib.sha256(paper).hexdigest()
        assert copy["pages"] == 4
        assert copy["spare"] == (copy["code"] in codes)
        assert copy["record"] == built.key(copy["code"])["record"]
    assert len({copy["record"] for copy in manifest["copies"]}) == 6
    assert codes.keys() >= {"00123456", "03777777", "03888888", "03999999"}
    rows = (built.out / "correctors" / "keys.csv").read_text().splitlines()
    assert rows[0] == "code,part,quantity,value"
    assert len(rows) == 1 + 6 * 10


def test_the_print_shop_learns_no_name_and_no_answer(built: Project) -> None:
    for path in (built.out / "print-shop").rglob("*"):
        if not path.is_file():
            continue
        data = path.read_bytes()
        pages = read_pages(path, codes=False) if path.suffix == ".pdf" else ()
        for text in ("00123456", "03777777", "Brien", "Müller", "Nguyễn", "小明", "王"):
            assert all(text not in page.text for page in pages)
            # Compressed pages have any three bytes by chance, and lists of objects have zeros
            # and the place of each.
            if len(text.encode()) > 3:
                assert not re.search(rb"(?<!\d)" + text.encode(), data), path
    text = read_pages(built.out / "print-shop" / "papers" / "E0001.pdf")[2].text
    assert "chain rule" not in text.lower()
    key = read_pages(built.out / "correctors" / "keys" / "E0001.pdf")[2].text
    assert "chain rule" in key.lower()


def test_names_change_nothing_for_the_print_shop(project: Project) -> None:
    before = project.digests()
    project.edit(project.roster, "O'Brien;Pat", r"\input{/etc/passwd};=cmd|' /C calc'!A0")
    project.build()
    after = project.digests()
    changed = {name for name in before if before[name] != after[name]}
    named = ("binding.csv", "attendance.pdf", "seating.pdf", "SHA256SUMS")
    own = {f"rooms/HS-1/{name}.pdf" for name in ("attendance", "seating")}
    assert changed == {f"exam-office/{name}" for name in own.union(named)}
    assert "'=cmd" in (project.out / "exam-office" / "binding.csv").read_text()


def test_from_scratch_gives_the_same_bytes(project: Project) -> None:
    before = project.digests()
    secret = (project.out / "examiner" / "secret.key").read_bytes()
    shutil.rmtree(project.folder / "output")
    lines = ROSTER.splitlines(keepends=True)
    project.roster.write_text("".join([lines[0], *reversed(lines[1:])]))
    (project.out / "examiner").mkdir(parents=True)
    (project.out / "examiner" / "secret.key").write_bytes(secret)
    project.build("--jobs", "2")
    assert project.digests() == before


def test_a_longer_roster_leaves_the_others_as_they_were(project: Project) -> None:
    before, codes = project.digests(), project.codes()
    project.roster.write_text(ROSTER.replace("\n03777777", "\n03666666;New;Ned;HS 1;9;x\n03777777"))
    output = project.build()
    assert "7 copies (1 made now)" in output
    after, new = project.digests(), project.codes()
    assert {number: new[number] for number in codes} == codes
    assert new["03666666"] == "E0007"
    for name, digest in before.items():
        if name.split("/")[1] in {"papers", "keys"}:
            assert after[name] == digest
    assert "nothing has changed" in project.build()


def test_one_more_student_gives_the_batch_of_a_build_from_nothing(project: Project) -> None:
    """Also where half of the pieces that are kept of it are damaged."""
    work = project.folder / "output" / ".work" / EXAM_ID
    kept = [path for path in sorted(work.rglob("*")) if path.is_file() and path.name != "lock"]
    assert {path.parent.name for path in kept} == {
        *("cards", "keys", "papers", "runs", "sheets", "tallies")
    }
    for path in kept[::2]:
        # A name of its own: a kept run is the released one.
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content[: len(content) // 2])
    project.roster.write_text(ROSTER + "03555555;Other;One;HS 1;7;x\n")
    assert "(1 made now)" in project.build()
    after = project.digests()
    for path in (work, *(project.out / name for name in RECIPIENTS)):
        shutil.rmtree(path)
    assert "(7 made now)" in project.build()
    assert project.digests() == after


def test_cards_that_were_lost_are_made_by_all_processes(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the one copy that is new: more than the process that makes its card is to make."""
    monkeypatch.setattr("generator.pipeline.build.FEW", 2)
    before = project.digests()
    shutil.rmtree(project.folder / "output" / ".work" / EXAM_ID / "cards")
    project.roster.write_text(ROSTER + "03555555;Other;One;HS 1;7;x\n")
    build_exam(project.exam, project.roster, project.folder / "output", jobs=2)
    after = project.digests()
    cards = {name for name in after if name.startswith("correctors/cards/")}
    assert len(cards) == 7
    assert {name: after[name] for name in cards & before.keys()}.items() <= before.items()


def test_runs_of_other_rooms_are_not_joined_again(project: Project) -> None:
    runs = project.out / "print-shop" / "runs"
    kept = project.folder / "output" / ".work" / EXAM_ID / "runs"
    before = {path.stat().st_ino for path in kept.iterdir()}
    project.roster.write_text(ROSTER + "03555555;Other;One;Interim 2;7;x\n")
    project.build()
    after = {path.name: path.stat().st_ino for path in runs.iterdir()}
    assert after["HS-1.pdf"] in before
    assert after["Interim-2.pdf"] not in before
    assert {path.stat().st_ino for path in kept.iterdir()} == set(after.values())


def test_a_run_that_was_changed_is_joined_again(project: Project) -> None:
    run = project.out / "print-shop" / "runs" / "HS-1.pdf"
    whole = run.read_bytes()
    for kept in (project.folder / "output" / ".work" / EXAM_ID / "runs").iterdir():
        kept.write_bytes(whole[:-1])  # as if a released one had been: it is the same file
    project.roster.write_text(ROSTER + "03555555;Other;One;Interim 2;7;x\n")
    project.build()
    assert run.read_bytes() == whole


@pytest.mark.parametrize("room", ["HS 1", "Interim 2"])
def test_what_was_changed_is_not_released_again(project: Project, room: str) -> None:
    code = project.codes()["03777777"]  # in HS 1
    files = [f"print-shop/papers/{code}.pdf", f"correctors/keys/{code}.json"]
    whole = project.digests()
    for file in files:
        (project.out / file).write_bytes((project.out / file).read_bytes()[:-1])
    project.roster.write_text(ROSTER + f"03555555;Other;One;{room};7;x\n")
    project.build()
    assert all(project.digests()[file] == whole[file] for file in files)


def test_a_student_who_leaves_and_comes_back(project: Project) -> None:
    before, codes = project.digests(), project.codes()
    project.edit(project.roster, "03777777;O'Brien;Pat;HS 1;2;Informatik\n", "")
    project.build()
    assert "03777777" not in project.codes()
    assert not (project.out / f"print-shop/papers/{codes['03777777']}.pdf").exists()
    project.roster.write_text(ROSTER + "03555555;Other;One;HS 1;7;x\n")
    project.build()
    assert project.codes()["03777777"] == codes["03777777"]
    assert project.codes()["03555555"] == "E0007"
    paper = f"print-shop/papers/{codes['03777777']}.pdf"
    assert project.digests()[paper] == before[paper]


def test_who_comes_back_gets_what_was_corrected_meanwhile(project: Project) -> None:
    code = project.codes()["03777777"]
    left = ROSTER.replace("03777777;O'Brien;Pat;HS 1;2;Informatik\n", "")
    project.roster.write_text(left)
    project.edit(
        project.problem, "w21_new: w21 - alpha*grad_w21", "w21_new: w21 - 2*alpha*grad_w21"
    )
    project.build()
    project.roster.write_text(ROSTER)
    assert f"next revision of the key, 3.3 w21_new: {code}" in project.build()
    key = project.key(code)
    assert key["key_revision"] == 2
    with (project.out / "correctors" / "keys.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["code"] == code]
    [answer] = [row["value"] for row in rows if row["quantity"] == "w21_new"]
    assert f'"{answer}"' in json.dumps(key)


def test_wording_does_not_redraw(project: Project) -> None:
    before = project.key("E0001")
    project.edit(project.problem, "Write down all of your computations", "Show all your work")
    project.build()
    after = project.key("E0001")
    assert _values(after) == _values(before)
    assert after["record"] != before["record"]
    assert after["key_revision"] == 1
    assert "Show all your work" in read_pages(project.out / "print-shop/papers/E0001.pdf")[2].text


def test_a_corrected_formula_gives_the_next_revision(project: Project) -> None:
    before = project.digests()
    project.edit(
        project.problem, "w21_new: w21 - alpha*grad_w21", "w21_new: w21 - 2*alpha*grad_w21"
    )
    output = project.build()
    assert "next revision of the key, 3.3 w21_new" in output
    key = project.key("E0001")
    assert key["key_revision"] == 2
    assert _values(key)["alpha"]
    after = project.digests()
    papers = [name for name in before if "/papers/" in name]
    assert all(after[name] == before[name] for name in papers)
    assert "revision 2" in read_pages(project.out / "correctors/keys/E0001.pdf")[0].text
    with sqlite3.connect(project.out / "examiner/ledger.sqlite") as connection:
        row = connection.execute("SELECT changes FROM key_revisions WHERE code='E0001'").fetchone()
    assert "w21_new" in row[0]


def test_a_corrected_formula_may_print_other_characters(project: Project) -> None:
    """It is exact in the reference copy, and rounded in most others."""
    formula = r"{is: w21 - alpha*grad_w21/(i1*i1 + 2), decimals: 3, unit: '\Omega'}"
    project.edit(project.problem, "w21_new: w21 - alpha*grad_w21", f"w21_new: {formula}")
    project.edit(project.problem, r"d_h1: '\frac{\partial L}{\partial h_1}'", r"d_h1: '\zeta'")
    project.build()


def test_an_exam_of_orders_alone(project: Project) -> None:
    project.problem.write_text(ORDERS)
    project.build("--redraw", "3")
    key = project.key("E0001")
    options = key["problems"][0]["parts"][0]["options"]  # type: ignore[index]
    assert [option["correct"] for option in options].count(True) == 1


ORDERS = """\
id: "3"
title: Order
kind: choice
points: 8.5
parts:
  - id: "3.1"
    points: 8.5
    ask: In which order?
    order:
      steps: ["Read", "Think", "Write", "Rest"]
      wrong: [[2, 1, 3, 4], [1, 3, 2, 4], [4, 1, 2, 3]]
    reference_order:
      labels: [A, B, C, D]
      options: [[A, B, C, D], [B, A, C, D], [A, C, B, D], [D, A, B, C]]
"""


def test_a_change_that_needs_new_values_is_refused(project: Project) -> None:
    before = project.digests(examiner=True)
    # None of the former values: whichever were drawn, they are not on the new list.
    project.edit(project.problem, "[alpha], one_of: [0.1, 0.2, 0.5]", "[alpha], one_of: [0.3, 0.4]")
    project.edit(project.problem, "alpha: 0.1}", "alpha: 0.3}")
    done = project.run()
    assert done.returncode == 2
    assert "alpha" in done.stderr
    assert "E000" in done.stderr
    assert "--redraw 3" in done.stderr
    assert project.digests(examiner=True) == before
    old = {code: _values(project.key(code)) for code in project.codes().values()}
    project.build("--redraw", "3")
    new = {code: _values(project.key(code)) for code in project.codes().values()}
    assert all(new[code]["alpha"] in {"0.3", "0.4"} for code in new)
    assert all(new[code] != old[code] for code in new)


def test_who_comes_back_does_not_hold_up_the_others(project: Project) -> None:
    code = project.codes()["03777777"]
    project.roster.write_text(ROSTER.replace("03777777;O'Brien;Pat;HS 1;2;Informatik\n", ""))
    project.edit(project.problem, "[alpha], one_of: [0.1, 0.2, 0.5]", "[alpha], one_of: [0.3, 0.4]")
    project.edit(project.problem, "alpha: 0.1}", "alpha: 0.3}")
    project.build("--redraw", "3")
    others = {code: _values(project.key(code)) for code in project.codes().values()}
    project.roster.write_text(ROSTER)
    assert f"next revision of the key, problem 3 drawn afresh: {code}" in project.build()
    after = {code: _values(project.key(code)) for code in project.codes().values()}
    assert after.pop(code)["alpha"] in {"0.3", "0.4"}
    assert after == others


def test_paths_may_be_relative(built: Project, tmp_path: Path) -> None:
    """As `make` calls it: everything is relative to the project's root."""
    shutil.copytree(built.folder, tmp_path / "project", symlinks=True)
    shutil.rmtree(tmp_path / "project" / "output")
    place = os.path.relpath(tmp_path / "project", ROOT)
    project = Project(Path(place))
    project.build()
    assert len(project.codes()) == 6


def test_unknown_redraw_is_bad_input(built: Project) -> None:
    done = built.run("--redraw", "9")
    assert done.returncode == 2
    assert "there is no problem 9" in done.stderr


@pytest.mark.parametrize("kill", [os.killpg, os.kill], ids=["all", "the parent alone"])
def test_a_killed_build_leaves_the_former_output_and_is_resumed(
    project: Project, kill: Callable[[int, int], None]
) -> None:
    before = project.digests(examiner=True)
    extra = "".join(f"0400{n:04};Last{n};First{n};HS 1;{n + 10};x\n" for n in range(40))
    project.roster.write_text(ROSTER + extra)
    work = project.folder / "output" / ".work" / EXAM_ID / "copies"
    process = subprocess.Popen(
        project.command("--jobs", "2"),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and len(list(work.glob("*.sums"))) < 3:
        assert process.poll() is None, "the build was over before it could be killed"
        time.sleep(0.002)
    kill(process.pid, signal.SIGKILL)
    process.wait()
    wait_for_the_lock(project)
    assert project.digests(examiner=True) == before
    kept = {path.name for path in work.glob("*.sums")}
    assert len(kept) >= 3
    output = project.build()
    made = int(output.split("(")[1].split(" ")[0])
    assert made == 40 - len(kept)
    rest = {path.name for path in work.parent.iterdir()}
    assert rest == {"cards", "keys", "lock", "papers", "runs", "sheets", "tallies", "tex"}
    assert list((work.parent / "tex").iterdir()) == []


def wait_for_the_lock(project: Project) -> None:
    """Workers end by themselves, when they see that their parent is gone."""
    with (project.folder / "output" / ".work" / EXAM_ID / "lock").open("w") as file:
        deadline = time.monotonic() + 120
        while True:
            try:
                return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                assert time.monotonic() < deadline, "workers live on, and hold the lock"
                time.sleep(0.1)


def test_an_interrupted_release_is_rolled_forward(project: Project, built: Project) -> None:
    """The state right after the first folder was renamed into place."""
    project.edit(project.roster, "03777777;O'Brien;Pat;HS 1;2;Informatik\n", "")
    old = built.digests(examiner=True)
    project.build()
    new = project.digests(examiner=True)
    staging = project.folder / "output" / ".work" / EXAM_ID / "staging"
    staging.mkdir(parents=True)
    for name in ("correctors", "exam-office"):
        shutil.move(project.out / name, staging / name)
        shutil.copytree(built.out / name, project.out / name)
    (staging / "examiner").mkdir()
    for name in ("ledger.sqlite", "manifest.json"):
        shutil.move(project.out / "examiner" / name, staging / "examiner" / name)
        shutil.copy(built.out / "examiner" / name, project.out / "examiner" / name)
    (staging / "READY").touch()
    assert project.digests(examiner=True) != new
    assert project.digests(examiner=True) != old
    assert "nothing has changed" in project.build()
    assert project.digests(examiner=True) == new
    assert not staging.exists()


def test_a_lost_secret_or_a_foreign_ledger_is_refused(project: Project) -> None:
    secret = project.out / "examiner" / "secret.key"
    secret.write_text("ab" * 32 + "\n")
    done = project.run()
    assert done.returncode == 2
    assert "another secret.key" in done.stderr


def test_a_lost_ledger_is_said(project: Project) -> None:
    ledger = project.out / "examiner" / "ledger.sqlite"
    kept = ledger.read_bytes()
    ledger.unlink()
    said = "ledger.sqlite is missing, though a batch was released"
    assert said in project.build()
    assert said not in project.build()
    assert ledger.exists()
    ledger.write_bytes(kept)
    secret = project.out / "examiner" / "secret.key"
    secret.unlink()
    done = project.run()
    assert done.returncode == 2
    assert "secret.key: is missing, though there is a ledger" in done.stderr
    assert not secret.exists()


def test_what_is_corrected_during_a_build_is_in_the_next(project: Project) -> None:
    project.edit(project.problem, "Write down all of", "Write out all of")
    working = project.folder / "output" / ".work" / EXAM_ID / "ledger.sqlite"
    process = subprocess.Popen(project.command(), cwd=ROOT, stdout=subprocess.PIPE, text=True)
    while not working.exists():  # the bank is read by then
        assert process.poll() is None
        time.sleep(0.002)
    project.edit(
        project.problem, "w21_new: w21 - alpha*grad_w21", "w21_new: w21 - 2*alpha*grad_w21"
    )
    process.communicate(timeout=300)
    assert process.returncode == 0
    assert project.key("E0001")["key_revision"] == 1
    assert "next revision of the key, 3.3 w21_new" in project.build()


def test_a_damaged_cache_is_made_again(project: Project) -> None:
    before = project.digests()
    files = [
        path
        for path in (project.folder / "output" / ".work" / ".cache").rglob("*")
        if path.suffix in {".cff", ".fmt", ".pdf", ".json"}
    ]
    assert {path.suffix for path in files} == {".cff", ".fmt", ".pdf", ".json"}
    for path in files:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    shutil.rmtree(project.out / "print-shop")
    project.build()
    assert project.digests() == before


def test_a_figure_that_is_missing_is_made_again(project: Project) -> None:
    before = project.digests()
    (figures,) = (project.folder / "output" / ".work" / ".cache").glob("figures-*/figures.pdf")
    figures.unlink()
    shutil.rmtree(project.out / "print-shop")
    project.build()
    assert project.digests() == before


def test_commands_may_run_at_the_same_time(project: Project) -> None:
    project.edit(project.problem, "Write down all of", "Write out all of")
    commands = [project.command(command=name) for name in ("build", "preview", "reference")]
    processes = [
        subprocess.Popen(it, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for it in commands
    ]
    said = [process.communicate(timeout=300) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], said


@pytest.mark.parametrize("command", ["build", "preview", "reference", "check"])
def test_a_file_in_place_of_the_output_folder(project: Project, command: str) -> None:
    shutil.rmtree(project.folder / "output")
    (project.folder / "output").touch()
    done = project.run(command=command)
    assert done.returncode == 2
    assert "output" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("exam", "title: Endterm", "title: Midterm"),
        ("exam", 'end: "20:00"', 'end: "20:15"'),
        ("exam", "examiner: Prof. Dr. Example", "examiner: Prof. Dr. Else"),
        ("problem", "title: Backpropagation", "title: Training"),
        ("problem", "{points: 0.5, step: w21_new}", '{points: 0.5, for: "Update"}'),
    ],
)
def test_another_paper_has_another_mark(project: Project, file: str, old: str, new: str) -> None:
    before = project.key("E0001")["record"]
    project.edit(getattr(project, file), old, new)
    project.build()
    changed = project.key("E0001")["record"] != before
    assert changed == ("step" not in old), "a rubric is not on the paper"


def test_a_room_that_nobody_sits_in_is_said(project: Project) -> None:
    project.edit(project.exam, "Interim 2: 50 %", "Intreim 2: 50 %")
    assert "the roster has no room Intreim 2" in project.build()


def test_reference_copy(built: Project) -> None:
    done = built.run(command="reference")
    assert done.returncode == 0, done.stderr
    folder = built.out / "reference"
    names = {path.name for path in folder.iterdir()}
    assert names == {"E0743.pdf", "E0743-key.pdf", "E0743.json"}
    for page in read_pages(folder / "E0743.pdf"):
        assert "REFERENCE" in page.text
        assert len(page.codes) == 2
    parts = json.loads((folder / "E0743.json").read_text())["problems"][0]["parts"]
    assert parts[2]["answers"] == {"d_h3": "1.5", "grad_w21": "-1.5", "w21_new": "0.65"}
    assert parts[2]["answers_from_fallback"] == {
        "d_h3": "0.5",
        "grad_w21": "-0.5",
        "w21_new": "0.55",
    }


BAD: dict[str, tuple[Callable[[Project], None], int, list[str]]] = {
    "latex": (
        lambda p: p.edit(p.problem, "Write down all of", r"Write \nosuchmacro down all of"),
        2,
        ["problem-3.yaml:", "3.3", "nosuchmacro"],
    ),
    "latex in an answer": (
        lambda p: p.edit(p.problem, "The squared errors are averaged", r"The $x_$ errors averaged"),
        2,
        ["problem-3.yaml:", "3.2"],
    ),
    "answer overflows": (
        lambda p: p.edit(p.problem, "    space: 55 mm", "    space: 12 mm"),
        2,
        ["problem-3.yaml:", ": 3.2", "higher than the box"],
    ),
    "too many pages": (
        lambda p: p.edit(p.exam, "pages: 4\nadditional_pages: 0", "pages: 4\nadditional_pages: 2"),
        2,
        ["exam.yaml", "pages", "3 are needed"],
    ),
    "both files": (
        lambda p: (
            p.edit(p.roster, "03888888;", "00123456;"),
            p.edit(p.problem, "points: 8.5", "points: 9.5"),
        ),
        2,
        ["roster.csv:4", "00123456", "problem-3.yaml", "9.5"],
    ),
    "a root without decimals": (
        lambda p: p.edit(p.problem, "grad_w21: d_h1*i2", "grad_w21: sqrt(d_h1*d_h1 + 1)*i2"),
        2,
        ["problem-3.yaml:", "grad_w21", "decimal places are too many; say how many to print"],
    ),
    "never satisfied": (
        lambda p: p.edit(p.problem, "  - h1 > 0 and h2 < 0", "  - h1 > 100"),
        2,
        ["problem-3.yaml", "h1 > 100"],
    ),
    "long exam id": (
        lambda p: p.edit(
            p.exam, f"id: {EXAM_ID}", "id: a-very-long-exam-id-that-no-symbol-can-hold-at-all"
        ),
        2,
        ["exam.yaml", "id"],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_touches_nothing(project: Project, name: str) -> None:
    change, exit_code, words = BAD[name]
    before = project.digests(examiner=True)
    change(project)
    done = project.run()
    assert done.returncode == exit_code, done.stderr
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.stderr
    assert project.digests(examiner=True) == before


def test_a_missing_tool_says_how_to_install_it(project: Project) -> None:
    environment = {"PATH": "/nowhere", "HOME": str(project.folder)}
    done = subprocess.run(project.command(), check=False, env=environment, **RUN)  # type: ignore[call-overload]
    assert done.returncode == 4
    assert "apt-get install" in done.stderr


def test_a_full_disk_is_said_before_anything_is_touched(project: Project, tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", "2m") as small:
        shutil.rmtree(project.folder / "output")
        (project.folder / "output").symlink_to(small)
        done = project.run()
        assert done.returncode == 2, done.stderr
        assert "disk" in done.stderr
        assert "Traceback" not in done.stderr
        assert not (small / EXAM_ID / "print-shop").exists()


def test_a_full_disk_for_unfinished_work_is_no_error_of_the_bank(
    project: Project, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "small", "200k") as small:
        environment = os.environ | {"TMPDIR": str(small)}
        command = project.command(command="proof")
        done = subprocess.run(command, check=False, env=environment, **RUN)  # type: ignore[call-overload]
    assert done.returncode == 2, done.stderr
    assert f"the disk is full (free now: 0.2 of 0.2 MB at {small}; " in done.stderr
    assert ".yaml" not in done.stderr


def test_a_question_that_moves_the_page_plan_is_refused(project: Project) -> None:
    code = project.codes()["03999999"]
    values = _values(project.key(code))
    its_own = " and ".join(
        f"{name} == {values[name]}" for name in sorted(values) if name[0] in "iw"
    )
    project.edit(
        project.problem,
        "Write down all of your computations.",
        f"Write down all of your computations. <% if {its_own} %>"
        + "More words than the plan has room for. " * 8
        + "<% endif %>",
    )
    before = project.digests(examiner=True)
    done = project.run()
    assert done.returncode == 3, done.stderr
    assert "3.3" in done.stderr
    assert "page 3" in done.stderr
    assert code in done.stderr
    assert project.digests(examiner=True) == before


def test_a_batch_needs_nothing_but_its_folder(project: Project) -> None:
    keys = {code: project.key(code) for code in project.codes().values()}
    shutil.rmtree(project.folder / "bank")
    with open_batch(project.out) as batch:
        assert {code: batch.key(code) for code in batch.codes()} == keys
        assert [part.id for part in batch.exam.problems[0].parts] == ["3.1", "3.2", "3.3"]
        assert batch.facts["plan"][0]["number"] == 1
        spares = [code for code in batch.codes() if batch.holder(code) is None]
        assert len(spares) == 2
        assert batch.copy(spares[0]).spare == 1


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE copies SET record = replace(record, '1', '9') WHERE code = 'E0002'", "E0002"),
        ("UPDATE copies SET record = replace(record, '/2', '/0') WHERE code = 'E0003'", "E0003"),
        ("UPDATE copies SET mark = 'AAAAAAAA' WHERE code = 'E0001'", "E0001"),
        (
            "UPDATE bindings SET last_name = 'Else' WHERE code = (SELECT min(code) FROM bindings)",
            "who has E",
        ),
        ("UPDATE batch SET digits = 3", "head"),
        ("UPDATE sources SET content = x'00' WHERE name = 'bank/exam.yaml'", "bank/exam.yaml"),
    ],
)
def test_what_was_changed_in_the_ledger_is_said(
    project: Project, statement: str, said: str
) -> None:
    file = project.out / "examiner" / "ledger.sqlite"
    with closing(sqlite3.connect(file)) as database:
        database.execute(statement)
        database.commit()
    before = project.digests(examiner=True)
    with pytest.raises(InputError, match=f"{said}.* is not as it was recorded"):
        open_batch(project.out)
    done = project.run()
    assert done.returncode == 2
    assert said in done.stderr
    assert project.digests(examiner=True) == before


def _values(key: dict[str, object]) -> dict[str, str]:
    parts = key["problems"][0]["parts"]  # type: ignore[index]
    return {name: value for part in parts for name, value in part.get("given", {}).items()}
