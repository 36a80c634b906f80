"""What figures cost that each copy sets by itself: the same questions without and with them.

A small exam of one problem is built without a figure and with each kind; what its workers use more
of the CPU for each copy is what the figure costs, on paper and key, set and read back.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

FEW, MORE = 40, 340
"""Copies of a first build, and those that a second one adds."""

EDGES = 14

EXAM = """\
id: figures-1
university: University of Lindenau
chair: Chair of Measurements
course: Figures
module: F1
title: Midterm
examiner: Prof. Dr. Ada Musterfrau
date: 2030-02-10
start: "10:00"
end: "10:30"
credits: 2
pages: 4
additional_pages: 1
spare_copies: {per_room: 0}
problems: [problem-1.yaml]
"""
_NAMES = [f"w{number}" for number in range(1, EDGES + 1)]
PROBLEM = f"""\
id: "1"
title: Figures
points: 2
fairness: {{branches: any, draws: 100}}
draw: [{{names: [{", ".join(_NAMES)}], from: 11, to: 99}}]
reference: {{{", ".join(f"{name}: {10 + at}" for at, name in enumerate(_NAMES, 1))}}}
parts:
  - id: "1.1"
    points: 2
    space: 40 mm
    ask: What is << w1 >> + << w2 >>?
FIGURE
    steps: {{z: {" + ".join(_NAMES)}}}
    rubric: [{{points: 2, step: z}}]
"""
_NODES = ", ".join(f"N{at}: [{45 * (at // 2)}, {40 * (at % 2)}]" for at in range(8))
_ENDS = [(start, end) for start in range(8) for end in (start + 1, start + 2) if end < 8]
_LINE = f'y: "[{", ".join(_NAMES)}]", range_y: [0, 100]'
KINDS: Mapping[str, str] = {
    "none": "",
    f"graph of TikZ with {EDGES - 1} drawn labels": "    figure: {name: net, labels: [LABELS]}",
    f"declared graph with {EDGES - 1} drawn labels": f"    figure: {{plot: {{kind: graph, nodes: "
    f"{{{_NODES}}}, edges: [EDGES]}}}}",
    f"line through {EDGES} drawn points": f"    figure: {{plot: {{kind: line, {_LINE}}}}}",
    "image": "    figure: {image: net.svg, width: 40 mm}",
}
"""What a question has, and how the bank says so."""

_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20">'
    + "".join(
        f'<circle cx="{at}" cy="{at % 9 + 5}" r="3" fill="none" stroke="black"/>'
        for at in range(40)
    )
    + "</svg>"
)


def _tikz() -> str:
    lines = [r"\begin{tikzpicture}[x=1mm, y=1mm, every node/.style={fill=white, inner sep=1pt}]"]
    lines.append(r"  \useasboundingbox (-5, -5) rectangle (140, 45);")
    for name, (start, end) in zip(_NAMES, _ENDS, strict=False):
        ends = [f"({45 * (it // 2)}, {40 * (it % 2)})" for it in (start, end)]
        lines.append(
            rf"  \draw {ends[0]} -- node[font=\small] {{\FigureLabel{{{name}}}}} {ends[1]};"
        )
    return "\n".join([*lines, r"\end{tikzpicture}"])


def write_bank(folder: Path, kind: str) -> Path:
    """Writes the exam with a kind of figure; returns its file."""
    (folder / "figures").mkdir(parents=True)
    (folder / "figures" / "net.tex").write_text(_tikz())
    (folder / "net.svg").write_text(_SVG)
    used = list(zip(_NAMES, _ENDS, strict=False))
    edges = ", ".join(f"[N{start}, N{end}, << {name} >>]" for name, (start, end) in used)
    figure = KINDS[kind].replace("EDGES", edges)
    figure = figure.replace("LABELS", ", ".join(name for name, _ in used))
    (folder / "problem-1.yaml").write_text(PROBLEM.replace("FIGURE\n", f"{figure}\n".lstrip("\n")))
    (folder / "exam.yaml").write_text(EXAM)
    return folder / "exam.yaml"


def figure_costs(
    work: Path, write_roster: Callable[[Path, int], None], run: Callable[[list[str]], object]
) -> dict[str, float]:
    """Kind of figure to what it takes more for each copy, in seconds of CPU.

    Args:
        work: A folder that is not there yet.
        write_roster: Writes a roster of so many students.
        run: Runs a command to its end.
    """
    used: dict[str, float] = {}
    for number, kind in enumerate(KINDS):
        folder = work / str(number)
        exam = write_bank(folder, kind)
        command = [sys.executable, "-m", "generator", "build", "--exam", str(exam), "--jobs", "1"]
        command += ["--roster", str(folder / "roster.csv"), "--out", str(folder / "out")]
        spent = []
        for students in (FEW, FEW + MORE):  # the second build makes only those who came
            write_roster(folder / "roster.csv", students)
            run([*command, "--timings", str(folder / "timings.json")])
            stages = json.loads((folder / "timings.json").read_text())
            spent.append(
                sum(it["cpu"] for name, it in stages.items() if name.startswith("worker: "))
            )
        # Both have what a worker does once.
        used[kind] = (spent[1] - spent[0]) / (MORE - FEW)
    bare = used.pop("none")
    return {kind: cpu - bare for kind, cpu in used.items()}
