"""A batch of two copies with plots: in questions, in answer boxes, and in options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from one_problem import HEAD, write_one

from generator.bank.exam import Exam
from generator.bank.read.exam_file import load_exam
from generator.exact.secret import Secret
from generator.pipeline.worker import Producer
from generator.pipeline.workshop import Workshop
from generator.record.copy import Copy
from generator.release.finished import Produced
from generator.roster.accommodation import Accommodation
from generator.typeset.preparation import prepare_press
from generator.typeset.press import Press
from generator.verify.leaks import Forbidden

SECRET = Secret(bytes(range(32)))

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


@dataclass(frozen=True)
class Plotted:
    """The exam with its press, and copies that passed: two, and one in large print."""

    exam: Exam
    press: Press
    folder: Path
    made: tuple[Produced, ...]


def make_plotted(folder: Path) -> Plotted:
    """Makes copies of it."""
    (folder / "figures").mkdir()
    (folder / "figures" / "roads.tex").write_text(ROADS)
    for color in ("black", "white"):
        (folder / f"{color}.svg").write_text(SVG.format(color))
    problem = PLOTTED.replace("points: 2", "points: 4", 1)
    file = write_one(folder, problem)
    file.write_text(file.read_text().replace("credits: 2", "credits: 4"))
    exam = load_exam(file, folder)
    press = prepare_press(exam, folder / "cache")
    workshop = Workshop(exam, SECRET, 4)
    copies = [Copy("E0001", None, 1), Copy("E0002", None, 2)]
    copies.append(Copy("E0003", None, 3, accommodation=Accommodation(large_print=True)))
    copies = [workshop.register(copy, ()).copy for copy in copies]
    made = tuple(Producer(workshop, press, Forbidden(), folder).produce(copies))
    return Plotted(exam, press, folder, made[:2])
