"""What is high in one copy and low in another moves nothing: figures, boxes to mark, gaps."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from probe_bank import EXAM, HEAD, probe
from shipped import SECRET

from generator.errors import InputError
from generator.pipeline.worker import Producer
from generator.pipeline.workshop import Workshop
from generator.record.copy import Copy
from generator.typeset.preparation import prepare_press
from generator.verify.leaks import Forbidden
from generator.verify.readback import read_pages

PLACE = r"""\begin{tikzpicture}[x=1mm, y=1mm]
  \useasboundingbox (0, 0) rectangle (40, 10);
  \node at (20, 5) {\FigureLabel{here}};
\end{tikzpicture}
"""

UNLIKE = (
    HEAD.replace("points: 2", "points: 8")
    + r"""draw:
  - names: [m]
    one_of: [short, "much longer than the other one is, so that the question has one more line"]
  - {names: [a], from: 20, to: 60}
reference: {m: short, a: 25}
intro: These questions have figures. Their texts are << m >>; whatever they are, figures stay.
figure: {name: place, labels: {here: << a >> m}}
parts:
  - id: "1.1"
    points: 2
    space: 20 mm
    ask: This question has a figure. Its text is << m >>, whatever it is, the figure stays. Add 1.
    figure: {plot: {kind: bar, y: '[a, 40]', categories: [A, B], height: 30 mm}}
    steps: {z: a + 1}
    rubric: [{points: 2, step: z}]
  - id: "1.2"
    points: 2
    space: 20 mm
    ask: This question has a figure. Its text is << m >>, whatever it is, the figure stays. Add 2.
    figure: {name: place, labels: {here: << a >> km}}
    steps: {y: a + 2}
    rubric: [{points: 2, step: y}]
  - id: "1.3"
    points: 2
    ask: '\begin{itemize} \item Which are right? \end{itemize}'
    shuffle: true
    options:
      - {correct: true, say: 'It is $\dfrac{1}{1 + \dfrac{2}{a}}$.', why: One}
      - {correct: false, say: 'It is 2.', why: Two}
      - {correct: false, say: 'It is 3.', why: Three}
      - {correct: true, say: '$\stackrel{?}{=}$', why: Four}
  - id: "1.4"
    points: 2
    alternatives:
      - ask: Say how many there are.
        space: 20 mm
        answer: Many.
        rubric: [{points: 2, for: Many}]
      - ask: A queue works << gap.order >>, they say.
        space: 20 mm
        gaps: {order: {is: first in, width: 30 mm}}
        answer: As it is said.
        rubric: [{points: 2, for: First in}]
"""
)


@pytest.mark.slow
def test_what_stands_below_a_text_or_beside_another_stays_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "bank" / "figures").mkdir(parents=True)
    (tmp_path / "bank" / "figures" / "place.tex").write_text(PLACE, "utf-8")
    exam = EXAM.replace("credits: 2", "credits: 8").replace("pages: 4", "pages: 8")
    bank = probe(tmp_path / "bank", UNLIKE, exam)
    workshop = Workshop(bank, SECRET, 4)
    copies = [workshop.register(Copy(f"E{n:04d}", None, n), ()).copy for n in range(1, 13)]
    press = prepare_press(bank, tmp_path / "cache", 2)
    made = list(Producer(workshop, press, Forbidden(), tmp_path).produce(copies))
    assert len(made) == len(copies)
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(made[0].paper)
    found = subprocess.run(["pdftotext", "-bbox", paper, "-"], capture_output=True, check=True)
    words = re.findall(r'yMax="([\d.]+)">(1\.3|Which)<', found.stdout.decode())
    (number, _), (item, _) = words  # its number stands beside the list with which it begins
    assert abs(float(number) - float(item)) < 0.5
    questions = [workshop.compose(it.code, workshop.solutions(it)).paper for it in copies]
    for produced, texts in zip(made, questions, strict=True):
        key = "".join(page.text for page in read_pages(produced.key, codes=False))
        assert ("first in" in key) is (r"\Gap" in texts["1.4/ask"])


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("why: One", r"why: '\[ x \]'", "1.3.options.0.why"),
        ("'It is 2.'", r"'\begin{itemize}\item x\end{itemize}'", "1.3.options.1.say"),
        ("'It is 3.'", r"'It is \\ three.'", "1.3.options.2.say"),
        ("is: first in", r"is: '\begin{align*}x\end{align*}'", "gaps.order.is"),
    ],
)
def test_what_takes_lines_of_its_own_is_refused_where_there_is_one_line(
    before: str, after: str, place: str, tmp_path: Path
) -> None:
    exam = EXAM.replace("credits: 2", "credits: 8")
    with pytest.raises(InputError) as caught:
        probe(tmp_path, UNLIKE.replace(before, after), exam)
    found = [it for it in caught.value.problems if it.where.endswith(place)]
    assert len(found) == 1
    assert "lines of its own" in found[0].message
    assert found[0].line == 1 + UNLIKE[: UNLIKE.index(before)].count("\n")
