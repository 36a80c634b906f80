"""A small exam in a folder of its own, that is built with real TeX."""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from commands import ROOT, run_command

EXAM_ID = "small-1"
BAND = "fairness: {band: 5 %}"
ROSTER = """\
Matrikelnummer;Nachname;Vorname;Raum;Platz;Studiengang
00123456;Müller & Söhne_50%;Zoë;HS 1;1;Informatik
03777777;O'Brien;Pat;HS 1;2;Informatik
03888888;Nguyễn Thị;Ánh;Interim 2;1;Mathematik
03999999;王;小明;Interim 2;2;Mathematik
"""


@dataclass(frozen=True)
class Project:
    """A small exam in a folder of its own, with an output folder that tests may change."""

    folder: Path

    @property
    def exam(self) -> Path:
        return self.folder / "bank" / "exam.yaml"

    @property
    def problem(self) -> Path:
        return self.folder / "bank" / "problem-3.yaml"

    @property
    def roster(self) -> Path:
        return self.folder / "roster.csv"

    @property
    def out(self) -> Path:
        return self.folder / "output" / EXAM_ID

    def run(self, *arguments: str, command: str = "build") -> subprocess.CompletedProcess[str]:
        return run_command(*self._words(command), *arguments)

    def command(self, *arguments: str, command: str = "build") -> list[str]:
        return [sys.executable, "-m", "generator", *self._words(command), *arguments]

    def _words(self, command: str) -> list[str]:
        options = ["--exam", self.exam, "--roster", self.roster, "--out", self.folder / "output"]
        return [command, *map(str, options)]

    def ask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command with all of its options named."""
        return run_command(*arguments)

    def build(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def edit(self, file: Path, old: str, new: str) -> None:
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    def codes(self) -> dict[str, str]:
        """Registration number to copy code; of spare copies, their own code."""
        with (self.out / "exam-office" / "binding.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        return {row["registration_number"] or row["code"]: row["code"] for row in rows}

    def key(self, code: str) -> dict[str, object]:
        return json.loads((self.out / "correctors" / "keys" / f"{code}.json").read_text())  # type: ignore[no-any-return]

    def digests(self, *, examiner: bool = False) -> dict[str, str]:
        """Every released file and its digest."""
        return {
            str(path.relative_to(self.out)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.out.rglob("*"))
            if path.is_file() and (examiner or path.parent.name != "examiner")
        }


RUN = {"cwd": ROOT, "capture_output": True, "text": True, "timeout": 300}


def small_exam(folder: Path) -> Project:
    bank = folder / "bank"
    bank.mkdir(parents=True)
    text = (ROOT / "bank" / "problem-3.yaml").read_text("utf-8")
    # Thousands of draws for the median take longer than all the rest of a build.
    assert text.count(BAND) == 1
    text = text.replace(BAND, BAND.replace("}", ", draws: 300}"))
    (bank / "problem-3.yaml").write_text(text, "utf-8")
    (bank / "exam.yaml").write_text(
        f"""\
id: {EXAM_ID}
university: University of Tests
chair: Chair of Small Exams
course: Learning Deeply
module: T1
title: Endterm
examiner: Prof. Dr. Example
date: 2030-02-10
start: "18:30"
end: "20:00"
credits: 8.5
pages: 4
additional_pages: 0
spare_copies: {{per_room: 1, rooms: {{Interim 2: 50 %}}}}
problems: [problem-3.yaml]
"""
    )
    project = Project(folder)
    project.roster.write_text(ROSTER)
    return project
