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
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from generator.bank.exam import Exam
from generator.bank.read.exam_file import load_exam
from generator.bench import bench_amc, bench_figures
from generator.codes.page_code import PageCode
from generator.codes.sheet import symbol_boxes
from generator.compose.frame import FigureSize
from generator.compose.page_template import declarations, dumps, pages
from generator.compose.source import copy_source, define_block
from generator.errors import CopyError
from generator.exact.secret import REFERENCE_SECRET
from generator.files.program import FIGURES, LATEX
from generator.pipeline.workshop import Composed, Workshop
from generator.record.copy import Copy
from generator.typeset.figure_sheets import figure_sources
from generator.typeset.pdftex import run
from generator.typeset.preparation import prepare_press
from generator.typeset.press import Press, Side
from generator.work.progress import Terminal, cpu_seconds

SIZES = (100, 1_000)
FULL_SIZE = 10_000
FLOOR_COPIES = 200
PLAIN_COPIES = 4
AMC_COPIES = SIZES[0]  # one of the sizes, which it is compared with
ROOMS = 4
SAMPLE_S = 0.05
OF_BUILD = ("peak_mb", "nothing_s", "one_more_s", "single_mb", "runs_mb")
TARGETS = (
    ("CPU of 1,000 copies against the floor", "cpu_to_floor", "at most 2"),
    ("the same against the floor that copies", "cpu_to_floor_copying", "none"),
    ("CPU per copy of 1,000, s", "cpu_per_copy", "at most 0.12"),
    ("of it for key cards and sheets by problem", "cards_share", "at most 0.1"),
    ("CPU of plain pdflatex against ours", "plain_to_ours", "at least 120"),
    ("CPU of the tuned form against ours", "tuned_to_ours", "at least 28"),
    ("wall time of 1,000 copies against the floor", "wall_to_floor", "at most 3"),
    ("the same against the floor that copies", "wall_to_floor_copying", "none"),
    ("the floor after the builds against before them, wall", "drift", "near 1, else mind CPU"),
    ("peak memory of 1,000 copies, MB", "peak_mb", "under 1,024"),
    ("check of the sample exam, nothing cached, wall time in s", "check_s", "under 20"),
    ("nothing changed, s", "nothing_s", "under 1"),
    ("one more student, s", "one_more_s", "under 3"),
    ("papers and keys of 1,000 copies, MB", "single_mb", "under 400"),
    ("print runs of 1,000 copies, MB", "runs_mb", "under 60"),
    ("peak memory of 10,000 copies against 1,000", "peak_10000_to_1000", "at most 1.2"),
    ("time per copy of 10,000 against 1,000", "time_per_copy_10000_to_1000", "at most 1.1"),
)
"""What is compared, its name among the ratios, and what is asked for."""


@dataclass
class Cost:
    """What a command took.

    Attributes:
        wall: Seconds.
        cpu: Seconds of all of its processes.
        peak_mb: Largest memory of all of its processes together, counting shared pages once.
    """

    wall: float = 0.0
    cpu: float = 0.0
    peak_mb: float = 0.0


@dataclass
class Report:
    """All figures of a run, as they are written to ``bench.json``."""

    machine: dict[str, Any] = field(default_factory=dict)
    builds: dict[str, dict[str, Any]] = field(default_factory=dict)
    floor: dict[str, float] = field(default_factory=dict)
    floor_copying: dict[str, float] = field(default_factory=dict)
    plain: dict[str, float] = field(default_factory=dict)
    tuned: dict[str, float] = field(default_factory=dict)
    amc: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)
    check: dict[str, float] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)


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
    report = Report({"cores": os.cpu_count(), "jobs": jobs, "python": sys.version.split()[0]})
    sizes = (*SIZES, FULL_SIZE) if os.environ.get("FULL") else SIZES
    bare = _Bare(exam, work / "bare", jobs)
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
    _compare(report)
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


# Builds.


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


def measure(command: Sequence[str], *, sample: bool = True) -> Cost:
    """Runs a command to its end and measures it with all of its processes.

    Args:
        sample: Look at the memory too, which disturbs a short command.
    """
    before, start = _children_s(), time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    peak = _Peak(process.pid)
    if sample:
        peak.start()
    code = process.wait()
    wall = time.perf_counter() - start
    if sample:
        peak.done.set()
        peak.join()
    if code:
        raise CopyError(f"{' '.join(command)} failed with {code}")
    return Cost(wall, _children_s() - before, peak.mb)


