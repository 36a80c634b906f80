"""`make bench`: what a build costs, against the floor and against what people do without it.

Everything is measured in one run, on the same machine, so that ratios hold where times do not:

- builds of several sizes from nothing, a build with nothing to do, and one more student;
- a check of the exam with nothing in the cache;
- the floor: the same pages as sources for many copies at once, typeset by pdfTeX alone, without
  codes, stamping or verification; as documents are set, and with the class copying what a run has
  set before, as it does in a build;
- plain: each paper and each key by its own pdflatex run, two passes, figures and codes in TeX;
- tuned: the same on a precompiled format, with codes as images;
- auto-multiple-choice, where it is installed: a comparable exam with as many copies as the smallest
  build has;
- figures that each copy sets by itself, against the same question without one.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from generator.bank.exam import Exam
from generator.bank.read.exam_file import load_exam
from generator.bench import bench_amc, bench_figures
from generator.bench.bare_tex import FLOOR, Bare
from generator.bench.bench_report import (
    AMC_COPIES,
    FULL_SIZE,
    Measurements,
    compare,
    plot,
    render,
)
from generator.bench.command_cost import counted, measure
from generator.errors import CopyError
from generator.files.program import FIGURES
from generator.work.progress import Terminal

SIZES = (100, 1_000)
ROOMS = 4


def bench(exam_file: Path, out: Path, jobs: int) -> str:
    """Measures, and writes ``OUT/bench/``: a table, a plot, and all figures as JSON.

    Returns:
        The table.
    """
    folder = out / "bench"
    work = folder.absolute() / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    progress = Terminal()
    exam = load_exam(exam_file, FIGURES)
    report = Measurements({"cores": os.cpu_count(), "jobs": jobs, "python": sys.version.split()[0]})
    sizes = (*SIZES, FULL_SIZE) if os.environ.get("FULL") else SIZES
    bare = Bare(exam, work / "bare", jobs)
    progress.note(FLOOR)
    before = [bare.floor(copying=copying) for copying in (False, True)]
    for size in sizes:
        progress.note(f"building {size} copies from nothing")
        report.builds[str(size)] = _build(exam_file, exam, work, size, jobs)
    progress.note(f"{FLOOR}, again")
    after = [bare.floor(copying=copying) for copying in (False, True)]
    report.floor, report.floor_copying = map(mean_cost, before, after)
    progress.note("a check, with nothing in the cache")
    report.check = _check(exam_file, work / "check")
    progress.note("each paper and each key by its own pdflatex")
    report.plain = bare.plain()
    progress.note("the same, tuned")
    report.tuned = bare.tuned()
    progress.note(f"a comparable exam by {bench_amc.PROGRAM}")
    report.amc = _amc(work / "amc", AMC_COPIES)
    if "note" in report.amc:
        progress.note(report.amc.get("error", report.amc["note"]))
    progress.note("figures that each copy sets")
    report.figures = bench_figures.figure_costs(
        work / "figures",
        write_roster,
        lambda command: measure(command, sample=False),
    )
    compare(report)
    shutil.rmtree(work)
    table = render(report)
    (folder / "bench.json").write_text(json.dumps(vars(report), indent=1) + "\n")
    (folder / "bench.md").write_text(table)
    (folder / "bench.svg").write_text(plot(report))
    return table


def mean_cost(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """The floor on both sides of the builds: a machine that others use is not always as fast.

    Returns:
        The mean of each figure; ``drift`` is by how much the later wall time is the longer one.
    """
    means = {name: (before[name] + after[name]) / 2 for name in before}
    return {**means, "drift": after["wall"] / before["wall"]}


def write_roster(path: Path, students: int) -> None:
    """A roster of made-up students in a few rooms."""
    lines = ["registration_number,last_name,first_name,room,seat"]
    lines += [
        f"{3_700_000 + n},Family{n},Given{n},Hall {n % ROOMS + 1},{n // ROOMS + 1}"
        for n in range(students)
    ]
    path.write_text("\n".join(lines) + "\n")


def _build(exam_file: Path, exam: Exam, work: Path, size: int, jobs: int) -> dict[str, Any]:
    """A build from nothing, one with nothing to do, and one with one more student."""
    out, roster, timings = work / f"out-{size}", work / "roster.csv", work / "timings.json"
    spares = sum(exam.spares.count(f"Hall {room + 1}", size // ROOMS) for room in range(ROOMS))
    command = [sys.executable, "-m", "generator", "build", "--exam", str(exam_file)]
    command += ["--roster", str(roster), "--out", str(out), "--jobs", str(jobs)]
    write_roster(roster, size - spares)
    cost = measure([*command, "--timings", str(timings)])
    stages = json.loads(timings.read_text())
    release = out / exam.id
    single = _bytes_in(release / "print-shop/papers") + _bytes_in(release / "correctors/keys")
    runs = _bytes_in(release / "print-shop/runs")
    nothing = measure(command, sample=False)
    write_roster(roster, size - spares + 1)
    one_more = measure(command, sample=False)
    shutil.rmtree(out)
    return {
        **vars(cost),
        "stages": stages,
        "single_mb": single / 1e6,
        "runs_mb": runs / 1e6,
        "nothing_s": nothing.wall,
        "one_more_s": one_more.wall,
    }


def _check(exam_file: Path, out: Path) -> dict[str, float]:
    """A check of the exam in an empty folder, by as many processes as there are cores."""
    roster = out.with_suffix(".csv")
    write_roster(roster, SIZES[0])
    command = [sys.executable, "-m", "generator", "check", "--exam", str(exam_file)]
    cost = measure([*command, "--roster", str(roster), "--out", str(out)], sample=False)
    shutil.rmtree(out)
    return {"wall": cost.wall, "cpu": cost.cpu}


def _bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir() if path.suffix == ".pdf")


def _amc(folder: Path, copies: int) -> dict[str, Any]:
    """The cost of a comparable exam by auto-multiple-choice, or a note why there is none."""
    if not bench_amc.installed():
        return {"note": f"{bench_amc.PROGRAM} is not installed: no comparison"}
    result: dict[str, float] = {}
    try:
        with counted(result, copies):
            bench_amc.build_exam(folder, copies)
        bench_amc.check_exam(folder, copies)
    except CopyError as error:
        return {"note": f"{bench_amc.PROGRAM} failed: no comparison", "error": str(error)}
    return dict(result)
