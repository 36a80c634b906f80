"""What `make bench` measures, and compares with: auto-multiple-choice, which may be missing."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pypdfium2
import pytest

from generator.bank.read.exam_file import load_exam
from generator.bench import bench, bench_amc, bench_figures, bench_report
from generator.bench.command_cost import measure
from generator.errors import CopyError

STAGES = {f"worker: {name}": {"cpu": 2.0} for name in ("cards", "sheets", "verify")}
BUILD = {"wall": 1.0, "cpu": 40.0, "stages": STAGES, **dict.fromkeys(bench_report.OF_BUILD, 1.0)}
COST = {"copies": 100.0, "wall": 1.0, "cpu": 1.0, "cpu_per_copy": 0.01, "pages_per_second": 1.0}
FLOOR = {**COST, "drift": 1.0}


def table(amc: dict[str, object]) -> str:
    report = bench_report.Measurements(
        {"cores": 2}, {"100": BUILD, "1000": BUILD}, FLOOR, FLOOR, COST, COST, amc
    )
    bench_report.compare(report)
    assert bench_report.plot(report).count("<rect") == (5 if "cpu" in amc else 4)
    return bench_report.render(report)


@pytest.mark.parametrize("kind", bench_figures.KINDS)
def test_banks_with_each_kind_of_figure_can_be_read(kind: str, tmp_path: Path) -> None:
    exam = load_exam(bench_figures.write_bank(tmp_path, kind), tmp_path)
    assert sum(1 for _ in exam.problems[0].paper_figures()) == (kind != "none")


def test_what_figures_cost_is_what_their_copies_take_more(tmp_path: Path) -> None:
    """A build that takes a second at once and 1 ms a copy, and 3 ms a copy with a figure."""
    students: list[int] = []

    def build(command: list[str]) -> None:
        file = Path(command[-1])
        new = students[-1] - (
            students[-2] if len(students) > 1 and students[-2] < students[-1] else 0
        )
        each = 0.001 if file.parent.name == "0" else 0.003
        file.write_text(json.dumps({"press": {"cpu": 5}, "worker: x": {"cpu": 1 + new * each}}))

    costs = bench_figures.figure_costs(tmp_path, lambda _, count: students.append(count), build)
    assert costs == pytest.approx(dict.fromkeys(list(bench_figures.KINDS)[1:], 0.002))


def lines(pdf: Path, page: int) -> set[str]:
    return set(pypdfium2.PdfDocument(pdf)[page].get_textpage().get_text_range().splitlines())


FAMILY = """
import subprocess, sys, threading
own = bytearray(60_000_000)
child = [sys.executable, "-c", "import time; own = bytearray(60_000_000); time.sleep(1)"]
thread = threading.Thread(target=subprocess.run, args=(child,))
thread.start()
while thread.is_alive():
    subprocess.run(["true"])  # is in the memory of its parent for a moment
"""


def test_memory_is_that_of_all_processes_and_counts_once() -> None:
    cost = measure([sys.executable, "-c", FAMILY])
    assert 120 < cost.peak_mb < 160


def test_the_floor_is_measured_on_both_sides_of_the_builds() -> None:
    floor = bench.mean_cost({**COST, "wall": 2.0, "cpu": 3.0}, {**COST, "wall": 4.0, "cpu": 3.0})
    assert (floor["wall"], floor["cpu"], floor["drift"]) == (3.0, 3.0, 2.0)


def test_ratios_of_cpu_come_first() -> None:
    rows = [line for line in table({"note": "none"}).splitlines() if "against the floor" in line]
    assert rows[0].startswith("| CPU of 1,000 copies against the floor | 4.00 |")
    assert "wall time" in rows[2]
    assert "| of it for key cards and sheets by problem | 0.100 | at most 0.1 |" in table(
        {"note": "none"}
    )


@pytest.mark.slow
@pytest.mark.skipif(not bench_amc.installed(), reason="auto-multiple-choice is not installed")
def test_a_comparable_exam(tmp_path: Path) -> None:
    cost = bench._amc(tmp_path / "amc", 2)
    assert cost["copies"] == 2, cost
    assert cost["cpu_per_copy"] > 0.1
    papers = [tmp_path / f"amc/papers/000{copy}.pdf" for copy in (1, 2)]
    recurrent = 13  # has values on every line that asks something
    first, second = (lines(paper, recurrent) for paper in papers)
    assert first != second, "each copy has its own values"
    key = lines(tmp_path / "amc/keys.pdf", bench_amc.PAGES + recurrent)
    assert second < key, "the key answers what its paper asks"
    papers[1].unlink()
    with pytest.raises(CopyError, match=r"papers/0002\.pdf has 0 pages, not 20"):
        bench_amc.check_exam(tmp_path / "amc", 2)


def test_without_it_the_table_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    missing = bench._amc(tmp_path / "amc", 2)
    assert "| auto-multiple-choice is not installed: no comparison | | |" in table(missing)


def fake(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / bench_amc.PROGRAM
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/bin:/usr/bin")


def test_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path, "echo no such style; exit 1", monkeypatch)
    failed = bench._amc(tmp_path / "amc", 2)
    assert failed["error"] == "auto-multiple-choice prepare failed with 1: no such style\n"
    assert "| auto-multiple-choice failed: no comparison | | |" in table(failed)


def test_it_does_nothing_without_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path, "exit 0", monkeypatch)
    failed = bench._amc(tmp_path / "amc", 1)
    assert "papers.pdf has 0 pages, not 20" in failed["error"]
    assert "scoring.sqlite has 0 copies, not 1" in failed["error"]


def test_the_ratio_is_at_as_many_copies() -> None:
    shown = table({"copies": 100.0, "wall": 200.0, "cpu": 200.0, "cpu_per_copy": 2.0})
    assert "a comparable exam: 5.00 times ours at as many copies | 2.00 | 100 |" in shown