def _children_s() -> float:
    """CPU time of the processes that have ended: what looks at their memory does not count."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class _Peak(threading.Thread):
    """Samples the memory of a process and its descendants; shared pages count once (PSS)."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.mb = 0.0
        self.done = threading.Event()

    def run(self) -> None:
        known: set[int] = set()
        while not self.done.wait(SAMPLE_S):
            # A process counts from the second look on: at the first, it may not have begun its own
            # program yet, and be in the memory of its parent.
            family = set(_family(self.pid))
            self.mb = max(self.mb, sum(map(_memory_mb, family & known)))
            known = family


def _family(pid: int) -> Iterator[int]:
    yield pid
    children = []
    with suppress(OSError):  # ended meanwhile
        for thread in Path(f"/proc/{pid}/task").iterdir():
            children += (thread / "children").read_text().split()
    for child in children:
        yield from _family(int(child))


def _memory_mb(pid: int) -> float:
    with suppress(OSError):  # ended meanwhile
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


# The same pages without us.

FLOOR = "the floor: the same pages by pdfTeX alone"


@contextmanager
def _counted(result: dict[str, float], copies: int) -> Iterator[None]:
    cpu, wall = cpu_seconds(), time.perf_counter()
    yield
    result["copies"] = copies
    result["wall"] = time.perf_counter() - wall
    result["cpu"] = cpu_seconds() - cpu
    result["cpu_per_copy"] = result["cpu"] / copies


