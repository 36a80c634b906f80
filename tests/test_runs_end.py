"""Runs of TeX end: when a text loops, when Ctrl-C is pressed, and however their parent ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from small_project import ROOT, RUN, Project, small_exam

from generator.typeset.pdftex import Format, TimeLimits, run
from generator.typeset.tex_log import TypesetError

LOOP = r"\def\x{\x}\x"
ENDLESS = f"""\
import sys
from pathlib import Path
from generator.typeset.pdftex import Format, run
from generator.work.pool import spread

def work(folder, number):
    own = Path(folder) / str(number)
    own.mkdir()
    run(Format(own, "pdflatex"), r"{LOOP}", own)

list(spread(work, sys.argv[1], range(2), int(sys.argv[2])))
"""
WAIT_S = 120


def tex_below(folder: Path) -> set[int]:
    """The processes of pdfTeX that work below a folder."""
    found = set()
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                name, where = (process / "comm").read_text(), (process / "cwd").readlink()
            except OSError:
                continue
            if name.startswith(("pdftex", "pdflatex")) and where.is_relative_to(folder):
                found.add(int(process.name))
    return found


def until(happened: Callable[[], bool], wait_s: float = WAIT_S) -> bool:
    end = time.monotonic() + wait_s
    while not happened():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL, signal.SIGINT])
@pytest.mark.parametrize("jobs", [1, 2])
def test_runs_end_with_their_parent(jobs: int, number: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-c", ENDLESS, str(tmp_path), str(jobs)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        assert until(lambda: len(tex_below(tmp_path)) == jobs), "TeX has not begun"
        process.send_signal(number)
        process.wait(60)
        assert until(lambda: not tex_below(tmp_path), 60), "TeX goes on"
    finally:
        process.kill()


@pytest.fixture(scope="module")
def looping(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """An exam with a text that has no end, in line 3 of the question 3.1."""
    project = small_exam(tmp_path_factory.mktemp("looping"))
    text = project.problem.read_text()
    begin = text.index("    ask: |\n") + len("    ask: |\n")
    project.problem.write_text(f"{text[:begin]}      One\n      two\n      {LOOP}\n{text[begin:]}")
    return project


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_build_that_is_ended_says_so(looping: Project, number: signal.Signals) -> None:
    process = subprocess.Popen(
        looping.command(), cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    assert until(lambda: bool(tex_below(looping.folder))), "TeX has not begun"
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, tex_below(looping.folder)) == (128 + number, set())
    assert "interrupted; the former output is untouched" in said
    assert "Traceback" not in said


def test_a_text_that_loops_is_named_with_its_line(looping: Project) -> None:
    begin = time.monotonic()
    done = looping.run()
    assert (done.returncode, time.monotonic() - begin < 240) == (2, True)
    line = looping.problem.read_text().split("\n").index(f"      {LOOP}") + 1
    assert f"problem-3.yaml:{line}:1: 3.1: LaTeX says: stopped after 10 seconds" in done.stderr


DEAF = f"""\
import signal, sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.SIG_IGN)
from generator.typeset.pdftex import Format, TimeLimits, run
from generator.typeset.tex_log import TypesetError
try:
    run(Format(Path(sys.argv[1]), "pdflatex"), r"\\message{{@@SNIPPET 7}}{LOOP}", Path(sys.argv[1]),
        limits=TimeLimits(1, 60))
except TypesetError as error:
    [issue] = error.issues
    print(issue.block, issue.message)
"""


def test_a_text_is_named_where_tex_cannot_be_asked(tmp_path: Path) -> None:
    """As beside a shell that has Ctrl-C ignored: TeX has to be killed, and its log is lost."""
    done = subprocess.run([sys.executable, "-c", DEAF, str(tmp_path)], check=False, **RUN)  # type: ignore[call-overload]
    assert done.stdout.startswith("7 stopped after 1 seconds"), done.stderr


def test_a_run_that_ends_oddly_says_how(tmp_path: Path) -> None:
    plain = Format(tmp_path, "pdflatex")
    with pytest.raises(TypesetError, match=r"made no pages: it ended with code 0 and said: .*Bye"):
        run(plain, r"\immediate\write16{Bye}\csname @@end\endcsname", tmp_path)


def test_a_run_that_says_something_goes_on(tmp_path: Path) -> None:
    """Each text has its own limit: a run of many is longer."""
    plain = Format(tmp_path, "pdflatex")
    count = (
        r"\count255=0 \loop\ifnum\count255<200000 \advance\count255 1 \repeat\message{@@SNIPPET 1}"
    )
    source = rf"\documentclass{{article}}\begin{{document}}{count * 12}Done\end{{document}}"
    begin = time.monotonic()
    run(plain, source, tmp_path, limits=TimeLimits(silent_s=60, whole_s=60))
    took_s = time.monotonic() - begin
    run(plain, source, tmp_path, limits=TimeLimits(silent_s=took_s * 0.8, whole_s=60))
    endless = r"\def\x{\message{@@SNIPPET 1}\x}\x"
    with pytest.raises(TypesetError, match="stopped after"):
        run(plain, endless, tmp_path, limits=TimeLimits(silent_s=60, whole_s=1))
    assert os.listdir(tmp_path)
