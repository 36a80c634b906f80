"""The cache is bounded: what has not been used for longest goes, unless somebody uses it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from small_project import ROOT, small_exam

from generator.bank.read.exam_file import load_exam
from generator.files.cache import MOST, hold, prune
from generator.files.program import FIGURES
from generator.typeset.preparation import prepare_press

HOLD = """
import sys, time
from pathlib import Path
from generator.files.cache import hold
hold(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def make(cache: Path, name: str, used_s: int) -> Path:
    folder = cache / name
    folder.mkdir()
    for file in (folder, folder / "used"):
        if file != folder:
            file.touch()
        os.utime(file, (used_s, used_s))
    return folder


def names(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.iterdir())


def test_what_was_used_last_stays(tmp_path: Path) -> None:
    most = MOST["press-*"]
    for number in range(most + 3):
        make(tmp_path, f"press-{number}", 1000 - number)
    make(tmp_path, "figures-0", 1)
    (tmp_path / "lock").touch()
    prune(tmp_path)
    assert names(tmp_path) == ["figures-0", "lock", *(f"press-{n}" for n in range(most))]
    hold(make(tmp_path, "press-old", 1))
    prune(tmp_path)
    assert "press-old" in names(tmp_path)
    assert f"press-{most - 1}" not in names(tmp_path)


def test_what_another_process_uses_stays(tmp_path: Path) -> None:
    old = make(tmp_path, "press-old", 1)
    command = [sys.executable, "-c", HOLD, str(old)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        os.utime(old / "used", (1, 1))
        for number in range(MOST["press-*"]):
            make(tmp_path, f"press-{number}", 1000)
        prune(tmp_path)
        assert old.exists()
    prune(tmp_path)
    assert not old.exists()


def test_saved_wordings_do_not_fill_the_disk(tmp_path: Path) -> None:
    """A press that is made anew takes the place of one before; what it was surveyed with goes."""
    project = small_exam(tmp_path / "project")
    cache = tmp_path / "cache"
    for number in range(MOST["press-*"]):
        make_before = cache / f"press-{number}"
        make_before.mkdir(parents=True)
        os.utime(make_before, (1000 + number, 1000 + number))
    press = prepare_press(load_exam(project.exam, FIGURES), cache)
    assert len(list(cache.glob("press-*"))) == MOST["press-*"]
    assert not (cache / "press-0").exists()
    folder = press.paper.format.folder
    assert not list(folder.glob("survey*"))
    assert prepare_press(load_exam(project.exam, FIGURES), cache) == press