class _Bare:
    """Papers and keys made by TeX alone."""

    def __init__(self, exam: Exam, folder: Path, jobs: int) -> None:
        folder.mkdir(parents=True)
        self.exam = exam
        self.folder = folder
        self.jobs = jobs
        self.press: Press = prepare_press(exam, folder / "cache", jobs)
        self.workshop = Workshop(exam, REFERENCE_SECRET, 4)

    def composed(self, count: int) -> list[Composed]:
        """Copies that were drawn, solved and composed."""
        result = []
        for number in range(1, count + 1):
            copy = self.workshop.register(Copy(f"E{number:04}", None, number), ()).copy
            result.append(self.workshop.compose(copy.code, self.workshop.solutions(copy)))
        return result

    def each(self, tasks: Iterable[Callable[[], None]]) -> None:
        """Runs tasks side by side; their work is in processes of TeX."""
        with ThreadPoolExecutor(self.jobs) as threads:
            for future in [threads.submit(task) for task in tasks]:
                future.result()

    def floor(self, *, copying: bool) -> dict[str, float]:
        """Every page of every copy in batches; how many pages a second.

        Args:
            copying: The class copies what a run has set before.
        """
        copies = self.composed(FLOOR_COPIES)
        size = -(-len(copies) // self.jobs)
        tasks = [
            (side, copies[start : start + size])
            for side in (self.press.paper, self.press.key)
            for start in range(0, len(copies), size)
        ]
        result: dict[str, float] = {}
        with _counted(result, len(copies)):
            self.each(
                partial(self._batch, side, chunk, "" if copying else ALWAYS_SET)
                for side, chunk in tasks
            )
        result["pages_per_second"] = 2 * self.exam.pages * len(copies) / result["wall"]
        return result

    def _batch(self, side: Side, copies: Sequence[Composed], preamble: str) -> None:
        all_pages = range(1, self.exam.pages + 1)
        sources = (
            copy_source(it.given.code, self.workshop.contributed(side, it), all_pages)
            for it in copies
        )
        source = f"{preamble}\\begin{{document}}\n{''.join(sources)}\\end{{document}}\n"
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            run(side.format, source, Path(folder))

    def plain(self) -> dict[str, float]:
        """Each document by itself, two passes; figures are drawn and codes computed by TeX."""
        return self._one_by_one("plain", prepared=False)

    def tuned(self) -> dict[str, float]:
        """Each document by itself on a precompiled format; codes are images."""
        return self._one_by_one("tuned", prepared=True)

    def _one_by_one(self, name: str, *, prepared: bool) -> dict[str, float]:
        copies = self.composed(PLAIN_COPIES)
        folder = self.folder / name
        folder.mkdir()
        if prepared:
            for side in ("paper", "key"):
                _pdflatex(folder, f"{side}.tex", self._head(side, prepared) + "\\dump\n", ini=side)
        jobs = [(side, copy) for copy in copies for side in ("paper", "key")]
        result: dict[str, float] = {}
        with _counted(result, len(copies)):
            self.each(partial(self._single, folder, side, copy, prepared) for side, copy in jobs)
        return result

    def _single(self, folder: Path, side: str, copy: Composed, prepared: bool) -> None:
        name = f"{copy.given.code}-{side}"
        body = "".join(
            define_block(block, tex)
            for block, tex in {**copy.paper, **(copy.key if side == "key" else {})}.items()
        )
        own = folder / name
        own.mkdir()
        body += self._figures(side, copy)
        body += self._codes(copy, own, prepared) if side == "paper" else ""
        ships = "".join(f"\\ShipPage{{{page}}}\n" for page in range(1, self.exam.pages + 1))
        source = f"\\begin{{document}}\n{body}{ships}\\end{{document}}\n"
        if not prepared:
            source = self._head(side, prepared) + source
        for _ in range(2):
            _pdflatex(own, f"{name}.tex", source, form=folder / side if prepared else None)

    def _head(self, side: str, prepared: bool) -> str:
        """Class, packages and template: what every document begins with."""
        option = "[key]" if side == "key" else ""
        packages = FIGURES_IN_TEX + ("" if prepared else CODES_IN_TEX)
        body = pages(self.exam, self.press.plan, key=side == "key")
        return (
            f"\\documentclass{option}{{variantexam}}\n{packages}\n"
            + PLACED
            + dumps(declarations(self.exam, {}, self._sizes()))
            + dumps(body)
            + "\\VFLoadFonts\\normalsize\n"
        )

    def _sizes(self) -> dict[str, FigureSize]:
        return {
            name.split("~")[0]: FigureSize("0pt", "0pt")
            for sheet in self.press.figures
            for name in sheet.names
        }

    def _figures(self, side: str, copy: Composed) -> str:
        """What \\PlaceFigure shows in this copy: the drawing and its values."""
        lines = []
        indices = {**copy.given.figures, **(copy.answers.figures if side == "key" else {})}
        for problem in self.exam.problems:
            for figure in problem.figures():
                if figure.slot not in indices:
                    continue
                values = list(figure_sources(problem, figure))[indices[figure.slot]].values
                settings = (f"\\FigureValueIs{{{k}}}{{{v}}}%\n" for k, v in values.items())
                shown = f"{''.join(settings)}\\input{{figures/{figure.name}}}"
                name = f"\\csname fig@{figure.slot}\\endcsname"
                lines.append(f"\\expandafter\\def{name}{{{shown}}}\n")
        return "".join(lines)

    def _codes(self, copy: Composed, own: Path, prepared: bool) -> str:
        """The two symbols of each page, by a TeX package or as images."""
        lines = []
        for number in range(1, self.exam.pages + 1):
            code = PageCode(self.exam.id, copy.given.code, number)
            payload = code.payload(self.workshop.secret.tag_key)
            shown = f"\\qrcode[height=12mm,level=M]{{{payload}}}"
            if prepared:
                _write_image(own / f"code-{number}.png", payload, self.workshop.version)
                shown = f"\\includegraphics[height=12mm]{{code-{number}.png}}"
            placed = "".join(
                f"\\rlap{{\\kern {box.left_mm}mm\\raise {box.bottom_mm}mm\\hbox{{{shown}}}}}"
                for box in symbol_boxes(number, self.workshop.version)
            )
            lines.append(f"\\expandafter\\def\\csname code@{number}\\endcsname{{{placed}}}\n")
        return "".join(lines)


def _write_image(path: Path, payload: str, version: int) -> None:
    """A symbol as an image, four pixels a module: a portable bitmap would not go into a PDF."""
    import qrcode

    image = qrcode.QRCode(version=version, box_size=4, border=0)
    image.add_data(payload)
    image.make(fit=True)
    _png(path, image.get_matrix())


def _png(path: Path, matrix: Sequence[Sequence[bool]]) -> None:
    """Writes modules as a PNG of one bit a pixel (ISO/IEC 15948)."""
    import struct
    import zlib

    side = len(matrix) * 4
    rows = []
    for row in matrix:
        bits = "".join(("0" if dark else "1") * 4 for dark in row).ljust(-(-side // 8) * 8, "1")
        line = int(bits, 2).to_bytes(len(bits) // 8, "big")
        rows += [b"\0" + line] * 4

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    pixels = zlib.compress(b"".join(rows))
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


# Everything is set whenever it is wanted.
ALWAYS_SET = r"""\makeatletter
\renewcommand\VX@set[2]{\VX@got=5000 \global\setbox\VX@got#2}
\renewcommand\VX@setblock[3]{\setbox#1#3}
\makeatother
"""

# In place of what is stamped: figures where the class wants them, codes on every page.
FIGURES_IN_TEX = r"\usepackage{graphicx,variantfigure}"
CODES_IN_TEX = r"\usepackage{qrcode}"
PLACED = r"""\makeatletter
\renewcommand\PlaceFigure[2][]{\hbox{\ifcsname fig@#2\endcsname\csname fig@#2\endcsname
  \else\errmessage{the bench has no figure #2}\fi}}
\let\bare@footer\VX@footer
\def\VX@footer{\vbox to 0pt{\vss\hbox to \paperwidth{\ifcsname code@\VX@number\endcsname
  \lower 20mm\hbox to 0pt{\csname code@\VX@number\endcsname\hss}\fi\hss}}\bare@footer}
\makeatother
"""


def _pdflatex(
    folder: Path, name: str, source: str, *, ini: str | None = None, form: Path | None = None
) -> None:
    (folder / name).write_text(source)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error"]
    if ini is not None:
        command = ["pdftex", "-interaction=nonstopmode", "-ini", f"-jobname={ini}", "&pdflatex"]
    elif form is not None:
        command = ["pdftex", "-interaction=nonstopmode", "-halt-on-error", f"-fmt={form.name}"]
    environment = {**os.environ, "TEXINPUTS": f".:{LATEX}:"}
    if form is not None:
        environment["TEXFORMATS"] = f"{form.parent}:"
    done = subprocess.run(
        [*command, name], cwd=folder, env=environment, capture_output=True, check=False
    )
    if done.returncode:
        tail = done.stdout.decode(errors="replace")[-1500:]
        raise CopyError(f"pdflatex failed on {name}: {tail}")


def _amc(folder: Path, copies: int) -> dict[str, Any]:
    """The cost of a comparable exam by auto-multiple-choice, or a note why there is none."""
    if not bench_amc.installed():
        return {"note": f"{bench_amc.PROGRAM} is not installed: no comparison"}
    result: dict[str, float] = {}
    try:
        with _counted(result, copies):
            bench_amc.build_exam(folder, copies)
        bench_amc.check_exam(folder, copies)
    except CopyError as error:
        return {"note": f"{bench_amc.PROGRAM} failed: no comparison", "error": str(error)}
    return dict(result)


# Figures of figures.


def _cards_cpu(stages: Mapping[str, Mapping[str, float]]) -> float:
    """CPU time of key cards and sheets by problem, read back, in seconds."""
    return sum(stages.get(f"worker: {name}", {"cpu": 0.0})["cpu"] for name in ("cards", "sheets"))


def _compare(report: Report) -> None:
    build = report.builds["1000"]
    cpu = build["cpu"] / 1000
    report.ratios = {
        "cpu_to_floor": cpu / report.floor["cpu_per_copy"],
        "cpu_to_floor_copying": cpu / report.floor_copying["cpu_per_copy"],
        "drift": report.floor["drift"],
        "wall_to_floor": build["wall"] / _floor_s(report.floor),
        "wall_to_floor_copying": build["wall"] / _floor_s(report.floor_copying),
        "cpu_per_copy": cpu,
        "plain_to_ours": report.plain["cpu_per_copy"] / cpu,
        "tuned_to_ours": report.tuned["cpu_per_copy"] / cpu,
        "cards_share": _cards_cpu(build["stages"]) / build["cpu"],
        **{name: build[name] for name in OF_BUILD},
    }
    if report.check:
        report.ratios["check_s"] = report.check["wall"]
    if "cpu" in report.amc:
        report.ratios["amc_to_ours"] = report.amc["cpu"] / report.builds[str(AMC_COPIES)]["cpu"]
    if str(FULL_SIZE) in report.builds:
        full = report.builds[str(FULL_SIZE)]
        report.ratios["peak_10000_to_1000"] = full["peak_mb"] / build["peak_mb"]
        report.ratios["time_per_copy_10000_to_1000"] = full["wall"] / 10 / build["wall"]


def _floor_s(floor: Mapping[str, float]) -> float:
    return floor["wall"] / floor["copies"] * 1000


def render(report: Report) -> str:
    """The tables, in Markdown."""
    lines = [f"Measured in one run on {report.machine['cores']} cores.", ""]
    lines += ["| | measured | target |", "|---|---|---|"]
    for text, name, target in TARGETS:
        if name in report.ratios:  # those of 10,000 copies are not always measured
            lines.append(f"| {text} | {_short(report.ratios[name])} | {target} |")
    lines += [
        "",
        "| copies | wall, s | CPU, s | CPU a copy, s | peak, MB | single files, MB | runs, MB |",
    ]
    lines += ["|---|---|---|---|---|---|---|"]
    for size, build in report.builds.items():
        names = ("wall", "cpu", "cpu", "peak_mb", "single_mb", "runs_mb")
        values = [build[name] for name in names]
        values[2] /= int(size)
        lines.append(f"| {int(size):,} | " + " | ".join(map(_short, values)) + " |")
    lines += ["", "| without the generator | CPU per copy, s | copies measured |", "|---|---|---|"]
    for text, cost in (
        (f"the floor ({_speed(report.floor)})", report.floor),
        (
            f"the floor that copies what was set ({_speed(report.floor_copying)})",
            report.floor_copying,
        ),
        ("plain: two pdflatex runs a document", report.plain),
        ("tuned: precompiled format, codes as images", report.tuned),
    ):
        lines.append(f"| {text} | {_short(cost['cpu_per_copy'])} | {cost['copies']:.0f} |")
    lines.append(_amc_row(report))
    lines += ["", "| a figure that each copy sets | CPU a copy more, ms |", "|---|---|"]
    lines += [f"| {kind} | {1000 * cost:.1f} |" for kind, cost in report.figures.items()]
    lines += ["", "| stage of 1,000 copies | wall, s | CPU, s |", "|---|---|---|"]
    for stage, spent in report.builds["1000"]["stages"].items():
        wall = _short(spent["wall"]) if "wall" in spent else ""
        lines.append(f"| {stage} | {wall} | {_short(spent['cpu'])} |")
    return "\n".join(lines) + "\n"


def _speed(floor: Mapping[str, float]) -> str:
    return f"{floor['pages_per_second']:,.0f} pages a second"


def _short(value: float) -> str:
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def _amc_row(report: Report) -> str:
    if "note" in report.amc:
        return f"| {report.amc['note']} | | |"
    cost, ratio = _short(report.amc["cpu_per_copy"]), _short(report.ratios["amc_to_ours"])
    text = f"{bench_amc.PROGRAM}, a comparable exam: {ratio} times ours at as many copies"
    return f"| {text} | {cost} | {report.amc['copies']:.0f} |"


def plot(report: Report) -> str:
    """CPU per copy as bars on a logarithmic scale, as SVG."""
    from math import log10

    ours = report.builds["1000"]["cpu"] / 1000
    bars = [
        ("floor", report.floor["cpu_per_copy"]),
        ("this program", ours),
        ("tuned pdflatex", report.tuned["cpu_per_copy"]),
        ("plain pdflatex", report.plain["cpu_per_copy"]),
    ]
    if "cpu" in report.amc:
        bars.insert(2, (bench_amc.PROGRAM, report.amc["cpu_per_copy"]))
    rows = []
    for index, (name, value) in enumerate(bars):
        y = 30 + index * 34
        width = max(4.0, 110 * (log10(value) + 2))
        rows.append(f'<text x="140" y="{y + 16}" text-anchor="end">{name}</text>')
        rows.append(f'<rect x="150" y="{y}" width="{width:.0f}" height="22" fill="#456"/>')
        rows.append(f'<text x="{158 + width:.0f}" y="{y + 16}">{_short(value)} s</text>')
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="620" height="220" '
        'font-family="sans-serif" font-size="13">\n'
        '<text x="10" y="18">CPU for a paper and a key of 20 pages each (logarithmic)</text>\n'
        + "\n".join(rows)
        + "\n</svg>\n"
    )
