"""A batch of two copies with plots: in questions, in answer boxes, and in options."""

from __future__ import annotations

from pathlib import Path

from one_problem import HEAD, write_one

from generator import build

ROADS = r"""\begin{tikzpicture}[x=1mm, y=1mm, road/.style={fill=white}]
  \useasboundingbox (-1, -4) rectangle (31, 4);
  \draw (0, 0) -- node[road] {\FigureLabel{ab}} (15, 0) -- node[road] {\FigureLabel{bc}} (30, 0);
\end{tikzpicture}
"""

WRONG = "{ab: << q >>, bc: << p >>}"

PLOTTED = f"""{HEAD}draw:
  - {{names: [a, b, c], from: 3, to: 48}}
  - {{names: [ab, bc], from: 11, to: 99}}
  - {{names: [p, q, r], from: 10, to: 60, distinct: true}}
reference: {{a: 5, b: 20, c: 31, ab: 12, bc: 34, p: 20, q: 31, r: 12}}
parts:
  - id: "1.1"
    points: 1
    space: 20 mm
    ask: Which is the largest?
    figure:
      plot: {{kind: bar, y: "[a, b, c]", range_y: [0, 50], categories: [Mon, Tue, Wed]}}
    steps: {{z: "max(a, b, c)"}}
    rubric: [{{points: 1, step: z}}]
  - id: "1.2"
    points: 1
    space: 60 mm
    ask: How far is it?
    figure:
      plot:
        kind: graph
        nodes: {{A: [0, 0], B: [40, 0], C: [80, 0]}}
        edges: [[A, B, << ab >>], [B, C, << bc >>]]
    canvas: {{plot: {{kind: line, y: "[0, 0]", range_y: [0, 200], height: 30 mm}}}}
    canvas_answer: {{plot: {{kind: line, y: "[0, d]", range_y: [0, 200], height: 30 mm}}}}
    steps: {{d: ab + bc}}
    rubric: [{{points: 1, step: d}}]
  - id: "1.3"
    points: 1
    new_page: true
    ask: Which shows << p >>, << q >>, << r >>?
    shuffle: true
    columns: 4
    options:
      - {{correct: true, figure: {{plot: {{kind: bar, y: "[p, q, r]"}}}}, why: As written.}}
      - {{correct: false, figure: {{plot: {{kind: bar, y: "[q, p, r]"}}}}}}
      - {{correct: false, figure: {{plot: {{kind: bar, y: "[p, r, q]"}}}}}}
      - {{correct: false, figure: {{plot: {{kind: bar, y: "[r, q, p]"}}}}}}
  - id: "1.4"
    points: 1
    ask: Which road has << p >> km, and then << q >> km?
    shuffle: true
    columns: 2
    options:
      - {{correct: true, figure: {{name: roads, labels: {{ab: << p >>, bc: << q >>}}}}}}
      - {{correct: false, say: "This:", figure: {{name: roads, labels: {WRONG}}}}}
      - {{correct: false, figure: {{image: black.svg, width: 12 mm}}}}
      - {{correct: false, figure: {{image: white.svg, width: 12 mm}}}}
"""

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">'
    '<rect width="40" height="20" fill="{}" stroke="black"/></svg>'
)


def build_plotted(folder: Path) -> Path:
    """Builds it; returns the folder of the batch."""
    (folder / "figures").mkdir()
    (folder / "figures" / "roads.tex").write_text(ROADS)
    for color in ("black", "white"):
        (folder / f"{color}.svg").write_text(SVG.format(color))
    exam = write_one(folder, PLOTTED.replace("points: 2", "points: 4", 1))
    exam.write_text(exam.read_text().replace("credits: 2", "credits: 4"))
    roster = "registration_number,name,first_name\n03700001,Name,First\n03700002,Name,First\n"
    (folder / "roster.csv").write_text(roster)
    build(exam, folder / "roster.csv", folder / "output", jobs=1)
    return folder / "output" / "one-1"
