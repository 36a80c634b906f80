"""What was measured, what it comes to, and how it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.bench import bench_amc

FULL_SIZE = 10_000
AMC_COPIES = 100
"""One of the sizes of builds, which it is compared with."""

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
class Measurements:
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


def _cards_cpu(stages: Mapping[str, Mapping[str, float]]) -> float:
    """CPU time of key cards and sheets by problem, read back, in seconds."""
    return sum(stages.get(f"worker: {name}", {"cpu": 0.0})["cpu"] for name in ("cards", "sheets"))


def compare(report: Measurements) -> None:
    """Puts into a report what is compared, see `TARGETS`."""
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


def render(report: Measurements) -> str:
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


def _amc_row(report: Measurements) -> str:
    if "note" in report.amc:
        return f"| {report.amc['note']} | | |"
    cost, ratio = _short(report.amc["cpu_per_copy"]), _short(report.ratios["amc_to_ours"])
    text = f"{bench_amc.PROGRAM}, a comparable exam: {ratio} times ours at as many copies"
    return f"| {text} | {cost} | {report.amc['copies']:.0f} |"


def plot(report: Measurements) -> str:
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
