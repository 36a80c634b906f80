"""A small exam with one of everything, for tests of how the bank is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.bank.exam import Exam
from generator.bank.read.exam_file import load_exam
from generator.errors import Complaint, InputError

EXAM = """\
id: small-1
university: University of Lindenau
chair: Chair of Tests
course: Testing
module: T1
title: Endterm
examiner: Prof. Dr. Ada Musterfrau
date: 2023-02-10
start: "18:30"
end: "20:00"
credits: 13.5
pages: 8
additional_pages: 2
spare_copies: {per_room: 5 %, rooms: {Main hall: 3}}
keys_released: 2023-02-13
problems: [open.yaml, choice.yaml]
"""

OPEN = r"""id: "1"
title: Open
points: 7.5
min_decimals: 1
symbols: {total: 'S'}
intro: |
  Let $a = << a >>$.
figure: {name: flat, values: []}
draw:
  - {names: [a, b], from: -2, to: 2, step: 0.5, except: [0]}
  - {names: [mood], one_of: ["mean", "sum"]}
  - names: [x, y, z]
    permutation_of: [1, 2, 3]
require:
  - total > -4 and b != a
  - scaled_from_fallback != 7
reference: {a: 1, b: -0.5, mood: sum, x: 3, y: 1, z: 2}
parts:
  - id: "1.1"
    points: 2.5
    space: 45 mm
    ask: |
      Compute the << mood >> of $<< a >>$ and $<< b >>$.
      <% if mood == "mean" %>
      Divide by two.
      <% endif %>
    steps:
      total: a + b
      half: {is: total / 2, decimals: 2, working: true, unit: '\,\mathrm{s}'}
    answer: |
      It is << total >>.
    rubric:
      - {points: 1, for: 'The formula, with \{braces\}'}
      - {points: 1.5, step: total}
    also_accept: ["90 % of it, and a { brace"]
    mistakes:
      - {is: "Something else", earns: 0.5}
  - id: "1.2"
    points: 2
    space: 4.5 cm
    new_page: true
    ask: |
      Scale it by $<< x >> + << y >> + << z >>$, then << k >>. Without 1.1: << fallback.total >>.
    figure: {name: bars, values: [k]}
    canvas: {name: flat}
    canvas_answer: {name: flat}
    draw:
      - {names: [k], one_of: [2, 3]}
    reference: {k: 2}
    fallback:
      total: {from: 5, to: 9}
    reference_fallback: {total: 6}
    steps:
      scaled: total * k * (x + y + z)
    rubric:
      - {points: 2, step: scaled}
  - id: "1.3"
    points: 3
    alternatives:
      - ask: |
          Why is << p >> a number?
        space: 30 mm
        draw:
          - {names: [p], one_of: [1, 2]}
        reference: {p: 1}
        answer: |
          Because.
        rubric:
          - {points: 1, for: "One reason"}
          - {points: 2, for: "Another one"}
      - ask: |
          What is $<< q >> + 1$?
        space: 30 mm
        draw:
          - {names: [q], one_of: [1, 2]}
        reference: {q: 1}
        steps:
          next_q: q + 1
        rubric:
          - {points: 2, step: next_q}
          - {points: 1, for: "Its unit"}
    reference_alternative: 2
"""

CHOICE = r"""id: "2"
title: Choice
points: 6
kind: choice
parts:
  - id: "2.1"
    points: 2
    ask: |
      Which are right?
    draw:
      - {names: [n], one_of: [3, 4]}
    reference_values: {n: 3}
    statements:
      t1: {correct: true, say: "First", why: "So"}
      t2: {correct: true, say: "Second", why: "So"}
      t3: {correct: true, say: "Third", why: "So"}
      t4: {correct: true, say: "Fourth", why: "So"}
      f1: {correct: false, say: "Fifth", why: "No"}
      f2: {correct: false, say: "Sixth", why: "No"}
      f3: {correct: false, say: "Seventh", why: "No"}
      f4: {correct: false, say: "Eighth", why: "No"}
    computed:
      square:
        right: n*n
        wrong: [n + n, 2]
        say: 'The square of << n >> is << shown >>.'
        why: 'It is << right >>.'
    reference: [t1, f1, t2, f2]
  - id: "2.2"
    points: 2
    ask: In which order?
    order:
      steps: ["Read", "Think", "Write"]
      wrong: [[2, 1, 3], [1, 3, 2], [3, 2, 1]]
    reference_order:
      labels: [B, A, C]
      options: [[B, A, C], [A, B, C], [B, C, A], [C, A, B]]
  - id: "2.3"
    points: 2
    ask: Which are shared?
    options:
      - {correct: true, say: "CNN", why: "Filters"}
      - {correct: true, say: "RNN", why: "Time steps"}
      - {correct: false, say: "FC", why: "All differ"}
      - {correct: false, say: "None", why: "Some are"}
"""

FILES = {"exam.yaml": EXAM, "open.yaml": OPEN, "choice.yaml": CHOICE}
FLAT = r"\begin{tikzpicture}\end{tikzpicture}"
BARS = r"\begin{tikzpicture}\draw (0,0) -- (\FigureValue{k},0);\end{tikzpicture}"


def write_bank(folder: Path, **files: str) -> Path:
    """Writes the exam, with other files in place of some; ``open=`` stands for open.yaml.

    Returns:
        The exam file.
    """
    figures = folder / "figures"
    figures.mkdir(exist_ok=True)
    (figures / "flat.tex").write_text(FLAT)
    (figures / "bars.tex").write_text(BARS)
    for name, text in {**FILES, **{f"{key}.yaml": text for key, text in files.items()}}.items():
        (folder / name).write_text(text, "utf-8")
    return folder / "exam.yaml"


def load(folder: Path, **files: str) -> Exam:
    return load_exam(write_bank(folder, **files), folder / "figures")


def complaints(folder: Path, **files: str) -> list[Complaint]:
    """All that is wrong, with the files called by their names alone."""
    with pytest.raises(InputError) as caught:
        load(folder, **files)
    assert caught.value.exit_code == 2
    return [
        Complaint(Path(it.file).name, it.line, it.column, it.where, it.message)
        for it in caught.value.problems
    ]


def changed(name: str, old: str, new: str) -> str:
    """A file with one passage replaced; it must be there exactly once."""
    text = FILES[name]
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {name}"
    return text.replace(old, new)
